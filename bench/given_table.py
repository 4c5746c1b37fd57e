"""A pandas DataFrame that a Python caller gives, written to the CSV file that the run then reads."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurbench.address import shown

if TYPE_CHECKING:
    from pandas import DataFrame
    from recurbench.request import Request

NAME = "data.csv"


def with_file(request: Request) -> Request:
    """The request with a file in place of a DataFrame; ValueError as of `stored`, and for a text of rows."""
    if isinstance(request.data, str) and "\n" in request.data:
        raise ValueError(
            f"data is {shown(request.data)}, the rows of a table and not the path of a file; write for "
            "example data=pandas.read_csv(io.StringIO(text))"
        )
    if request.data is None or isinstance(request.data, str | os.PathLike):
        return request
    file, out = stored(request.data, request.out)
    return replace(request, data=file, out=out)


def stored(table: Any, out: Any) -> tuple[Path, Path]:
    """Write a DataFrame or Series to OUT/data.csv.

    Parameters
    ----------
    table : pandas.DataFrame or pandas.Series
        Column names are kept. An index with a name, or one of dates or text, becomes a column.
    out : path, optional
        Directory of the run. By default `runs/data-HASH`, with a hash of the table, so that the same table
        continues its run and another table starts a new one.

    Returns
    -------
    file, out : Path
        The file, and the directory of the run.

    Raises
    ------
    ValueError
        If it is no table of pandas, has no rows, has columns of several levels, or cannot be written.
    """
    # This import loads pandas, which a run without a table may not need yet.
    from recurbench.reading.table import as_text, with_index

    text = as_text(with_index(_frame(table), "data")).to_csv(index=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    folder = Path("runs") / f"data-{digest}" if out is None else Path(out)
    file = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A file with the same content keeps its time, by which its hash is remembered.
        if not file.is_file() or file.read_bytes() != text.encode():
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(
            f"{folder}: cannot be written ({error.strerror}); name another directory with out="
        ) from None
    return file, folder


def _frame(table: Any) -> DataFrame:
    """A Series as a table of one column; ValueError if there is no table, or it has no value."""
    import pandas as pd  # the caller has loaded it; without a table it is not needed

    if isinstance(table, pd.Series):
        table = table.to_frame("y" if table.name is None else table.name)
    if not isinstance(table, pd.DataFrame):
        raise ValueError(
            f"data is {shown(table)} ({type(table).__name__}), wanted the path of a file or a DataFrame of "
            "pandas; write for example data=pandas.DataFrame(values)"
        )
    if not len(table) or not len(table.columns):
        size = f"{len(table)} rows and {len(table.columns)} columns"
        raise ValueError(f"data has {size}; give a table with values")
    if table.columns.nlevels > 1:
        raise ValueError(
            f"data has column names of {table.columns.nlevels} levels, such as {shown(table.columns[0])}; "
            "join each to one name"
        )
    return table
