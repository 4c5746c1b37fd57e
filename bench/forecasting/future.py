"""The future values of covariates that are known ahead, from a user's table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from recurbench.forecasting.series_end import WholeSeries
from recurbench.reading.columns import columns_of
from recurbench.reading.table import read_table
from recurbench.task import Array, Task


def known_ahead(task: Task, series: Sequence[WholeSeries], steps: int, path: Path | None) -> list[Array]:
    """The values [steps, known] of every series beyond its end; an empty list without such covariates.

    Parameters
    ----------
    task : Task
    series : sequence of WholeSeries
    steps : int
        How many steps are forecast.
    path : Path or None
        CSV file with a column for each covariate and, if there are several series, a column that names the
        series. Its rows are the next steps in order of time, the first directly after the last known step.

    Raises
    ------
    ValueError
        If the file is needed and not given, or lacks columns, series or rows.
    """
    known = series[0].known
    if not known:
        if path is not None:
            raise ValueError(f"--ahead {path}: the run has no covariates known ahead; leave --ahead out")
        return []
    names = list((task.x.names or ())[-known:])
    rows = task.steps * -(-steps // task.steps)
    if path is None:
        raise ValueError(
            f"{', '.join(names)}: their future values are needed for a forecast beyond the end; write the "
            f"next {rows} rows of them to a CSV file and name it with --ahead FILE"
        )
    columns = columns_of(read_table(path))
    lacking = [name for name in names if name not in columns]
    if lacking:
        raise ValueError(
            f"--ahead {path}: no column {', '.join(lacking)}; the columns are {', '.join(columns)}; "
            "add a column for each covariate"
        )
    values = np.stack([columns[name].read.values for name in names], axis=1)
    texts = [column.texts for name, column in columns.items() if name not in names]
    return [_of_series(values, texts, one, rows, path, len(series) > 1) for one in series]


def _of_series(
    values: Array, texts: Sequence[Sequence[str]], one: WholeSeries, rows: int, path: Path, several: bool
) -> Array:
    """values: [N, known], NaN where there is no number; texts: the other columns, [N] each."""
    if several:
        named = (np.array([cell == str(one.name) for cell in cells], dtype=np.bool_) for cells in texts)
        mine = next((each for each in named if each.any()), None)
        if mine is None:
            raise ValueError(
                f"--ahead {path}: no row of series {one.name}; add a column that names the series of each row"
            )
        values = values[mine]
    values = values[:rows]
    if len(values) < rows or not np.isfinite(values).all():
        seen = int(np.isfinite(values).all(axis=1).sum())
        raise ValueError(
            f"--ahead {path}: series {one.name} has {seen} rows of numbers; give {rows}, one for each step "
            "after the last known one"
        )
    return values
