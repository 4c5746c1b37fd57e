"""The series of the M4 competition with the official test parts, from files in the data folder."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import numpy as np
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.reading.lines import SHOWN, LineError, numbers, refusal
from recurbench.reading.series import Series, left_out_text, rolling
from recurbench.task import SEVERAL, Array

# By group the organisers' period, horizon and number of series (Makridakis et al. 2020). The seasonal naive
# and the MASE of weekly and daily series use period 1 there.
PUBLISHED: dict[str, tuple[int | None, int, int]] = {
    "Yearly": (None, 6, 23_000),
    "Quarterly": (4, 8, 24_000),
    "Monthly": (12, 18, 48_000),
    "Weekly": (None, 13, 359),
    "Daily": (None, 14, 4_227),
    "Hourly": (24, 48, 414),
}
LEAST = 2  # steps of a training history


@dataset("m4", kind="forecasting")
def m4(
    *, group: Literal["Yearly", "Quarterly", "Monthly", "Weekly", "Daily", "Hourly"] = "Hourly"
) -> Problem:
    """One frequency of the M4 competition (Makridakis et al. 2020), such as Hourly (414 series).

    Period, horizon and test part are the organisers'. Files with another horizon or number of series, such as
    a part of them, are read as they are, and the protocol says so.

    Parameters
    ----------
    group : str
        Yearly (6 steps ahead), Quarterly (8), Monthly (18), Weekly (13), Daily (14) or Hourly (48).
    """
    if group not in PUBLISHED:
        raise ValueError(f"m4 has no group {group!r}; known: {', '.join(PUBLISHED)}")
    train_path, test_path = files("m4", {"group": group})
    past, future = _rows(train_path), _rows(test_path)
    if past.keys() != future.keys():
        wrong = sorted(past.keys() ^ future.keys())
        count = f"{len(wrong)} series {'is' if len(wrong) == 1 else 'are'}"
        raise ValueError(
            f"{count} in only one of {train_path.name} and {test_path.name}: {_first(wrong)}; get both files "
            "again"
        )
    steps = max(map(len, future.values()))
    short = [name for name, values in future.items() if len(values) != steps]
    if short:
        named = _first([f"{name} with {len(future[name])}" for name in short])
        raise ValueError(
            f"{test_path}: {len(short)} of {len(future)} series have fewer than {steps} values: {named}; all "
            "need as many; get the file again"
        )
    series = [
        Series(
            name,
            np.concatenate([past[name], future[name]])[:, None],
            np.arange(len(past[name]) + float(steps)),
        )
        for name in past
    ]
    period, horizon, expected = PUBLISHED[group]
    task = Task(
        "forecasting",
        x=Values(1),
        y=Values(1, names=("y",)),
        length="fixed",
        steps=steps,
        period=period,
    )
    # A training answer of one horizon lies before the test part, so very short series are left out.
    kept = [one for one in series if len(one.values) >= LEAST + 2 * steps]
    train, test = rolling(kept or series, 1, steps, 1, LEAST)
    official = (len(series), steps) == (expected, horizon)
    said = (
        f"official split: test is the last {steps} steps of {len(series)} series",
        f"period {task.season}, as in M4",
        ""
        if official
        else f"M4 has {expected} series and a horizon of {horizon}, so scores are not comparable",
        left_out_text(series, kept),
    )
    protocol = "; ".join(filter(None, said))
    described = about("m4", protocol, "seasonal-naive", "mase", group=group)
    return Problem(task, train, test, described, rolling=SEVERAL)


def _first(names: list[str]) -> str:
    """The first names, and dots if there are more."""
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def _rows(path: Path) -> dict[str, Array]:
    """Read series by name. A row has the name, the values, and blanks up to the longest series."""
    series: dict[str, Array] = {}
    faults: list[tuple[int, LineError]] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        next(rows, None)
        for row in rows:
            if not any(row):
                continue
            try:
                if row[0] in series:
                    raise LineError(f"the series {row[0]!r} occurs a second time", "leave one out")
                series[row[0]] = _values(row[1:])
            except LineError as fault:
                faults.append((rows.line_num, fault))
    if faults:
        raise refusal(path, *faults)
    if not series:
        raise ValueError(f"{path}: has no series below its first line; get the file again")
    return series


def _values(cells: list[str]) -> Array:
    """The values up to the last one given. LineError if one is missing, because M4 has no gaps."""
    while cells and cells[-1].strip() in ("", "NA"):
        cells = cells[:-1]
    values = numbers("\t".join(cells), "\t")
    if np.isnan(values).any():
        place = int(np.isnan(values).argmax()) + 1
        raise LineError(f"value {place} of {len(values)} is missing", "M4 has no gaps; get the file again")
    return values
