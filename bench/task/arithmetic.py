"""Arithmetic on sequences: division without errors, standard deviation, scaling, another length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.task.types import Array

Floats = NDArray[np.float64]


def divide(above: Array, below: Array) -> Floats:
    """Divide `above` by `below`, element by element; 0 where `below` is 0.

    Parameters
    ----------
    above, below : arrays
        Of shapes that broadcast.
    """
    above, below = np.broadcast_arrays(np.asarray(above, dtype=np.float64), below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0)


def spread(x: Floats) -> Floats:
    """Standard deviation over the steps of a sequence.

    Parameters
    ----------
    x : array [T, ...]

    Returns
    -------
    array [...]
        Exactly 0 where the values differ by rounding only.
    """
    deviation: Floats = x.std(axis=0)
    return np.where(deviation > 1e-9 * np.abs(x).max(axis=0), deviation, 0.0)


def level_and_spread(x: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation over the steps of a sequence; missing values are left out.

    Parameters
    ----------
    x : array [T, channels]
        NaN where a value is missing.

    Returns
    -------
    arrays [channels]
        The standard deviation divides by the number of known values, and is exactly 0 where they differ by
        rounding only. A channel without values has mean 0 and standard deviation 0.
    """
    if not np.isnan(x).any():
        return x.mean(axis=0), spread(x)
    known = ~np.isnan(x)
    count = known.sum(axis=0)
    level = divide(np.where(known, x, 0.0).sum(axis=0), count)
    deviation = np.sqrt(divide(np.where(known, (x - level) ** 2, 0.0).sum(axis=0), count))
    largest = np.where(known, np.abs(x), 0.0).max(axis=0)
    return level, np.where(deviation > 1e-9 * largest, deviation, 0.0)


def entropy(share: Floats) -> Floats:
    """Entropy of shares, divided by that of equal shares: 0 where one has everything, 1 where all are equal.

    Parameters
    ----------
    share : array [n, ...]
        Shares that add up to 1 along the first axis, or are all 0.

    Returns
    -------
    array [...]
    """
    known = np.log(np.where(share > 0, share, 1.0))
    return np.asarray(-(share * known).sum(axis=0) / np.log(max(len(share), 2)))


def resample(x: Floats, steps: int) -> Floats:
    """Interpolate a sequence linearly to another number of steps.

    Parameters
    ----------
    x : array [T, channels]
    steps : int

    Returns
    -------
    array [steps, channels]
        The first and the last step stay. A step between a known and a missing value (NaN) is missing.
    """
    if len(x) == steps:
        return x
    place = np.linspace(0, len(x) - 1, steps)
    before = np.minimum(place.astype(int), len(x) - 1)
    after = np.minimum(before + 1, len(x) - 1)
    share = (place - before)[:, None]
    # A step that stays does not depend on the next one, which may be missing.
    return np.where(share == 0, x[before], (1 - share) * x[before] + share * x[after])


def of_length(x: Floats, steps: int) -> Floats:
    """The first steps of a sequence, and zeros after the last one if it is shorter.

    Parameters
    ----------
    x : array [T, channels]
    steps : int

    Returns
    -------
    array [steps, channels]
    """
    if len(x) >= steps:
        return x[:steps]
    return np.concatenate([x, np.zeros((steps - len(x), *x.shape[1:]))])


def standardised(x: Floats) -> Floats:
    """Scale every channel of a sequence to mean 0 and standard deviation 1; a constant channel becomes 0.

    Parameters
    ----------
    x : array [T, channels]

    Returns
    -------
    array [T, channels]
        The standard deviation is that of all steps (divided by T, not by T - 1). Missing values (NaN) stay
        and are left out of mean and standard deviation.
    """
    level, deviation = level_and_spread(x)
    return np.where(np.isnan(x), np.nan, divide(x - level, deviation))
