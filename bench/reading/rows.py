"""The rows of a table of series: series names, time stamps as text, numbers."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.reading.columns import Column, columns_of, is_date
from recurbench.reading.layout import Layout
from recurbench.reading.table import Table, more

LARGEST, SMALLEST = 1e150, 1e-150  # beyond these the square is infinite, or zero


@dataclass(frozen=True)
class Rows:
    """The N rows of a file, in the order of the file; a wide table has them once for each target.

    Attributes
    ----------
    columns : tuple of str
        The target, then the covariates known up to the origin, then those known ahead.
    lines : array [N]
        The line at which each row begins.
    names : tuple of str
        The series, in order of appearance.
    owner : array [N]
        The index of each row's series in `names`.
    stamps : sequence of N str
        Empty if the rows are numbered.
    numbers : array [N, columns]
        NaN where a value is missing.
    known : int
        How many columns, the last ones, are known ahead.
    time : str
        What errors call the time stamps.
    notes : tuple of str
        How numbers were read, where it is unusual.
    """

    columns: tuple[str, ...]
    lines: NDArray[np.int64]
    names: tuple[str, ...]
    owner: NDArray[np.int64]
    stamps: Sequence[str]
    numbers: NDArray[np.float64]
    known: int = 0
    time: str = "ds"
    notes: tuple[str, ...] = ()

    def take(self, places: NDArray[np.int64]) -> Rows:
        """Some rows; series without a row are left out."""
        owner, kept = pd.factorize(self.owner[places], sort=True)
        return replace(
            self,
            lines=self.lines[places],
            names=tuple(self.names[i] for i in kept),
            owner=np.asarray(owner, dtype=np.int64),
            stamps=[self.stamps[i] for i in places] if len(self.stamps) else (),
            numbers=self.numbers[places],
        )


def rows_of(table: Table, layout: Layout, series: str = "") -> Rows:
    """The rows of a table in the roles of a layout.

    `series` keeps only the first so many series, or those whose names fit a glob pattern.
    ValueError names the row, what was found, and what to do.
    """
    columns = columns_of(table)
    rows = _across(table, layout, columns) if layout.in_rows else _down(table, layout, columns)
    rows = select(table.path, rows, series) if series else rows
    for place, name in enumerate(rows.columns):
        _refuse_scale(table.path, rows, name, rows.numbers[:, place])
    return rows


def select(file: Path, rows: Rows, series: str) -> Rows:
    """The rows of the first so many series, or of those whose names fit a glob pattern."""
    return rows.take(np.flatnonzero(_chosen(file, rows.names, series)[rows.owner]))


def _down(table: Table, layout: Layout, columns: dict[str, Column]) -> Rows:
    """One row per time step, and for each of its targets."""
    one = len(layout.targets) == 1
    owner, names = _owners(table, layout, columns)
    covariates = (*layout.past, *layout.ahead)
    read = {name: _numbers(table, columns[name]) for name in (*layout.targets, *covariates)}
    beside = [read[name] for name in covariates]
    numbers = [np.stack([read[target], *beside], axis=1) for target in layout.targets]
    stamps = _stamps(layout, columns)
    count, each = len(layout.targets), len(names)
    if not one:
        names = [f"{name}/{target}" if layout.ids else target for target in layout.targets for name in names]
    elif not layout.ids:
        names = [layout.targets[0]]
    return Rows(
        columns=(layout.channel, *covariates),
        lines=np.tile(table.lines, count),
        names=tuple(names),
        owner=np.concatenate([owner + k * each for k in range(count)]).astype(np.int64),
        stamps=list(stamps) * count,
        numbers=np.concatenate(numbers),
        known=len(layout.ahead),
        time=layout.time[0] if layout.time else "row",
        notes=_notes([columns[name] for name in (*layout.targets, *covariates)]),
    )


def _across(table: Table, layout: Layout, columns: dict[str, Column]) -> Rows:
    """One row per series: the columns are its steps; missing values at its end are no steps."""
    owner, names = _owners(table, layout, columns)
    numbers = np.stack([_numbers(table, columns[name]) for name in layout.targets], axis=1)
    steps, count = len(layout.targets), len(owner)
    dated = all(map(is_date, layout.targets))
    places = np.flatnonzero(~np.isnan(numbers.reshape(-1)))
    rows = Rows(
        columns=("y",),
        lines=np.repeat(table.lines, steps),
        names=tuple(names),
        owner=np.repeat(owner, steps),
        stamps=list(layout.targets) * count if dated else [str(k + 1) for k in range(steps)] * count,
        numbers=numbers.reshape(-1, 1),
        time="the header",
        notes=_notes([columns[layout.targets[0]]]),
    )
    # A series may begin late or end early; missing values within it stay.
    first, last = np.full(count, steps * count), np.full(count, -1)
    np.minimum.at(first, places // steps, places)
    np.maximum.at(last, places // steps, places)
    every = np.arange(steps * count)
    return rows.take(every[(every >= first[every // steps]) & (every <= last[every // steps])])


def _notes(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.read.how for column in columns if column.read.how))


def _owners(table: Table, layout: Layout, columns: dict[str, Column]) -> tuple[NDArray[np.int64], list[str]]:
    """The series of each row, and the names of the series."""
    if not layout.ids:
        return np.zeros(len(table.lines), dtype=np.int64), [""]
    cells = [columns[name].texts for name in layout.ids]
    for name, texts in zip(layout.ids, cells, strict=True):
        blank = table.lines[[not text for text in texts]]
        if len(blank):
            raise ValueError(
                f"{table.path}, row {blank[0]}: {name} is blank; name the series the row belongs to"
                f"{more(blank)}"
            )
    joined = np.array(["/".join(parts) for parts in zip(*cells, strict=True)], dtype=object)
    owner, names = pd.factorize(joined)
    return np.asarray(owner, dtype=np.int64), list(map(str, names))


def _stamps(layout: Layout, columns: dict[str, Column]) -> Sequence[str]:
    """The time stamps as text, from one column or from several."""
    if len(layout.time) < 2:
        return columns[layout.time[0]].texts if layout.time else ()
    cells = list(zip(*(columns[name].texts for name in layout.time), strict=True))
    if columns[layout.time[0]].dated:
        return [" ".join(parts) for parts in cells]
    return ["-".join([parts[0], *(part.zfill(2) for part in parts[1:])]) for parts in cells]


def _chosen(file: Path, names: Sequence[str], series: str) -> NDArray[np.bool_]:
    if series.isdigit() and series not in names:
        return np.arange(len(names)) < int(series)
    patterns = [series] if series in names else [part.strip() for part in series.split(",")]
    kept = [any(name == p or fnmatch.fnmatchcase(name, p) for p in patterns) for name in names]
    if not any(kept):
        raise ValueError(
            f"{file}: no series is called {series!r}; the series are {', '.join(names[:5])}"
            f"{' and more' if len(names) > 5 else ''}; name one of them, or how many, such as --series 20"
        )
    return np.array(kept, dtype=np.bool_)


def _numbers(table: Table, column: Column) -> NDArray[np.float64]:
    """One column as numbers, [N], NaN where they are missing; ValueError names what is no number."""
    read = column.read
    if not read.wrong.any():
        return read.values
    lines, place = table.lines[read.wrong], int(read.wrong.argmax())
    text = column.texts[place]
    todo = "write a number, leave it blank where it is not known, or drop the column"
    if re.fullmatch(r"[+-]?[\d., ]*\d,\d[\d., ]*", text):
        todo = "write it with a decimal point and nothing between thousands, such as 1234.5"
    raise ValueError(
        f"{table.path}, row {lines[0]}: {column.name} is {text!r}, not a finite number; {todo}{more(lines)}"
    )


def _refuse_scale(file: Path, rows: Rows, column: str, values: NDArray[np.float64]) -> None:
    """Raise ValueError if the square of a number is infinite, or all squares of a series are zero."""
    size = np.nan_to_num(np.abs(values))
    most = np.zeros(int(rows.owner.max()) + 1 if len(rows.owner) else 0)
    np.maximum.at(most, rows.owner, size)
    large, small = size > LARGEST, (size > 0) & (most < SMALLEST)[rows.owner]
    for wrong, what, unit in ((large, "infinite", "larger"), (small, "zero", "smaller")):
        if wrong.any():
            few = 10 * wrong.sum() <= len(wrong)
            todo = "correct it, or leave it blank as missing" if few else f"write it in a {unit} unit"
            raise ValueError(
                f"{file}, row {rows.lines[wrong][0]}: {column} is {values[wrong][0]:g}, and its square is "
                f"{what} in floating point; {todo}{more(rows.lines[wrong])}"
            )
