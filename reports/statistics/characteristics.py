"""Characteristics of real data beside the lift, and their rank correlation with it: exploratory."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.address import split_address
from recurbench.reports.statistics.constants import LEVEL, RESAMPLES, STREAM
from recurbench.reports.statistics.resampled_lifts import groups, method_skills
from recurbench.results import Run
from scipy.stats import rankdata

TRAITS = (
    "size",
    "length",
    "length_spread",
    "aligned",
    "lag",
    "gain",
    "noise",
    "season",
    "irregularity",
    "order",
)
LEAST = 4  # data sets; with fewer a rank correlation shows nothing
COLUMNS = ("kind", "trait", "n", "rho", "low", "high", "reading")
READING = "exploratory"


def characteristics(run: Run, found: pd.DataFrame) -> pd.DataFrame:
    """One row per real problem: problem, data_set, kind, lift and TRAITS, each the mean over its resamples.

    found: the rows of one contrast of `real.lifts`. order: skill of the recurrent method minus that of its
    twin trained and tested on shuffled steps, where the run holds the twin.
    """
    rows = []
    members = groups(run)
    for _, row in found[found["lift"].notna() & (found["role"] == "")].iterrows():
        traits = [_traits(run, problem, str(row["recurrent"])) for problem in members[str(row["problem"])]]
        means = pd.DataFrame(traits, columns=list(TRAITS)).astype(float).mean()
        own = {name: row[name] for name in ("problem", "data_set", "kind", "lift")}
        rows.append({**own, **means})
    return pd.DataFrame(rows, columns=["problem", "data_set", "kind", "lift", *TRAITS])


def _traits(run: Run, problem: str, recurrent: str) -> dict[str, float | None]:
    facts = next(iter(run.draws(problem).values()))
    skills = method_skills(run, problem)
    name = split_address(recurrent)[0]
    twin = f"{name}-shuffled{recurrent[len(name) :]}"
    both = recurrent in skills and twin in skills
    return {**facts.get("traits", {}), "order": skills[recurrent] - skills[twin] if both else None}


def correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation of every trait with the lift, one kind of task at a time, and its interval.

    One row of COLUMNS per kind and trait that varies over at least LEAST data sets, the settings of one being
    averaged first. The interval is the percentile bootstrap over data sets; resamples in which one of the two
    does not vary are left out.
    """
    rows = []
    values = table[["kind", "data_set", "lift", *TRAITS]].astype(dict.fromkeys(TRAITS, float))
    of_sets = values.groupby(["kind", "data_set"], sort=False).mean().reset_index()
    for kind, group in of_sets.groupby("kind", sort=False):
        for trait in TRAITS:
            known = group[["lift", trait]].dropna().to_numpy(dtype=float)
            if len(known) >= LEAST and (np.ptp(known, axis=0) > 0).all():
                rho, low, high = with_interval(known)
                row = {"kind": kind, "trait": trait, "n": len(known), "rho": rho, "low": low, "high": high}
                rows.append({**row, "reading": READING})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_interval(pairs: NDArray[np.float64]) -> tuple[float, float, float]:
    """Spearman's rho of the columns of [n, 2], and its bootstrap interval over the rows."""
    rng = np.random.default_rng(STREAM)
    drawn = pairs[rng.integers(len(pairs), size=(RESAMPLES, len(pairs)))]
    found = np.array([_spearman(one) for one in drawn])
    rest = (1 - LEVEL) / 2
    low, high = np.quantile(found[np.isfinite(found)], [rest, 1 - rest])
    return _spearman(pairs), float(low), float(high)


def _spearman(pairs: NDArray[np.float64]) -> float:
    ranks = rankdata(pairs, axis=0)
    ranks -= ranks.mean(axis=0)
    size = float(np.sqrt((ranks**2).sum(axis=0).prod()))
    return float(ranks.prod(axis=1).sum()) / size if size > 0 else float("nan")
