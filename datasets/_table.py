"""Reader of CSV tables of one evenly spaced series: time in the first column, numbers in all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from recurbench.task import Array


def read_table(path: Path, every: str, *needed: str) -> tuple[Array, Array, tuple[str, ...]]:
    """Read a table.

    Parameters
    ----------
    path : Path
    every : str
        The step between rows, such as "1h".
    *needed : str
        Columns that the file must have.

    Returns
    -------
    time : array [N]
    values : array [N, columns]
    names : tuple of str
        The names of the columns.

    Raises
    ------
    ValueError
        If a column is missing, a value is no number, or a row is not one step after the row before. The error
        names the first line at fault.
    """
    try:
        table = pd.read_csv(path, encoding="utf-8-sig")
    except ValueError as error:
        raise ValueError(f"{path}: {error}; a table with time and numbers in columns is needed") from error
    names = tuple(map(str, table.columns[1:]))
    lacking = [name for name in needed if name not in names]
    if lacking or not names:
        raise ValueError(
            f"{path}, line 1: no column {', '.join(lacking) or 'after the first'}; the columns are "
            f"{', '.join(map(str, table.columns))}; the time must come first, then a column per channel"
        )
    values = table.iloc[:, 1:].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"{path}, line {row + 2}: {names[column]} is {str(table.iat[row, column + 1])!r}, which is no "
            f"finite number{_more(len(wrong))}; this problem needs every value: get the file again"
        )
    time = pd.to_datetime(table.iloc[:, 0], errors="coerce")
    steps = time.diff().ne(pd.Timedelta(every)) & (np.arange(len(time)) > 0)
    odd = np.flatnonzero(time.isna() | steps)
    if len(odd):
        raise ValueError(
            f"{path}, line {odd[0] + 2}: the time {str(table.iat[odd[0], 0])!r} is not {every} after the "
            f"line before{_more(len(odd))}; get the file again"
        )
    return time.to_numpy(), values, names


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
