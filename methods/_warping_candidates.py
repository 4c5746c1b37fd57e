"""The candidates of one query: lower bounds of their distances, and warping them in that order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from recurbench.methods._warping_bounds import (
    SLACK,
    Packed,
    apart_and_outside,
    ends,
    flat,
    inner,
    outside,
    outside_range,
    squared_gap,
)
from recurbench.methods._warping_diagonals import ACROSS, NARROWER, set_edges, warp_alone
from recurbench.methods._warping_lanes import LANES, warp

# In a window from WIDE steps on, the first series are warped in a narrow band before, because the distance
# there is an upper bound: in a quarter of the window, or without a window in one NARROW-th of the length.
WIDE = 32
NARROW = 32
FEW = 40  # so many numbers are sorted faster by insertion

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Memory(NamedTuple):
    """Memory to work in.

    Attributes
    ----------
    block, rest, rows : arrays [longest, channels, LANES], [longest + 1, LANES] and [2, longest + 1, LANES]
        For series side by side: the series, what they cost at least from each step on, and rows of cells.
    sums, chosen : arrays [LANES]
        Distances of the series that were warped last, and their numbers.
    left, padded, cells, edges : arrays [longest + 1], [2, longest + ACROSS], [2, ACROSS] and [2, ACROSS]
        For one pair, see `warp_alone`.
    """

    block: Floats
    rest: Floats
    rows: Floats
    sums: Floats
    chosen: Numbers
    left: Floats
    padded: Floats
    cells: Floats
    edges: Floats


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def memory_for(known: Packed, together: bool) -> Memory:
    """Memory to compare one series at a time with the known ones."""
    longest = np.diff(known.starts).max()
    return Memory(
        np.empty((longest, known.channels if together else 1, LANES)),
        np.empty((longest + 1, LANES)),
        np.empty((2, longest + 1, LANES)),
        np.empty(LANES),
        np.empty(LANES, np.int64),
        np.empty(longest + 1),
        np.empty((2, longest + ACROSS)),
        np.empty((2, ACROSS)),
        np.empty((2, ACROSS)),
    )


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def warp_in_order(
    asked: Packed,
    known: Packed,
    query: int,
    radius: int,
    together: bool,
    bounds: Floats,
    limit: float,
    warped: Flags,
    memory: Memory,
    best: Floats,
    nearest: Numbers,
) -> int:
    """Find the nearest series by warping candidates from the smallest bound on; the cells computed.

    bounds [series] are lower bounds of the distances. That of a series that is warped becomes its distance
    or a larger bound of it. limit: the distance of the worst neighbour is known not to be larger. warped
    [series] says which series are left out, and those that are warped are added. best and nearest [k] are the
    distances and numbers of the neighbours so far, the nearest first; infinite and -1 where there is none.
    """
    order = _ascending(bounds, limit)
    longest, steps = len(memory.block), asked.starts[query + 1] - asked.starts[query]
    # Only one warping path for all channels gives a limit before it is complete.
    narrow = radius // 4 if radius < longest else longest // NARROW
    if radius < WIDE or not (together or known.channels == 1):
        narrow = 0
    visited, begun, sums, chosen = 0, False, memory.sums, memory.chosen
    # In a narrow band one pair alone is fast, and its distance may already end the search.
    alone = radius < NARROWER and (known.channels == 1 or not together)
    if alone:
        set_edges(memory.edges, radius)
    for place in range(len(order)):
        series = order[place]
        if warped[series]:
            continue
        if bounds[series] > limit:
            break
        if alone and known.starts[series + 1] - known.starts[series] == steps:
            lanes, chosen[0], warped[series] = 1, series, True
            cells = _warp_alone(asked, known, query, series, radius, limit, memory)
        else:
            lanes = _choose(known, order, place, bounds, limit, warped, chosen)
            first_band = narrow if not begun and lanes >= len(best) else 0
            cells, limit = _warp_chosen(
                asked, known, query, chosen[:lanes], radius, first_band, len(best), together, limit, memory
            )
            begun = True
        visited += cells
        for lane in range(lanes):
            # A distance above the limit may have come out larger than it is.
            bounds[chosen[lane]] = max(bounds[chosen[lane]], min(sums[lane], limit))
            insert(best, nearest, sums[lane], chosen[lane])
        if nearest[-1] >= 0:
            limit = min(limit, best[-1])
    return visited


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _ascending(bounds: Floats, limit: float) -> Numbers:
    """The series whose bounds are not above the limit, the smallest bound first."""
    order = np.flatnonzero(bounds <= limit)
    if len(order) > FEW:
        return order[np.argsort(bounds[order])]
    for place in range(1, len(order)):
        series, before = order[place], place
        while before and bounds[order[before - 1]] > bounds[series]:
            order[before] = order[before - 1]
            before -= 1
        order[before] = series
    return order


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def bound(
    asked: Packed, known: Packed, query: int, left_out: int, k: int, bounds: Floats, apart: Floats
) -> float:
    """Fill in a lower bound of every distance, and return an upper bound of the k-th smallest one."""
    channels, count = known.channels, len(bounds)
    # The first and the last step are matched on every path; the band bounds the steps between them.
    x, middle = flat(asked, asked.values, query), inner(asked, asked.values, query)
    upper, lower = inner(asked, asked.upper, query), inner(asked, asked.lower, query)
    for series in range(count):
        apart[series] = np.inf
        both = ends(x, flat(known, known.values, series), channels)
        y = inner(known, known.values, series)
        if known.length * channels == len(x):
            far, least = apart_and_outside(middle, y, upper, lower)
            apart[series] = far + both
        else:
            least = outside_range(y, asked.most[query], asked.least[query])
        bounds[series] = (least + both) * (1.0 - SLACK)
    if left_out >= 0:
        apart[left_out], bounds[left_out] = np.inf, np.inf
    limit: float = (apart.min() if k == 1 else np.sort(apart)[k - 1]) * (1.0 + SLACK)
    for series in range(count):
        if bounds[series] <= limit:
            both = ends(x, flat(known, known.values, series), channels)
            if known.length * channels == len(x):
                above, below = inner(known, known.upper, series), inner(known, known.lower, series)
                least = outside(middle, above, below)
            else:
                least = outside_range(middle, known.most[series], known.least[series])
            bounds[series] = max(bounds[series], (least + both) * (1.0 - SLACK))
    return limit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _warp_alone(
    asked: Packed, known: Packed, query: int, series: int, radius: int, limit: float, memory: Memory
) -> int:
    """Set the first of the sums to the distance of a series of one length, each channel on its own path."""
    x, y = flat(asked, asked.values, query), flat(known, known.values, series)
    upper, lower = flat(asked, asked.upper, query), flat(asked, asked.lower, query)
    channels, left = known.channels, memory.left
    n = len(x) // channels
    total, visited = 0.0, 0
    for channel in range(channels):
        left[n] = 0.0
        for step in range(n - 1, -1, -1):
            at = step * channels + channel
            left[step] = left[step + 1] + squared_gap(y[at], upper[at], lower[at]) * (1.0 - SLACK)
        ours, theirs = x[channel::channels], y[channel::channels]
        most = limit * (1.0 + SLACK) - total
        distance, cells = warp_alone(
            ours, theirs, radius, most, left, memory.edges, memory.padded, memory.cells
        )
        total += distance
        visited += cells
    memory.sums[0] = total
    return visited


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _choose(
    known: Packed,
    order: Numbers,
    place: int,
    bounds: Floats,
    limit: float,
    warped: Flags,
    chosen: Numbers,
) -> int:
    """Fill in the next series to warp, all of one length; how many they are."""
    lanes, length = 0, -1
    for other in range(place, len(order)):
        series = order[other]
        if warped[series]:
            continue
        if lanes == LANES or bounds[series] > limit:
            break
        steps = known.starts[series + 1] - known.starts[series]
        if length < 0 or steps == length:
            length = steps
            chosen[lanes] = series
            warped[series] = True
            lanes += 1
    return lanes


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _warp_chosen(
    asked: Packed,
    known: Packed,
    query: int,
    chosen: Numbers,
    radius: int,
    narrow: int,
    k: int,
    together: bool,
    limit: float,
    memory: Memory,
) -> tuple[int, float]:
    """Fill the sums of the memory with the distances of the chosen series; the cells computed, and the limit.

    With narrow > 0 they are first warped in a band of that radius. Distances there are not smaller, so the
    k-th of them is a limit.
    """
    block, rest, cells, sums = memory.block, memory.rest, memory.rows, memory.sums
    width = known.channels if together else 1
    limits, distances = np.empty(LANES), np.empty(LANES)
    sums[:] = 0.0
    visited = 0
    values = flat(asked, asked.values, query).reshape(-1, known.channels)
    for group in range(0, known.channels, width):
        x = np.ascontiguousarray(values[:, group : group + width])
        m = _gather(known, chosen, group, width, block)
        before, behind = max(len(x) - m, 0), max(m - len(x), 0)
        _rest(asked, query, block, m, group, len(x) == m, rest)
        if narrow > 0:
            _limit(limit, sums, len(chosen), limits)
            found = warp(x, block[:m], before + narrow, behind + narrow, limits, rest, cells, distances)
            visited += len(chosen) * found
            limit = min(limit, np.sort(distances[: len(chosen)])[k - 1])
        _limit(limit, sums, len(chosen), limits)
        found = warp(x, block[:m], before + radius, behind + radius, limits, rest, cells, distances)
        visited += len(chosen) * found
        sums += distances
    return visited, limit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _limit(limit: float, sums: Floats, lanes: int, limits: Floats) -> None:
    """Fill in the limit of each lane; lanes without a series of their own never count."""
    for lane in range(LANES):
        limits[lane] = limit * (1.0 + SLACK) - sums[lane] if lane < lanes else -np.inf


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _gather(known: Packed, chosen: Numbers, group: int, width: int, block: Floats) -> int:
    """Copy the chosen series into the lanes of block [m, width, LANES]; their length m."""
    m = 0
    for lane in range(LANES):
        series = chosen[min(lane, len(chosen) - 1)]
        values = flat(known, known.values, series)
        m = len(values) // known.channels
        for step in range(m):
            for channel in range(width):
                block[step, channel, lane] = values[step * known.channels + group + channel]
    return m


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _rest(
    asked: Packed, query: int, block: Floats, m: int, group: int, of_one_length: bool, rest: Floats
) -> None:
    """Fill in rest [m + 1, LANES]: the distance of all columns from each one on to the band of the query."""
    channels, lanes = asked.channels, block.shape[2]
    upper, lower = flat(asked, asked.upper, query), flat(asked, asked.lower, query)
    rest[m] = 0.0
    for column in range(m - 1, -1, -1):
        for lane in range(lanes):
            rest[column, lane] = rest[column + 1, lane]
        for channel in range(block.shape[1]):
            most, least = asked.most[query, group + channel], asked.least[query, group + channel]
            if of_one_length:
                most = upper[column * channels + group + channel]
                least = lower[column * channels + group + channel]
            for lane in range(lanes):
                gap = squared_gap(block[column, channel, lane], most, least)
                rest[column, lane] += gap * (1.0 - SLACK)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def insert(best: Floats, nearest: Numbers, distance: float, series: int) -> None:
    """Give a series its place among the k nearest, if it has one."""
    place = len(best)
    while place and (
        nearest[place - 1] < 0
        or distance < best[place - 1]
        or (distance == best[place - 1] and series < nearest[place - 1])
    ):
        place -= 1
    if place < len(best):
        best[place + 1 :] = best[place:-1].copy()
        nearest[place + 1 :] = nearest[place:-1].copy()
        best[place], nearest[place] = distance, series


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def complete(best: Floats, nearest: Numbers, left_out: int) -> None:
    """Where fewer than k distances are finite, go on with the first series that are not among them."""
    series = 0
    for place in range(len(nearest)):
        if nearest[place] < 0:
            while series == left_out or (nearest == series).any():
                series += 1
            nearest[place], best[place] = series, np.inf
