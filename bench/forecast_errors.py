"""Errors of forecasts: MASE, RMSSE, sMAPE, the pinball loss, and how good quantiles and intervals are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

# Nominal coverages of the intervals that are scored, where a task asks for both of their bounds.
INTERVALS = (0.5, 0.8, 0.9, 0.95)


def point(task: Task, answer: Array) -> NDArray[np.float64]:
    """Return the point forecast in an answer: the median if the answer holds quantiles.

    Parameters
    ----------
    task : Task
        Its `quantiles` name the levels of the last axis.
    answer : array
        [S, channels], or [S, channels, Q] with one value per quantile level.

    Returns
    -------
    array of float64
        [S, channels], in the units of the data.
    """
    if answer.ndim == 3:
        answer = answer[:, :, task.quantiles.index(0.5)]
    return answer.astype(np.float64)


def true_steps(truth: Array) -> NDArray[np.bool_]:
    """[S]: the steps of a forecast whose true value [S, channels] is known; the others are not scored."""
    return np.asarray(~np.isnan(truth).any(axis=1), dtype=np.bool_)


def mase(forecast: Array, truth: Array, history: Array, season: int) -> float:
    """Compute the mean absolute scaled error, as in the M4 competition.

    Parameters
    ----------
    forecast, truth : array
        [S, channels], in the units of the data.
    history : array
        [T, channels], the values before the origin.
    season : int
        Steps in one season, 1 without a season.

    Returns
    -------
    float
        Mean absolute error over the mean absolute error of seasonal naive on the history; the mean over
        channels. It has no unit. NaN if the history is not longer than a season, or if seasonal naive makes
        no error on it.

    References
    ----------
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy, International Journal of
    Forecasting 22.
    """
    return scaled_errors(forecast, truth, history, season)[0]


def rmsse(forecast: Array, truth: Array, history: Array, season: int) -> float:
    """Compute the root mean squared scaled error, as in the M5 competition, with the season of the task.

    Parameters
    ----------
    forecast, truth : array
        [S, channels], in the units of the data.
    history : array
        [T, channels], the values before the origin.
    season : int
        Steps in one season, 1 without a season (M5 has 1 throughout).

    Returns
    -------
    float
        Root of the mean squared error over the mean squared error of seasonal naive on the history; the mean
        over channels. It has no unit. NaN where MASE is.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2022), M5 accuracy competition: results, findings and
    conclusions, International Journal of Forecasting 38.
    """
    return scaled_errors(forecast, truth, history, season)[1]


def scaled_errors(forecast: Array, truth: Array, history: Array, season: int) -> tuple[float, float]:
    """Compute MASE and RMSSE together, which reads a long history once; see `mase` and `rmsse`."""
    if len(history) <= season:
        return float("nan"), float("nan")
    steps, missed = history[season:] - history[:-season], forecast - truth
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = np.abs(steps).mean(axis=0)
        squared = np.square(steps, dtype=np.float64).mean(axis=0)
        absolute = np.where(scale > 0, np.abs(missed).mean(axis=0) / scale, np.nan)
        root = np.where(squared > 0, np.sqrt((missed**2).mean(axis=0) / squared), np.nan)
    return float(absolute.mean()), float(root.mean())


def smape(forecast: Array, truth: Array) -> float:
    """Compute the symmetric mean absolute percentage error, as in the M4 competition.

    Parameters
    ----------
    forecast, truth : array
        [S, channels], in the units of the data.

    Returns
    -------
    float
        Mean of 200 |y - f| / (|y| + |f|), in percent from 0 to 200. A step where both are 0 counts as 0. NaN
        if a value is NaN.
    """
    size = np.abs(forecast) + np.abs(truth)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(size == 0, 0.0, 200 * np.abs(forecast - truth) / size).mean())


def pinball(task: Task, answer: Array, truth: Array) -> float:
    """Compute twice the pinball loss, the mean over steps, channels and quantile levels.

    Parameters
    ----------
    task : Task
        Its `quantiles` are the levels.
    answer : array
        [S, channels, Q], or a point forecast [S, channels], which then counts at every level.
    truth : array
        [S, channels].

    Returns
    -------
    float
        The loss in the units of the data. At level .5 it is the absolute error.

    References
    ----------
    Koenker and Bassett (1978), Regression quantiles, Econometrica 46.
    """
    levels = np.array(task.quantiles)
    error = truth[:, :, None] - (answer if answer.ndim == 3 else answer[:, :, None])
    return float((2 * np.maximum(levels * error, (levels - 1) * error)).mean())


def interval_score(low: Array, high: Array, truth: Array, level: float) -> float:
    """Compute the interval score (Winkler score): the width, and a fine for every value outside.

    Parameters
    ----------
    low, high, truth : array
        [S, channels]: the bounds of the intervals, and the true values.
    level : float
        Nominal coverage of the intervals, between 0 and 1.

    Returns
    -------
    float
        Mean of high - low + 2 / (1 - level) x the distance of a value outside to its interval, in the units
        of the data. Of all intervals the true quantiles have the lowest expected score.

    References
    ----------
    Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation, Journal of the
    American Statistical Association 102.
    """
    outside = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return float((high - low + 2 / (1 - level) * outside).mean())


def bounds(task: Task) -> dict[int, tuple[int, int]]:
    """Find the central intervals that the quantiles of a task bound.

    Parameters
    ----------
    task : Task
        Its `quantiles` are the levels.

    Returns
    -------
    dict of int to (int, int)
        By nominal coverage in percent, one of `INTERVALS`, the places of both bounds in `quantiles`.
    """
    places = {round(level, 9): place for place, level in enumerate(task.quantiles)}
    ends = {level: (round((1 - level) / 2, 9), round((1 + level) / 2, 9)) for level in INTERVALS}
    return {
        round(100 * level): (places[low], places[high])
        for level, (low, high) in ends.items()
        if low in places and high in places
    }


def losses(
    task: Task, histories: Sequence[Array], truths: Sequence[Array], answers: Sequence[Array]
) -> dict[str, list[float]]:
    """Compute every error that a single forecast has.

    Parameters
    ----------
    task : Task
        A forecasting task.
    histories : sequence of arrays
        Per forecast [T, channels], the values before its origin; targets are the first channels.
    truths, answers : sequence of arrays
        Per forecast [S, channels], of answers also [S, channels, Q].

    Returns
    -------
    dict of str to list of float
        By metric one value per forecast. Interval scores only if every answer has quantiles.
    """
    triples = [
        (point(task, answer), y, x[:, : task.y.size])
        for answer, y, x in zip(answers, truths, histories, strict=True)
    ]
    scaled = [scaled_errors(f, y, x, task.season) for f, y, x in triples]
    found = {
        "mase": [one for one, _ in scaled],
        "rmsse": [other for _, other in scaled],
        "smape": [smape(f, y) for f, y, _ in triples],
        "mse": [float(((f - y) ** 2).mean()) for f, y, _ in triples],
        "mae": [float(np.abs(f - y).mean()) for f, y, _ in triples],
    }
    pairs = list(zip(answers, truths, strict=True))
    if task.quantiles:
        found["pinball"] = [pinball(task, answer, y) for answer, y in pairs]
    if all(answer.ndim == 3 for answer in answers):
        for percent, (low, high) in bounds(task).items():
            found[f"interval_score_{percent}"] = [
                interval_score(a[:, :, low], a[:, :, high], y, percent / 100) for a, y in pairs
            ]
    return found


def pooled(task: Task, truths: Sequence[Array], answers: Sequence[Array]) -> dict[str, float]:
    """Compute what is a share or a ratio over all forecasts together, every true value counting the same.

    Parameters
    ----------
    task : Task
        Its `quantiles` are the levels.
    truths : sequence of arrays
        Per forecast [S, channels].
    answers : sequence of arrays
        Per forecast [S, channels, Q], or a point [S, channels].

    Returns
    -------
    dict of str to float
        "wql": twice the pinball loss over the size of the true values; a point forecast counts at every
        level. NaN if all true values are 0. "coverage_80" and so on, if every answer has quantiles: the share
        of true values within the interval, its bounds included.

    References
    ----------
    Park, Robinson, Aubet, Gasthaus and Wang (2022), Learning quantile functions without quantile crossing
    for distribution-free time series forecasting, AISTATS (weighted quantile loss).
    """
    sizes = [y.size for y in truths]
    loss = sum(pinball(task, a, y) * y.size for a, y in zip(answers, truths, strict=True))
    size = sum(float(np.abs(y).sum()) for y in truths)
    found = {"wql": loss / size if size else float("nan")}
    if not sum(sizes) or any(answer.ndim != 3 for answer in answers):
        return found
    for percent, (low, high) in bounds(task).items():
        inside = [
            ((a[:, :, low] <= y) & (y <= a[:, :, high])).sum() for a, y in zip(answers, truths, strict=True)
        ]
        found[f"coverage_{percent}"] = float(sum(inside)) / sum(sizes)
    return found


def owa(smape: float, mase: float, smape_naive2: float, mase_naive2: float) -> float:
    """Compute the overall weighted average of the M4 competition from averaged metrics.

    Parameters
    ----------
    smape, mase : float
        Of the method: each the mean over all series. OWA is no mean over series: it is formed once.
    smape_naive2, mase_naive2 : float
        The same of Naive 2, the naive forecast of the seasonally adjusted series.

    Returns
    -------
    float
        Mean of both ratios, 1 for Naive 2 itself. NaN if a metric is NaN or Naive 2 has no error.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2020), The M4 competition: 100,000 time series and 61
    forecasting methods, International Journal of Forecasting 36.
    """
    if not (smape_naive2 > 0 and mase_naive2 > 0):
        return float("nan")
    return 0.5 * (smape / smape_naive2 + mase / mase_naive2)


def unscaled(task: Task, split: Split) -> dict[str, int]:
    """Count the forecasting examples that have no MASE, by reason.

    Parameters
    ----------
    task : Task
        A forecasting task.
    split : Split
        Its examples.

    Returns
    -------
    dict of str to int
        "short": the history is not longer than a season. "gaps": it has missing values. "constant": a target
        has one value throughout. "seasonal": a target repeats exactly from season to season. Reasons without
        an example are left out. Examples of which no true value is known are not counted.
    """
    reasons: Counter[str] = Counter()
    for i, whole in enumerate(split.x):
        if len(split.y) and not true_steps(split.y[i]).any():
            continue
        history = np.asarray(whole[:, : task.y.size], dtype=float)
        # A look at the first steps is enough for nearly every history.
        start = history[: 2 * task.season + 100]
        if (start[task.season :] != start[: -task.season]).any(axis=0).all() and np.isfinite(history).all():
            continue
        if len(history) <= task.season:
            reasons["short"] += 1
        elif not np.isfinite(history[task.season :] - history[: -task.season]).all():
            reasons["gaps"] += 1
        elif (history == history[0]).all(axis=0).any():
            reasons["constant"] += 1
        elif (history[task.season :] == history[: -task.season]).all(axis=0).any():
            reasons["seasonal"] += 1
    return dict(reasons)
