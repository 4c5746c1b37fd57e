"""The M4 competition's series with its official test parts, from files in the data folder."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import numpy as np
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._series import Series, rolling
from recurbench.task import Array

# As the organisers set them: their seasonal naive and MASE use 1 for weekly and daily series.
PERIODS = {"Yearly": None, "Quarterly": 4, "Monthly": 12, "Weekly": None, "Daily": None, "Hourly": 24}


@dataset("m4", kind="forecasting")
def m4(
    *, group: Literal["Yearly", "Quarterly", "Monthly", "Weekly", "Daily", "Hourly"] = "Hourly"
) -> Problem:
    """The series of one frequency of M4, Hourly (414) or Weekly (359), each asked once, at its end."""
    if group not in PERIODS:
        raise ValueError(f"m4 has no group {group!r}; known: {', '.join(PERIODS)}")
    train_path, test_path = files("m4", {"group": group})
    past, future = _rows(train_path), _rows(test_path)
    if past.keys() != future.keys():
        wrong = sorted(past.keys() ^ future.keys())[0]
        raise ValueError(f"{wrong} stands in only one of {train_path.name} and {test_path.name}")
    (steps,) = {len(values) for values in future.values()}
    series = [
        Series(
            name,
            np.concatenate([past[name], future[name]])[:, None],
            np.arange(len(past[name]) + float(steps)),
        )
        for name in past
    ]
    task = Task(
        "forecasting",
        x=Values(1),
        y=Values(1, names=("y",)),
        length="fixed",
        steps=steps,
        period=PERIODS[group],
    )
    train, test = rolling(series, 1, steps, origins=1)
    protocol = (
        f"official split: the last {steps} steps of {len(series)} series; period {task.season}, as in M4"
    )
    return Problem(task, train, test, about("m4", protocol, "seasonal-naive", "mase", group=group))


def _rows(path: Path) -> dict[str, Array]:
    """Series by name: a row is the name, its values and blanks up to the longest."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows, None)
        return {row[0]: np.array([float(cell) for cell in row[1:] if cell not in ("", "NA")]) for row in rows}
