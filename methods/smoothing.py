"""Simple, Holt's and damped exponential smoothing, and their mean, as in the M4 competition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._adjusted import Inner, fit_adjusted
from recurbench.methods._exponential import (
    DAMPED,
    SIMPLE,
    TREND,
    best_level,
    first_guess,
    loss,
    search,
    smooth,
)
from recurbench.methods._seasonal import Floats, PerSeries
from recurbench.task import Predictor

NAMES = {SIMPLE: "simple smoothing", TREND: "Holt's method", DAMPED: "a damped trend"}
# The first simplex of the search, for values of standard deviation 1. R takes a tenth of the level in the
# unit of the data for both, so its weights start far outside their limits; a step of 1 leaves them too.
WEIGHT_STEP, STATE_STEP = 1.0, 0.1


@method("ses", family="statistical", kinds={"forecasting"}, recurrence="linear")
def ses(task: Task, train: Split) -> Predictor:
    """Simple exponential smoothing (Brown 1959), as in the M4 competition (Makridakis et al. 2020).

    The forecast is the last smoothed level. For a series with a trend take `damped` or `ets`; `local-level`
    is the same model estimated by likelihood, and skips missing values. The season is removed first as by
    `naive2`. Weight and first level have the least squared one-step errors: a grid that gets finer gives the
    weight, and least squares the level.
    """
    return _per_series(task, train, _one(SIMPLE))


@method("holt", family="statistical", kinds={"forecasting"}, recurrence="linear")
def holt(task: Task, train: Split) -> Predictor:
    """Exponential smoothing with a linear trend (Holt 1957), as in the M4 competition.

    The last slope is continued for ever, which is rarely right for more than a few steps: `damped` is the
    safer choice, and `ets` chooses between none, linear and damped trend. `local-trend` is nearly the same
    model estimated by likelihood, and skips missing values. The season is removed first as by `naive2`.
    Weights and first states have the least squared one-step errors that the search of R's package forecast
    finds.
    """
    return _per_series(task, train, _one(TREND))


@method("damped", family="statistical", kinds={"forecasting"}, recurrence="linear")
def damped(task: Task, train: Split) -> Predictor:
    """Exponential smoothing with a damped trend (Gardner and McKenzie 1985), as in the M4 competition.

    The slope shrinks by a factor of .8 to .98 with every step ahead. Take `ets` instead if you want the form
    chosen by AICc and seasonal states that change over time; it costs more. The season is removed first as by
    `naive2`.
    """
    return _per_series(task, train, _one(DAMPED))


@method("comb", family="statistical", kinds={"forecasting"}, recurrence="linear")
def comb(task: Task, train: Split) -> Predictor:
    """The mean of `ses`, `holt` and `damped`: the benchmark Comb of the M4 competition.

    Quantiles take the mean of the three standard deviations; that of the mean forecast is not larger.
    """
    forms = (SIMPLE, TREND, DAMPED)
    return _per_series(task, train, lambda values: Mean(tuple(_fit(values, form) for form in forms)))


def _per_series(task: Task, train: Split, fit: Callable[[Floats], Inner]) -> Predictor:
    # A straight line cannot blow up, so it may lead farther than a model with a growing response.
    return PerSeries(task, train, lambda history, _: fit_adjusted(task, history, fit), zero=True, reach=100.0)


def _one(form: int) -> Callable[[Floats], Inner]:
    return lambda values: _fit(values, form)


@dataclass(frozen=True)
class Smoothing:
    """The fitted weights, the first state (level, slope), and the standard deviation of one-step errors."""

    alpha: float
    beta: float
    phi: float
    first: tuple[float, float]
    sigma: float
    notes: dict[str, Any]

    def ahead(self, values: Floats, steps: int, /) -> tuple[Floats, Floats]:
        """Middle and standard deviation [steps] after the values.

        The variance is that of the state space form (Hyndman et al. 2008, Forecasting with Exponential
        Smoothing, table 6.1).
        """
        state = np.array(self.first)
        smooth(values, self.alpha, self.beta, self.phi, state)
        reach = np.cumsum(self.phi ** np.arange(1.0, steps + 1))
        weights = (self.alpha + self.beta * reach[:-1]) ** 2
        grown = np.sqrt(1.0 + np.concatenate([[0.0], np.cumsum(weights)]))
        return state[0] + state[1] * reach, self.sigma * grown


@dataclass(frozen=True)
class Mean:
    """The mean of several models."""

    members: tuple[Smoothing, ...]

    @property
    def notes(self) -> dict[str, Any]:
        """The notes of the members, by their names."""
        return {name: each.notes for name, each in zip(("ses", "holt", "damped"), self.members, strict=True)}

    def ahead(self, values: Floats, steps: int, /) -> tuple[Floats, Floats]:
        """Middle and standard deviation [steps] after the values."""
        middles, spreads = zip(*(each.ahead(values, steps) for each in self.members), strict=True)
        return np.mean(middles, axis=0), np.mean(spreads, axis=0)


def _fit(values: Floats, form: int) -> Smoothing:
    """Fit one form. ValueError if there are hardly more values than parameters."""
    weights = form + 1
    least = weights + (1 if form == SIMPLE else 2) + 2
    if len(values) < least:
        raise ValueError(f"{NAMES[form]} needs at least {least} steps, the series has {len(values)}")
    values = np.ascontiguousarray(values)
    if form == SIMPLE:
        params = best_level(values)
    else:
        start = first_guess(values, form)
        steps = np.where(np.arange(len(start)) < weights, WEIGHT_STEP, STATE_STEP)
        params = search(values, form, start, steps)
    sigma = float(np.sqrt(loss(values, form, params) / (len(values) - len(params))))
    alpha, beta, phi = float(params[0]), 0.0, 1.0
    notes = {"alpha": alpha}
    if form != SIMPLE:
        beta = notes["beta"] = float(params[1])
    if form == DAMPED:
        phi = notes["phi"] = float(params[2])
    first = (float(params[weights]), float(params[-1]) if form != SIMPLE else 0.0)
    return Smoothing(alpha, beta, phi, first, sigma, notes)
