"""A run file as a data frame: one row per cell, one column per score."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from recurbench.packing import unpack
from recurbench.record import COLUMNS, JSON_COLUMNS, RunFile, located

RUNS = 4  # whose tables are remembered at a time; a page asks for the same ones again and again
GENERATED = re.compile(r"\bgenerated\b")
Place = tuple[str, int | None]
"""A problem and the seed of its draw; None where it is drawn only once."""


@dataclass(frozen=True, eq=False)
class Run:
    """What the newest run in a directory asked for; one object is equal to itself alone.

    cells: one row per cell, inner and final, with the packed `units` of every metric. `trial` numbers the
    settings it ran with, 0 being the method's own; `chosen` says whether its job took them. A cell that
    several jobs tried has a row in each, under the key and address of that job. problems: the facts of every
    problem and draw. absent: by problem and method, how many jobs asked for have no final cell yet. again:
    a run of the suite probes-twice, which tells a side that cannot learn from one that has not yet. file:
    where the cells' answers are (see `answers_of`), None where a run was put together by hand.
    """

    suite: str
    cells: pd.DataFrame
    problems: Mapping[Place, Mapping[str, Any]]
    absent: Mapping[tuple[str, str], int]
    again: Run | None = None
    file: Path | None = None

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


def read_run(folder: str | Path, twice: str | Path | None = None) -> Run:
    """Read a run directory, or its results.sqlite; ValueError says what is wrong with it.

    twice: the directory of the same sides at twice the steps, which becomes `again`.
    """
    path = located(Path(folder))
    file = RunFile(path)
    try:
        suite, asked = file.asked()
        place = {job: i for i, (job, *_) in enumerate(asked)}
        rows = _of_jobs(file.rows(), {job: address for job, _, address in asked}, file.tries())
        problems = file.problems()
    finally:
        file.close()
    drawn = {(row["problem"], row["data_seed"]): row["problem_key"] for row in rows}
    rows.sort(key=lambda row: (place[row["job"]], row["stage"] == "final", row["trial"], row["cut"]))
    done = {row["job"] for row in rows if row["stage"] == "final"}
    shown = {draw: problems[key] for draw, key in drawn.items() if key in problems}
    absent = Counter((problem, address) for job, problem, address in asked if job not in done)
    return Run(suite, _frame(rows), shown, absent, read_run(twice) if twice else None, path)


def shared_cases(about: Mapping[str, Any]) -> float:
    """Test cases per training case where draws with these facts are random parts of one set of cases, else 0.

    A source that says "generated" makes cases of its own for every draw; any other has those it has.
    """
    return 0.0 if GENERATED.search(about["source"]) else float(about["n_test"] / about["n_train"])


def answers_of(run: Run, keys: Sequence[str]) -> dict[str, list[NDArray[Any]]]:
    """By key of a cell, what it answered, one array per example; only of those that hold answers.

    Read when asked for: the answers are most of a run file, and few of them are ever drawn.
    """
    if run.file is None or not keys:
        return {}
    file = RunFile(run.file)
    try:
        marks = ", ".join("?" * len(keys))
        rows = file.rows(f"key IN ({marks})", tuple(keys), blobs=True)
    finally:
        file.close()
    return {row["key"]: unpack(row["predictions"]) for row in rows if row["predictions"]}


def _of_jobs(
    rows: Sequence[Mapping[str, Any]], asked: Mapping[str, str], tries: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """The rows of the jobs asked for (job -> address): their final cells, and the inner of their trials."""
    taken = {job: None if job in tries else 0 for job in asked}
    for row in rows:
        if row["stage"] == "final" and row["job"] in tries:
            taken[row["job"]] = row["notes"].get("tuning", {}).get("chosen")
    owners: dict[str, list[tuple[str, int]]] = {}
    for job in asked:
        for trial, of in enumerate(tries.get(job, [job])):
            owners.setdefault(of, []).append((job, trial))
    found = []
    for row in rows:
        job = row["job"]
        if row["stage"] == "final" and job in asked:
            mark = {"address": asked[job], "trial": taken[job] or 0, "chosen": True}
            found.append({**row, **mark})
        elif row["stage"] != "final":
            for job, trial in owners.get(row["job"], []):
                mark = {"address": asked[job], "trial": trial, "chosen": trial == taken[job]}
                found.append({**row, "job": job, **mark})
    return found


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Scores become columns of their usual names; draws and seeds are whole numbers or missing."""
    flat = [{**row, **row["scores"]} for row in rows]
    frame = pd.DataFrame(flat)
    if not len(frame):
        return pd.DataFrame(columns=[*COLUMNS, "trial", "chosen"])
    for name in ("seed", "data_seed", "parameters"):
        frame[name] = frame[name].astype("Int64")
    return frame


def fits(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells without those that bear the CPU time of another: stages of one job that share a fit."""
    return cells.drop_duplicates(["job", "started", "cpu_seconds"])


def flat(run: Run) -> pd.DataFrame:
    """The cells without blobs and nested columns, as `export` writes them: settings and dials as text."""
    frame = run.cells.drop(columns=["units", "scores", "notes", "versions"], errors="ignore").copy()
    for name in JSON_COLUMNS:
        if name in frame:
            frame[name] = [", ".join(f"{key}={value}" for key, value in row.items()) for row in frame[name]]
    return frame
