"""What changed between two runs besides the scores: versions, settings, code, data, machine, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.results import Place, Run

COLUMNS = ["what", "where", "sample", "a", "b"]
# Per run as a whole, by the column of a cell.
WHOLE = {
    "machine": "machine",
    "device": "device",
    "threads": "threads",
    "limit_seconds": "time limit, s",
    "limit_mb": "memory limit, MB",
    "seed": "seeds",
    "data_seed": "draws",
}


def changes(a: Run, b: Run) -> pd.DataFrame:
    """One row of COLUMNS per difference.

    where: a package, method or problem, "" for the whole run. sample: the data seed of a problem whose data
    differ, else None. a, b: what each run holds, or the reason why that cannot be said.
    """
    rows = [("suite", "", a.suite, b.suite)] if a.suite != b.suite else []
    rows += [(name, "", *pair) for column, name in WHOLE.items() if (pair := _two(a, b, _values(column)))]
    for package in sorted({name for run in (a, b) for row in run.final["versions"] for name in row}):
        pair = _two(a, b, _version(package))
        if pair:
            rows.append(("version", package, *pair))
    rows += _by(a, b, "address", "settings", _settings)
    rows += _by(a, b, "method", "code", _values("code"))
    rows += _by(a, b, "dataset", "code", _values("dataset_code"))
    found: list[tuple[Any, ...]] = [(what, where, None, one, other) for what, where, one, other in rows]
    found += [("data", *place, "", why) for place, why in data_changed(a, b).items()]
    found += [(what, where, None, one, other) for what, where, one, other in _trials(a, b)]
    # Of type object, so that a sample stays a whole number beside rows without one.
    return pd.DataFrame(found, columns=COLUMNS, dtype=object)


def data_changed(a: Run, b: Run) -> dict[Place, Reason]:
    """The problems and samples in both runs whose data differ, with the reason that says so."""
    return {
        place: reason(ReasonCode.DATA_CHANGED)
        for place, facts in a.problems.items()
        if place in b.problems and facts.get("fingerprint") != b.problems[place].get("fingerprint")
    }


def _values(column: str) -> Callable[[pd.DataFrame], Iterable[Any]]:
    return lambda cells: cells[column]


def _version(package: str) -> Callable[[pd.DataFrame], Iterable[Any]]:
    return lambda cells: (row.get(package) for row in cells["versions"])


def _settings(cells: pd.DataFrame) -> Iterable[str]:
    return (", ".join(f"{key}={value}" for key, value in row.items()) for row in cells["settings"])


def _two(
    a: Run | pd.DataFrame, b: Run | pd.DataFrame, seen: Callable[[pd.DataFrame], Iterable[Any]]
) -> tuple[str, str] | None:
    """The values of both runs as text, None if they are equal."""
    texts = []
    for side in (a, b):
        values = seen(side.final if isinstance(side, Run) else side)
        found = {str(value) for value in values if value is not None and pd.notna(value) and value != ""}
        texts.append(" / ".join(sorted(found, key=lambda text: (len(text), text))))
    return (texts[0], texts[1]) if texts[0] != texts[1] else None


def _by(
    a: Run, b: Run, column: str, what: str, seen: Callable[[pd.DataFrame], Iterable[Any]]
) -> list[tuple[str, str, str, str]]:
    """A row for every method or problem that is in both runs and differs between them."""
    groups = [dict(tuple(run.final.groupby(column, sort=False))) for run in (a, b)]
    found = []
    for name, cells in groups[0].items():
        pair = _two(cells, groups[1][name], seen) if name in groups[1] else None
        if pair:
            found.append((what, str(name), *pair))
    return found


def _trials(a: Run, b: Run) -> list[tuple[str, str, str, str]]:
    """Of methods in both runs, how many settings each job chose from, where that differs."""
    counts = [run.cells.groupby("address")["trial"].nunique() for run in (a, b)]
    both = [name for name in counts[0].index if name in counts[1].index]
    return [
        ("trials", str(name), str(counts[0][name]), str(counts[1][name]))
        for name in both
        if counts[0][name] != counts[1][name]
    ]
