"""The Theta method: the mean of a straight line and of exponential smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import (
    Floats,
    PerSeries,
    deseasonalised,
    passes_seasonal_test,
    quantile_lines,
)
from recurbench.task import Predictor
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter


@method("theta", family="statistical", kinds={"forecasting"}, recurrence="linear")
def theta(task: Task, train: Split) -> Predictor:
    """Theta method (Assimakopoulos and Nikolopoulos 2000): mean of a trend line and exponential smoothing.

    The season is removed first, if the 90 % test of the M4 competition finds one; it is multiplicative, or
    additive if a value is not positive. Simple exponential smoothing is applied to 2 y - trend line. The
    smoothing weight and the decision on the season are fitted once; the line and the seasonal indices are
    computed from each longer history.
    """

    def fit(history: Floats, _: Floats | None) -> Theta:
        seasonal = passes_seasonal_test(history, task.season)
        multiplicative = bool(history.min() > 0)
        adjusted, _factors = deseasonalised(history, task.season if seasonal else 1, multiplicative)
        alpha, start, sigma = _fit_smoothing(2 * adjusted - _line(adjusted, 0))
        notes = {"alpha": alpha, "seasonal": seasonal, "multiplicative": multiplicative}
        season = task.season if seasonal else 1
        # The errors of 2 y - line are twice those of the series.
        return Theta(alpha, start, sigma / 2, season, multiplicative, task.steps, task.quantiles, notes)

    return PerSeries(task, train, fit, zero=True)


@dataclass(frozen=True)
class Theta:
    """The fitted model: the smoothing weight and the decision on the season."""

    alpha: float
    start: float
    sigma: float
    season: int
    multiplicative: bool
    steps: int
    quantiles: tuple[float, ...]
    notes: dict[str, Any]

    def forecast(self, history: Floats, _known: Floats | None, /) -> Floats:
        """Forecast [steps] or [steps, Q] after the history."""
        multiplicative = self.multiplicative and bool(history.min() > 0)
        season = self.season if len(history) >= 2 * self.season else 1
        adjusted, factors = deseasonalised(history, season, multiplicative)
        line = _line(adjusted, self.steps)
        level = _smooth(2 * adjusted - line[: len(adjusted)], self.alpha, self.start)[-1]
        middle = 0.5 * line[len(adjusted) :] + 0.5 * level
        h = np.arange(self.steps)
        spread = self.sigma * np.sqrt(1 + h * self.alpha**2)
        coming = factors[(len(history) + h) % season]
        middle = middle * coming if multiplicative else middle + coming
        if history.min() >= 0:
            middle = np.maximum(middle, 0.0)
        return quantile_lines(middle, spread * coming if multiplicative else spread, self.quantiles)


def _line(values: Floats, steps: int) -> Floats:
    """The least-squares line over the values, continued for `steps` steps."""
    t = np.arange(len(values) + steps, dtype=np.float64)
    inner = t[: len(values)] - t[: len(values)].mean()
    slope = float(inner @ values) / max(float(inner @ inner), 1e-300)
    line: Floats = values.mean() + slope * (t - t[: len(values)].mean())
    return line


def _smooth(values: Floats, alpha: float, start: float) -> Floats:
    """The levels of simple exponential smoothing, starting with the initial one."""
    levels, _ = lfilter([alpha], [1.0, alpha - 1.0], values, zi=[(1 - alpha) * start])
    return np.concatenate([[start], levels])


def _fit_smoothing(values: Floats) -> tuple[float, float, float]:
    """The weight and initial level with the least squared one-step errors, and the size of these errors."""

    def solve(alpha: float) -> tuple[float, float]:
        # The errors are linear in the initial level, so least squares gives it exactly.
        errors = values - _smooth(values, alpha, 0.0)[:-1]
        weight = (1 - alpha) ** np.arange(len(values))
        start = float(errors @ weight) / float(weight @ weight)
        return start, float(np.sum((errors - start * weight) ** 2))

    best = minimize_scalar(lambda alpha: solve(alpha)[1], bounds=(1e-4, 0.9999), method="bounded")
    start, error = solve(float(best.x))
    return float(best.x), start, float(np.sqrt(error / len(values)))
