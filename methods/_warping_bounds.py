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
_EXTREMES = {"nnan", "nsz"}  # the same for extremes


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
    lengths = [len(one) for one in series]
    starts = np.zeros(len(series) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    channels = series[0].shape[1]
    values = np.concatenate([one.ravel() for one in series])
    upper, lower = np.empty_like(values), np.empty_like(values)
    most, least = np.empty((len(series), channels)), np.empty((len(series), channels))
    alike = lengths[0] if lengths.count(lengths[0]) == len(lengths) else 0
    packed = Packed(values, upper, lower, most, least, starts, channels, alike)
    _fill_in(packed, radius)
    return packed


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _fill_in(packed: Packed, radius: int) -> None:
    """Fill in the bands and the extremes of every series."""
    size = 3 * np.diff(packed.starts).max() * packed.channels
    memory = np.empty((4, size))
    for series in range(len(packed.starts) - 1):
        set_band(packed, series, radius, memory)
        values = flat(packed, packed.values, series)
        for channel in range(packed.channels):
            most, least = _extremes(values[channel :: packed.channels])
            packed.most[series, channel], packed.least[series, channel] = most, least


@njit(nogil=True, cache=True, fastmath=_EXTREMES)  # type: ignore[untyped-decorator]
def _extremes(x: Floats) -> tuple[float, float]:
    """The largest and the smallest value."""
    most = least = x[0]
    for i in range(len(x)):
        most = x[i] if x[i] > most else most
        least = x[i] if x[i] < least else least
    return most, least


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def set_band(packed: Packed, series: int, radius: int, memory: Floats) -> None:
    """Fill in the band of one series: the extremes within `radius` steps of each step.

    Those of 1, 2, 4, ... steps from each step on are known from those of half as many. memory is [4, three
    times the longest series].
    """
    x, channels = flat(packed, packed.values, series), packed.channels
    upper, lower = flat(packed, packed.upper, series), flat(packed, packed.lower, series)
    reach = min(radius, len(x) // channels - 1) * channels
    size = len(x) + 2 * reach
    high, low, higher, lower_still = memory[0], memory[1], memory[2], memory[3]
    high[:reach], low[:reach] = -np.inf, np.inf
    high[reach : reach + len(x)], low[reach : reach + len(x)] = x, x
    high[reach + len(x) : size], low[reach + len(x) : size] = -np.inf, np.inf
    width, whole = channels, 2 * reach + channels
    while 2 * width <= whole:
        size -= width
        _greater(high[:size], high[width:], higher)
        _smaller(low[:size], low[width:], lower_still)
        high, higher, low, lower_still = higher, high, lower_still, low
        width *= 2
    # A window of `whole` values is covered by one of `width` at each of its ends.
    _greater(high[: len(x)], high[whole - width :], upper)
    _smaller(low[: len(x)], low[whole - width :], lower)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _greater(one: Floats, other: Floats, into: Floats) -> None:
    """Fill `into` with the greater of two values at each place of `one`."""
    for i in range(len(one)):
        into[i] = one[i] if one[i] > other[i] else other[i]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _smaller(one: Floats, other: Floats, into: Floats) -> None:
    """Fill `into` with the smaller of two values at each place of `one`."""
    for i in range(len(one)):
        into[i] = one[i] if one[i] < other[i] else other[i]


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


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def flat(packed: Packed, values: Floats, series: int) -> Floats:
    """The part of values, upper or lower that belongs to one series."""
    return values[packed.starts[series] * packed.channels : packed.starts[series + 1] * packed.channels]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def inner(packed: Packed, values: Floats, series: int) -> Floats:
    """The values of `flat` without the first and the last step."""
    first = (packed.starts[series] + 1) * packed.channels
    return values[first : max(first, (packed.starts[series + 1] - 1) * packed.channels)]
