"""Forecasting by decomposition: trend, season and remainder are forecast separately and added."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._held_out import origins, weighed_errors
from recurbench.methods._seasonal import Floats, PerSeries, decompose
from recurbench.methods._settings import Transform
from recurbench.task import Predictor
from statsmodels.nonparametric.smoothers_lowess import lowess
from statsmodels.tsa.stattools import levinson_durbin

# Damping factors to try: the slope of the trend is multiplied by this factor at every step ahead.
DAMPING = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
LAGS = 4


@method("decomposition", family="statistical", kinds={"forecasting"}, recurrence="linear")
def decomposition(task: Task, train: Split, *, transform: Transform = "auto") -> Predictor:
    """STL (Cleveland et al. 1990): damped trend, last season and an autoregression of the rest, added.

    Without a period the trend is a LOESS curve. The smoothed end of a trend lags behind a series that
    wanders, so the forecast is a weighted mean with a naive one: the last value, carried on with the
    season, or the last season. Weight, naive forecast and damping are chosen by forecasts from up to 8
    earlier origins of the training series. There are no quantiles.

    Parameters
    ----------
    transform : str
        "log", "none", or "auto": a logarithm if the standard deviation grows with the level.
    """

    def fit(history: Floats, _: Floats | None) -> Components:
        return _fit(task, history)

    return PerSeries(replace(task, quantiles=()), train, fit, transform)


@dataclass(frozen=True)
class Weighing:
    """How the parts make a forecast.

    Attributes
    ----------
    damping : float
        Of the slope of the trend, at every step ahead.
    share : float
        Weight of trend and remainder; the naive forecast has the rest.
    naive : str
        "last": the last value without its season; "season": the last season, as it was.
    seasonal : bool
        Whether there is a seasonal part.
    """

    damping: float = 0.9
    share: float = 0.5
    naive: str = "last"
    seasonal: bool = True


@dataclass(frozen=True)
class Components:
    """The fitted model: the weights of the parts and the autoregression of the remainder."""

    season: int
    steps: int
    weighing: Weighing
    weights: Floats
    notes: dict[str, Any]

    def forecast(self, history: Floats, _known: Floats | None, /) -> Floats:
        """Decompose the history, forecast each component, and add the forecasts: [steps]."""
        season = self.season if self.weighing.seasonal else 1
        return Parts.of(history, season, self.steps).forecast(self.weighing, self.weights)


@dataclass(frozen=True)
class Parts:
    """A decomposed history, from which forecasts of any weighing cost next to nothing."""

    history: Floats
    trend: Floats
    seasonal: Floats
    remainder: Floats
    season: int
    steps: int

    @classmethod
    def of(cls, history: Floats, season: int, steps: int) -> Parts:
        """Decompose a history [T]."""
        return cls(history, *_parts(history, season, steps), season, steps)

    def forecast(self, how: Weighing, weights: Floats) -> Floats:
        """The forecast [steps] with a weighing and the weights of the autoregression."""
        line = (
            self.cycle + _carry_remainder(self.remainder, weights, self.steps) + self.trend_ahead(how.damping)
        )
        return np.asarray(how.share * line + (1 - how.share) * self.naive(how.naive))

    def trend_ahead(self, damping: float) -> Floats:
        """The trend [steps] after the history."""
        return _carry_trend(self.trend, self.season, damping, self.steps)

    @property
    def cycle(self) -> Floats:
        """The last season of the seasonal part, [steps]."""
        return np.resize(self.seasonal[-min(self.season, len(self.seasonal)) :], self.steps)

    def naive(self, how: str) -> Floats:
        """The naive forecast [steps]; see `Weighing`."""
        if how == "season":
            return np.resize(self.history[-self.season :], self.steps)
        moved: Floats = self.cycle + self.history[-1] - self.seasonal[-1]
        return moved

    def errors(self, coming: Floats) -> dict[Weighing, float]:
        """The mean absolute error of every weighing on the first steps after the history.

        Raised for caution; see `weighed_errors`.
        """
        rest = self.cycle + _carry_remainder(self.remainder, _remainder_weights(self.remainder), self.steps)
        lines = np.array([rest + self.trend_ahead(damping) for damping in DAMPING])
        naives = {name: self.naive(name) for name in (("last", "season") if self.season > 1 else ("last",))}
        return {
            Weighing(DAMPING[number], share, name): error
            for (number, share, name), error in weighed_errors(lines, naives, coming).items()
        }


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
    how, origins = _weighed(history, season, steps)
    parts = Parts.of(history, season if how.seasonal else 1, steps)
    weights = _remainder_weights(parts.remainder)
    names = ["trend", *(["season"] if parts.seasonal.any() else []), "remainder"]
    notes = {"components": names, "damping": how.damping, "share": how.share, "naive": how.naive}
    notes |= {"origins": origins, "remainder_weights": [float(w) for w in weights]}
    return Components(season, steps, how, weights, notes | {"parameters": 2 + len(weights)})


def _weighed(history: Floats, season: int, steps: int) -> tuple[Weighing, int]:
    """The weighing with the least mean absolute error from earlier origins, and how many origins there were.

    Each origin is decomposed once with the season and once without, whatever is tried on it.
    """
    tried = origins(len(history), max(2 * season + 1, steps, 8), steps)
    if not tried:
        return Weighing(), 0
    errors: dict[Weighing, float] = {}
    for origin in tried:
        for seasonal in (True, False) if season > 1 else (True,):
            parts = Parts.of(history[:origin], season if seasonal else 1, steps)
            for how, error in parts.errors(history[origin : origin + steps]).items():
                each = replace(how, seasonal=seasonal)
                errors[each] = errors.get(each, 0.0) + error
    return min(errors, key=errors.__getitem__), len(tried)
