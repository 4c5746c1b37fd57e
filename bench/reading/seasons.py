"""The frequency of a series and the number of rows in a season, found from its time stamps.

    within a day        the times of day that have rows: hourly, 15-minutely, hourly in opening hours
    days of the week    daily, business-daily (any five days), 6-days-a-week
    whole days          weekly, 4-weekly (13 a year), 10-daily
    months              monthly, quarterly, half-yearly, yearly; twice-monthly; monthly, 10 a year

Most rows must follow a frequency, so that missing rows do not change it. Missing rows are counted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.times import DAY, within_day
from recurbench.reading.weeks import CLOSED, MOST, most_common, shares, weekday, weekday_shares, workdays
from recurbench.task import Array

Ints = NDArray[np.int64]

IRREGULAR = "irregular"
NUMBERED = "numbered"
CHANGED = "changing"
HALF = 0.5  # the share of steps that must have length 1
SLIP = 0.2  # tolerance for months, as a share of the step: mid-month, last working day
WIDER = 1.25  # the rows of a season must not span more than so many seasons, in the median
LACKING = (
    0.3  # missing rows per row of a part; if a tenth of the rows is missing at random, no part reaches this
)
FEW = 2  # so few gaps do not change the season, even if they are long
SHORTEST = 6  # the least steps of a part that is tested separately
LONG, SEASONS = 40, 5  # the least rows and seasons of a part whose season is tested separately
YEARS = 4  # years with rows that are needed before a month counts as always missing
NEAR = 3  # tolerance in days, if there are several rows per month
MONTHS = {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "yearly"}
WEEK = {5: "business-daily", 7: "daily"}


@dataclass(frozen=True)
class Rhythm:
    """The frequency of a series.

    Attributes
    ----------
    name : str
        Such as "monthly", "business-daily" or "2-hourly"; NUMBERED for step numbers; IRREGULAR if the time
        stamps follow no frequency; CHANGED if they follow one and then another.
    season : int or None
        Rows in a season; None if there is no season.
    gaps : int
        In how many places rows are missing.
    missing : int
        How many rows are missing.
    unfit : int
        The season of the frequency, if it is not used because of many gaps; else 0.
    """

    name: str
    season: int | None = None
    gaps: int = 0
    missing: int = 0
    unfit: int = 0


def rhythm(written: Array, order: Ints) -> Rhythm:
    """Find the frequency of one series with sorted rows.

    Parameters
    ----------
    written : array [N]
        Time stamps datetime64[us] as written, or int64 step numbers.
    order : array [N]
        The same in UTC, in microseconds.
    """
    if len(order) < 3:
        return Rhythm(IRREGULAR)
    if not np.issubdtype(written.dtype, np.datetime64):
        return _numbered(order)
    if np.median(np.diff(order)) < 0.75 * DAY:
        frequency = within_day(written.astype(np.int64), order)
        if frequency is None:
            return Rhythm(IRREGULAR)
        return _kept(*frequency) or Rhythm(IRREGULAR)
    days = written.astype("datetime64[D]").astype(np.int64)
    months = written.astype("datetime64[M]").astype(np.int64)
    nth = days - written.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return (
        _same_day_of_month(days, months, nth)
        or _weekdays(days)
        or _whole_days(days)
        or _months(days, months)
        or _parts_of_month(months, nth)
        or Rhythm(IRREGULAR)
    )


def _kept(name: str, season: int | None, places: Ints) -> Rhythm | None:
    """The rhythm with rows at the steps `places` [N]; None if the rows do not follow it.

    If the whole series follows it but a part does not, as when months become quarters, it is CHANGED.
    """
    steps = np.diff(places)
    if (steps < 1).mean() > 1 - MOST or (steps == 1).mean() < HALF:
        return None
    gaps, missing = int((steps > 1).sum()), int((steps[steps > 1] - 1).sum())
    parts = _parts(places)
    if any((np.diff(part) == 1).mean() < HALF for part in parts):
        return Rhythm(CHANGED)
    if season is None:
        return Rhythm(name, None, gaps, missing)
    fit = [not _is_torn(part, season) for part in parts if len(part) >= max(LONG, SEASONS * season)]
    if _spans_a_season(places, season):
        return Rhythm(name, season, gaps, missing) if all(fit) else Rhythm(CHANGED)
    return Rhythm(CHANGED) if any(fit) else Rhythm(name, None, gaps, missing, unfit=season)


def _parts(places: Ints) -> list[Ints]:
    """The thirds of a series, and its last quarter, where most test origins are."""
    count = len(places)
    if count // 4 <= SHORTEST:
        return []
    ends = [0, count // 3, 2 * count // 3, count]
    return [places[a:b] for a, b in itertools.pairwise(ends)] + [places[-(count // 4) :]]


def _is_torn(part: Ints, season: int) -> bool:
    """Whether too many rows of a part are missing for the season to fit; one long gap does not count."""
    lacking = np.clip(np.diff(part) - 1, 0, season).mean()
    return bool(lacking > LACKING) and not _spans_a_season(part, season)


def _spans_a_season(places: Ints, season: int) -> bool:
    """Whether `season` rows span about one season of the calendar, so that seasonal lags make sense."""
    spans = places[season:] - places[:-season]
    return (
        not len(spans) or int((np.diff(places) > 1).sum()) <= FEW or bool(np.median(spans) <= WIDER * season)
    )


def _numbered(order: Ints) -> Rhythm:
    steps = np.diff(order)
    step = most_common(steps)
    if (steps % step != 0).mean() > 1 - MOST:
        return Rhythm(IRREGULAR)
    return _kept(NUMBERED, None, (order - order[0]) // step) or Rhythm(IRREGULAR)


def _same_day_of_month(days: Ints, months: Ints, nth: Ints) -> Rhythm | None:
    """Every row is on the same day of its month, or on its last day."""
    ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    same = (nth == most_common(nth)) | (days == ends)
    if same.mean() < MOST or (np.diff(months) < 1).any():
        return None
    return _every_months(months)


def _every_months(months: Ints) -> Rhythm | None:
    step = most_common(np.diff(months))
    if step < 1 or ((months - months[0]) % step != 0).mean() > 1 - MOST:
        return None
    season = 12 // step if 12 % step == 0 and step < 12 else None
    name = MONTHS.get(step) or (f"{step // 12}-yearly" if step % 12 == 0 else f"{step}-monthly")
    places = (months - months[0]) // step
    return (season and _open_months(name, season, places)) or _kept(name, season, places)


def _open_months(name: str, season: int, places: Ints) -> Rhythm | None:
    """Rows in the same months of every year, as in school months; None if all months have rows."""
    years, slots = np.divmod(places, season)
    opened = shares(places, season) > CLOSED
    count = int(opened.sum())
    if len(np.unique(years)) < YEARS or not 2 <= count < season or opened[slots].mean() < MOST:
        return None
    return _kept(f"{name}-{count}-a-year", count, years * count + np.cumsum(opened)[slots])


def _weekdays(days: Ints) -> Rhythm | None:
    """Rows on the same days of every week."""
    if np.median(np.diff(days)) > 4:
        return None
    there = weekday_shares(days)
    opened = there > CLOSED
    moved = _moved_weekend(days, opened & (there < 1 - CLOSED), int(opened.sum()))
    if moved is not None:
        return moved
    count = int(opened.sum())
    if count < 2 or opened[weekday(days)].mean() < MOST:
        return None
    return _kept(WEEK.get(count, f"{count}-days-a-week"), count, workdays(days, opened))


def _moved_weekend(days: Ints, partly: NDArray[np.bool_], opened: int) -> Rhythm | None:
    """Days off that moved, as a weekend from Thursday and Friday to Friday and Saturday.

    Of the days with rows for a part of the time, half have rows in every week. Days off may move within a
    gap, so only the days by which a gap is longer than the days off count as missing.
    """
    half, odd = divmod(int(partly.sum()), 2)
    if not half or odd:
        return None
    rows = (days + 3) // 7
    kept = partly[weekday(days)]
    each = np.bincount(rows[kept] - rows[0], minlength=int(rows[-1] - rows[0]) + 1)[1:-1]
    if not len(each) or (each == half).mean() < 0.9:
        return None
    count = opened - half
    longer = np.diff(days) - (8 - count)
    gaps, missing = int((longer > 0).sum()), int(longer[longer > 0].sum())
    return Rhythm(WEEK.get(count, f"{count}-days-a-week"), count, gaps, missing)


def _whole_days(days: Ints) -> Rhythm | None:
    """A fixed number of days; from a week on a row may be a day early or late, as before a holiday."""
    steps = np.diff(days)
    step = most_common(steps)
    if step < 2:
        return None
    near = steps[steps < 1.5 * step]
    places = np.rint((days - days[0]) / step).astype(np.int64)
    beside = np.abs(days - days[0] - step * places)
    if (near == step).mean() < 0.75 or (beside > (step >= 7)).mean() > 1 - MOST:
        return None
    weeks, rest = divmod(step, 7)
    if rest:
        return _kept(f"{step}-daily", None, places)
    season = 52 // weeks if 52 % weeks == 0 and weeks < 52 else None
    return _kept("weekly" if weeks == 1 else f"{weeks}-weekly", season, places)


def _months(days: Ints, months: Ints) -> Rhythm | None:
    """One row every n months, on any day of the month."""
    monthly = _every_months(months)
    if monthly is None:
        return None
    length = np.diff(days) / np.maximum(np.diff(months), 1) / (365.25 / 12)
    return monthly if (np.abs(length - 1) <= SLIP).mean() >= MOST else None


def _parts_of_month(months: Ints, nth: Ints) -> Rhythm | None:
    """Two or three rows in every month, near the same days of the month."""
    inner = np.bincount(months - months[0])[1:-1]
    count = most_common(inner) if len(inner) else 0
    if count not in (2, 3) or (inner == count).mean() < HALF:
        return None
    full = np.isin(months - months[0], 1 + np.flatnonzero(inner == count))
    usual = np.median(nth[full].reshape(-1, count), axis=0)
    away = np.abs(nth[:, None] - usual)
    if (away.min(axis=1) <= NEAR).mean() < MOST:
        return None
    places = (months - months[0]) * count + away.argmin(axis=1)
    return _kept("twice-monthly" if count == 2 else "3-a-month", 12 * count, places)
