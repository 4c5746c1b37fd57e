"""The recursion of dynamic time warping in a narrow band, for one pair of series, diagonal by diagonal.

The cells of a diagonal from upper right to lower left do not wait for each other. In a narrow band they fit
into one wide vector, so a single distance costs a fraction of that of several series side by side
(`_warping_lanes`).
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

ACROSS = 16  # cells of a diagonal
NARROWER = ACROSS  # the radius must be smaller than this
HALF = ACROSS // 2
CHECKED = 16  # after so many steps, whether the limit can still be kept


@intrinsic  # type: ignore[untyped-decorator]
def _advance(
    _typing: Any, x: Any, y: Any, cells: Any, edges: Any, first: Any, stop: Any, last: Any, ceiling: Any
) -> Any:
    """Compute two diagonals for each step from first to stop - 1; whether a cell of the last two is useful.

    Cell p of the first diagonal of step t is that of step t + p - HALF of the one series and step
    t - p + HALF of the other, and cell p of the second diagonal is one step later in the one series.

    x and y are series with padding: x[HALF + i] is step i of the one, y[HALF + last - j] step j of the other.
    cells [2, ACROSS] holds the diagonals before `first` and then those of stop - 1. edges [2, ACROSS] is 0
    within the band and infinite outside. A cell is useful if it is not above the ceiling.
    """
    signature = types.boolean(x, y, cells, edges, first, stop, last, ceiling)
    return signature, _advance_in_vectors


def _advance_in_vectors(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    kind = ir.VectorType(ir.DoubleType(), ACROSS)

    def address(k: int) -> Any:
        made = context.make_array(signature.args[k])(context, builder, args[k])
        return made.data

    def load(data: Any, at: Any) -> Any:
        place = builder.bitcast(builder.gep(data, [at]), kind.as_pointer())
        return builder.load(place, align=8)

    def least(a: Any, b: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", a, b), a, b)

    def shifted(vector: Any, places: list[int]) -> Any:
        infinite = ir.Constant(kind, [float("inf")] * ACROSS)
        return builder.shuffle_vector(
            vector, infinite, ir.Constant(ir.VectorType(ir.IntType(32), ACROSS), places)
        )

    def cost(ours: Any, theirs: Any, edge: Any) -> Any:
        gap = builder.fsub(ours, theirs)
        return builder.fadd(builder.fmul(gap, gap), edge)

    x, y, cells, edges = (address(k) for k in range(4))
    first, stop, last, ceiling = args[4:]
    zero, one, second = (ir.Constant(first.type, number) for number in (0, 1, ACROSS))
    one_edge, other_edge = load(edges, zero), load(edges, second)
    even = cgutils.alloca_once_value(builder, load(cells, zero))
    odd = cgutils.alloca_once_value(builder, load(cells, second))
    with cgutils.for_range_slice(builder, first, stop, one, inc=True) as (t, _):
        theirs = load(y, builder.sub(last, t))
        before = builder.load(odd)
        # The cell to the left is cell p of the diagonal before, the cell above is its cell p - 1.
        best = least(before, shifted(before, [ACROSS, *range(ACROSS - 1)]))
        now = builder.fadd(least(best, builder.load(even)), cost(load(x, t), theirs, one_edge))
        # And here they are cells p + 1 and p.
        best = least(now, shifted(now, [*range(1, ACROSS), ACROSS]))
        ours = load(x, builder.add(t, one))
        builder.store(now, even)
        builder.store(builder.fadd(least(best, before), cost(ours, theirs, other_edge)), odd)
    for vector, at in ((builder.load(even), zero), (builder.load(odd), second)):
        builder.store(vector, builder.bitcast(builder.gep(cells, [at]), kind.as_pointer()), align=8)
    lowest = least(builder.load(even), builder.load(odd))
    limit = builder.insert_element(ir.Constant(kind, ir.Undefined), ceiling, ir.Constant(ir.IntType(32), 0))
    limit = builder.shuffle_vector(
        limit, limit, ir.Constant(ir.VectorType(ir.IntType(32), ACROSS), [0] * ACROSS)
    )
    bits = builder.bitcast(builder.fcmp_ordered("<=", lowest, limit), ir.IntType(ACROSS))
    return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def set_edges(edges: Floats, radius: int) -> None:
    """Fill in edges [2, ACROSS] for a radius below NARROWER: 0 within the band, infinite outside."""
    for p in range(ACROSS):
        edges[0, p] = 0.0 if abs(2 * p - ACROSS) <= radius else np.inf
        edges[1, p] = 0.0 if abs(2 * p - ACROSS + 1) <= radius else np.inf


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def warp_alone(
    x: Floats,
    y: Floats,
    radius: int,
    limit: float,
    rest: Floats,
    edges: Floats,
    padded: Floats,
    cells: Floats,
) -> tuple[float, int]:
    """The squared DTW distance of two series of one length; infinite if it is found to be above the limit.

    Parameters
    ----------
    x, y : arrays [n]
    radius : int
        Of the band, below NARROWER.
    limit : float
    rest : array [n + 1]
        What the steps of y from each one on cost at least; 0 after the last one.
    edges : array [2, ACROSS]
        See `set_edges`.
    padded, cells : arrays [2, n + ACROSS] and [2, ACROSS]
        Memory to work in.

    Returns
    -------
    distance : float
        The same number as that of the plain recursion.
    visited : int
        Cells computed.
    """
    n = len(x)
    # Steps outside a series cost infinitely much; of opposite signs, because inf - inf is no number.
    ours, theirs = padded[0], padded[1]
    ours[:HALF], ours[HALF + n : n + ACROSS] = np.inf, np.inf
    theirs[:HALF], theirs[HALF + n : n + ACROSS] = -np.inf, -np.inf
    for i in range(n):
        ours[HALF + i] = x[i]
        theirs[HALF + n - 1 - i] = y[i]
    cells[:] = np.inf
    # The cell before the first match.
    cells[0, HALF] = 0.0
    inside = n * (2 * radius + 1) - radius * (radius + 1)
    for first in range(0, n, CHECKED):
        stop = min(n, first + CHECKED)
        # The columns that no cell of the last two diagonals has reached.
        ahead = min(n, stop + (radius + 1) // 2)
        if not _advance(ours, theirs, cells, edges, first, stop, n - 1, limit - rest[ahead]):
            return np.inf, inside * stop // n
    return cells[0, HALF], inside
