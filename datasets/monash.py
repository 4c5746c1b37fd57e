"""Data sets of the Monash forecasting archive: .tsf files in the data folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.reading.missing import Missing, without_missing
from recurbench.reading.series import Series, filled_steps, origins_text, rolling, too_short
from recurbench.reading.tsf_file import Table, read_tsf
from recurbench.reading.tsf_times import frequency_of, times
from recurbench.task import SEVERAL

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
    period, every, unit = frequency_of(table)
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
        task=task,
        train=train,
        test=test,
        missing=filled_steps(kept),
        rolling=SEVERAL,
        about=about(
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
    gaps = f"; {filled} missing values are filled with the last value before and not scored"
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


def _series(table: Table, every: int, unit: str) -> tuple[list[Series], int]:
    """The series of a file with their time stamps, and how many missing values were filled."""
    series, filled = [], 0
    for row in table.rows:
        written = np.asarray(row.values, dtype=np.float64)[:, None]
        values, kept, holes = without_missing(row.name, written, np.arange(len(written)), "carry", Missing())
        filled += len(holes)
        time = times(row.start, np.flatnonzero(kept), every, unit)
        series.append(Series(row.name, values, time, filled=tuple(holes.tolist())))
    return series, filled
