"""What pilot draws choose: a learning rate for each method and the best method of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from recurbench.registration import Frozen
from recurbench.reports.statistics.registered_rule import LOST, SOLVED, Outcome

COLUMNS = ("method", "rate", "replicate", "test", "valid")


def choose(
    pilots: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    twins: Mapping[str, str],
    problem: str,
    predicted: str,
    graded: bool = False,
) -> Frozen:
    """The frozen roles of one contrast, from its pilot fits at the registered budget.

    pilots: one row per fit with method, rate, replicate, test (skill) and valid (higher is better). groups:
    the methods of "recurrent", "full" and "window". twins: by recurrent method its twin without a state; only
    that of the best one is needed, and none where it has no pilots yet. The highest mean test skill wins,
    then the higher mean validation score, then the first name (of rates: the lower one). Judged draws are
    others, so choosing by test skill biases nothing.
    graded: whether failed fits are implausible; pilots in which one recipe has both a solved and a lost fit
    overrule it.
    """
    _refuse(pilots, [*(name for group in groups.values() for name in group), *twins.values()])
    recipes = _recipes(pilots)
    rate_of = {str(name): float(rate) for name, rate in recipes["rate"].items()}

    def champion(names: Sequence[str]) -> str | None:
        return next((str(name) for name in recipes.index if name in names), None)

    r, f, w = (champion(groups.get(group, ())) for group in ("recurrent", "full", "window"))
    if r is None or f is None:
        raise ValueError(f"groups {dict(groups)}: recurrent and full each need a method with pilot fits")
    memory = champion((r, f)) or r
    named = {**groups, "twin": list(twins.values())}
    rates = {group: {name: rate_of[name] for name in names} for group, names in named.items()}
    outcome = Outcome.GRADED if graded and not _mixed(pilots) else Outcome.SOLVED
    return Frozen(problem, outcome.value, predicted, rates, r, f, memory, w, twins.get(r))


def ranked(pilots: pd.DataFrame) -> list[str]:
    """The methods of these pilot fits at their best learning rates, the best first, as `choose` compares."""
    return [str(name) for name in _recipes(pilots).index]


def _recipes(pilots: pd.DataFrame) -> pd.DataFrame:
    """By method its best learning rate, with means of test and validation; the best method first."""
    means = pilots.groupby(["method", "rate"], as_index=False)[["test", "valid"]].mean()
    best = means.sort_values(
        ["test", "valid", "method", "rate"], ascending=[False, False, True, True], kind="stable"
    )
    return best.drop_duplicates("method").set_index("method")


def _mixed(pilots: pd.DataFrame) -> bool:
    spans = pilots.groupby(["method", "rate"])["test"].agg(["min", "max"])
    return bool(((spans["max"] >= SOLVED) & (spans["min"] <= LOST)).any())


def _refuse(pilots: pd.DataFrame, names: Sequence[str]) -> None:
    absent = [column for column in COLUMNS if column not in pilots]
    if absent:
        raise ValueError(f"pilot fits have no column {', '.join(absent)}, must have {', '.join(COLUMNS)}")
    unfit = sorted(set(names) - set(pilots["method"]))
    if unfit:
        raise ValueError(f"no pilot fits of {', '.join(unfit)}, must have some of each method")
    if pilots.duplicated(["method", "rate", "replicate"]).any():
        raise ValueError("two pilot fits of one method, rate and replicate, must be one of each")
    if pilots[["test", "valid"]].isna().any(axis=None):
        raise ValueError(
            "pilot fits without a score, must be the score of the answer the method fell back on"
        )
    recipes = pilots.groupby(["method", "rate"])["replicate"]
    counts = {tuple(sorted(replicates)) for _, replicates in recipes}
    if len(counts) > 1:
        raise ValueError(f"recipes have pilots of replicates {sorted(counts)}, must be the same for all")
