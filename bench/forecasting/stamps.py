"""Time stamps beyond the end of a series: they continue with its frequency."""

from __future__ import annotations

import numpy as np
from recurbench.reading.times import DAY
from recurbench.task import Array

WEEK = 7 * DAY  # microseconds
WEEKS = 8  # of the past, in which a weekday and a time of day must occur to be continued
HALF = 0.5  # share of the steps of the usual length; with fewer the series is irregular
# Share of the steps that are the same number of months in a monthly, quarterly or yearly series.
REGULAR = 0.8


def continued(time: Array, count: int) -> tuple[Array, str]:
    """The next stamps of one series.

    Parameters
    ----------
    time : array [N]
        Time stamps in rising order, N at least 2: dates (datetime64) or step numbers.
    count : int
        How many stamps are wanted.

    Returns
    -------
    array [count]
        Of the same type. Months keep their day, or stay at the end of the month. Days of the week and times
        of day without rows in the last weeks are left out, as weekends and nights of markets.
    str
        What a user must know: "" or a sentence for irregular stamps.
    """
    stamps = np.asarray(time)
    if not np.issubdtype(stamps.dtype, np.datetime64):
        return _numbers(stamps, count)
    moments = stamps.astype("datetime64[us]")
    by_month = _months(moments, count)
    if by_month is not None:
        return by_month.astype(stamps.dtype), ""
    ticks, note = _ticks(moments.astype(np.int64), count)
    return ticks.astype("datetime64[us]").astype(stamps.dtype), note


def _numbers(stamps: Array, count: int) -> tuple[Array, str]:
    step, note = _step(np.diff(stamps))
    more = stamps[-1] + step * np.arange(1, count + 1)
    return more.astype(stamps.dtype), note


def _step(steps: Array) -> tuple[int, str]:
    """The most frequent distance, in the last part of the series where it changes; and a note."""
    recent = steps[-max(len(steps) // 4, 12) :]
    values, counts = np.unique(recent, return_counts=True)
    step = int(values[counts.argmax()])
    if counts.max() >= HALF * len(recent):
        return max(step, 1), ""
    middle = max(int(np.median(recent)), 1)
    return middle, "the time stamps are irregular; they are continued by their median distance"


def _months(moments: Array, count: int) -> Array | None:
    """Stamps a whole number of months apart, on one day of the month or on its last; None for others."""
    months = moments.astype("datetime64[M]")
    starts = months.astype("datetime64[us]")
    within = (moments - starts).astype(np.int64)
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    steps = np.diff(months.astype(np.int64))
    recent = steps[-max(len(steps) // 4, 12) :]
    values, counts = np.unique(recent, return_counts=True)
    step = int(values[counts.argmax()])
    if step < 1 or counts.max() < REGULAR * len(recent):
        return None
    last = slice(-len(recent) - 1, None)
    clocks, nth, ends = np.unique(within[last] % DAY), within[last] // DAY, lengths[last] - 1
    day, at_end = int(nth.max()), bool((nth == ends).all())
    if len(clocks) > 1 or not (at_end or (nth == np.minimum(day, ends)).all()):
        return None
    more = months[-1] + step * np.arange(1, count + 1)
    most = ((more + 1).astype("datetime64[D]") - more.astype("datetime64[D]")).astype(np.int64) - 1
    days = most if at_end else np.minimum(day, most)
    return np.asarray(more.astype("datetime64[us]") + (days * DAY + clocks[0]).astype("timedelta64[us]"))


def _ticks(ticks: Array, count: int) -> tuple[Array, str]:
    """The same in microseconds, one step apart, at times of the week that occur in the last weeks."""
    step, note = _step(np.diff(ticks))
    if note and not (ticks % DAY).any():
        step = max(step // DAY, 1) * DAY
    every = ticks[-1] + step * np.arange(1, count + 1)
    recent = ticks[ticks > ticks[-1] - WEEKS * WEEK]
    # Where the distances are uneven or a week is not a multiple of the step, no time of the week recurs.
    if note or WEEK % step or recent[-1] - recent[0] < 2 * WEEK:
        return every, note
    slots = set(np.unique(recent % WEEK).tolist())
    if len(slots) == WEEK // step:
        return every, note
    more: list[int] = []
    tick = int(ticks[-1])
    while len(more) < count:  # it ends, because the time of week of the last stamp comes again
        tick += step
        if tick % WEEK in slots:
            more.append(tick)
    return np.array(more), note
