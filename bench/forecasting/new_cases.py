"""New cases of a user, read so that they fit the problem that a method was chosen on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from recurbench.reading.case_columns import CaseColumns, column
from recurbench.reading.case_files import format_of
from recurbench.reading.case_parts import clean
from recurbench.reading.case_table import cases_of, value_columns
from recurbench.reading.cases import Cases
from recurbench.reading.files import refuse_unreadable
from recurbench.reading.npz_file import read_npz
from recurbench.reading.series import counted
from recurbench.reading.table import Table, read_table
from recurbench.reading.ts_file import read_ts
from recurbench.reading.tsv_file import read_unlabelled
from recurbench.reading.wav_folder import wav_cases
from recurbench.registry import Choice
from recurbench.task import Problem, Split


@dataclass(frozen=True)
class NewCases:
    """Cases to predict.

    Attributes
    ----------
    names : list of str
        The name of each case, or where it stands in its file.
    split : Split
        Without answers.
    remarks : tuple of str
        What is unusual, and what was done.
    """

    names: list[str]
    split: Split
    remarks: tuple[str, ...]


def read_new(
    path: Path, dataset: Choice, problem: Problem, case: str | None = None, time: str | None = None
) -> NewCases:
    """Read cases of a .ts, .tsv or .npz file or a table; labels may be there and are not used.

    Parameters
    ----------
    path : Path
    dataset : Choice
        That of the problem; from it the columns of a table are known.
    problem : Problem
        Gives channels and lengths.
    case, time : str, optional
        Columns of the cases and of the time in a table, if they differ from those of the training part.

    Raises
    ------
    ValueError
        If the file cannot be read, or its cases have other channels or lengths than those of the problem.
    """
    if not path.is_dir():
        refuse_unreadable(path)
    remarks: list[str] = []
    form = format_of(path)
    if form == "wav":
        rate = int(dataset.settings.get("rate") or 0)
        cases, _ = wav_cases(path, CaseColumns("wav", "", rate=rate), answers=False)
    elif form == "table":
        cases, more = _of_table(read_table(path), dataset, problem, case, time)
        remarks += more
    elif form == "npz":
        cases = _of_npz(path)
    elif form == "ts":
        cases = read_ts(path, answers=False)
    else:
        lengths = set(_lengths(problem))
        cases = read_unlabelled(path, lengths.pop() if len(lengths) == 1 else None)
    if len(set(_lengths(problem))) == 1:
        # A case must not become shorter: missing values at its end are filled.
        cases = replace(cases, padded=False)
    cases = clean(cases, "", remarks, dataset.settings.get("missing") == "keep")
    _refuse_shapes(cases, problem)
    remarks += _other_lengths(cases, problem)
    names = cases.names or [f"{cases.word} {line}" for line in cases.lines]
    return NewCases(names, Split(cases.series), tuple(remarks))


def _of_table(
    table: Table, dataset: Choice, problem: Problem, case: str | None, time: str | None
) -> tuple[Cases, list[str]]:
    settings = dataset.settings
    form = str(settings.get("form") or "")
    known = (
        CaseColumns(form, settings["label"], settings["case"], settings["group"], settings["time"])
        if form
        else None
    )
    if known is None:
        # The problem was no table: with a column of cases the rows are steps, otherwise a row is a case.
        known = CaseColumns("long" if case else "wide", "", case or "", "", time or "")
    columns = CaseColumns(
        known.form,
        known.label,
        column(table, case, "--id") if case else known.case,
        known.group,
        column(table, time, "--time") if time else known.time,
    )
    channels = problem.task.x.names or ()
    if form == "wide":
        channels = tuple(value_columns(read_table(Path(str(settings["path"]))), columns))
    return cases_of(table, columns, channels=channels if form else (), answers=False)


def _of_npz(path: Path) -> Cases:
    found = read_npz(path, answers=False)
    if len(found) > 1:
        raise ValueError(
            f"{path}: has cases of {len(found)} parts ({', '.join(found)}); save the new cases as one array X"
        )
    return next(iter(found.values()))


def _refuse_shapes(cases: Cases, problem: Problem) -> None:
    known = problem.task.x.size
    wrong = [i for i, values in enumerate(cases.series) if values.shape[1] != known]
    if wrong:
        seen = cases.series[wrong[0]].shape[1]
        hint = ", or name the column of the cases with --id" if cases.word == "row" else ""
        raise ValueError(
            f"{cases.path}, {cases.word} {cases.lines[wrong[0]]}: {_channels(seen)}, and the training cases "
            f"have {known} ({len(wrong)} such cases); give the same channels in the same order{hint}"
        )
    lengths = set(_lengths(problem))
    other = [i for i, values in enumerate(cases.series) if len(values) not in lengths]
    if len(lengths) == 1 and other:
        steps = len(cases.series[other[0]])
        raise ValueError(
            f"{cases.path}, {cases.word} {cases.lines[other[0]]}: {steps} steps, and every case of the run "
            f"has {lengths.pop()} ({len(other)} such cases); cut or complete them, or leave them out"
        )


def _channels(count: int) -> str:
    return "1 channel" if count == 1 else f"{count} channels"


def _other_lengths(cases: Cases, problem: Problem) -> list[str]:
    known = _lengths(problem)
    low, high = min(known), max(known)
    outside = np.flatnonzero([not low <= len(values) <= high for values in cases.series])
    if not len(outside):
        return []
    what = counted(len(outside), "case is", "cases are")
    return [
        f"{what} shorter or longer than every case of the run ({low} to {high} steps): "
        f"{cases.places(outside.tolist())}; the test score says nothing about such cases"
    ]


def _lengths(problem: Problem) -> list[int]:
    """The steps of all cases of a problem."""
    parts = [problem.train, problem.test, *([problem.valid] if problem.valid is not None else [])]
    return [len(x) for part in parts for x in part.x]
