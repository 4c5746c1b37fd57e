"""What every method scores on the classification and regression problems of a run, by every metric."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from recurbench.address import label, split_address
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.statistics.resampled_lifts import DIAL, without_resample
from recurbench.results import RUNS, Run

OF_CLASSES = ("accuracy", "balanced_accuracy", "log_loss", "auroc", "brier", "calibration_error")
OF_NUMBERS = ("rmse", "mae", "r2")
KINDS = {"classification": OF_CLASSES, "regression": OF_NUMBERS}
METRICS_SHOWN = (*OF_CLASSES, *OF_NUMBERS)
COLUMNS = (
    *("problem", "label", "kind", "method", "fits", "resamples", "of_resamples", "cases", "protocol"),
    "normalise",
    *METRICS_SHOWN,
)


@lru_cache(maxsize=RUNS)
def case_scores(run: Run) -> pd.DataFrame:
    """One row of COLUMNS per data set of labelled cases and method that answered.

    The resamples of a data set are one problem here. fits: final cells that ended ok. The metrics are means
    over them: first over the seeds of a resample, then over the resamples. NaN where a run or a method has no
    such metric. resamples: how many resamples a method has a score on. of_resamples: how many the run has.
    cases: test cases of each, the same for every method. protocol: of the published split, or of the first
    resample of the run. normalise: how the fits scaled the series, as their notes say: "none", "series" or
    "train" ("none, train" if the fits differ), empty if they do not say. Order: the best validation score
    first, as in `every_method`.
    """
    final = run.final
    final = final[final["kind"].isin(KINDS)] if len(final) else final
    if not len(final):
        return pd.DataFrame(columns=list(COLUMNS))
    held = {str(problem): _data_set(str(problem)) for problem in final["problem"].unique()}
    final = final.assign(data_set=final["problem"].map(held))
    ended = final[final["status"] == "ok"]
    if not len(ended):
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for (data_set, method), cells in _in_order(run, ended):
        problems = [problem for problem, name in held.items() if name == data_set]
        facts = next(iter(run.draws(min(problems, key=_resample)).values()), {})
        first = cells.iloc[0]
        dials = {key: value for key, value in first["dials"].items() if key != DIAL}
        rows.append(
            {
                "problem": data_set,
                "label": label(first["dataset"], dials, data_set),
                "kind": first["kind"],
                "method": method,
                "fits": len(cells),
                "resamples": cells["problem"].nunique(),
                "of_resamples": len(problems),
                "cases": float(facts.get("n_test", np.nan)),
                "protocol": str(facts.get("protocol", "")),
                "normalise": ", ".join(sorted({note.get("normalise", "") for note in cells["notes"]} - {""})),
                **{name: _mean(cells, name) for name in METRICS_SHOWN},
            }
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(("cases", *METRICS_SHOWN), float))[list(COLUMNS)]


def _mean(cells: pd.DataFrame, name: str) -> float:
    """The mean over the seeds of each resample, then over the resamples; NaN without a value."""
    if name not in cells:
        return float("nan")
    return float(cells.groupby("problem")[name].mean().mean())


def _data_set(problem: str) -> str:
    """The address without its resample; the name of a plugin may hold anything, so others are not read."""
    return without_resample(problem) if f"{DIAL}=" in problem else problem


def _resample(problem: str) -> int:
    return int(split_address(problem)[1].get(DIAL, 0)) if f"{DIAL}=" in problem else 0


def _in_order(run: Run, ended: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """The cells of every data set and method; on each data set the best validation first, no score last."""
    scored = every_method(run)
    keyed = zip(scored["problem"], scored["method"], strict=True) if len(scored) else ()
    place = {key: i for i, key in enumerate(keyed)}
    order = {str(name): i for i, name in enumerate(ended["data_set"].drop_duplicates())}
    groups = {
        (str(name), str(method)): cells
        for (name, method), cells in ended.groupby(["data_set", "address"], sort=False)
    }

    def rank(key: tuple[str, str]) -> tuple[int, float]:
        problems = groups[key]["problem"].unique()
        return order[key[0]], float(np.mean([place.get((name, key[1]), len(place)) for name in problems]))

    return [(key, groups[key]) for key in sorted(groups, key=rank)]
