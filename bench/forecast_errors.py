"""Errors of one forecast: MASE, sMAPE and the pinball loss."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task


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
    if len(history) <= season:
        return float("nan")
    scale = np.abs(history[season:] - history[:-season]).mean(axis=0)
    error = np.abs(forecast - truth).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(scale > 0, error / scale, np.nan).mean())


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
