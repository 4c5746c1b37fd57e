"""Seasonal ARIMA with regressors; orders are chosen on the training series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._arima import Candidate, Order, Seasonal, again, arima_model, lost, search
from recurbench.methods._held_out import Weight, origins, weighed_errors
from recurbench.methods._seasonal import (
    STRENGTH_LIMIT,
    Floats,
    PerSeries,
    differences,
    fourier,
    naive,
    naive_spread,
    quantile_lines,
    seasonal_strength,
)
from recurbench.methods._settings import AtLeast0, Transform
from recurbench.methods._standard import settled
from recurbench.task import Predictor

Counts = tuple[AtLeast0, AtLeast0, AtLeast0]

# The time per step of a seasonal state grows like period^3. With a longer period Fourier terms are used.
LONGEST_STATE = 24
# Orders are compared on the last 400 observations, parameters are fitted on the last 1,500.
SEARCH_STEPS, FIT_STEPS = 400, 1500
# Orders (p, q, P, Q) to try. The airline model comes first and wins ties.
SEASONAL = (
    (0, 1, 0, 1), (1, 0, 0, 1), (1, 1, 0, 1), (2, 0, 0, 1),
    (0, 2, 0, 1), (2, 1, 0, 1), (0, 1, 1, 0), (1, 1, 1, 1),
)  # fmt: skip
# Orders without a seasonal difference: most have a seasonal autoregression instead.
SEASONAL_LEVEL = (
    (0, 1, 0, 1), (1, 0, 1, 0), (2, 0, 1, 0), (1, 1, 1, 0),
    (1, 0, 1, 1), (1, 1, 1, 1), (0, 1, 0, 0), (2, 1, 0, 0),
)  # fmt: skip
# Orders with a seasonal difference for less than four seasons; the first is the seasonal naive forecast.
SEASONAL_SHORT = ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1), (1, 0, 0, 1), (0, 1, 0, 1))
SEASONS = 4
# A series with fewer steps or seasons is short: models are weighed against naive forecasts from earlier
# origins. That decides on the seasonal difference, too: the STL strength is near 1 for noise there.
SHORT_STEPS, SHORT_SEASONS = 60, 6
LEAST = 8  # steps before the first of those origins, or two seasons and a step
AGAIN = 10  # iterations from the parameters of the whole series, at an earlier origin
FAR = 1e6  # standard deviations of the history, for a forecast that fails
FEW = 3  # origins; fewer are easily passed by chance, and leave the model at most this share:
SHARE = 0.5
PLAIN = (
    (0, 1, 0, 0), (0, 0, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0),
    (2, 0, 0, 0), (0, 2, 0, 0), (2, 1, 0, 0), (2, 2, 0, 0),
)  # fmt: skip


@method("sarimax", family="statistical", kinds={"forecasting"}, recurrence="linear")
def sarimax(
    task: Task,
    train: Split,
    *,
    order: Counts | None = None,
    seasonal_order: Counts | None = None,
    transform: Transform = "auto",
) -> Predictor:
    """Seasonal ARIMA (Box and Jenkins 1970): tests choose the differences, AICc one of eight orders.

    Covariates known ahead are regressors. A constant is kept if AICc is better with it. Of a series with
    less than 60 steps or six seasons the forecast is a weighted mean with a naive one: the last value, or
    the last season, or without a season the last value with the mean step (drift). The weight, the naive
    forecast, the constant and the seasonal difference are then chosen by forecasts from up to 8 earlier
    origins. Fewer than three origins leave the model at most half of the weight.

    `auto-arima` is statsforecast's search (extra `nixtla`), over more orders and without covariates. Take it
    where statsforecast is installed and no covariate is known ahead, and `sarimax` otherwise.

    Parameters
    ----------
    order : (int, int, int) or None
        (p, d, q); None chooses.
    seasonal_order : (int, int, int) or None
        (P, D, Q) at the period of the task; None with an order stands for (0, 0, 0).
    transform : str
        "log", "none", or "auto": a logarithm if the standard deviation grows with the level.
    """
    for name, given in (("order", order), ("seasonal_order", seasonal_order)):
        if given is not None and (len(given) != 3 or min(given) < 0):
            raise ValueError(f"{name} must be three counts such as (0, 1, 1), got {given!r}")
    if seasonal_order is not None and order is None:
        raise ValueError("seasonal_order is given without order; give both, or neither to have them chosen")
    fixed = (order, seasonal_order or (0, 0, 0)) if order is not None else None

    def fit(history: Floats, known: Floats | None) -> Arima:
        return _fit(task, history, known, fixed)

    return PerSeries(task, train, fit, transform)


@dataclass(frozen=True)
class Design:
    """The regressors: covariates known ahead, standardised on train, and Fourier terms of the season."""

    period: int
    pairs: int
    kept: tuple[int, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    def rows(self, stop: int, known: Floats | None) -> Floats:
        """The regressors [stop, columns] of the steps 0..stop-1."""
        columns = fourier(0, stop, self.period, self.pairs)
        if not self.kept:
            return columns
        if known is None or known.shape[1] <= max(self.kept):
            width = 0 if known is None else known.shape[1]
            raise ValueError(f"fitted with known covariate {max(self.kept)}, asked with {width} of them")
        chosen = (known[:stop, list(self.kept)] - np.array(self.centre)) / np.array(self.scale)
        return np.concatenate([chosen, columns], axis=1)


@dataclass(frozen=True)
class Arima:
    """The fitted model, its regressors, and the naive forecast that has what is left of the share to 1."""

    fitted: Candidate
    design: Design
    season: int
    steps: int
    quantiles: tuple[float, ...]
    notes: dict[str, Any] = field(default_factory=dict)
    share: float = 1.0
    naive: str = "last"

    def forecast(self, history: Floats, known: Floats | None, /) -> Floats:
        """Run the Kalman filter over the whole history and forecast [steps] or [steps, Q]."""
        n, least = len(history), lost(self.fitted.order, self.fitted.seasonal) + 1
        if n <= least:
            raise ValueError(f"{n} steps of history are too few, the differences need more than {least}")
        rows = self.design.rows(n + self.steps, known)
        result = self.filtered(settled(history), rows[:n])
        coming = result.get_forecast(self.steps, exog=rows[n:] if rows.shape[1] else None)
        middle, spread = np.asarray(coming.predicted_mean), np.sqrt(np.asarray(coming.var_pred_mean))
        if self.share < 1:
            naive = _naives(history, self.season, self.steps)[self.naive]
            middle = self.share * middle + (1 - self.share) * naive
            # An upper bound of the deviation of the mean, whatever the correlation of both errors.
            span = self.season if self.naive == "season" else 1
            spread = self.share * spread + (1 - self.share) * naive_spread(history, span, self.steps)
        return quantile_lines(middle, spread, self.quantiles)

    def filtered(self, history: Floats, rows: Floats) -> Any:
        """Filter a history with the fitted parameters.

        A new model without a concentrated scale is used: after one, statsmodels' `extend` forecasts wrongly.
        """
        one = self.fitted
        model = arima_model(history, rows, one.order, one.seasonal, one.constant)
        return model.filter(one.params, cov_type="none")


def _fit(
    task: Task,
    history: Floats,
    known: Floats | None,
    fixed: tuple[Order, Order] | None,
) -> Arima:
    """Choose the differences, then the orders, and then fit the parameters on (nearly) all observations."""
    history = settled(history)
    n, season = len(history), task.season
    states = 1 < season <= LONGEST_STATE
    strength = seasonal_strength(history, season)
    # Regressors count steps from the start of the series, so they are the same at a later origin.
    design = _design(history, known, season, 0 if states or season == 1 else season // 2)
    rows = design.rows(n, known)
    short = fixed is None and n < (max(SHORT_STEPS, SHORT_SEASONS * season) if states else SHORT_STEPS)
    if short:
        found = _short(history, rows, season if states else 1)
    else:
        if fixed is not None:
            orders = [(fixed[0], (*fixed[1], season if any(fixed[1]) else 0))]
        else:
            orders = _orders(history, rows, season, int(states and strength >= STRENGTH_LIMIT))
        found = search(history[-SEARCH_STEPS:], rows[-SEARCH_STEPS:], orders)
    models = [Arima(each, design, season, task.steps, task.quantiles) for each in found]
    model = _weighed(models, history, known) if short else models[0]
    if n > SEARCH_STEPS:
        model = replace(model, fitted=again(model.fitted, history[-FIT_STEPS:], rows[-FIT_STEPS:]))
    one = model.fitted
    notes = {
        "order": one.order,
        "seasonal_order": one.seasonal,
        "constant": one.constant,
        "aicc": one.aicc,
        "log_likelihood": float(model.filtered(history, rows).llf),
        "seasonal_strength": strength,
        "known_covariates": len(design.kept),
        "fourier_pairs": design.pairs,
        "parameters": len(one.params),
        "tried": {each.name: each.aicc for each in found},
        "share": model.share,
    }
    if model.share < 1:
        notes["naive"] = model.naive
    return replace(model, notes=notes)


def _naives(history: Floats, season: int, steps: int) -> dict[str, Floats]:
    """The naive forecasts [steps] of a short series: the last value, and drift or the last season."""
    found = {"last": np.full(steps, history[-1])}
    if season == 1:
        slope = (history[-1] - history[0]) / max(len(history) - 1, 1)
        found["drift"] = history[-1] + slope * np.arange(1.0, steps + 1)
    elif season <= len(history):
        found["season"] = naive(history, season, steps)
    return found


def _short(history: Floats, rows: Floats, season: int) -> list[Candidate]:
    """Of each seasonal difference the orders with the least AICc, with and without a constant."""
    found: list[Candidate] = []
    reason: Exception | None = None
    for way in (0, 1) if season > 1 else (0,):
        try:
            tried = search(history, rows, _orders(history, rows, season, way))
        except (ValueError, ArithmeticError, IndexError) as error:
            reason = error
            continue
        best = tried[0]
        found += [each for each in tried if (each.order, each.seasonal) == (best.order, best.seasonal)]
    if not found:
        raise ValueError(str(reason))
    return found


def _weighed(models: Sequence[Arima], history: Floats, known: Floats | None) -> Arima:
    """The model, its share and the naive forecast with the least error from earlier origins.

    Parameters are fitted again before each origin.
    """
    n, season, steps = len(history), models[0].season, models[0].steps
    tried = origins(n, max(2 * season + 1 if season > 1 else 0, LEAST), steps)
    if not tried:
        if season > 1:
            raise ValueError(f"{n} steps are too few to weigh a model against the seasonal naive forecast")
        return replace(models[0], share=SHARE, naive="last")
    errors: dict[Weight, float] = {}
    for origin in tried:
        coming, before = history[origin : origin + steps], history[:origin]
        naives = _naives(before, season, len(coming))
        lines = [_answer_before(each, before, known, len(coming)) for each in models]
        # A model that cannot be fitted there, or runs away, has an error that no naive forecast has.
        for key, error in weighed_errors(np.array(lines), naives, coming).items():
            errors[key] = errors.get(key, 0.0) + error
    most = 1.0 if len(tried) >= FEW else SHARE
    number, share, name = min((key for key in errors if key[1] <= most), key=errors.__getitem__)
    return replace(models[number], share=share, naive=name)


def _answer_before(model: Arima, before: Floats, known: Floats | None, steps: int) -> Floats:
    """The forecast [steps] of a model with parameters of an earlier origin; far off if there is none."""
    try:
        one = again(model.fitted, before, model.design.rows(len(before), known), AGAIN)
        answer = replace(model, fitted=one, steps=steps, quantiles=()).forecast(before, known)
    except (ValueError, ArithmeticError, IndexError):
        answer = np.full(steps, np.inf)
    return np.where(np.isfinite(answer), np.clip(answer, -FAR, FAR), FAR)


def _orders(history: Floats, rows: Floats, season: int, difference: int) -> list[tuple[Order, Seasonal]]:
    """The orders to try with a seasonal difference or none, at most eight."""
    n, states = len(history), 1 < season <= LONGEST_STATE
    level = history[season:] - history[:-season] if difference else _without(history, rows)
    d = differences(level, 2 - difference)
    table: tuple[tuple[int, int, int, int], ...] = PLAIN
    period = 0
    if difference:
        table, period = (SEASONAL if n >= SEASONS * season else SEASONAL_SHORT), season
    elif states and n >= 3 * season:
        table, period = SEASONAL_LEVEL, season
    return [((p, d, q), (P, difference, Q, period if P + Q + difference else 0)) for p, q, P, Q in table]


def _without(history: Floats, rows: Floats) -> Floats:
    """The residuals of least squares on the regressors."""
    if not rows.shape[1]:
        return history
    columns = np.column_stack([np.ones(len(rows)), rows])
    left: Floats = history - columns @ np.linalg.lstsq(columns, history, rcond=None)[0]
    return left


def _design(history: Floats, known: Floats | None, season: int, most: int) -> Design:
    """Drop covariates that are constant or linear; AICc chooses the number of Fourier terms, at most ten."""
    n = len(history)
    kept, centre, scale = [], [], []
    if known is not None:
        for column, values in enumerate(known[:n].T):
            # Differencing removes a constant or a straight line, and the fit would be singular.
            if np.std(np.diff(values)) > 1e-9 * np.abs(values).max():
                kept.append(column)
                centre.append(float(values.mean()))
                scale.append(float(values.std()))
    design = Design(season, 0, tuple(kept), tuple(centre), tuple(scale))
    designs = [replace(design, pairs=pairs) for pairs in range(min(10, most) + 1)]
    return min(designs, key=lambda one: _quick_aicc(history, one.rows(n, known)))


def _quick_aicc(history: Floats, rows: Floats) -> float:
    """AICc of least squares on two lags and the regressors, a fast approximation to ARIMA errors."""
    y = history[2:]
    columns = np.column_stack([np.ones(len(y)), history[1:-1], history[:-2], rows[2:]])
    n, k = len(y), columns.shape[1] + 1
    if n <= k + 1:
        return np.inf
    errors = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    return float(n * np.log(max(float(np.mean(errors**2)), 1e-300)) + 2 * k + 2 * k * (k + 1) / (n - k - 1))
