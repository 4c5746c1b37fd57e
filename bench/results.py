"""A run file as a data frame: one row per fit and its score, one column per metric."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from numpy.typing import NDArray
from recurbench import left_out
from recurbench.packing import unpack
from recurbench.record import COLUMNS, JSON_COLUMNS, RunFile, located

RUNS = 4  # number of runs whose tables are cached; a page needs the same tables many times
Found = TypeVar("Found")
GENERATED = re.compile(r"\bgenerated\b")
Place = tuple[str, int | None]
"""A problem and the seed of its sample; None for a data set that is not generated."""


@dataclass(frozen=True, eq=False)
class Run:
    """What the newest command in a run directory asked for. Two objects are never equal.

    Parameters
    ----------
    suite : str
        Name of the suite.
    cells : pandas.DataFrame
        One row per cell: one fit and its score, on validation (stage "inner") or on test ("final"). The
        columns are those of `record.Record`, one per metric, and `trial`, `chosen`: the number of the
        settings (0: the defaults), and whether validation chose them. A cell that serves several jobs has
        one row in each.
    problems : mapping
        By (address, sample seed), the facts of the problem: source, licence, metric, sizes and others.
    absent : mapping
        By (problem, method), how many jobs have no final cell yet.
    file : Path, optional
        The run file, which holds the predictions (`answers_of` reads them).
    left_out : mapping
        By (problem, method), why the command did not run it for its budget: a word of `left_out.REASONS`.
    """

    suite: str
    cells: pd.DataFrame
    problems: Mapping[Place, Mapping[str, Any]]
    absent: Mapping[tuple[str, str], int]
    file: Path | None = None
    left_out: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many jobs have no final cell yet."""
        return sum(self.absent.values())

    @property
    def final(self) -> pd.DataFrame:
        """The final cells: trained on the whole training part, scored on test."""
        return self.cells[self.cells["stage"] == "final"]

    def draws(self, problem: str) -> dict[int | None, Mapping[str, Any]]:
        """The facts of every sample of a problem, by the seed of the sample."""
        return {seed: facts for (name, seed), facts in self.problems.items() if name == problem}


def once_per_problem(find: Callable[[Run, str], Found]) -> Callable[[Run, str], Found]:
    """Cache what `find` returns for each problem of a run, for the last RUNS runs only: runs are large."""

    @lru_cache(maxsize=RUNS)
    def known(_run: Run) -> dict[str, Found]:
        return {}

    @wraps(find)
    def found(run: Run, problem: str) -> Found:
        of_run = known(run)
        if problem not in of_run:
            of_run[problem] = find(run, problem)
        return of_run[problem]

    return found


def read_run(folder: str | Path) -> Run:
    """Read a run.

    Parameters
    ----------
    folder : path
        Directory of the run, or its results.sqlite.

    Returns
    -------
    Run
        The fits that the newest command in the directory asked for.

    Raises
    ------
    ValueError
        If there is no run, or the file is damaged or of another version.
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
    return Run(suite, _frame(rows), shown, absent, path, left_out.read(path.parent))


def is_generated(about: Mapping[str, Any]) -> bool:
    """Whether a data set is generated, with new cases in every sample: its source has this word."""
    return GENERATED.search(about["source"]) is not None


def shared_cases(about: Mapping[str, Any]) -> float:
    """Test cases per training case if resamples split one set of cases; 0 for a generated data set."""
    return 0.0 if is_generated(about) else float(about["n_test"] / about["n_train"])


def answers_of(run: Run, keys: Sequence[str]) -> dict[str, list[NDArray[Any]]]:
    """Read the predictions of some cells, one array per example.

    They are most of a run file and few are needed, so `read_run` leaves them out.

    Parameters
    ----------
    run : Run
        A run that was read from a file.
    keys : sequence of str
        Column `key` of the cells.

    Returns
    -------
    dict of str to list of arrays
        Predictions by key; a cell without predictions is left out.
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
    """The rows of the jobs (job -> address): their final cells, and the inner cells of their trials."""
    taken = {job: None if job in tries else 0 for job in asked}
    for row in rows:
        if row["stage"] == "final" and row["job"] in tries:
            taken[row["job"]] = row["notes"].get("tuning", {}).get("chosen")
    owners: dict[str, list[tuple[str, int]]] = {}
    for job in asked:
        for trial, of in enumerate(tries.get(job, [job])):
            owners.setdefault(of, []).append((job, trial))
    marked = []
    for row in rows:
        job = row["job"]
        if row["stage"] == "final" and job in asked:
            mark = {"address": asked[job], "trial": taken[job] or 0, "chosen": True}
            marked.append({**row, **mark})
        elif row["stage"] != "final":
            for job, trial in owners.get(row["job"], []):
                mark = {"address": asked[job], "trial": trial, "chosen": trial == taken[job]}
                marked.append({**row, "job": job, **mark})
    return marked


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A data frame with one column per metric; seeds are whole numbers or missing."""
    flat = [{**row, **row["scores"]} for row in rows]
    frame = pd.DataFrame(flat)
    if not len(frame):
        return pd.DataFrame(columns=[*COLUMNS, "trial", "chosen"])
    for name in ("seed", "data_seed", "parameters"):
        frame[name] = frame[name].astype("Int64")
    return frame


def fits(cells: pd.DataFrame) -> pd.DataFrame:
    """One cell per fit. The inner and final cell of a shared fit carry the same CPU time; one is dropped."""
    return cells.drop_duplicates(["job", "started", "cpu_seconds"])


def flat(run: Run) -> pd.DataFrame:
    """The table that `export` writes: no predictions, no nested columns, settings as text."""
    frame = run.cells.drop(columns=["units", "scores", "notes", "versions"], errors="ignore").copy()
    for name in JSON_COLUMNS:
        if name in frame:
            frame[name] = [", ".join(f"{key}={value}" for key, value in row.items()) for row in frame[name]]
    return frame
