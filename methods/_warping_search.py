"""The exact nearest neighbours of series under dynamic time warping, without computing most of the distances.

Every candidate first gets lower bounds of its distance; candidates are then warped in the order of their
bounds, LANES at a time, until no bound is below the distance of the worst neighbour found.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from recurbench.methods._warping_bounds import (
    SLACK,
    Packed,
    apart_and_outside,
    ends,
    outside,
    outside_range,
    pack,
    squared_gap,
)
from recurbench.methods._warping_lanes import LANES, warp

# In a window from WIDE steps on, the first series are warped in a narrow band before, because the distance
# there is an upper bound: in a quarter of the window, or without a window in one NARROW-th of the length.
WIDE = 32
NARROW = 32

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Found(NamedTuple):
    """The nearest neighbours of every query, nearest first; of equally near ones the first of the list.

    Attributes
    ----------
    indices : array [queries, k]
    distances : array [queries, k]
        Squared DTW distances.
    cells : int
        Cells of the recursion that were computed, in all queries.
    """

    indices: Numbers
    distances: Floats
    cells: int


class WarpingSearch:
    """Series to search in.

    Parameters
    ----------
    known : sequence of arrays [T, channels]
        At least one, each with one step or more, all with the same channels. Values must be finite.
    radius : int or None
        Step i of the shorter of two series may be matched with steps i - radius to i + radius + d of the
        longer one, where d is the difference of their lengths; None for all steps. For series of one length
        this is the band of Sakoe and Chiba (1978).
    together : bool
        Whether all channels share one warping path ("dependent"); otherwise the distance is the sum of those
        of each channel alone ("independent": Shokoohi-Yekta et al. 2017).
    """

    def __init__(self, known: Sequence[Floats], radius: int | None = None, together: bool = True) -> None:
        self.radius = max(len(one) for one in known) if radius is None else radius
        self.together = together
        self.known = pack(known, self.radius)

    def nearest(
        self, asked: Sequence[Floats], k: int = 1, threads: int = 1, left_out: Numbers | None = None
    ) -> Found:
        """The k nearest known series of every series asked about.

        Parameters
        ----------
        asked : sequence of arrays [T, channels]
        k : int
            At most the number of known series (less one, if one is left out).
        threads : int
        left_out : array [queries], optional
            A known series for every query that must not be its neighbour.

        Returns
        -------
        Found
        """
        count = len(asked)
        indices, distances = np.full((count, k), -1), np.full((count, k), np.inf)
        if not count:
            return Found(indices, distances, 0)
        left_out = np.full(count, -1) if left_out is None else left_out
        queries = pack(asked, self.radius)
        edges = np.linspace(0, count, min(threads, count) + 1).astype(int)

        def part(first: int, stop: int) -> int:
            found = indices[first:stop], distances[first:stop]
            return int(
                _search(queries, self.known, self.radius, self.together, left_out, first, stop, *found)
            )

        if len(edges) == 2:
            return Found(indices, distances, part(0, count))
        with ThreadPoolExecutor(len(edges) - 1) as pool:
            return Found(indices, distances, sum(pool.map(part, edges[:-1].tolist(), edges[1:].tolist())))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _search(
    asked: Packed,
    known: Packed,
    radius: int,
    together: bool,
    left_out: Numbers,
    first: int,
    stop: int,
    indices: Numbers,
    distances: Floats,
) -> int:
    """Fill indices and distances [stop - first, k] for the queries from first to stop; the cells computed."""
    count = len(known.starts) - 1
    longest = np.diff(known.starts).max()
    block = np.empty((longest, known.channels if together else 1, LANES))
    rest, rows = np.empty((longest + 1, LANES)), np.empty((2, longest + 1, LANES))
    bounds, apart, sums = np.empty(count), np.empty(count), np.empty(LANES)
    chosen, warped = np.empty(LANES, np.int64), np.empty(count, np.bool_)
    memory = (block, rest, rows)
    visited = 0
    for query in range(first, stop):
        best, nearest = distances[query - first], indices[query - first]
        warped[:] = False
        if left_out[query] >= 0:
            warped[left_out[query]] = True
        limit = _bound(asked, known, query, left_out[query], len(best), bounds, apart)
        order = np.flatnonzero(bounds <= limit)
        order = order[np.argsort(bounds[order])]
        # Only one warping path for all channels gives a limit before it is complete.
        narrow = radius // 4 if radius < longest else longest // NARROW
        if radius < WIDE or not (together or known.channels == 1):
            narrow = 0
        for place in range(len(order)):
            if bounds[order[place]] > limit:
                break
            if not warped[order[place]]:
                lanes = _choose(known, order, place, bounds, limit, warped, chosen)
                some = chosen[:lanes]
                first_band = narrow if place == 0 and lanes >= len(best) else 0
                cells, limit = _warp_chosen(
                    asked, known, query, some, radius, first_band, len(best), together, limit, memory, sums
                )
                visited += cells
                for lane in range(lanes):
                    _insert(best, nearest, sums[lane], some[lane])
                if nearest[-1] >= 0:
                    limit = min(limit, best[-1])
        _complete(best, nearest, left_out[query])
    return visited


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _flat(packed: Packed, values: Floats, series: int) -> Floats:
    """The part of values, upper or lower that belongs to one series."""
    return values[packed.starts[series] * packed.channels : packed.starts[series + 1] * packed.channels]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _bound(
    asked: Packed, known: Packed, query: int, left_out: int, k: int, bounds: Floats, apart: Floats
) -> float:
    """Fill in a lower bound of every distance, and return an upper bound of the k-th smallest one."""
    channels, count = known.channels, len(bounds)
    # The first and the last step are matched on every path; the band bounds the steps between them.
    x, inner = _flat(asked, asked.values, query), _inner(asked, asked.values, query)
    upper, lower = _inner(asked, asked.upper, query), _inner(asked, asked.lower, query)
    for series in range(count):
        apart[series] = np.inf
        both = ends(x, _flat(known, known.values, series), channels)
        y = _inner(known, known.values, series)
        if known.length * channels == len(x):
            far, bound = apart_and_outside(inner, y, upper, lower)
            apart[series] = far + both
        else:
            bound = outside_range(y, asked.most[query], asked.least[query])
        bounds[series] = (bound + both) * (1.0 - SLACK)
    if left_out >= 0:
        apart[left_out], bounds[left_out] = np.inf, np.inf
    limit: float = (apart.min() if k == 1 else np.sort(apart)[k - 1]) * (1.0 + SLACK)
    for series in range(count):
        if bounds[series] <= limit:
            both = ends(x, _flat(known, known.values, series), channels)
            if known.length * channels == len(x):
                above, below = _inner(known, known.upper, series), _inner(known, known.lower, series)
                bound = outside(inner, above, below)
            else:
                bound = outside_range(inner, known.most[series], known.least[series])
            bounds[series] = max(bounds[series], (bound + both) * (1.0 - SLACK))
    return limit


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _inner(packed: Packed, values: Floats, series: int) -> Floats:
    """The same without the first and the last step."""
    first = (packed.starts[series] + 1) * packed.channels
    return values[first : max(first, (packed.starts[series + 1] - 1) * packed.channels)]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _choose(
    known: Packed,
    order: Numbers,
    place: int,
    bounds: Floats,
    limit: float,
    warped: NDArray[np.bool_],
    chosen: Numbers,
) -> int:
    """Fill in the next series to warp, all of one length; how many they are."""
    lanes, length = 0, -1
    for other in range(place, len(order)):
        series = order[other]
        if lanes == LANES or bounds[series] > limit:
            break
        steps = known.starts[series + 1] - known.starts[series]
        if not warped[series] and (length < 0 or steps == length):
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
    memory: tuple[Floats, Floats, Floats],
    sums: Floats,
) -> tuple[int, float]:
    """Fill sums [LANES] with the distances of the chosen series; the cells computed, and the limit.

    With narrow > 0 they are first warped in a band of that radius. Distances there are not smaller, so the
    k-th of them is a limit.
    """
    block, rest, cells = memory
    width = known.channels if together else 1
    limits, distances = np.empty(LANES), np.empty(LANES)
    sums[:] = 0.0
    visited = 0
    values = _flat(asked, asked.values, query).reshape(-1, known.channels)
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
        values = _flat(known, known.values, series)
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
    upper, lower = _flat(asked, asked.upper, query), _flat(asked, asked.lower, query)
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
def _insert(best: Floats, nearest: Numbers, distance: float, series: int) -> None:
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
def _complete(best: Floats, nearest: Numbers, left_out: int) -> None:
    """Where fewer than k distances are finite, go on with the first series that are not among them."""
    series = 0
    for place in range(len(nearest)):
        if nearest[place] < 0:
            while series == left_out or (nearest == series).any():
                series += 1
            nearest[place], best[place] = series, np.inf
