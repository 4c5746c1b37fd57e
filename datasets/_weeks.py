"""Days of the week: which of them have rows, and days counted over those alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array

Ints = NDArray[np.int64]

MOST = 0.95  # the share of rows that must keep to a calendar
CLOSED = 0.25  # a weekday with rows in no more than this share of the weeks is closed


def most_common(values: Array) -> int:
    """The value met most often, the smallest of several."""
    unique, counts = np.unique(values, return_counts=True)
    return int(unique[counts.argmax()])


def weekday(days: Ints) -> Ints:
    """Days since 1970 as days of the week, Monday 0; the first of January 1970 was a Thursday."""
    return np.asarray((days + 3) % 7, dtype=np.int64)


def shares(places: Ints, length: int) -> NDArray[np.float64]:
    """[length]: the share of the cycles of `length` places that have a row at this place of the cycle.

    Cycles without any row do not count, for they lie in a gap. 1 for a place that the series does not reach.
    """
    cycles, slots = np.divmod(np.unique(places), length)
    there = np.bincount(slots, minlength=length)
    possible = np.full(length, len(np.unique(cycles)))
    possible[: slots[0]] -= 1
    possible[slots[-1] + 1 :] -= 1
    return np.where(possible > 0, there / np.maximum(possible, 1), 1.0)


def weekday_shares(days: Ints) -> NDArray[np.float64]:
    """[7]: the share of the weeks with a row on this day; 1 for a day that the series does not reach."""
    return shares(days + 3, 7)


def open_weekdays(days: Ints) -> NDArray[np.bool_]:
    """[7]: on which days of the week there are rows."""
    return np.asarray(weekday_shares(days) > CLOSED)


def workdays(days: Ints, opened: NDArray[np.bool_]) -> Ints:
    """How many open days lie before each day, counted from a Monday; [N]."""
    week, day = np.divmod(days + 3, 7)
    before = np.concatenate([[0], np.cumsum(opened)])
    return np.asarray(week * int(opened.sum()) + before[day], dtype=np.int64)
