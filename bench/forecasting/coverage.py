"""How often stored intervals contain the true value, how wide they are, and their interval score."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from recurbench.forecast_errors import interval_score

COLUMNS = (
    *("problem", "method", "address", "intervals", "level"),
    *("coverage", "width", "interval_score", "values"),
)


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Coverage, mean width and interval score of the intervals of every method on test.

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
        the data. interval_score: their mean interval score (`metrics.interval_score`), lower is better.
        values: how many test values there are.
    """
    if "time" not in table:
        return pd.DataFrame(columns=COLUMNS)
    test = table[(table["stage"] == "test") & table["time"].notna()]
    rows = []
    for (problem, method, address), group in test.groupby(["problem", "method", "address"], sort=False):
        for kind, level, low, high in _intervals(group):
            # A missing true value is neither inside nor outside.
            known = group[[low, high, "actual"]].dropna()
            if len(known):
                inside = known["actual"].between(known[low], known[high]).mean()
                below, above, truth = known[[low, high, "actual"]].to_numpy(dtype=float).T[:, :, None]
                scores = (float((above - below).mean()), interval_score(below, above, truth, level))
                rows.append((problem, method, address, kind, level, inside, *scores, len(known)))
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
