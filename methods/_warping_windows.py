"""The nearest neighbours within a training part, each example left out of its own search, for many windows.

Nothing is computed from scratch for each window. The windows of a series are taken from the widest to the
narrowest, because a distance in a wide band is a lower bound of that in a narrow one, and does not change as
long as the band holds the path (both: Tan et al. 2018, FastWWS). So the neighbours stay the same until the
band is narrower than one of their paths, and all other distances are bounds for the next search.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from recurbench.methods._warping_bounds import SLACK, Packed, ends, flat, inner, outside, pack, set_band
from recurbench.methods._warping_candidates import (
    Memory,
    bound,
    complete,
    insert,
    memory_for,
    warp_in_order,
)
from recurbench.methods._warping_path import narrowest

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class ByRadius(NamedTuple):
    """The neighbours of every series in every window.

    Attributes
    ----------
    indices : array [radii, series, k]
        The nearest first; of equally near ones the first of the list.
    searches : int
        How many searches were needed, of all series; radii x series would be needed from scratch.
    """

    indices: Numbers
    searches: int


def neighbours_by_radius(
    series: Sequence[Floats], radii: Sequence[int], k: int = 1, together: bool = True, threads: int = 1
) -> ByRadius:
    """The k nearest other series of every series, for each radius.

    Parameters
    ----------
    series : sequence of arrays [T, channels]
        More than k; see `WarpingSearch`.
    radii : sequence of int
        Radii of the windows in ascending order.
    k, threads : int
    together : bool
        See `WarpingSearch`.

    Returns
    -------
    ByRadius
        Exactly the neighbours of a search for each radius.
    """
    falling = np.array(radii[::-1], np.int64)
    asked, known = (pack(series, int(falling[0])) for _ in range(2))
    count = len(series)
    found = np.empty((len(falling), count, k), np.int64)
    edges = np.linspace(0, count, min(threads, count) + 1).astype(int)

    def part(first: int, stop: int) -> int:
        return int(_all_radii(asked, known, falling, together, first, stop, found))

    # Every thread writes the bands of its own series into `asked`.
    with ThreadPoolExecutor(len(edges) - 1) as pool:
        searches = sum(pool.map(part, edges[:-1].tolist(), edges[1:].tolist()))
    return ByRadius(found[::-1], searches)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _all_radii(
    asked: Packed, known: Packed, radii: Numbers, together: bool, first: int, stop: int, found: Numbers
) -> int:
    """Fill found [radii, series, k] for the series from first to stop; the number of searches."""
    count, k = len(known.starts) - 1, found.shape[2]
    memory = memory_for(known, together)
    band = np.empty((4, 3 * np.diff(known.starts).max() * known.channels))
    bounds, apart, warped = np.empty(count), np.empty(count), np.empty(count, np.bool_)
    best, needs = np.empty(k), np.empty(k, np.int64)
    searches = 0
    for query in range(first, stop):
        apart_limit = bound(asked, known, query, query, k, bounds, apart)
        nearest = np.full(k, -1)
        needs[:] = radii[0] + 1
        place = 0
        while place < len(radii):
            radius = radii[place]
            if place > 0:
                set_band(asked, query, radius, band)
            nearest = _search(
                asked,
                known,
                query,
                radius,
                together,
                bounds,
                apart_limit,
                warped,
                memory,
                best,
                nearest,
                needs,
            )
            searches += 1
            # The neighbours are the same in every narrower band that holds their paths.
            widest = needs.max()
            begun = place
            while place < len(radii) and (place == begun or radii[place] >= widest):
                found[place, query] = nearest
                place += 1
    return searches


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _search(
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
    needs: Numbers,
) -> Numbers:
    """The neighbours in one window.

    Parameters
    ----------
    bounds : array [series]
        Bounds that hold in the window; they are raised.
    limit : float
        The k-th smallest distance is not larger.
    best, nearest, needs : arrays [k]
        Distances and numbers of the neighbours in the window before, and the radii that their paths need.
        best and needs are filled in anew.
    """
    k = len(best)
    warped[:] = False
    warped[query] = True
    kept, kept_needs = np.full(k, -1), np.zeros(k, np.int64)
    distances, found = np.full(k, np.inf), np.full(k, -1)
    for place in range(k):
        if needs[place] <= radius and nearest[place] >= 0:
            kept[place], kept_needs[place] = nearest[place], needs[place]
            insert(distances, found, best[place], nearest[place])
            warped[nearest[place]] = True
    _raise_bounds(asked, known, query, limit, warped, bounds)
    warp_in_order(asked, known, query, radius, together, bounds, limit, warped, memory, distances, found)
    complete(distances, found, query)
    best[:] = distances
    for place in range(k):
        needs[place] = -1
        for before in range(k):
            if kept[before] == found[place]:
                needs[place] = kept_needs[before]
        if needs[place] < 0:
            needs[place] = _needed(asked, known, query, found[place], radius, together, distances[place])
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _raise_bounds(
    asked: Packed, known: Packed, query: int, limit: float, warped: Flags, bounds: Floats
) -> None:
    """Raise the bounds that are not above the limit to those of the band of the query."""
    x, middle = flat(asked, asked.values, query), inner(asked, asked.values, query)
    upper, lower = inner(asked, asked.upper, query), inner(asked, asked.lower, query)
    for series in range(len(bounds)):
        y = inner(known, known.values, series)
        if bounds[series] <= limit and not warped[series] and len(y) == len(middle):
            both = ends(x, flat(known, known.values, series), known.channels)
            bounds[series] = max(bounds[series], (outside(y, upper, lower) + both) * (1.0 - SLACK))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _needed(
    asked: Packed, known: Packed, query: int, series: int, radius: int, together: bool, distance: float
) -> int:
    """The smallest radius in which the distance to a series is still the same."""
    if not np.isfinite(distance):
        return radius
    x = flat(asked, asked.values, query).reshape(-1, asked.channels)
    y = flat(known, known.values, series).reshape(-1, known.channels)
    width = known.channels if together else 1
    needed = 0
    for group in range(0, known.channels, width):
        needed = max(
            needed, narrowest(x[:, group : group + width], y[:, group : group + width], radius, distance)
        )
    return needed
