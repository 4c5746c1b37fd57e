"""What more trials were worth: the best validation score to expect of k of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from recurbench.metrics import METRICS
from recurbench.results import Run

COLUMNS = (
    "problem",
    "method",
    "family",
    "recurrence",
    "metric",
    "higher_is_better",
    "jobs",
    "trials",
    "dropped",
    "k",
    "expected_best",
)


def expected_best(scores: Sequence[float], higher_is_better: bool) -> list[float]:
    """The expected best of k = 1..n trials by their n validation scores (Dodge et al. 2019).

    A trial is a draw with replacement from these scores, so the best of k has the chance
    P(best <= v) = P(score <= v) ** k. With k = n it stays short of the best there is.
    """
    values = np.sort(np.asarray(scores, dtype=np.float64))
    if not higher_is_better:
        values = values[::-1]
    n = len(values)
    below = np.arange(n + 1) / n if n else np.zeros(1)
    return [float(values @ np.diff(below**k)) for k in range(1, n + 1)]


def tuning(run: Run) -> pd.DataFrame:
    """One row per problem, tuned method and k: the expected best validation score, the mean over the jobs.

    metric: the first selection metric that all trials have which did not drop out. trials: how many were
    tried; dropped: how many of them in any job, which are not drawn from. k goes as far as every job has
    trials left. Jobs without a final score are left out.
    """
    rows: list[dict[str, Any]] = []
    for problem, cells in run.cells.groupby("problem", sort=False):
        facts = next(iter(run.draws(str(problem)).values()), None)
        done = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]["job"]
        several = cells[cells["trial"] > 0]["job"]
        inner = cells[(cells["stage"] == "inner") & cells["job"].isin(done)]
        tuned = inner[inner["job"].isin(several)]
        for _, own in tuned.groupby("address", sort=False):
            if facts is not None:
                rows.extend(_curve(own, facts))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _curve(inner: pd.DataFrame, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of one method on one problem, from the inner cells of all its trials."""
    good = inner.assign(good=inner["status"] == "ok").groupby(["job", "trial"])["good"].transform("all")
    left = inner[good]
    shared = (name for name in facts["selectors"] if name in left and left[name].notna().all())
    metric = next(shared, None) if len(left) else None
    if metric is None:
        return []
    means = left.groupby(["job", "trial"])[metric].mean()
    higher = METRICS[metric].higher_is_better
    curves = [expected_best(list(scores), higher) for _, scores in means.groupby("job")]
    first = inner.iloc[0]
    common = {
        "problem": first["problem"],
        "method": first["address"],
        "family": first["family"],
        "recurrence": first["recurrence"],
        "metric": metric,
        "higher_is_better": higher,
        "jobs": len(curves),
        "trials": inner["trial"].nunique(),
        "dropped": inner[~good]["trial"].nunique(),
    }
    reach = min(len(curve) for curve in curves)
    return [
        {**common, "k": k + 1, "expected_best": math.fsum(curve[k] for curve in curves) / len(curves)}
        for k in range(reach)
    ]


def shown(ks: Sequence[int]) -> list[int]:
    """Which k a table for people shows: powers of two, and the last."""
    return [k for k in ks if k & (k - 1) == 0 or k == max(ks)]
