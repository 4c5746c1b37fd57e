"""The recursion of dynamic time warping for several series side by side, one in each lane of a vector.

A cell of the recursion waits for the cell to its left, so one series alone leaves most of a vector unit idle.
Here one series is compared with LANES others of one length at the same time: the cells of one row and column
are one vector. LLVM does not find this by itself, so the loop over a row is written with its vector types.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LANES = 8
# Columns that a row is continued by at once, beyond those that the row above can reach.
STRIDE = 4
# Rows of a band that is not wider than this are computed in full: looking for their ends would cost more.
SHORT = 24


@intrinsic  # type: ignore[untyped-decorator]
def _row(
    _typing: Any,
    x: Any,
    others: Any,
    cells: Any,
    limits: Any,
    rest: Any,
    i: Any,
    above: Any,
    low: Any,
    stop: Any,
    high: Any,
) -> Any:
    """Compute the cells of columns low to stop - 1 of row i; whether one of them is useful.

    x is [n, channels], others [m, channels, LANES]. cells [2, m + 1, LANES] holds the row above, which is
    cells[above], and this one; cell j is that of column j - 1, and that of column low - 1 must be known
    in both.
    """
    signature = types.boolean(x, others, cells, limits, rest, i, above, low, stop, high)
    return signature, _row_in_vectors


@intrinsic  # type: ignore[untyped-decorator]
def _useful(_typing: Any, cells: Any, row: Any, j: Any, limits: Any, rest: Any, high: Any) -> Any:
    """Whether some lane of cells[row, j] can keep its limit; the columns from `high` on are still to come."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vectors = _Vectors(context, builder, signature, args)
        cell = vectors.load(vectors.row(0, args[1]), args[2])
        return vectors.any(builder.fcmp_ordered("<=", cell, vectors.ceiling(3, 4, args[5])))

    return types.boolean(cells, row, j, limits, rest, high), code


@intrinsic  # type: ignore[untyped-decorator]
def _clear(_typing: Any, cells: Any, row: Any, j: Any) -> Any:
    """Make cells[row, j] infinite."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vectors = _Vectors(context, builder, signature, args)
        infinite = ir.Constant(_Vectors.kind, [float("inf")] * LANES)
        builder.store(infinite, builder.gep(vectors.row(0, args[1]), [args[2]]), align=8)
        return context.get_dummy_value()

    return types.void(cells, row, j), code


class _Vectors:
    """Builds instructions on the arrays among the arguments of an intrinsic, LANES numbers at a time."""

    kind = ir.VectorType(ir.DoubleType(), LANES)
    flags = ir.VectorType(ir.IntType(1), LANES)

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        self.context, self.builder, self.types, self.args = context, builder, signature.args, args

    def array(self, k: int, kind: ir.Type = kind) -> tuple[Any, Any]:
        """The address and the shape of argument k."""
        made = self.context.make_array(self.types[k])(self.context, self.builder, self.args[k])
        address = self.builder.bitcast(made.data, kind.as_pointer())
        return address, cgutils.unpack_tuple(self.builder, made.shape)

    def row(self, k: int, i: Any) -> Any:
        """The address of row i of argument k, which is [rows, width, LANES]."""
        address, (_, width, _) = self.array(k)
        return self.builder.gep(address, [self.builder.mul(i, width)])

    def load(self, address: Any, j: Any) -> Any:
        """The vector numbered j."""
        return self.builder.load(self.builder.gep(address, [j]), align=8)

    def ceiling(self, limits: int, rest: int, j: Any) -> Any:
        """limits - rest[j], of the arguments numbered so."""
        known = self.load(self.array(limits)[0], ir.Constant(j.type, 0))
        return self.builder.fsub(known, self.load(self.array(rest)[0], j))

    def least(self, a: Any, b: Any) -> Any:
        """The smaller number in each lane."""
        return self.builder.select(self.builder.fcmp_ordered("<", a, b), a, b)

    def everywhere(self, number: Any) -> Any:
        """One number in all lanes."""
        lane = ir.IntType(32)
        first = self.builder.insert_element(ir.Constant(self.kind, ir.Undefined), number, lane(0))
        same = ir.Constant(ir.VectorType(lane, LANES), [0] * LANES)
        return self.builder.shuffle_vector(first, first, same)

    def any(self, flags: Any) -> Any:
        """Whether the flag of some lane is set."""
        bits = self.builder.bitcast(flags, ir.IntType(LANES))
        return self.builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))


def _row_in_vectors(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    v = _Vectors(context, builder, signature, args)
    i, above, low, stop, high = args[5:]
    one, zero = ir.Constant(low.type, 1), ir.Constant(low.type, 0)
    x, (_, channels) = v.array(0, ir.DoubleType())
    x, others = builder.gep(x, [builder.mul(i, channels)]), v.array(1)[0]
    here, above = v.row(2, builder.sub(one, above)), v.row(2, above)
    ceiling = v.ceiling(3, 4, high)
    left = cgutils.alloca_once_value(builder, v.load(here, low))
    diagonal = cgutils.alloca_once_value(builder, v.load(above, low))
    live = cgutils.alloca_once_value(builder, ir.Constant(v.flags, [0] * LANES))
    cost = cgutils.alloca_once(builder, v.kind)

    def squared(j: Any, channel: Any) -> Any:
        other = v.load(others, builder.add(builder.mul(j, channels), channel))
        gap = builder.fsub(v.everywhere(builder.load(builder.gep(x, [channel]))), other)
        return builder.fmul(gap, gap)

    with cgutils.for_range_slice(builder, low, stop, one, inc=True) as (j, _):
        after = builder.add(j, one)
        up = v.load(above, after)
        best = v.least(builder.load(left), v.least(builder.load(diagonal), up))
        builder.store(squared(j, zero), cost)
        with cgutils.for_range_slice(builder, one, channels, one, inc=True) as (channel, _):
            builder.store(builder.fadd(builder.load(cost), squared(j, channel)), cost)
        cell = builder.fadd(best, builder.load(cost))
        builder.store(cell, builder.gep(here, [after]), align=8)
        builder.store(cell, left)
        builder.store(up, diagonal)
        useful = builder.fcmp_ordered("<=", cell, ceiling)
        builder.store(builder.or_(builder.load(live), useful), live)
    return v.any(builder.load(live))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def warp(
    x: Floats,
    others: Floats,
    before: int,
    behind: int,
    limits: Floats,
    rest: Floats,
    cells: Floats,
    distances: Floats,
) -> int:
    """Squared DTW distances from one series to LANES others; a distance above its limit may come out larger.

    Cells from which no lane can keep its limit are left out at both ends of a row ("early abandoned and
    pruned": Herrmann and Webb 2021). The values on a path that keeps the limit are exactly those of the plain
    recursion, because no cell of such a path is left out.

    Parameters
    ----------
    x : array [n, channels]
    others : array [m, channels, LANES]
    before, behind : int
        Step i of x may be matched with steps i - before to i + behind of the others.
    limits : array [LANES]
    rest : array [m + 1, LANES]
        What the columns from each one on cost at least; 0 after the last one.
    cells : array [2, m + 1, LANES]
        Memory to work in.
    distances : array [LANES]
        Is filled with the distances; infinite if all lanes were abandoned.

    Returns
    -------
    int
        Cells computed in each lane.
    """
    n, m = len(x), len(others)
    distances[:] = np.inf
    above, first, last, visited = 0, 0, 0, 0
    short = before + behind < SHORT
    for j in range(min(m, behind + 1) + 1):
        _clear(cells, 0, j)
    for lane in range(LANES):
        cells[0, 0, lane] = 0.0
    for i in range(n):
        here = 1 - above
        # The useful cells of the row above are first to last, counted from 1 as in the array.
        low, high = max(first - 1, i - before, 0), min(m, i + behind + 1)
        stop = high if short else min(last + 1, high)
        if low >= stop:
            return visited
        _clear(cells, here, low)
        useful = _row(x, others, cells, limits, rest, i, above, low, stop, high)
        visited += stop - low
        while stop < high and _useful(cells, here, stop, limits, rest, high):
            begin, stop = stop, min(stop + STRIDE, high)
            for j in range(begin + 1, stop + 1):
                _clear(cells, above, j)
            useful |= _row(x, others, cells, limits, rest, i, above, begin, stop, high)
            visited += stop - begin
        if not useful:
            return visited
        first, last = low + 1, stop
        if not short:
            while not _useful(cells, here, first, limits, rest, high):
                first += 1
            while not _useful(cells, here, last, limits, rest, high):
                last -= 1
        if last < m:
            _clear(cells, here, last + 1)
        above = here
    if last == m:
        distances[:] = cells[above, m]
    return visited
