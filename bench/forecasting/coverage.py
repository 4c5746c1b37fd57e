"""How often stored intervals contain the true value, and how wide they are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

COLUMNS = ("problem", "method", "address", "intervals", "level", "coverage", "width", "values")


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage and mean width of the intervals of every method on test.

    Parameters
    ----------
    table : pandas.DataFrame
        What `predictions` returned.

    Returns
    -------
    pandas.DataFrame
        One row per problem, method, kind of interval and level. intervals: "conformal" (from the validation
        errors of the same fit) or "quantiles" (those that the method forecast itself). level: nominal
        coverage. coverage: share of the test values within their interval. width: mean width in the unit of
        the data. values: how many test values there are.
    """
    if "time" not in table:
        return pd.DataFrame(columns=COLUMNS)
    test = table[(table["stage"] == "test") & table["time"].notna()]
    rows = []
    for (problem, method, address), group in test.groupby(["problem", "method", "address"], sort=False):
        for kind, level, low, high in _intervals(group):
            # A missing true value is neither inside nor outside.
            there = group[[low, high, "actual"]].notna().all(axis=1)
            if there.any():
                inside = group["actual"].between(group[low], group[high])[there].mean()
                width = (group[high] - group[low])[there].mean()
                rows.append((problem, method, address, kind, level, inside, width, int(there.sum())))
    return pd.DataFrame(rows, columns=COLUMNS)


def _intervals(table: pd.DataFrame) -> Iterator[tuple[str, float, str, str]]:
    """Kind, level and the columns of both bounds, of every interval that the table has."""
    names = [str(name) for name in table.columns]
    for name in names:
        if name.startswith("low_"):
            percent = name.removeprefix("low_")
            yield "conformal", float(percent) / 100, name, f"high_{percent}"
    quantiles = {round(float(n.removeprefix("quantile_")), 9): n for n in names if n.startswith("quantile_")}
    for level, name in sorted(quantiles.items()):
        other = quantiles.get(round(1 - level, 9))
        if level < 0.5 and other is not None:
            yield "quantiles", round(1 - 2 * level, 9), name, other
