"""Frequencies within a day: the time step, and the times of day that have rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.weeks import MOST, most_common, open_weekdays, weekday, workdays

Ints = NDArray[np.int64]
# The name of a frequency, the rows in a season, and the step numbers of the rows.
Frequency = tuple[str, int | None, Ints]

SECOND = 10**6  # microseconds
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
UNITS = ((HOUR, "hourly"), (MINUTE, "minutely"), (SECOND, "secondly"), (1000, "millisecondly"))
# Usual steps; the step of an inexact clock is rounded to one of them.
USUAL = (
    *(SECOND * n for n in (1, 2, 5, 10, 15, 20, 30)),
    *(MINUTE * n for n in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)),
    *(HOUR * n for n in (1, 2, 3, 4, 6, 8, 12)),
)
LONGEST_DAY = 1440  # the most rows of a day; with more rows the season is an hour, or else a minute
LONGEST = 3600
DATES = 8  # the least number of days before a time of day can count as closed
CLOSED = 0.1  # a time of day with rows on no more than this share of the days counts as closed
EXACT = 0.3  # the share of steps that must be equal for an exact clock
JITTER = 0.1  # tolerance for the distance of two rows, as a share of a step; half of it for an exact clock


def within_day(wall: Ints, order: Ints) -> Frequency | None:
    """Find the frequency of rows that are less than a day apart.

    Parameters
    ----------
    wall : array [N]
        Microseconds as written, in local time.
    order : array [N]
        The same in UTC, increasing; there changes of the clocks do not change the step.

    Returns
    -------
    (str, int or None, array [N]) or None
        Name, rows in a season, and step numbers; None if there is no frequency.
    """
    step = _step(np.diff(order))
    if step is None:
        return _times_of_day(wall)
    base = _name(step)
    steps = np.rint(np.diff(order) / step).astype(np.int64)
    places = np.concatenate([[0], np.cumsum(steps)])
    if DAY % step == 0 and DAY // step <= LONGEST_DAY:
        return _opening_hours(base, wall, step) or (base, DAY // step, places)
    cycles = [cycle // step for cycle in (HOUR, MINUTE) if cycle % step == 0 and cycle // step <= LONGEST]
    return base, next((rows for rows in cycles if rows > 1), None), places


def _step(steps: Ints) -> int | None:
    """The time step in microseconds; None if the distances are no multiples of one."""
    step, jitter = most_common(steps), JITTER / 2
    if (steps == step).mean() < EXACT:
        jitter = JITTER
        middle = float(np.median(steps))
        step = min(USUAL, key=lambda usual: abs(usual - middle))
        if abs(step - middle) > 0.05 * step:
            return None
    if step < 1:
        return None
    ratio = steps / step
    good = (np.abs(ratio - np.rint(ratio)) <= jitter) & (ratio > 0.5)
    return step if good.mean() >= MOST else None


def _name(step: int) -> str:
    unit, word = next(((u, w) for u, w in UNITS if step % u == 0), (1, "microsecondly"))
    return word if step == unit else f"{step // unit}-{word}"


def _opening_hours(base: str, wall: Ints, step: int) -> Frequency | None:
    """Rows at some times of day or on some days of the week only; None if all of them have rows."""
    per_day = DAY // step
    # Counted from half a step before the first row, which is robust to an inexact clock.
    since = wall - wall[0] % step + step // 2
    days, slots = np.divmod(since // step, per_day)
    dates = np.unique(days)
    if len(dates) < DATES:
        return None
    there = np.bincount(np.unique(days * per_day + slots) % per_day, minlength=per_day)
    hours = there > CLOSED * len(dates)
    count = int(hours.sum())
    weekdays = open_weekdays(dates) if dates[-1] - dates[0] >= 14 else np.ones(7, dtype=np.bool_)
    if (hours.all() and weekdays.all()) or count < 2 or hours[slots].mean() < MOST or not weekdays.any():
        return None
    # A row on a closed day counts as the end of the open day before.
    within = np.where(weekdays[weekday(days)], np.cumsum(hours)[slots], 0)
    places = workdays(days, weekdays) * count + within
    if (np.diff(places) < -max(HOUR // step, 1)).any():  # a clock is set back by no more than an hour
        return None
    return base if hours.all() else f"{base}-{count}-a-day", count, places


def _times_of_day(wall: Ints) -> Frequency | None:
    """The same few times on every day, not evenly spaced."""
    days, times = np.divmod(np.rint(wall / MINUTE).astype(np.int64), DAY // MINUTE)
    dates = np.unique(days)
    minutes, counts = np.unique(times, return_counts=True)
    kept = minutes[counts > CLOSED * len(dates)]
    if len(dates) < DATES or not 2 <= len(kept) <= 24 or np.isin(times, kept).mean() < MOST:
        return None
    weekdays = open_weekdays(dates) if dates[-1] - dates[0] >= 14 else np.ones(7, dtype=np.bool_)
    if not weekdays.any():
        return None
    places = workdays(days, weekdays) * len(kept) + np.searchsorted(kept, times)
    return f"{len(kept)}-times-a-day", len(kept), places
