"""The scores of every single series of the forecasting problems of a run, and how they vary over series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from recurbench.packing import unpack_units
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.results import Run, fits
from scipy.stats import t as student

ROUNDING = 1e-9  # relative; the same forecast computed in another order differs by less
KEYS = ("problem", "data_seed", "method", "series", "steps", "origins")


def series_scores(run: Run) -> pd.DataFrame:
    """One row per forecasting problem, sample, method and series.

    Parameters
    ----------
    run : Run
        A run.

    Returns
    -------
    pandas.DataFrame
        problem and method by their addresses, data_seed (None if the problem has one sample), series; steps:
        the longest history before a test origin; origins: test origins of the series. Then one column per
        metric that the run keeps for every example, such as mase, smape, mae, and rmse, the root of the mean
        squared error over the origins of the series: each a mean over origins, then over seeds. NaN where a
        metric is undefined for the series. The order is that of the run. Empty without a forecasting problem.
    """
    tables = [table for problem in run.final["problem"].drop_duplicates() for table in _of(run, str(problem))]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(KEYS))


def _of(run: Run, problem: str) -> Iterator[pd.DataFrame]:
    """The table of every sample and method of a forecasting problem."""
    final = run.final[(run.final["problem"] == problem) & (run.final["status"] == "ok")]
    for draw, facts in run.draws(problem).items():
        if facts["kind"] != "forecasting":
            return
        own = final[final["data_seed"].isna() if draw is None else final["data_seed"] == draw]
        codes, names = pd.factorize(np.array([str(name) for name in facts["series"]], dtype=object))
        steps = np.zeros(len(names), dtype=np.int64)
        np.maximum.at(steps, codes, np.asarray(facts.get("origins") or [0] * len(codes), dtype=np.int64))
        for address, cells in own.groupby("address", sort=False):
            scores = _means([_per_series(blob, codes, len(names)) for blob in cells["units"] if blob])
            if scores:
                keys = (problem, draw, str(address), names, steps, np.bincount(codes))
                yield pd.DataFrame({**dict(zip(KEYS, keys, strict=True)), **scores})


def _per_series(blob: bytes, codes: np.ndarray[Any, Any], count: int) -> dict[str, Floats]:
    """By metric the mean [series] over the origins that have a value."""
    found = {}
    for name, (values, _) in unpack_units(blob).items():
        known = ~np.isnan(values)
        sums = np.bincount(codes[known], weights=values[known], minlength=count)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums / np.bincount(codes[known], minlength=count)
        found["rmse" if name == "mse" else name] = np.sqrt(mean) if name == "mse" else mean
    return found


def _means(of_seeds: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    names = of_seeds[0] if of_seeds else ()
    return {name: np.mean([each[name] for each in of_seeds if name in each], axis=0) for name in names}


def over_series(run: Run, scores: pd.DataFrame) -> pd.DataFrame:
    """How the score of a problem's metric varies over series, one row per problem, sample and method.

    Parameters
    ----------
    run : Run
    scores : pandas.DataFrame
        What `series_scores` returned.

    Returns
    -------
    pandas.DataFrame
        problem, data_seed, method, metric; series: how many have a score; mean, median, high: mean and
        quantiles .5 and .9 over series; better: the share of series on which the error is smaller than that
        of the reference method, ties count half; ties: series on which both errors are equal up to rounding,
        a relative difference of at most ROUNDING; difference, lower, upper: the mean difference from the
        reference and its 95 % interval, by the t distribution over series, none below LEAST_UNITS series;
        cpu_ms: milliseconds of CPU time per series to fit and to predict, the mean over seeds.
    """
    rows = [
        row
        for problem, of_problem in scores.groupby("problem", sort=False)
        for _, own in of_problem.groupby("data_seed", sort=False, dropna=False)
        for row in _spread(run, str(problem), sample_of(own), own)
    ]
    return pd.DataFrame(rows)


def sample_of(rows: pd.DataFrame) -> int | None:
    """The sample that all these rows belong to; None where a problem has no samples."""
    draw = rows["data_seed"].iloc[0]
    return None if pd.isna(draw) else int(draw)


def _spread(run: Run, problem: str, draw: int | None, own: pd.DataFrame) -> Iterator[dict[str, Any]]:
    final, about = run.final[run.final["problem"] == problem], run.draws(problem)[draw]
    cells = final[final["data_seed"].isna() if draw is None else final["data_seed"] == draw]
    metric = str(about["metric"])
    metric = {"mse": "rmse"}.get(metric, metric)
    if metric not in own:
        metric = "mae"
    wide = own.pivot_table(index="series", columns="method", values=metric, sort=False, dropna=False)
    base = wide.get(about["reference"])
    for method in own["method"].drop_duplicates():
        values = wide[method].dropna()
        yield {
            "problem": problem,
            "data_seed": draw,
            "method": method,
            "metric": metric,
            "series": len(values),
            "mean": values.mean(),
            "median": values.median(),
            "high": values.quantile(0.9),
            **(_against(wide[method], base) if base is not None and method != about["reference"] else {}),
            "cpu_ms": _cpu(cells[cells["address"] == method], len(wide)),
        }


def _against(errors: pd.Series[float], base: pd.Series[float]) -> dict[str, float]:
    """Every metric of a forecast is an error, so that a negative difference is better."""
    both = (errors.notna() & base.notna()).to_numpy()
    one, other = errors.to_numpy()[both], base.to_numpy()[both]
    known = one - other
    if not len(known):
        return {}
    ties = np.isclose(one, other, rtol=ROUNDING, atol=0.0)
    found = {
        "better": float(np.mean(((known < 0) & ~ties) + 0.5 * ties)),
        "ties": int(ties.sum()),
        "difference": float(known.mean()),
    }
    if len(known) < LEAST_UNITS:
        return found
    half = float(student.ppf((1 + LEVEL) / 2, len(known) - 1)) * known.std(ddof=1) / np.sqrt(len(known))
    return {**found, "lower": found["difference"] - half, "upper": found["difference"] + half}


def _cpu(cells: pd.DataFrame, series: int) -> float:
    spent = fits(cells)[["fit_cpu_seconds", "predict_cpu_seconds"]].astype(float).sum(axis=1)
    return float(1000 * spent.mean() / series) if len(spent) else float("nan")
