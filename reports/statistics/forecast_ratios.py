"""Methods over all forecasting problems of a run: ratios to seasonal naive, skill scores and win rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import split_address
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL, RESAMPLES, STREAM
from recurbench.reports.statistics.forecast_scores import windows_of
from recurbench.reports.statistics.outcomes import ReasonCode, Reasons, reason
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.reports.statistics.pairwise import common_names
from recurbench.reports.statistics.resampled_lifts import data_set_of
from recurbench.reports.statistics.undefined_scores import undefined
from recurbench.results import RUNS, Run

BASELINE = "seasonal-naive"
CLIP = (0.01, 100.0)  # as in fev: one problem that is solved or blown up must not decide a mean of ratios
BOUNDED = ("skill", "win_rate", "ratio_mase", "ratio_wql")
COLUMNS = ("method", *(f"{name}{end}" for name in BOUNDED for end in ("", "_low", "_high")), "replaced")


@dataclass(frozen=True)
class Overall:
    """What the methods of a run score over its forecasting problems.

    methods: one row of COLUMNS per method, the best skill score first. skill: 1 - ratio_mase. ratio_mase,
    ratio_wql: geometric mean over the problems of the ratio to the error of the baseline, each ratio within
    CLIP. win_rate: the chance to have less error than another method on a problem, a tie counting half; the
    mean over other methods and problems. _low, _high: bounds of their LEVEL intervals, NaN for fewer than
    LEAST_UNITS data sets. replaced: on how many problems the method has no score on every test forecast and
    every fit, so that the baseline's error stands for its own. problems: those compared, `with_quantiles`
    those among them with a WQL, from `data_sets` data sets. left_out: by problem why it is not compared.
    windows: test forecasts of all problems with the baseline; undefined: those without a scale for MASE.
    """

    methods: pd.DataFrame
    problems: tuple[str, ...]
    with_quantiles: tuple[str, ...]
    data_sets: int
    left_out: Mapping[str, Reasons]
    windows: int
    undefined: int


@lru_cache(maxsize=RUNS)
def overall(run: Run) -> Overall | None:
    """The methods over the forecasting problems; None for a run of fewer than two, or of one method."""
    final = run.final
    final = final[(final["kind"] == "forecasting") & (final["role"] != "ablation")] if len(final) else final
    if not len(final) or final["problem"].nunique() < 2 or final["address"].nunique() < 2:
        return None
    names, _ = common_names(final)
    cells = final.assign(name=final["address"].map(names))
    base = _baseline(cells)
    whole = cells[_whole(run, cells, base)]
    tables = {metric: _errors(cells, whole, metric) for metric in ("mase", "wql")}
    left_out = _left_out(run, tables["mase"])
    compared = [problem for problem in tables["mase"].index if problem not in left_out]
    mase = tables["mase"].loc[compared]
    wql = tables["wql"].loc[compared]
    wql = wql[wql[BASELINE] > 0] if BASELINE in wql else wql.iloc[:0]
    sets = {problem: data_set_of(run, problem) for problem in compared}
    return Overall(
        _methods(mase, wql, sets),
        tuple(compared),
        tuple(map(str, wql.index)),
        len(set(sets.values())),
        left_out,
        int(base["windows"].sum()),
        int(base["mase_undefined"].sum()) if "mase_undefined" in base else 0,
    )


def _baseline(cells: pd.DataFrame) -> pd.DataFrame:
    """The first cell of the baseline on every draw of a problem, with the number of its windows."""
    own = cells[[split_address(address)[0] == BASELINE for address in cells["address"]]]
    own = own[own["status"] == "ok"].drop_duplicates(["problem", "data_seed"])
    return own.assign(windows=[windows_of(row) for row in own.to_dict("records")])


def _whole(run: Run, cells: pd.DataFrame, base: pd.DataFrame) -> list[bool]:
    """[cells]: whether all cells of the method on the problem are there, ok and of the baseline's windows."""
    expected = {
        (problem, _draw(draw)): count
        for problem, draw, count in zip(base["problem"], base["data_seed"], base["windows"], strict=True)
    }
    lost = set(run.absent)
    for row in cells.to_dict("records"):
        count = expected.get((row["problem"], _draw(row["data_seed"])), np.nan)
        other = row["status"] == "ok" and not np.isnan(count) and windows_of(row) != count
        if row["status"] != "ok" or other:
            lost.add((row["problem"], row["address"]))
    return [key not in lost for key in zip(cells["problem"], cells["address"], strict=True)]


def _draw(seed: Any) -> int | None:
    return None if pd.isna(seed) else int(seed)


def _errors(cells: pd.DataFrame, whole: pd.DataFrame, metric: str) -> pd.DataFrame:
    """[problems, methods]: the mean of a metric over the fits of a method; NaN where one of them has none."""
    problems, names = list(cells["problem"].unique()), list(cells["name"].unique())
    if metric not in whole:
        return pd.DataFrame(np.nan, index=problems, columns=names)
    values = whole[metric].astype(float).groupby([whole["problem"], whole["name"]])
    means = values.mean().where(values.count() == values.size())
    # Sorted: pandas 2.3 mixes up the labels of an incomplete index that it is to unstack unsorted.
    return means.unstack("name").reindex(index=problems, columns=names)


def _left_out(run: Run, mase: pd.DataFrame) -> dict[str, Reasons]:
    """By problem why the baseline gives nothing to divide by."""
    found: dict[str, Reasons] = {}
    ran = run.final[run.final["status"] == "ok"]
    for problem in map(str, mase.index):
        error = float(mase[BASELINE].loc[problem]) if BASELINE in mase else np.nan
        names = {split_address(each)[0] for each in ran[ran["problem"] == problem]["address"]}
        facts = next(iter(run.draws(problem).values()), {})
        if BASELINE not in mase or BASELINE not in names:
            found[problem] = (reason(ReasonCode.REFERENCE_NOT_RUN, method=BASELINE),)
        elif np.isnan(error):
            found[problem] = undefined({**facts, "metric": "mase"})
        elif error == 0:
            found[problem] = (reason(ReasonCode.NO_HEADROOM_OF_REFERENCE, method=BASELINE, gap=0.0),)
    return found


def _methods(mase: pd.DataFrame, wql: pd.DataFrame, sets: Mapping[str, str]) -> pd.DataFrame:
    """The rows of `Overall.methods`."""
    if not len(mase):
        return pd.DataFrame(columns=list(COLUMNS))
    replaced = mase.isna().sum()
    mase, wql = (table.apply(lambda row: row.fillna(row[BASELINE]), axis=1) for table in (mase, wql))
    parts = {
        "skill": _means(_logs(mase), mase, sets).transform(lambda mean: 1 - np.exp(mean)),
        "win_rate": _means(_wins(mase), mase, sets),
        "ratio_mase": _means(_logs(mase), mase, sets).transform(np.exp),
        "ratio_wql": _means(_logs(wql), wql, sets).transform(np.exp),
    }
    # The upper bound of a ratio is the lower one of a skill.
    low, high = parts["skill"]["low"].copy(), parts["skill"]["high"].copy()
    parts["skill"] = parts["skill"].assign(low=high, high=low)
    columns = {
        f"{name}{'' if end == 'mean' else f'_{end}'}": part[end]
        for name, part in parts.items()
        for end in ("mean", "low", "high")
    }
    table = pd.DataFrame(columns).assign(replaced=replaced).rename_axis("method").reset_index()
    return table.sort_values("skill", ascending=False, kind="stable", ignore_index=True)[list(COLUMNS)]


def _logs(errors: pd.DataFrame) -> Floats:
    """[problems, methods]: the logarithm of the clipped ratio to the baseline's error."""
    if not len(errors):
        return np.empty(errors.shape)
    ratios = errors.to_numpy(dtype=float) / errors[[BASELINE]].to_numpy(dtype=float)
    found: Floats = np.log(np.clip(ratios, *CLIP))
    return found


def _wins(errors: pd.DataFrame) -> Floats:
    """[problems, methods]: the share of other methods with more error, a tie counting half."""
    values = errors.to_numpy(dtype=float)
    one, other = values[:, :, None], values[:, None, :]
    # The same forecast may be summed in another order.
    ties = np.isclose(one, other, rtol=1e-9, atol=0.0)
    won = np.where(ties, 0.5, one < other).sum(axis=2) - 0.5
    found: Floats = won / (values.shape[1] - 1)
    return found


def _means(values: Floats, errors: pd.DataFrame, sets: Mapping[str, str]) -> pd.DataFrame:
    """By method the mean over problems, and the bounds of its percentile interval over resampled data sets.

    Problems of one data set are drawn together: they are settings of the same data and not independent.
    """
    if not len(values):
        return pd.DataFrame(np.nan, index=errors.columns, columns=["mean", "low", "high"])
    found = pd.DataFrame({"mean": values.mean(axis=0)}, index=errors.columns)
    codes, names = pd.factorize(np.array([sets[str(problem)] for problem in errors.index], dtype=object))
    if len(names) < LEAST_UNITS:
        return found.assign(low=np.nan, high=np.nan)
    rng = np.random.default_rng(STREAM)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)[:, codes]
    means = times @ values / times.sum(axis=1, keepdims=True)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return found.assign(low=low, high=high)
