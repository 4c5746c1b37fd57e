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
# Rows of a band that is not wider than this are computed in full and two at a time: looking for their ends
# would cost more than it saves.
SHORT = 128


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
def _two_rows(
    _typing: Any,
    x: Any,
    others: Any,
    cells: Any,
    limits: Any,
    rest: Any,
    i: Any,
    above: Any,
    low: Any,
    high: Any,
    low_next: Any,
    high_next: Any,
) -> Any:
    """Compute the cells of rows i and i + 1, and keep the second; whether one of its cells is useful.

    Row i has columns low to high - 1, at least two. The next row starts and ends at the same columns or one
    later. The second row follows one column behind the first, so that two cells are computed at a time.
    """
    signature = types.boolean(x, others, cells, limits, rest, i, above, low, high, low_next, high_next)
    return signature, _two_rows_in_vectors


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


class _Steps:
    """Squared distances of one step of x to the steps of the others."""

    def __init__(self, vectors: _Vectors, i: Any) -> None:
        self.v = vectors
        x, (_, self.channels) = vectors.array(0, ir.DoubleType())
        self.x = vectors.builder.gep(x, [vectors.builder.mul(i, self.channels)])
        self.others = vectors.array(1)[0]
        self.cost = cgutils.alloca_once(vectors.builder, vectors.kind)

    def to(self, j: Any) -> Any:
        """The squared distance to step j, over all channels."""
        builder, one = self.v.builder, ir.Constant(j.type, 1)
        builder.store(self._squared(j, ir.Constant(j.type, 0)), self.cost)
        with cgutils.for_range_slice(builder, one, self.channels, one, inc=True) as (channel, _):
            builder.store(builder.fadd(builder.load(self.cost), self._squared(j, channel)), self.cost)
        return builder.load(self.cost)

    def _squared(self, j: Any, channel: Any) -> Any:
        builder = self.v.builder
        other = self.v.load(self.others, builder.add(builder.mul(j, self.channels), channel))
        gap = builder.fsub(self.v.everywhere(builder.load(builder.gep(self.x, [channel]))), other)
        return builder.fmul(gap, gap)


def _row_in_vectors(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    v = _Vectors(context, builder, signature, args)
    i, above, low, stop, high = args[5:]
    one = ir.Constant(low.type, 1)
    steps, ceiling = _Steps(v, i), v.ceiling(3, 4, high)
    here, above = v.row(2, builder.sub(one, above)), v.row(2, above)
    left = cgutils.alloca_once_value(builder, v.load(here, low))
    diagonal = cgutils.alloca_once_value(builder, v.load(above, low))
    live = cgutils.alloca_once_value(builder, ir.Constant(v.flags, [0] * LANES))
    with cgutils.for_range_slice(builder, low, stop, one, inc=True) as (j, _):
        after = builder.add(j, one)
        up = v.load(above, after)
        best = v.least(builder.load(left), v.least(builder.load(diagonal), up))
        cell = builder.fadd(best, steps.to(j))
        builder.store(cell, builder.gep(here, [after]), align=8)
        builder.store(cell, left)
        builder.store(up, diagonal)
        useful = builder.fcmp_ordered("<=", cell, ceiling)
        builder.store(builder.or_(builder.load(live), useful), live)
    return v.any(builder.load(live))


def _two_rows_in_vectors(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    v = _Vectors(context, builder, signature, args)
    i, above, low, high, low_next, high_next = args[5:]
    one = ir.Constant(low.type, 1)
    steps, steps_next = _Steps(v, i), _Steps(v, builder.add(i, one))
    ceiling = v.ceiling(3, 4, high_next)
    here, above = v.row(2, builder.sub(one, above)), v.row(2, above)
    infinite = ir.Constant(v.kind, [float("inf")] * LANES)
    # The last cell of the first row and the one before it, and the last one of the second row.
    last, before, last_next = (cgutils.alloca_once_value(builder, infinite) for _ in range(3))
    diagonal = cgutils.alloca_once_value(builder, v.load(above, low))
    live = cgutils.alloca_once_value(builder, ir.Constant(v.flags, [0] * LANES))

    def columns(begin: Any, end: Any, first: bool, second: bool) -> None:
        """Cells of the first row in each column, and of the second row in the column before it."""
        with cgutils.for_range_slice(builder, begin, end, one, inc=True) as (j, _):
            cell = infinite
            if first:
                up = v.load(above, builder.add(j, one))
                best = v.least(builder.load(last), v.least(builder.load(diagonal), up))
                cell = builder.fadd(best, steps.to(j))
                builder.store(up, diagonal)
            if second:
                best = v.least(builder.load(before), builder.load(last))
                best = v.least(builder.load(last_next), best)
                next_cell = builder.fadd(best, steps_next.to(builder.sub(j, one)))
                builder.store(next_cell, builder.gep(here, [j]), align=8)
                builder.store(next_cell, last_next)
                useful = builder.fcmp_ordered("<=", next_cell, ceiling)
                builder.store(builder.or_(builder.load(live), useful), live)
            builder.store(builder.load(last), before)
            builder.store(cell, last)

    both = builder.add(low_next, one)
    columns(low, both, first=True, second=False)
    columns(both, high, first=True, second=True)
    columns(high, builder.add(high_next, one), first=False, second=True)
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
    x, others : arrays [n, channels] and [m, channels, LANES]
    before, behind : int
        Step i of x may be matched with steps i - before to i + behind of the others.
    limits, rest : arrays [LANES] and [m + 1, LANES]
        The limit of each lane, and what the columns from each one on cost at least; 0 after the last one.
    cells, distances : arrays [2, m + 1, LANES] and [LANES]
        Memory to work in, and what is filled in; infinite if all lanes were abandoned.

    Returns
    -------
    int
        Cells computed in each lane.
    """
    n, m = len(x), len(others)
    distances[:] = np.inf
    # The useful cells of the row above are first to last, counted from 1 as in the array.
    above, first, last, visited, i = 0, 0, 0, 0, 0
    short = before + behind < SHORT
    for j in range(min(m, behind + 1) + 1):
        _clear(cells, 0, j)
    cells[0, 0] = 0.0
    while i < n:
        here = 1 - above
        low, high = max(first - 1, i - before, 0), min(m, i + behind + 1)
        low_next, high_next = max(low, i + 1 - before), min(m, i + behind + 2)
        if short and i + 1 < n and high - low_next >= 2:
            _clear(cells, here, low_next)
            useful = _two_rows(x, others, cells, limits, rest, i, above, low, high, low_next, high_next)
            first, last, i = low_next + 1, high_next, i + 2
            visited += high - low + high_next - low_next
        else:
            stop = high if short else min(last + 1, high)
            useful, first, last, stop = _one_row(x, others, cells, limits, rest, i, above, low, stop, high)
            i += 1
            visited += max(0, stop - low)
        if not useful:
            return visited
        if last < m:
            _clear(cells, here, last + 1)
        above = here
    if last == m:
        distances[:] = cells[above, m]
    return visited


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _one_row(
    x: Floats,
    others: Floats,
    cells: Floats,
    limits: Floats,
    rest: Floats,
    i: int,
    above: int,
    low: int,
    stop: int,
    high: int,
) -> tuple[bool, int, int, int]:
    """Compute row i from column low to stop - 1, and on to high - 1 while the last cell is useful.

    Returns whether a cell is useful, the first and the last useful ones counted from 1, and the column after
    the last one computed.
    """
    here = 1 - above
    if low >= stop:
        return False, 0, 0, stop
    _clear(cells, here, low)
    useful = _row(x, others, cells, limits, rest, i, above, low, stop, high)
    while stop < high and _useful(cells, here, stop, limits, rest, high):
        begin, stop = stop, min(stop + STRIDE, high)
        for j in range(begin + 1, stop + 1):
            _clear(cells, above, j)
        useful |= _row(x, others, cells, limits, rest, i, above, begin, stop, high)
    if not useful:
        return False, 0, 0, stop
    first, last = low + 1, stop
    while not _useful(cells, here, first, limits, rest, high):
        first += 1
    while not _useful(cells, here, last, limits, rest, high):
        last -= 1
    return True, first, last, stop
