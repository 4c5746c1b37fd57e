"""Lower bounds of the squared DTW distance, and series packed for them into one array each.

The bounds are sums over the steps of a series of the squared distance to the band of values that the steps of
the other series may have there (LB_Keogh: Keogh and Ratanamahatana 2005), with the exact costs of the first
and the last match (LB_Kim in the form of Rakthanmanon et al. 2012). They are sums of squares, so each may be
too large by rounding; `SLACK` is more than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLACK = 1e-9
# The order of the sums is free, so that LLVM can use vectors.
_SUMS = {"reassoc", "nsz", "contract"}


class Packed(NamedTuple):
    """Series one after the other: channel c of step t of series s is element (starts[s] + t) * channels + c.

    Attributes
    ----------
    values, upper, lower : arrays
        The values, and the largest and smallest ones within the band around each step.
    most, least : arrays [series, channels]
        The largest and smallest values of each whole series.
    starts : array [series + 1]
        Steps before each series, and of all.
    channels : int
    length : int
        Of every series; 0 if they differ.
    """

    values: Floats
    upper: Floats
    lower: Floats
    most: Floats
    least: Floats
    starts: NDArray[np.int64]
    channels: int
    length: int


def pack(series: Sequence[Floats], radius: int) -> Packed:
    """Pack series [T, channels], T >= 1, with their bands of `radius` steps to each side."""
    starts = np.zeros(len(series) + 1, np.int64)
    np.cumsum([len(one) for one in series], out=starts[1:])
    alike = len(series) * len(series[0]) == starts[-1] and len({len(one) for one in series}) == 1
    groups = [np.array(series)] if alike else [np.asarray(one)[None] for one in series]
    return Packed(
        np.concatenate([group.ravel() for group in groups]),
        np.concatenate([_highest(group, radius).ravel() for group in groups]),
        np.concatenate([-_highest(-group, radius).ravel() for group in groups]),
        np.concatenate([group.max(axis=1) for group in groups]),
        np.concatenate([group.min(axis=1) for group in groups]),
        starts,
        series[0].shape[1],
        len(series[0]) if alike else 0,
    )


def _highest(group: Floats, radius: int) -> Floats:
    """The largest value within `radius` steps of each step, of series [n, T, channels].

    The largest of 1, 2, 4, ... steps from each step on is known from that of half as many.
    """
    length = group.shape[1]
    radius = min(radius, length - 1)
    around = np.full((group.shape[0], length + 2 * radius, group.shape[2]), -np.inf)
    around[:, radius : radius + length] = group
    width = 1
    while 2 * width <= 2 * radius + 1:
        around = np.maximum(around[:, :-width], around[:, width:])
        width *= 2
    # The window of 2 * radius + 1 steps is covered by one of `width` steps at each of its ends.
    return np.maximum(around[:, :length], around[:, 2 * radius + 1 - width :][:, :length])


@njit(nogil=True, cache=True, inline="always")  # type: ignore[untyped-decorator]
def squared_gap(value: float, most: float, least: float) -> float:
    """The squared distance of a value to the band from least to most."""
    over, under = value - most, least - value
    gap = over if over > under else under
    gap = gap if gap > 0.0 else 0.0
    return gap * gap


@njit(nogil=True, cache=True, fastmath=_SUMS)  # type: ignore[untyped-decorator]
def outside(x: Floats, upper: Floats, lower: Floats) -> float:
    """The sum of squared distances of the values to the band between lower and upper."""
    total = 0.0
    for i in range(len(x)):
        total += squared_gap(x[i], upper[i], lower[i])
    return total


@njit(nogil=True, cache=True, fastmath=_SUMS)  # type: ignore[untyped-decorator]
def outside_range(x: Floats, most: Floats, least: Floats) -> float:
    """The same for a band that is constant: most and least are [channels], x is flat."""
    total = 0.0
    for channel in range(len(most)):
        for i in range(channel, len(x), len(most)):
            total += squared_gap(x[i], most[channel], least[channel])
    return total


@njit(nogil=True, cache=True, fastmath=_SUMS)  # type: ignore[untyped-decorator]
def apart_and_outside(x: Floats, y: Floats, upper: Floats, lower: Floats) -> tuple[float, float]:
    """The squared Euclidean distance, which no DTW distance exceeds, and `outside(y, upper, lower)`."""
    far, total = 0.0, 0.0
    for i in range(len(x)):
        far += (x[i] - y[i]) * (x[i] - y[i])
        total += squared_gap(y[i], upper[i], lower[i])
    return far, total


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def ends(x: Floats, y: Floats, channels: int) -> float:
    """The costs of the first and the last match, which every path has; once, if they are the same."""
    total, last_x, last_y = 0.0, len(x) - channels, len(y) - channels
    for channel in range(channels):
        total += (x[channel] - y[channel]) ** 2
        if last_x > 0 or last_y > 0:
            total += (x[last_x + channel] - y[last_y + channel]) ** 2
    return total
