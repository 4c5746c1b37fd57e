"""A run file as a data frame: one row per cell, one column per score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.record import COLUMNS, JSON_COLUMNS, RunFile

Place = tuple[str, int | None]
"""A problem and the seed of its draw; None where it is drawn only once."""


@dataclass(frozen=True)
class Run:
    """What the newest run in a directory asked for.

    cells: one row per cell, inner and final, with the packed `units` of every metric.
    problems: the facts of every problem and draw. absent: by problem and method, how many jobs asked for have
    no final cell yet.
    """

    suite: str
    cells: pd.DataFrame
    problems: Mapping[Place, Mapping[str, Any]]
    absent: Mapping[tuple[str, str], int]

    @property
    def missing(self) -> int:
        """How many jobs asked for have no final cell yet."""
        return sum(self.absent.values())

    @property
    def final(self) -> pd.DataFrame:
        """The final cells: trained on all of train, scored on test."""
        return self.cells[self.cells["stage"] == "final"]

    def draws(self, problem: str) -> dict[int | None, Mapping[str, Any]]:
        """The facts of a problem by data seed."""
        return {seed: facts for (name, seed), facts in self.problems.items() if name == problem}


def read_run(folder: str | Path) -> Run:
    """Read a run directory, or its results.sqlite; ValueError says what is wrong with it."""
    path = Path(folder)
    path = path / "results.sqlite" if path.is_dir() else path
    if not path.is_file():
        raise ValueError(f"{folder} holds no results.sqlite; give the directory that `recurbench run` named")
    file = RunFile(path)
    try:
        suite, asked = file.asked()
        place = {job: i for i, (job, *_) in enumerate(asked)}
        rows = [row for row in file.rows() if row["job"] in place]
        problems = file.problems()
    finally:
        file.close()
    drawn = {(row["problem"], row["data_seed"]): row["problem_key"] for row in rows}
    rows.sort(key=lambda row: (place[row["job"]], row["stage"] == "final", row["cut"]))
    done = {row["job"] for row in rows if row["stage"] == "final"}
    shown = {draw: problems[key] for draw, key in drawn.items() if key in problems}
    absent = Counter((problem, address) for job, problem, address in asked if job not in done)
    return Run(suite, _frame(rows), shown, absent)


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Scores become columns of their usual names; draws and seeds are whole numbers or missing."""
    flat = [{**row, **row["scores"]} for row in rows]
    frame = pd.DataFrame(flat)
    if not len(frame):
        return pd.DataFrame(columns=list(COLUMNS))
    for name in ("seed", "data_seed", "parameters"):
        frame[name] = frame[name].astype("Int64")
    return frame


def flat(run: Run) -> pd.DataFrame:
    """The cells without blobs and nested columns, as `export` writes them: settings and dials as text."""
    frame = run.cells.drop(columns=["units", "scores", "notes", "versions"], errors="ignore").copy()
    for name in JSON_COLUMNS:
        if name in frame:
            frame[name] = [", ".join(f"{key}={value}" for key, value in row.items()) for row in frame[name]]
    return frame
