"""How narrow a band can become before the DTW distance of two series changes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def narrowest(x: Floats, y: Floats, radius: int, limit: float) -> int:
    """The smallest radius in which the squared DTW distance is the same number as in `radius`.

    In a band that holds a best path, every cell of the path has the same value as before: cells next to it
    can only become larger. So the radius that is looked for is the smallest one that holds a best path.

    Parameters
    ----------
    x, y : arrays [n, channels] and [m, channels]
    radius : int
        Step i of the shorter series may be matched with steps i - radius to i + radius + d of the longer one,
        where d is the difference of their lengths.
    limit : float
        The distance, or any larger number. Larger values are on no best path.

    Returns
    -------
    int
        `radius` if the distance is above the limit.
    """
    n, m = len(x), len(y)
    before, behind = max(n - m, 0), max(m - n, 0)
    # Of the row above and of this one: the values, and the radius that the narrowest best path there needs.
    # Cell j + 1 is that of column j.
    values, needs = np.full((2, m + 1), np.inf), np.zeros((2, m + 1), np.int64)
    values[0, 0] = 0.0
    first, last = 0, 0  # the cells of the row above that are not above the limit
    for i in range(n):
        above, here = i % 2, 1 - i % 2
        low, high = max(first - 1, i - before - radius, 0), min(m, i + behind + radius + 1)
        values[here, low] = np.inf
        found, stop = -1, low
        for j in range(low, high):
            if j > last and values[here, j] == np.inf:
                break
            _fill(x, y, i, j, before, behind, last, values[above], needs[above], values[here], needs[here])
            if values[here, j + 1] > limit:
                values[here, j + 1] = np.inf
            else:
                stop = j + 1
                found = j + 1 if found < 0 else found
        if found < 0:
            return radius
        first, last = found, stop
    return needs[n % 2, m] if last == m else radius


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _fill(
    x: Floats,
    y: Floats,
    i: int,
    j: int,
    before: int,
    behind: int,
    last: int,
    values_above: Floats,
    needs_above: NDArray[np.int64],
    values: Floats,
    needs: NDArray[np.int64],
) -> None:
    """Fill in the cell of row i and column j; cells of the row above behind `last` are not set."""
    best, need = values[j], needs[j]
    for at in (j, j + 1):
        if at <= last and (values_above[at] < best or (values_above[at] == best and needs_above[at] < need)):
            best, need = values_above[at], needs_above[at]
    cost = 0.0
    for channel in range(x.shape[1]):
        gap = x[i, channel] - y[j, channel]
        cost += gap * gap
    values[j + 1] = best + cost
    needs[j + 1] = max(need, i - before - j, j - behind - i, 0)
