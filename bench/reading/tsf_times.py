"""The frequencies of .tsf files, and the time stamps of their values."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
from recurbench.reading.tsf_file import Table
from recurbench.task import Array

# Frequency as written in the files: steps in a season, and the step as a number of units.
FREQUENCIES: dict[str, tuple[int | None, int, str]] = {
    "yearly": (None, 12, "M"),
    "quarterly": (4, 3, "M"),
    "monthly": (12, 1, "M"),
    "weekly": (52, 7, "D"),
    "daily": (7, 1, "D"),
    "hourly": (24, 1, "h"),
    "half_hourly": (48, 30, "m"),
    "10_minutes": (144, 10, "m"),
    "minutely": (1440, 1, "m"),
}
# Units of a frequency such as 15_minutes: seconds in a unit, and numpy's name of it.
COUNTED: dict[str, tuple[int, str]] = {"second": (1, "s"), "minute": (60, "m"), "hour": (3600, "h")}
DAY = 86400
LONGEST = 1440  # the most steps in a season; a day of seconds is too long


def frequency_of(table: Table) -> tuple[int | None, int, str]:
    """Steps in a season, and the step as a number of units; no season and no unit if the file has none."""
    word = re.sub(r"[\s_-]+", "_", table.frequency)
    counted = re.fullmatch(r"(\d*[1-9]\d*)_(second|minute|hour)s?", word)
    if counted and word not in FREQUENCIES:
        every, (seconds, unit) = int(counted[1]), COUNTED[counted[2]]
        return _season(every * seconds), every, unit
    if word and word not in FREQUENCIES:
        raise ValueError(
            f"{table.path}: @frequency is {table.frequency!r}, which is not one of {', '.join(FREQUENCIES)}, "
            "and no number of seconds, minutes or hours such as 15_minutes; write one of them, or leave the "
            "line out for series without a season"
        )
    return FREQUENCIES.get(word, (None, 0, ""))


def _season(step: int) -> int | None:
    """Steps in a season: a year for weekly steps, a week for daily steps, a day for shorter ones."""
    for word, days in (("daily", 1), ("weekly", 7)):
        if step == days * DAY:
            return FREQUENCIES[word][0]
    return DAY // step if DAY % step == 0 and DAY // step <= LONGEST else None


def times(start: datetime | None, steps: Array, every: int, unit: str) -> Array:
    """Time stamps at the frequency of the file; step numbers if start or frequency is not given."""
    if start is None or not unit:
        return steps.astype(np.float64)
    first = np.datetime64(start).astype(f"datetime64[{unit}]")
    time: Array = (first + every * steps).astype("datetime64[s]")
    return time
