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
from recurbench.methods._warping_bounds import Packed, pack
from recurbench.methods._warping_candidates import bound, complete, memory_for, warp_in_order

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
    bounds, apart, warped = np.empty(count), np.empty(count), np.empty(count, np.bool_)
    memory = memory_for(known, together)
    visited = 0
    for query in range(first, stop):
        best, nearest = distances[query - first], indices[query - first]
        warped[:] = False
        if left_out[query] >= 0:
            warped[left_out[query]] = True
        limit = bound(asked, known, query, left_out[query], len(best), bounds, apart)
        visited += warp_in_order(
            asked, known, query, radius, together, bounds, limit, warped, memory, best, nearest
        )
        complete(best, nearest, left_out[query])
    return visited
