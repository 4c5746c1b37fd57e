"""Seasonal ARIMA with regressors; orders are chosen on the training series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import (
    STRENGTH_LIMIT,
    Floats,
    PerSeries,
    differences,
    fourier,
    naive,
    quantile_lines,
    seasonal_strength,
)
from recurbench.methods._settings import AtLeast0, Transform
from recurbench.methods._standard import settled
from recurbench.task import Predictor
from statsmodels.tsa.statespace.sarimax import SARIMAX

Order = tuple[int, int, int]
Counts = tuple[AtLeast0, AtLeast0, AtLeast0]
Seasonal = tuple[int, int, int, int]
Found = tuple[Order, Seasonal, bool, Floats]  # order, seasonal order, constant and parameters

# The time per step of a seasonal state grows like period^3. With a longer period Fourier terms are used.
LONGEST_STATE = 24
ITERATIONS = 50
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
SEASONS = 4  # with fewer the STL strength is near 1 for noise as well, and held-out errors decide instead
# With a season and fewer steps or seasons a model must beat the seasonal naive forecast on steps held out.
SHORT_STEPS, SHORT_SEASONS = 60, 6
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

    Covariates known ahead are regressors. A constant is kept if AICc is better with it. A series with a
    season and less than 60 steps or six seasons is answered by the seasonal naive forecast, unless a model
    beats that on steps held out; there the seasonal difference is chosen, too.

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
    """The fitted model: orders, parameters (the error variance is the last one) and regressors."""

    order: Order
    seasonal: Seasonal
    constant: bool
    params: Floats
    design: Design
    steps: int
    quantiles: tuple[float, ...]
    notes: dict[str, Any]

    def forecast(self, history: Floats, known: Floats | None, /) -> Floats:
        """Run the Kalman filter over the whole history and forecast [steps] or [steps, Q]."""
        n, least = len(history), _lost(self.order, self.seasonal) + 1
        if n <= least:
            raise ValueError(f"{n} steps of history are too few, the differences need more than {least}")
        rows = self.design.rows(n + self.steps, known)
        result = self.filtered(settled(history), rows[:n])
        coming = result.get_forecast(self.steps, exog=rows[n:] if rows.shape[1] else None)
        middle = np.asarray(coming.predicted_mean)
        return quantile_lines(middle, np.sqrt(np.asarray(coming.var_pred_mean)), self.quantiles)

    def filtered(self, history: Floats, rows: Floats) -> Any:
        """Filter a history with the fitted parameters.

        A new model without a concentrated scale is used: after one, statsmodels' `extend` forecasts wrongly.
        """
        model = _model(history, rows, self.order, self.seasonal, self.constant)
        return model.filter(self.params, cov_type="none")


def _model(
    history: Floats,
    rows: Floats,
    order: Order,
    seasonal: Seasonal,
    constant: bool,
    **how: bool,
) -> SARIMAX:
    exog, trend = rows if rows.shape[1] else None, "c" if constant else "n"
    return SARIMAX(history, exog=exog, order=order, seasonal_order=seasonal, trend=trend, **how)


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
    blank = Arima((0, 0, 0), (0, 0, 0, 0), False, np.zeros(1), design, task.steps, task.quantiles, {})
    if fixed is not None:
        orders = [(fixed[0], (*fixed[1], season if any(fixed[1]) else 0))]
    elif states and n < max(SHORT_STEPS, SHORT_SEASONS * season):
        orders = [_held_out(blank, history, known, season, strength)]
    else:
        orders = _orders(history, rows, season, int(states and strength >= STRENGTH_LIMIT))
    found, tried = _search(history[-SEARCH_STEPS:], rows[-SEARCH_STEPS:], orders)
    aicc = min(tried.values())
    if n > SEARCH_STEPS:
        params, aicc = _estimate(history[-FIT_STEPS:], rows[-FIT_STEPS:], *found[:3])
        found = (*found[:3], params)
    model = _with(blank, found)
    notes = {
        "order": model.order,
        "seasonal_order": model.seasonal,
        "constant": model.constant,
        "aicc": aicc,
        "log_likelihood": float(model.filtered(history, rows).llf),
        "seasonal_strength": strength,
        "known_covariates": len(design.kept),
        "fourier_pairs": design.pairs,
        "parameters": len(model.params),
        "tried": tried,
    }
    return replace(model, notes=notes)


def _with(blank: Arima, found: Found) -> Arima:
    order, seasonal, constant, params = found
    return replace(blank, order=order, seasonal=seasonal, constant=constant, params=params)


def _held_out(
    blank: Arima, history: Floats, known: Floats | None, season: int, strength: float
) -> tuple[Order, Seasonal]:
    """The orders for a short series: the best of each seasonal difference, compared on its last third.

    Their forecasts start from three origins, with parameters fitted before the first. ValueError if the
    seasonal naive forecast is better, which is then the answer.
    """
    n = len(history)
    first = n - max(min(blank.steps, n // 3), 3)
    origins = range(first, n, max(1, (n - first + 2) // 3))
    ways = [int(strength >= STRENGTH_LIMIT)] if n >= SEASONS * season else [0, 1]
    losses: dict[tuple[Order, Seasonal], float] = {}
    rows = blank.design.rows(n, known)
    for way in ways:
        try:
            found, _ = _search(
                history[:first], rows[:first], _orders(history[:first], rows[:first], season, way)
            )
            model = replace(_with(blank, found), quantiles=())
            answers = [replace(model, steps=n - o).forecast(history[:o], known) for o in origins]
        except (ValueError, ArithmeticError, IndexError):
            continue
        losses[found[:2]] = _loss(history, origins, answers, blank.steps)
    repeated = _loss(history, origins, [naive(history[:o], season, n - o) for o in origins], blank.steps)
    best = min(losses, key=losses.__getitem__, default=None)
    if best is None or losses[best] > repeated:
        raise ValueError("the seasonal naive forecast was better on the last third of the series")
    return best


def _loss(history: Floats, origins: Sequence[int], answers: Sequence[Floats], steps: int) -> float:
    """The mean absolute error of answers from each origin, at most `steps` steps."""
    errors = [np.abs(a - history[o:])[:steps] for o, a in zip(origins, answers, strict=True)]
    return float(np.concatenate(errors).mean())


def _orders(history: Floats, rows: Floats, season: int, difference: int) -> list[tuple[Order, Seasonal]]:
    """The orders to try with a seasonal difference or none, at most eight."""
    n, states = len(history), 1 < season <= LONGEST_STATE
    level = history[season:] - history[:-season] if difference else _without(history, rows)
    d = differences(level, 2 - difference)
    table, period = PLAIN, 0
    if difference:
        table, period = (SEASONAL if n >= SEASONS * season else SEASONAL_SHORT), season
    elif states and n >= 3 * season:
        table, period = SEASONAL_LEVEL, season
    return [((p, d, q), (P, difference, Q, period if P + Q + difference else 0)) for p, q, P, Q in table]


def _search(
    history: Floats, rows: Floats, orders: Sequence[tuple[Order, Seasonal]]
) -> tuple[Found, dict[str, float]]:
    """Fit all orders; return the one with the least AICc and its parameters, and the AICc of all.

    A constant is a level without differences and a drift after one; after two it would be a quadratic
    trend. It is fitted first unless the season is
    differenced; the best order is then fitted the other way, too.
    """
    tried: dict[str, float] = {}
    best: Found | None = None
    reason = "no candidate left enough observations"
    for place in range(len(orders) + 1):
        if place < len(orders):
            (order, seasonal), other = orders[place], False
        elif best is None or best[0][1] + best[1][1] > 1:
            break
        else:
            order, seasonal, other = best[0], best[1], True
        constant = (order[1] + seasonal[1] <= 1 and not seasonal[1]) != other
        try:
            params, aicc = _estimate(history, rows, order, seasonal, constant)
        except (ValueError, ArithmeticError, IndexError) as error:
            reason = str(error)
            continue
        if best is None or aicc < min(tried.values()):
            best = order, seasonal, constant, params
        without = ("" if constant else " without a constant") if other else ""
        tried[f"{order}{seasonal}{without or (' with a constant' if other else '')}"] = aicc
    if best is None:
        raise ValueError(f"none of {len(orders)} orders could be fitted to {len(history)} steps: {reason}")
    return best, tried


def _estimate(
    history: Floats, rows: Floats, order: Order, seasonal: Seasonal, constant: bool
) -> tuple[Floats, float]:
    """Fit one order: parameters (the error variance is the last one), and AICc.

    The series is differenced first, which is 13 times faster than differences in the state.
    """
    left = len(history) - _lost(order, seasonal)
    count = rows.shape[1] + order[0] + order[2] + seasonal[0] + seasonal[2] + 1 + constant
    if left < count + 3:
        raise ValueError(f"{left} differenced steps are too few for {count} parameters")
    how = {"simple_differencing": True, "concentrate_scale": True}
    model = _model(history, rows, order, seasonal, constant, **how)
    if not len(model.param_names):
        # Nothing to optimise: a random walk, whose steps have one variance.
        result = model.smooth(np.zeros(0), cov_type="none")
    else:
        result = model.fit(disp=False, maxiter=ITERATIONS, cov_type="none")
    params = np.append(np.asarray(result.params), float(result.scale))
    k = len(params)
    aicc = 2 * (k - float(result.llf)) + 2 * k * (k + 1) / (left - k - 1)
    if not (np.isfinite(params).all() and np.isfinite(aicc)):
        raise ValueError(f"the fit of {order}{seasonal} is not finite")
    return params, aicc


def _lost(order: Order, seasonal: Seasonal) -> int:
    return order[1] + seasonal[1] * seasonal[3]


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
