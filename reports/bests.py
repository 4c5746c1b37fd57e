"""Whether the best of a row is better than the second best: the only ground for bold face."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.registry import FAMILIES
from recurbench.reports.frame import Run
from recurbench.reports.lift import paired_draws
from recurbench.reports.paired import ALPHA, Difference, of_draws
from statsmodels.stats.multitest import multipletests

COLUMNS = ("problem", "best", "second", "difference", "p", "p_adjusted", "units", "sure", "why_not")


def bests(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """One row per row of a comparison table (`table.comparison`) with two families or more.

    best, second: families by mean test score. difference: of their methods in skill, paired over test units
    and over seeds or draws. p: two-sided; p_adjusted: Holm over all rows given. sure: whether the best is
    better (adjusted p < .05); why_not: why there was no test.
    """
    rows = [found for _, row in table.iterrows() if (found := _row(run, row)) is not None]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    tested = frame["p"].notna()
    if tested.any():
        frame.loc[tested, "p_adjusted"] = multipletests(frame.loc[tested, "p"].astype(float), method="holm")[
            1
        ]
    frame["sure"] = (frame["p_adjusted"].astype(float) < ALPHA) & (frame["difference"].astype(float) > 0)
    return frame


def _row(run: Run, row: pd.Series[Any]) -> dict[str, Any] | None:
    scored = [name for name in FAMILIES if isinstance(row.get(name), str)]
    if len(scored) < 2:
        return None
    scored.sort(key=lambda name: float(row[f"{name}_score"]), reverse=bool(row["higher_is_better"]))
    best, second = scored[:2]
    found = _difference(run, str(row["problem"]), str(row[best]), str(row[second]))
    blank = {"problem": row["problem"], "best": best, "second": second, "p_adjusted": None, "sure": False}
    if isinstance(found, str):
        return {**blank, "difference": None, "p": None, "units": 0, "why_not": found}
    few = "" if found.p is not None else f"smallest p is {found.smallest_p:.2g}"
    return {
        **blank,
        "difference": found.value,
        "p": found.p,
        "units": found.units,
        "why_not": few,
    }


def _difference(run: Run, problem: str, one: str, other: str) -> Difference | str:
    """The difference of two methods on one problem, or why it cannot be tested."""
    final = run.final[run.final["problem"] == problem]
    compared = final[final["address"].isin([one, other])]
    waits = sum(run.absent.get((problem, name), 0) for name in (one, other))
    if waits:
        return f"{waits} cells missing"
    draws = paired_draws(final, run.draws(problem), one, other)
    if isinstance(draws, str):
        return draws
    pairs = sum(draw.recurrent.shape[1] for draw in draws)
    if pairs == 1 and compared["seed"].notna().any():
        return "one seed only"
    return of_draws(draws)
