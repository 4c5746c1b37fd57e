"""Will a company go bankrupt? Five years of its accounts, from files in the data folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about

YEARS = 5
# Columns that are no accounts: company, year and answer.
OTHERS = {"window", "cik", "company_name", "fyear", "status", "status_label"}


@dataset("us-bankruptcy", kind="classification")
def us_bankruptcy(*, logarithms: bool = True) -> Problem:
    """Does a company go bankrupt in the year after these five? (2046 + 504 + 2735 companies, 18 accounts.)

    The data are from Lombardo et al. (2022).

    Parameters
    ----------
    logarithms : bool
        Whether amounts are transformed by sign(x) log(1 + |x|); they span seven orders of magnitude.
    """
    read = [_read(path, logarithms) for path in files("us-bankruptcy", {})]
    (train, names), (valid, _), (test, _) = read
    if any(other != names for _, other in read):
        raise ValueError("the three files must have the same columns in the same order")
    task = Task(
        "classification",
        x=Values(len(names), names=names),
        y=Values(2, symbols=True, names=("alive", "bankrupt")),
        length="fixed",
    )
    share = np.mean([y[0] for y in test.y])
    scale = "signed logarithms of the amounts" if logarithms else "amounts as they are"
    protocol = (
        f"the authors' split by company and time; {share:.1%} of the test companies go bankrupt; {scale}"
    )
    return Problem(task, train, test, about("us-bankruptcy", protocol, "most-common", "log_loss"), valid)


def _read(path: Path, logarithms: bool) -> tuple[Split, tuple[str, ...]]:
    """Read a file, in which every five consecutive rows are one company."""
    table = pd.read_csv(path)
    if "status" not in table or len(table) % YEARS:
        raise ValueError(
            f"{path}: {len(table)} rows, columns {', '.join(map(str, table.columns))}; needed are {YEARS} "
            "rows per company and a column status"
        )
    names = tuple(str(name) for name in table.columns if name not in OTHERS)
    values = table[list(names)].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"{path}, line {row + 2}: {names[column]} is {str(table[names[column]].iat[row])!r}, which is no "
            f"finite number ({len(wrong)} such values); leave out companies without complete accounts"
        )
    if logarithms:
        values = np.sign(values) * np.log1p(np.abs(values))
    status = table["status"].to_numpy(dtype=np.int64).reshape(-1, YEARS)
    if not np.isin(status, (0, 1)).all() or (status != status[:, :1]).any():
        raise ValueError(f"{path}: status must be 0 or 1, the same in all {YEARS} rows of a company")
    windows = values.reshape(len(status), YEARS, len(names))
    return Split(list(windows), [one[:1] for one in status]), names
