"""Local time without a time zone: the hour that occurs twice when clocks are set back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.times import DAY, HOUR
from recurbench.reading.weeks import most_common, weekday

Ints = NDArray[np.int64]

# Clocks change on a Sunday of these months, before this hour.
MONTHS = (3, 4, 9, 10, 11)
BEFORE = 5


def set_back(wall: Ints) -> Ints | None:
    """What to add to local time stamps so that they increase.

    At a change of the clocks the step of a series is an hour shorter in autumn and an hour longer in spring.
    All other steps must be positive.

    Parameters
    ----------
    wall : array [N]
        Microseconds as written, in the order of the file.

    Returns
    -------
    array [N] or None
        Microseconds; None if changes of the clocks do not explain the time stamps.
    """
    steps = np.diff(wall)
    if not len(steps):
        return None
    usual = most_common(steps)
    days, times = np.divmod(wall, DAY)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    night = (weekday(days) == 6) & np.isin(months, MONTHS) & (times < BEFORE * HOUR)
    back = night[1:] & (steps == usual - HOUR)
    forth = night[1:] & (steps == usual + HOUR)
    if not 0 < usual <= HOUR or not back.any():
        return None
    shifts = np.concatenate([[0], np.cumsum(HOUR * (back.astype(np.int64) - forth))])
    return shifts if (np.diff(wall + shifts) > 0).all() else None
