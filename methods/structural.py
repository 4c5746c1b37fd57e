"""A local level and a local linear trend, estimated with the Kalman filter; missing values are skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._adjusted import fit_adjusted
from recurbench.methods._kalman import ahead, run
from recurbench.methods._seasonal import Floats, PerSeries
from recurbench.task import Predictor
from scipy.optimize import minimize, minimize_scalar

# Logarithms of a variance over that of the noise. Beyond them a change makes no difference.
LEAST, MOST = -24.0, 16.0
LEVELS = np.arange(-20.0, 13.0, 4.0)
SLOPES = np.arange(-20.0, 5.0, 6.0)


@method("local-level", family="statistical", kinds={"forecasting"}, recurrence="linear")
def local_level(task: Task, train: Split) -> Predictor:
    """A random walk seen through noise (Durbin and Koopman 2012, chapter 2), by the Kalman filter.

    The forecast is that of `ses`. Take this one for a series with missing values: they are skipped, where
    other methods fill them in. The ratio of the two variances has the largest likelihood, with an exact
    diffuse first level. The season is removed first as by `naive2`.
    """
    return _per_series(task, train, _fit_level)


@method("local-trend", family="statistical", kinds={"forecasting"}, recurrence="linear")
def local_trend(task: Task, train: Split) -> Predictor:
    """A local linear trend (Durbin and Koopman 2012, section 3.2), by the Kalman filter.

    Level and slope are random walks, and values are seen through noise. The forecast is a line, as that of
    `holt`; `damped` is the safer choice for many steps, and `ets` chooses the form of the trend. Take this
    one for a series with missing values: they are skipped, where other methods fill them in. The ratios of
    the three variances have the largest likelihood, with exact diffuse first states. The season is removed
    first as by `naive2`.
    """
    return _per_series(task, train, _fit_trend)


def _per_series(task: Task, train: Split, fit: Callable[[Floats], Structural]) -> Predictor:
    # A straight line cannot blow up, so it may lead farther than a model with a growing response.
    return PerSeries(
        task, train, lambda history, _: fit_adjusted(task, history, fit), zero=True, gaps=True, reach=100.0
    )


@dataclass(frozen=True)
class Structural:
    """The fitted variances of noise, level and slope; they sum to 1 and are told in `unit`."""

    noise: float
    level: float
    slope: float
    sloped: bool
    unit: float
    notes: dict[str, Any]

    def ahead(self, values: Floats, steps: int, /) -> tuple[Floats, Floats]:
        """Middle and standard deviation [steps] after the values, which may have gaps."""
        out = np.zeros(6)
        run(np.ascontiguousarray(values), self.noise, self.level, self.slope, self.sloped, out)
        middle, variance = ahead(out, self.noise, self.level, self.slope, steps)
        return middle, np.sqrt(self.unit * variance)


def _fit_level(values: Floats) -> Structural:
    """The best ratio: the best of a grid, then refined between its neighbours."""
    values = _checked(values, 3, "a local level")

    def deviance(ratio: float) -> float:
        noise, level, _ = _shares(ratio, None)
        return run(values, noise, level, 0.0, False, np.zeros(6))  # type: ignore[no-any-return]

    ratio = min((float(each) for each in LEVELS), key=deviance)
    width = float(LEVELS[1] - LEVELS[0])
    near = minimize_scalar(
        deviance, bounds=(max(ratio - width, LEAST), min(ratio + width, MOST)), method="bounded"
    )
    return _fitted(values, _shares(float(near.x), None), sloped=False)


def _fit_trend(values: Floats) -> Structural:
    """The best two ratios: the best of a grid, then Nelder and Mead's search from there."""
    values = _checked(values, 5, "a local trend")

    def deviance(ratios: Floats) -> float:
        noise, level, slope = _shares(ratios[0], ratios[1])
        return run(values, noise, level, slope, True, np.zeros(6))  # type: ignore[no-any-return]

    start = min(product(LEVELS, SLOPES), key=lambda ratios: deviance(np.array(ratios)))
    options = {"xatol": 1e-3, "fatol": 1e-6, "initial_simplex": np.add(start, [[0, 0], [2, 0], [0, 3]])}
    near = minimize(deviance, start, method="Nelder-Mead", options=options)
    return _fitted(values, _shares(near.x[0], near.x[1]), sloped=True)


def _checked(values: Floats, least: int, what: str) -> Floats:
    """The values, ready for the filter. ValueError if too few are seen."""
    seen = int(np.isfinite(values).sum())
    if seen < least:
        raise ValueError(f"{what} needs at least {least} steps with a value, the series has {seen}")
    return np.ascontiguousarray(values)


def _shares(level: float, slope: float | None) -> tuple[float, float, float]:
    """The variances of noise, level and slope, with sum 1, from logarithms of their ratios to the noise."""
    parts = np.array([1.0, np.exp(np.clip(level, LEAST, MOST)), 0.0])
    if slope is not None:
        parts[2] = np.exp(np.clip(slope, LEAST, MOST))
    noise, of_level, of_slope = (float(each) for each in parts / parts.sum())
    return noise, of_level, of_slope


def _fitted(values: Floats, shares: tuple[float, float, float], *, sloped: bool) -> Structural:
    out = np.zeros(6)
    run(values, *shares, sloped, out)
    unit = float(out[5])
    names = ("noise", "level", "slope") if sloped else ("noise", "level")
    notes = {f"{name}_variance": share * unit for name, share in zip(names, shares, strict=False)}
    return Structural(*shares, sloped, unit, notes)
