"""The series of a .tsf file as the series of a user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from recurbench.reading.files import begins
from recurbench.reading.layout import Layout
from recurbench.reading.proposal import Fact
from recurbench.reading.rows import Rows, select
from recurbench.reading.tsf_file import Table, read_tsf
from recurbench.reading.tsf_times import frequency_of, times
from recurbench.reading.user_series import UserFile, sorted_series


def is_tsf(path: Path) -> bool:
    """Whether a file is in the format of the Monash archive, by its name or its first word."""
    return path.suffix.lower() == ".tsf" or begins(path, 9).lower() == b"@relation"


def read_tsf_series(path: Path, series: str, policy: str) -> UserFile:
    """Read the series; the horizon is that of each series, or else that of the header."""
    table = read_tsf(path)
    rows = _rows(table)
    if series:
        rows = select(path, rows, series)
    read = sorted_series(path, rows, policy)
    horizons = {row.line: row.horizon for row in table.rows if row.horizon}
    facts = (
        Fact("id", "the attributes of the series", "a .tsf file", ""),
        Fact("time", table.start or "numbered steps", "the start and the frequency of the file", ""),
        Fact("target", "the values of the series", "a .tsf file", ""),
    )
    return UserFile(
        path,
        read.columns,
        read.series,
        read.note,
        read.missing,
        Layout((), (), (), facts=facts),
        table.horizon or None,
        horizons,
        read.remarks,
    )


def _rows(table: Table) -> Rows:
    """Every value as a row; its line is that of its series."""
    _, every, unit = frequency_of(table)
    stamps: list[str] = []
    for row in table.rows:
        steps = np.arange(len(row.values), dtype=np.int64)
        dated = row.start is not None and unit
        stamps.extend(map(str, times(row.start, steps, every, unit) if dated else steps + 1))
    counts = [len(row.values) for row in table.rows]
    return Rows(
        columns=("y",),
        lines=np.repeat([row.line for row in table.rows], counts).astype(np.int64),
        names=tuple(row.name for row in table.rows),
        owner=np.repeat(np.arange(len(counts)), counts).astype(np.int64),
        stamps=stamps,
        numbers=np.concatenate([row.values for row in table.rows])[:, None],
        time="the time stamp",
    )
