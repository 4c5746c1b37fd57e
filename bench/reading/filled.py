"""Missing values of a series, filled from the values around them or kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from recurbench.task import Array


@dataclass(frozen=True)
class Filled:
    """A series whose missing values are filled, or kept as NaN.

    `inside` and `ends` count the values that are missing between known ones, and before or after them.
    """

    values: Array
    inside: int = 0
    ends: int = 0


def filled(values: Array, padded: bool = True, keep: bool = False) -> Filled:
    """Fill the missing values of a series, or count them.

    Parameters
    ----------
    values : array [T, channels]
        Missing values between known ones are interpolated linearly; before the first and after the last known
        value of a channel that value is repeated.
    padded : bool
        Whether steps at the end without any value are padding, and are cut off.
    keep : bool
        Whether the other missing values stay NaN.

    Raises
    ------
    ValueError
        If a channel has no value.
    """
    known = np.isfinite(values)
    if not known.any(axis=0).all():
        raise ValueError("a series has a channel without a single value; leave it out of the file")
    last = int(np.flatnonzero(known.any(axis=1))[-1]) + 1 if padded else len(values)
    values, known = values[:last].copy(), known[:last]
    steps = np.arange(last)
    inside = ends = 0
    for channel in np.flatnonzero(~known.all(axis=0)):
        there = known[:, channel]
        if not keep:
            values[~there, channel] = np.interp(steps[~there], steps[there], values[there, channel])
        between = int(np.ptp(steps[there])) + 1 - int(there.sum())
        inside, ends = inside + between, ends + int((~there).sum()) - between
    return Filled(values, inside, ends)
