"""Data sets of the Monash forecasting archive: .tsf files in the data folder."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.reading.series import Series, origins_text, rolling, too_short
from recurbench.reading.tsf_file import Table, read_tsf
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
LEAST = 2


@dataset("monash", kind="forecasting")
def monash(*, name: str = "m1_monthly", horizon: int = 0, origins: int = 1) -> Problem:
    """A data set of the Monash forecasting archive (Godahewa et al. 2021), by the name of its file.

    Parameters
    ----------
    name : str
        Of the .tsf file.
    horizon : int
        Steps to forecast; 0: the horizon in the file.
    origins : int
        Test origins per series.
    """
    (path,) = files("monash", {"name": name})
    table = read_tsf(path)
    steps = horizon or _horizon(table, name)
    period, every, unit = _frequency(table)
    series, filled = _series(table, every, unit)
    kept = [one for one in series if len(one.values) >= LEAST + (origins + 1) * steps]
    if not kept:
        # The longest series decides, because shorter ones may be left out.
        longest = max(len(one.values) for one in series)
        raise ValueError(f"{path.name}: {too_short(series, len(series), longest, steps, origins, LEAST)}")
    task = Task(
        "forecasting", x=Values(1), y=Values(1, names=("y",)), length="fixed", steps=steps, period=period
    )
    train, test = rolling(kept, 1, steps, origins, LEAST)
    return Problem(
        task,
        train,
        test,
        about(
            "monash",
            _protocol(path, task, origins, series, kept, filled),
            "seasonal-naive",
            "mase",
            name=name,
        ),
    )


def _protocol(
    path: Path, task: Task, origins: int, series: list[Series], kept: list[Series], filled: int
) -> str:
    asked = f"{path.name}: {origins_text(origins, task.steps)}, up to the end of every series"
    short = f"; {len(series) - len(kept)} of {len(series)} series are too short and left out"
    gaps = f"; {filled} missing values are interpolated linearly"
    return (
        f"{asked}; training ends at the first; period {task.period}"
        f"{short if len(kept) < len(series) else ''}{gaps if filled else ''}"
    )


def _horizon(table: Table, name: str) -> int:
    """The horizon in a file; ValueError if there is none, or they differ between series."""
    named = {table.horizon} if table.horizon else {row.horizon for row in table.rows}
    if len(named) > 1:
        raise ValueError(
            f"{table.path.name} has a horizon per series, from {min(named)} to {max(named)}; all series need "
            f"the same; choose it: monash[name={name},horizon={min(named) or max(named)}]"
        )
    if not max(named):
        raise ValueError(f"{table.path.name} has no horizon; give one: monash[name={name},horizon=12]")
    return max(named)


def _frequency(table: Table) -> tuple[int | None, int, str]:
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


def _series(table: Table, every: int, unit: str) -> tuple[list[Series], int]:
    """The series of a file with their time stamps, and how many missing values were interpolated."""
    series, filled = [], 0
    for row in table.rows:
        values = pd.Series(row.values)
        values = values.loc[values.first_valid_index() : values.last_valid_index()]
        filled += int(values.isna().sum())
        steps = np.asarray(values.index, dtype=np.int64)
        time = _time(row.start, steps, every, unit)
        series.append(Series(row.name, values.interpolate().to_numpy(dtype=np.float64)[:, None], time))
    return series, filled


def _time(start: datetime | None, steps: Array, every: int, unit: str) -> Array:
    """Time stamps at the frequency of the file; step numbers if start or frequency is not given."""
    if start is None or not unit:
        return steps.astype(np.float64)
    first = np.datetime64(start).astype(f"datetime64[{unit}]")
    time: Array = (first + every * steps).astype("datetime64[s]")
    return time
