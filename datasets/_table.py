"""Reader of CSV tables of one evenly spaced series: the time in the first column, numbers in all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from recurbench.task import Array


def read_table(path: Path, every: str, *needed: str) -> tuple[Array, Array, tuple[str, ...]]:
    """Time stamps [N], values [N, columns] and the names of the columns.

    ValueError names the first line that is no number, no date or not one step of `every` (such as "1h") after
    the line before, and the columns of `needed` that the file lacks.
    """
    try:
        table = pd.read_csv(path, encoding="utf-8-sig")
    except ValueError as error:
        raise ValueError(f"{path}: {error}; wanted a table with a time and numbers in columns") from error
    names = tuple(map(str, table.columns[1:]))
    lacking = [name for name in needed if name not in names]
    if lacking or not names:
        raise ValueError(
            f"{path}, line 1: no column {', '.join(lacking) or 'but the first'}; seen "
            f"{', '.join(map(str, table.columns))}; wanted the time first, then a column per channel"
        )
    values = table.iloc[:, 1:].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"{path}, line {row + 2}: {names[column]} is {str(table.iat[row, column + 1])!r}, which is no "
            f"finite number{_more(len(wrong))}; this problem needs every value: get the file anew"
        )
    time = pd.to_datetime(table.iloc[:, 0], errors="coerce")
    steps = time.diff().ne(pd.Timedelta(every)) & (np.arange(len(time)) > 0)
    odd = np.flatnonzero(time.isna() | steps)
    if len(odd):
        raise ValueError(
            f"{path}, line {odd[0] + 2}: the time {str(table.iat[odd[0], 0])!r} is not {every} after the "
            f"line before{_more(len(odd))}; get the file anew"
        )
    return time.to_numpy(), values, names


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
