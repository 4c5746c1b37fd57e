"""Data sets of the Monash forecasting archive: .tsf files in the data folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from aeon.datasets import load_from_tsf_file
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._series import Series, rolling
from recurbench.task import Array

# Frequency as the files write it -> steps in a season, steps of how many of which unit.
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
LEAST = 2


@dataset("monash", kind="forecasting")
def monash(*, name: str = "m1_monthly", horizon: int = 0, origins: int = 1) -> Problem:
    """A data set of the Monash archive by its file's name; horizon 0 is the one the file names."""
    (path,) = files("monash", {"name": name})
    table, facts = load_from_tsf_file(str(path), replace_missing_vals_with=float("nan"))
    steps = horizon or facts["forecast_horizon"] or 0
    if not steps:
        raise ValueError(f"{path.name} names no horizon; give one: monash[name={name},horizon=12]")
    period, every, unit = FREQUENCIES.get(facts["frequency"], (None, 0, ""))
    series, filled = _series(table, every, unit)
    kept = [one for one in series if len(one.values) >= LEAST + (origins + 1) * steps]
    if not kept:
        raise ValueError(
            f"{path.name}: no series is as long as {LEAST + (origins + 1) * steps} steps, which horizon "
            f"{steps} at {origins} test origins needs; lower the horizon or the number of origins"
        )
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
    asked = f"{path.name}: {origins} test origins, {task.steps} steps apart, up to the end of every series"
    short = f"; {len(series) - len(kept)} of {len(series)} series are too short and left out"
    gaps = f"; {filled} missing values are interpolated linearly"
    return (
        f"{asked}; training ends at the first; period {task.period}"
        f"{short if len(kept) < len(series) else ''}{gaps if filled else ''}"
    )


def _series(table: pd.DataFrame, every: int, unit: str) -> tuple[list[Series], int]:
    """The series of a file with their time stamps, and how many missing values were filled in."""
    names = [column for column in table.columns if column not in ("series_value", "start_timestamp")]
    found, filled = [], 0
    for i, row in enumerate(table.to_dict("records")):
        values = pd.Series(np.asarray(row["series_value"], dtype=np.float64))
        values = values.loc[values.first_valid_index() : values.last_valid_index()]
        filled += int(values.isna().sum())
        steps = np.asarray(values.index, dtype=np.int64)
        time = _time(row.get("start_timestamp"), steps, every, unit)
        label = ":".join(str(row[name]) for name in names) or str(i)
        found.append(Series(label, values.interpolate().to_numpy(dtype=np.float64)[:, None], time))
    return found, filled


def _time(start: pd.Timestamp | None, steps: Array, every: int, unit: str) -> Array:
    """Time stamps at the file's frequency; the number of the step where start or frequency is not given."""
    if start is None or not unit:
        return steps.astype(np.float64)
    first = np.datetime64(start).astype(f"datetime64[{unit}]")
    time: Array = (first + every * steps).astype("datetime64[s]")
    return time
