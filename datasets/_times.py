"""Frequencies within a day: the step of a clock, and the times of day that have rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.datasets._weeks import MOST, most_common, open_weekdays, weekday, workdays

Ints = NDArray[np.int64]
# The name of a frequency, the rows in a season, and the places of the rows on it.
Frequency = tuple[str, int | None, Ints]

SECOND = 10**6  # microseconds
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
UNITS = ((HOUR, "hourly"), (MINUTE, "minutely"), (SECOND, "secondly"), (1000, "millisecondly"))
# Steps that a clock which is not exact is taken to mean.
USUAL = (
    *(SECOND * n for n in (1, 2, 5, 10, 15, 20, 30)),
    *(MINUTE * n for n in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)),
    *(HOUR * n for n in (1, 2, 3, 4, 6, 8, 12)),
)
LONGEST_DAY = 1440  # rows; of more than one a minute the season is an hour, then a minute
LONGEST = 3600
DATES = 8  # so many days must be seen before hours count as closed
CLOSED = 0.1  # a time of day with rows on no more than this share of the days is closed
EXACT = 0.3  # the share of steps that must be equal for the clock to be exact
JITTER = 0.1  # how far two rows may lie from a whole number of steps, of a step; half where it is exact


def within_day(wall: Ints, order: Ints) -> Frequency | None:
    """The frequency of rows less than a day apart; None where there is none.

    wall: [N] microseconds as written; order: [N] the same in UTC, rising, so that changes of the clock leave
    the step as it is.
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
    """The step of the clock in microseconds; None where the steps are no multiples of one."""
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
    """Rows at some times of day or on some days of the week only; None where all of them have rows."""
    per_day = DAY // step
    # Counted from half a step before the first row's time, so that a clock that is not exact does no harm.
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
    # A row on a closed day stands at the end of the open day before it.
    within = np.where(weekdays[weekday(days)], np.cumsum(hours)[slots], 0)
    places = workdays(days, weekdays) * count + within
    if (np.diff(places) < -max(HOUR // step, 1)).any():  # a clock is set back by no more than an hour
        return None
    return base if hours.all() else f"{base}-{count}-a-day", count, places


def _times_of_day(wall: Ints) -> Frequency | None:
    """The same few times on every day, not evenly apart."""
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
