"""Forecasting by decomposition: trend, season and remainder are forecast separately and added."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import Floats, PerSeries, decompose
from recurbench.methods._settings import Transform
from recurbench.task import Predictor
from statsmodels.nonparametric.smoothers_lowess import lowess
from statsmodels.tsa.stattools import levinson_durbin

# Damping factors to try: the slope of the trend is multiplied by this factor at every step ahead.
DAMPING = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
ORIGINS = 8
LAGS = 4


@method("decomposition", family="statistical", kinds={"forecasting"}, recurrence="linear")
def decomposition(task: Task, train: Split, *, transform: Transform = "auto") -> Predictor:
    """STL (Cleveland et al. 1990): damped trend, last season and an autoregression of the rest, added.

    The damping is chosen by forecasts from earlier origins of the training series. Without a period the trend
    is a LOESS curve. There are no quantiles.

    Parameters
    ----------
    transform : str
        "log", "none", or "auto": a logarithm if the standard deviation grows with the level.
    """

    def fit(history: Floats, _: Floats | None) -> Components:
        return _fit(task, history)

    return PerSeries(replace(task, quantiles=()), train, fit, transform)


@dataclass(frozen=True)
class Components:
    """The fitted model: the damping of the trend and the autoregression of the remainder."""

    season: int
    steps: int
    damping: float
    weights: Floats
    notes: dict[str, Any]

    def forecast(self, history: Floats, _known: Floats | None, /) -> Floats:
        """Decompose the history, forecast each component, and add the forecasts: [steps]."""
        trend, seasonal, remainder = _parts(history, self.season, self.steps)
        cycle = seasonal[len(seasonal) - min(self.season, len(seasonal)) :]
        return (
            _carry_trend(trend, self.season, self.damping, self.steps)
            + np.resize(cycle, self.steps)
            + _carry_remainder(remainder, self.weights, self.steps)
        )


def _parts(history: Floats, season: int, steps: int) -> tuple[Floats, Floats, Floats]:
    """Trend, season and remainder, [T] each; without a season LOESS over about two horizons is the trend."""
    n = len(history)
    if n < 4:
        raise ValueError(f"{n} steps of history are too few to decompose, 4 are needed")
    if season >= 2 and n > 2 * season:
        return decompose(history, season)
    share = min(1.0, max(7, 2 * steps + 1) / n)
    trend = np.asarray(lowess(history, np.arange(n), frac=share, it=0, return_sorted=False))
    return trend, np.zeros(n), history - trend


def _carry_trend(trend: Floats, season: int, damping: float, steps: int) -> Floats:
    """Continue the trend by its mean slope over the last season (at least 4 steps), damped at every step."""
    span = min(max(season, 4), len(trend) - 1)
    slope = (trend[-1] - trend[-1 - span]) / span
    line: Floats = trend[-1] + slope * np.cumsum(damping ** np.arange(1.0, steps + 1))
    return line


def _carry_remainder(remainder: Floats, weights: Floats, steps: int) -> Floats:
    values = list(remainder[len(remainder) - len(weights) :])
    for _ in range(steps):
        values.append(sum(w * values[-1 - k] for k, w in enumerate(weights)))
    return np.array(values[len(weights) :])


def _remainder_weights(remainder: Floats) -> Floats:
    """Yule-Walker weights of an autoregression, which make it stable; AIC chooses the order."""
    lags = min(LAGS, len(remainder) // 10)
    # The history has a standard deviation of 1, so such a small remainder is rounding.
    if lags == 0 or np.ptp(remainder) <= 1e-9:
        return np.zeros(1)
    _, _, _, variance, weights = levinson_durbin(remainder, lags)
    variance[0] = np.mean(remainder**2)
    order = int(np.argmin(len(remainder) * np.log(np.maximum(variance, 1e-300)) + 2 * np.arange(lags + 1)))
    return np.asarray(weights[1 : order + 1, order]) if order else np.zeros(1)


def _fit(task: Task, history: Floats) -> Components:
    season, steps = task.season, task.steps
    _, seasonal, remainder = _parts(history, season, steps)
    model = Components(season, steps, 0.9, _remainder_weights(remainder), {})
    least = max(2 * season + 1, 2 * steps, 10)
    errors = np.zeros(len(DAMPING))
    origins = [len(history) - steps * k for k in range(1, ORIGINS + 1) if len(history) - steps * k >= least]
    for origin in origins:
        coming = history[origin : origin + steps]
        for i, damping in enumerate(DAMPING):
            answer = replace(model, damping=damping).forecast(history[:origin], None)
            errors[i] += float(np.abs(answer - coming).mean())
    damping = DAMPING[int(np.argmin(errors))] if origins else model.damping
    names = ["trend", *(["season"] if seasonal.any() else []), "remainder"]
    notes = {"components": names, "damping": damping, "remainder_weights": [float(w) for w in model.weights]}
    return replace(model, damping=damping, notes={**notes, "parameters": 1 + len(model.weights)})
