"""Days of the week: which of them have rows, and day numbers that skip the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array

Ints = NDArray[np.int64]

MOST = 0.95  # the share of rows that must follow a calendar
CLOSED = 0.25  # a weekday with rows in no more than this share of the weeks counts as closed


def most_common(values: Array) -> int:
    """The most frequent value; ties go to the smallest."""
    unique, counts = np.unique(values, return_counts=True)
    return int(unique[counts.argmax()])


def weekday(days: Ints) -> Ints:
    """The day of the week, Monday 0, of days since 1970-01-01, which was a Thursday."""
    return np.asarray((days + 3) % 7, dtype=np.int64)


def shares(places: Ints, length: int) -> NDArray[np.float64]:
    """For each position in a cycle of `length` steps, the share of the cycles with a row there, [length].

    Cycles without rows are gaps and do not count. 1 for a position that the series does not reach.
    """
    cycles, slots = np.divmod(np.unique(places), length)
    there = np.bincount(slots, minlength=length)
    possible = np.full(length, len(np.unique(cycles)))
    possible[: slots[0]] -= 1
    possible[slots[-1] + 1 :] -= 1
    return np.where(possible > 0, there / np.maximum(possible, 1), 1.0)


def weekday_shares(days: Ints) -> NDArray[np.float64]:
    """For each day of the week, the share of the weeks with a row, [7]; see `shares`."""
    return shares(days + 3, 7)


def open_weekdays(days: Ints) -> NDArray[np.bool_]:
    """Which days of the week have rows, [7]."""
    return np.asarray(weekday_shares(days) > CLOSED)


def workdays(days: Ints, opened: NDArray[np.bool_]) -> Ints:
    """The number of open days before each day, counted from a Monday, [N]."""
    week, day = np.divmod(days + 3, 7)
    before = np.concatenate([[0], np.cumsum(opened)])
    return np.asarray(week * int(opened.sum()) + before[day], dtype=np.int64)
