"""The path of dynamic time warping between two series, for the picture of an alignment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def warping_path(
    one: Floats, other: Floats, radius: int | None = None
) -> tuple[list[tuple[int, int]], float]:
    """The cheapest path of pairs (step of one, step of other) from start to end, and its squared distance.

    one, other: [channels, T] and [channels, S], all channels warped together (Sakoe and Chiba 1978). radius:
    how many steps a pair may lie off the diagonal, where T = S. The distance is that of the methods' own DTW.
    """
    cost = ((one[:, :, None] - other[:, None, :]) ** 2).sum(axis=0)
    rows, columns = cost.shape
    if radius is not None:
        off = np.abs(np.arange(rows)[:, None] - np.arange(columns)[None, :])
        cost = np.where(off <= radius, cost, np.inf)
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    # By antidiagonals: the cells of one depend on those of the two before alone.
    for place in range(rows + columns - 1):
        i = np.arange(max(0, place - columns + 1), min(place, rows - 1) + 1)
        j = place - i
        before = np.minimum(np.minimum(total[i, j], total[i, j + 1]), total[i + 1, j])
        total[i + 1, j + 1] = cost[i, j] + before
    return _back(total), float(total[rows, columns])


def _back(total: Floats) -> list[tuple[int, int]]:
    """From the last pair to the first by the cheaper way each time; total has a margin before both axes."""
    i, j = total.shape[0] - 2, total.shape[1] - 2
    path = [(i, j)]
    while i or j:
        ways = ((total[i, j], i - 1, j - 1), (total[i, j + 1], i - 1, j), (total[i + 1, j], i, j - 1))
        _, i, j = min(way for way in ways if way[1] >= 0 and way[2] >= 0)
        path.append((i, j))
    return path[::-1]
