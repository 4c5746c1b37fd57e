"""Whether the best method of a row is better than every other one; only then is it set in bold."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from recurbench.registry import FAMILIES
from recurbench.reports.statistics.differences import ALPHA, Difference, of_draws
from recurbench.reports.statistics.lift import paired_draws
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.results import Run
from statsmodels.stats.multitest import multipletests

COLUMNS = (
    "problem",
    "best",
    "rival",
    "rivals",
    "difference",
    "p",
    "p_adjusted",
    "units",
    "sure",
    "why_not",
)


def bests(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """One row per row of a comparison table (`table.comparison`) with two families or more.

    best: the family with the best mean test score. rivals: the number of others. rival: the one of them that
    the best is told from least, by the largest p. difference: of these two methods in skill, paired over test
    units and over seeds or draws. p: two-sided, the largest over all rivals: "better than each" joins one
    claim per rival and is as doubtful as the most doubtful of them (intersection-union, Berger 1982), so
    nothing is adjusted for their number. p_adjusted: Holm over all rows given. sure: whether the best is
    better than each (adjusted p < .05); why_not: why there was no test against `rival`, one being enough;
    None where there was one.
    """
    rows = [found for _, row in table.iterrows() if (found := _row(run, row)) is not None]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    tested = frame["p"].notna()
    if tested.any():
        p = frame.loc[tested, "p"].astype(float)
        frame.loc[tested, "p_adjusted"] = multipletests(p, method="holm")[1]
    frame["sure"] = (frame["p_adjusted"].astype(float) < ALPHA) & (frame["difference"].astype(float) > 0)
    return frame


def _row(run: Run, row: pd.Series[Any]) -> dict[str, Any] | None:
    scored = [name for name in FAMILIES if isinstance(row.get(name), str)]
    if len(scored) < 2:
        return None
    scored.sort(key=lambda name: float(row[f"{name}_score"]), reverse=bool(row["higher_is_better"]))
    best, *rivals = scored
    blank = {"problem": row["problem"], "best": best, "rivals": len(rivals), "p_adjusted": None}
    blank |= {"sure": False, "difference": None, "p": None, "units": 0, "why_not": None}
    hardest: tuple[str, Difference] | None = None
    for rival in rivals:
        found = _difference(run, str(row["problem"]), str(row[best]), str(row[rival]))
        if isinstance(found, Reason):
            return {**blank, "rival": rival, "why_not": found}
        if hardest is None or _doubt(found) > _doubt(hardest[1]):
            hardest = rival, found
    assert hardest is not None
    rival, found = hardest
    few = None if found.p is not None else found.few or reason(ReasonCode.SMALLEST_P, p=found.smallest_p)
    p = None if found.p is None else _doubt(found)[0]
    tested = {"difference": found.value, "p": p, "units": found.units, "why_not": few}
    return {**blank, **tested, "rival": rival}


def _doubt(found: Difference) -> tuple[float, float]:
    """A sort key: the p value of "better" (1 if worse, infinite without a test), then the difference."""
    p = math.inf if found.p is None else 1.0 if found.value <= 0 else found.p
    return p, -found.value


def _difference(run: Run, problem: str, one: str, other: str) -> Difference | Reason:
    """The difference of two methods on one problem, or why it cannot be tested."""
    final = run.final[run.final["problem"] == problem]
    compared = final[final["address"].isin([one, other])]
    waits = sum(run.absent.get((problem, name), 0) for name in (one, other))
    if waits:
        return reason(ReasonCode.FITS_MISSING, n=waits)
    facts = run.draws(problem)
    draws = paired_draws(final, facts, one, other)
    if isinstance(draws, Reason):
        return draws
    # The test units do not show how scores vary between samples or between seeds.
    if len(facts) == 1 and None not in facts:
        return reason(ReasonCode.ONE_SAMPLE)
    if sum(draw.recurrent.shape[1] for draw in draws) == 1 and compared["seed"].notna().any():
        return reason(ReasonCode.ONE_SEED)
    return of_draws(draws)
