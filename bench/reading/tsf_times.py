"""The frequencies of .tsf files, and the time stamps of their values."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
from recurbench.reading.tsf_file import Table
from recurbench.task import Array

# The frequencies of the archive's files; what others write is read, too, but not named in errors.
NAMES = (
    *("yearly", "quarterly", "monthly", "weekly", "daily"),
    *("hourly", "half_hourly", "10_minutes", "minutely"),
)
# A step as a number of numpy's units, by the words for it; those of pandas are among them, but not M, which
# in lower case may be a month or a minute.
_SPELLINGS: dict[tuple[int, str], str] = {
    (12, "M"): "year yearly years annual annually y ye ys a",
    (3, "M"): "quarter quarterly quarters q qe qs",
    (1, "M"): "month monthly months me",
    (7, "D"): "week weekly weeks w",
    (1, "D"): "day daily days d",
    (1, "h"): "hour hourly hours h",
    (30, "m"): "half_hour half_hourly half_hours",
    (1, "m"): "minute minutely minutes min t",
    (1, "s"): "second secondly seconds sec s",
}
STEPS = {word: step for step, words in _SPELLINGS.items() for word in words.split()}
# W-SUN, Q-DEC and the like say where a step ends, which changes neither its length nor the season.
ANCHOR = re.compile("_(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$")
SECONDS = {"s": 1, "m": 60, "h": 3600, "D": 86400}
DAY, WEEK, YEAR = 86400, 7, 12  # seconds of a day, days of a week, months of a year
WEEKS = 52  # of a year
LONGEST = 1440  # the most steps in a season; a day of seconds is too long


def frequency_of(table: Table) -> tuple[int | None, int, str]:
    """Steps in a season, and the step as a number of units; no season and no unit if the file has none.

    Raises
    ------
    ValueError
        If the file names a frequency that nobody knows.
    """
    word = re.sub(r"[\s_-]+", "_", table.frequency)
    if not word:
        return None, 0, ""
    counted = re.fullmatch(r"(\d*[1-9]\d*)?_?([a-z_]+)", ANCHOR.sub("", word))
    if counted is None or counted[2] not in STEPS:
        raise ValueError(
            f"{table.path}: @frequency is {table.frequency!r}, which is not one of {', '.join(NAMES)}, "
            "and no number of seconds, minutes, hours, days, weeks, months or years such as 15_minutes; "
            "write one of them, or leave the line out for series without a season"
        )
    length, unit = STEPS[counted[2]]
    every = int(counted[1] or 1) * length
    return _season(every, unit), every, unit


def _season(every: int, unit: str) -> int | None:
    """Steps in a season: a year for months, quarters and weeks, a week for days, a day for shorter steps."""
    if unit == "M":
        return YEAR // every if YEAR % every == 0 and every < YEAR else None
    step = every * SECONDS[unit]
    if step in (DAY, WEEK * DAY):
        return WEEK if step == DAY else WEEKS
    return DAY // step if DAY % step == 0 and DAY // step <= LONGEST else None


def season_text(season: int | None) -> str:
    """The season of a problem in words, for a protocol."""
    return "no season" if season is None else f"season of {season} steps"


def times(start: datetime | None, steps: Array, every: int, unit: str) -> Array:
    """Time stamps at the frequency of the file; step numbers if start or frequency is not given."""
    if start is None or not unit:
        return steps.astype(np.float64)
    first = np.datetime64(start).astype(f"datetime64[{unit}]")
    time: Array = (first + every * steps).astype("datetime64[s]")
    return time
