"""Cases of a table: long (a row per step, a column per channel) or wide (a row per case)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.case_columns import CaseColumns
from recurbench.reading.cases import Cases
from recurbench.reading.lines import MISSING
from recurbench.reading.numerals import numbers
from recurbench.reading.stamps import read_stamps
from recurbench.reading.table import Table, listed, more
from recurbench.task import Array


def cases_of(
    table: Table, columns: CaseColumns, *, channels: Sequence[str] = (), answers: bool = True
) -> tuple[Cases, list[str]]:
    """The cases of a table.

    Parameters
    ----------
    table : Table
    columns : CaseColumns
    channels : sequence of str
        Columns of values that must be there, in this order; by default every column of numbers.
    answers : bool
        Whether the column of the label must be there.

    Returns
    -------
    cases : Cases
    remarks : list of str
        What is unusual, with its rows, and what was done.

    Raises
    ------
    ValueError
        Names the file, the row and what to do.
    """
    _refuse_absent(table, columns, answers)
    values, names, remarks = _values(table, columns, channels)
    if columns.form == "wide":
        cases = _wide(table, columns, values, answers)
    else:
        cases, more_remarks = _long(table, columns, values, answers)
        remarks += more_remarks
    if columns.form == "long":
        cases = Cases(**{**vars(cases), "channels": tuple(names)})
    return _labelled(cases, answers, remarks)


def value_columns(table: Table, columns: CaseColumns) -> list[str]:
    """The columns of numbers of a table: channels, or the steps of a wide one."""
    return _values(table, columns, ())[1]


def _refuse_absent(table: Table, columns: CaseColumns, answers: bool) -> None:
    # New cases have no label, and their groups do not matter; a row needs no name.
    needed = [columns.case, columns.time] if columns.form == "long" else []
    needed += [columns.group, columns.label] if answers else []
    lacking = [name for name in needed if name and name not in table.frame.columns]
    if lacking:
        raise ValueError(
            f"{table.path}: has no column {', '.join(lacking)}; its columns are "
            f"{listed(list(table.frame.columns))}; name the columns as in the file of the training part"
        )


def _values(
    table: Table, columns: CaseColumns, channels: Sequence[str]
) -> tuple[Array, list[str], list[str]]:
    """The values [N, columns], the names of the columns, and what was left out."""
    given = [str(name) for name in table.frame.columns]
    lacking = [name for name in channels if name not in given]
    if lacking:
        raise ValueError(
            f"{table.path}: has no column {listed(lacking)}, which the training part has; its columns are "
            f"{listed(given)}; add it, or rename the column that holds it"
        )
    wanted = list(channels) or [name for name in given if name not in columns.others]
    kept: list[str] = []
    arrays: list[NDArray[np.float64]] = []
    words: list[str] = []
    for name in wanted:
        read = numbers(table.texts(name))
        known = len(read.values) - read.missing.sum()
        if not channels and (not known or read.wrong.sum() > known / 2):
            words.append(name)
            continue
        if read.wrong.any():
            first = int(read.wrong.argmax())
            raise ValueError(
                f"{table.path}, row {table.lines[first]}: {name} is {table.texts(name)[first][:40]!r}, which "
                "is no number; correct it, or leave the cell blank if it is unknown"
                f"{more(table.lines[read.wrong])}"
            )
        kept.append(name)
        arrays.append(read.values)
    if not kept:
        raise ValueError(
            f"{table.path}: a case needs values, and no column of numbers is left beside "
            f"{listed(sorted(columns.others))}; add such columns, or to forecast series leave out --label, "
            "--group and --task"
        )
    remarks = [f"columns without numbers are left out: {listed(words)}"] if words else []
    return np.stack(arrays, axis=1), kept, remarks


def _wide(table: Table, columns: CaseColumns, values: Array, answers: bool) -> Cases:
    """A case per row; its columns are its steps."""
    empty = np.isnan(values).all(axis=1)
    if empty.any():
        first = int(empty.argmax())
        raise ValueError(
            f"{table.path}, row {table.lines[first]}: the case has no value; leave it out"
            f"{more(table.lines[empty])}"
        )
    there = table.frame.columns
    return Cases(
        table.path,
        [row[:, None] for row in values],
        table.texts(columns.label) if answers else [],
        [int(line) for line in table.lines],
        groups=table.texts(columns.group) if columns.group in there and answers else [],
        names=table.texts(columns.case) if columns.case in there else [],
        word="row",
    )


def _long(table: Table, columns: CaseColumns, values: Array, answers: bool) -> tuple[Cases, list[str]]:
    """A case per value of the case column; its rows are its steps."""
    cells = np.array(table.texts(columns.case), dtype=str)
    names, first, of = np.unique(cells, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rows = _rows(of, order)
    rows, remarks = _in_order(table, columns, rows)
    empty = [i for i, places in enumerate(rows) if np.isnan(values[places]).all(axis=0).any()]
    if empty:
        bad = rows[empty[0]]
        raise ValueError(
            f"{table.path}, row {table.lines[bad[0]]}: case {names[order[empty[0]]]} has a column without a "
            f"single value; leave the case out{more(np.array([table.lines[rows[i][0]] for i in empty]))}"
        )
    labels = _one_each(table, columns.label, columns.case, rows, "label") if answers else []
    groups = []
    if answers and columns.group and columns.group != columns.case:
        groups = _one_each(table, columns.group, columns.case, rows, "group")
    cases = Cases(
        table.path,
        [np.ascontiguousarray(values[places]) for places in rows],
        labels,
        [int(table.lines[places[0]]) for places in rows],
        groups=groups,
        names=[str(names[place]) for place in order],
        padded=False,
        word="row",
    )
    return cases, remarks


def _rows(of: NDArray[np.intp], order: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The rows of each case, in the order of the cases."""
    by_case = np.argsort(of, kind="stable")
    parts = np.split(by_case, np.flatnonzero(np.diff(of[by_case])) + 1)
    return [parts[place] for place in order]


def _in_order(
    table: Table, columns: CaseColumns, rows: list[NDArray[np.intp]]
) -> tuple[list[NDArray[np.intp]], list[str]]:
    """The rows of each case in the order of time; equal times are refused."""
    if not columns.time:
        return rows, []
    when = _moments(table, columns.time)
    sorted_rows, moved = [], []
    for places in rows:
        times = when[places]
        inner = np.argsort(times, kind="stable")
        equal = np.flatnonzero(np.diff(times[inner]) == 0)
        if len(equal):
            one, other = sorted(int(table.lines[places[inner[k]]]) for k in (equal[0], equal[0] + 1))
            name, same = (table.texts(each)[places[inner[equal[0]]]] for each in (columns.case, columns.time))
            raise ValueError(
                f"{table.path}, row {other}: {columns.time} of case {name} is {same}, as in row {one}; "
                "correct one of them, or name the column of the cases with --id"
            )
        if (np.diff(inner) < 0).any():
            moved.append(int(table.lines[places[0]]))
        sorted_rows.append(places[inner])
    shown = ", ".join(map(str, moved[:3]))
    remark = (
        f"the rows of {len(moved)} cases are not in the order of {columns.time} (from row {shown}); they are "
        "sorted by it"
    )
    return sorted_rows, [remark] if moved else []


def _moments(table: Table, name: str) -> NDArray[np.float64]:
    """The times as numbers that rise with time."""
    read = numbers(table.texts(name))
    if not (read.wrong | read.missing).any():
        return read.values

    def refuse(place: int, sentence: str) -> NoReturn:
        raise ValueError(f"{table.path}, row {table.lines[place]}: {sentence}")

    return read_stamps(table.texts(name), refuse, name).order.astype(np.float64)


def _one_each(table: Table, name: str, case: str, rows: Sequence[NDArray[np.intp]], what: str) -> list[str]:
    """The value of a column in each case; it must not change within a case. Blank cells do not count."""
    texts = table.texts(name)
    found = []
    for places in rows:
        seen = dict.fromkeys(texts[i] for i in places if texts[i].lower() not in MISSING)
        if len(seen) > 1:
            one, other = list(seen)[:2]
            row = next(int(table.lines[i]) for i in places if texts[i] == other)
            raise ValueError(
                f"{table.path}, row {row}: the {what} of case {table.texts(case)[places[0]]} changes from "
                f"{one!r} to {other!r}; a case has one {what}: name the column of the cases with --id"
            )
        found.append(next(iter(seen), ""))
    return found


def _labelled(cases: Cases, answers: bool, remarks: list[str]) -> tuple[Cases, list[str]]:
    """Leave out cases without a label."""
    if not answers:
        return cases, remarks
    blank = [i for i, answer in enumerate(cases.answers) if str(answer).lower() in MISSING]
    if not blank:
        return cases, remarks
    if len(blank) == len(cases.answers):
        raise ValueError(f"{cases.path}: no case has a label; name its column with --label")
    kept = [i for i in range(len(cases.answers)) if i not in set(blank)]
    return cases.take(kept), [
        *remarks,
        f"cases without a label are left out: {cases.places(blank)}",
    ]
