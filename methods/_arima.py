"""ARIMA models of given orders: their fit by maximum likelihood, and the comparison of orders by AICc."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._standard import GRID
from statsmodels.tsa.statespace.sarimax import SARIMAX

Floats = NDArray[np.float64]
Order = tuple[int, int, int]
Seasonal = tuple[int, int, int, int]

ITERATIONS = 50


@dataclass(frozen=True)
class Candidate:
    """Orders fitted to a series, their parameters (the error variance is the last one) and AICc."""

    order: Order
    seasonal: Seasonal
    constant: bool
    params: Floats
    aicc: float

    @property
    def name(self) -> str:
        """The orders, and whether there is a constant."""
        return f"{self.order}{self.seasonal}{' with a constant' if self.constant else ''}"


def arima_model(
    history: Floats,
    rows: Floats,
    order: Order,
    seasonal: Seasonal,
    constant: bool,
    **how: bool,
) -> SARIMAX:
    exog, trend = rows if rows.shape[1] else None, "c" if constant else "n"
    return SARIMAX(history, exog=exog, order=order, seasonal_order=seasonal, trend=trend, **how)


def search(history: Floats, rows: Floats, orders: Sequence[tuple[Order, Seasonal]]) -> list[Candidate]:
    """Fit all orders; the one with the least AICc comes first. A tie goes to the earlier order.

    A constant is a level without differences and a drift after one; after two it would be a quadratic
    trend. It is fitted first unless the season is differenced; the best order is then fitted the other way,
    too.
    """
    found: list[Candidate] = []
    reason = "no candidate left enough observations"

    def fit(order: Order, seasonal: Seasonal, constant: bool) -> None:
        nonlocal reason
        try:
            found.append(estimate(history, rows, order, seasonal, constant))
        except (ValueError, ArithmeticError, IndexError) as error:
            reason = str(error)

    for order, seasonal in orders:
        fit(order, seasonal, order[1] <= 1 and not seasonal[1])
    if not found:
        raise ValueError(f"none of {len(orders)} orders could be fitted to {len(history)} steps: {reason}")
    best = min(found, key=lambda one: one.aicc)
    if best.order[1] + best.seasonal[1] <= 1:
        fit(best.order, best.seasonal, not best.constant)
    return sorted(found, key=lambda one: one.aicc)


def again(one: Candidate, history: Floats, rows: Floats, iterations: int = ITERATIONS) -> Candidate:
    """Fit the parameters of a candidate to another part of the series."""
    start = one.params[:-1] if iterations < ITERATIONS else None
    return estimate(history, rows, one.order, one.seasonal, one.constant, iterations, start)


def estimate(
    history: Floats,
    rows: Floats,
    order: Order,
    seasonal: Seasonal,
    constant: bool,
    iterations: int = ITERATIONS,
    start: Floats | None = None,
) -> Candidate:
    """Fit one order.

    The series is differenced first, which is 13 times faster than differences in the state.
    """
    left = len(history) - lost(order, seasonal)
    count = rows.shape[1] + order[0] + order[2] + seasonal[0] + seasonal[2] + 1 + constant
    if left < count + 3:
        raise ValueError(f"{left} differenced steps are too few for {count} parameters")
    if count == 1 + constant:
        params, likelihood = _walk(history, order[1], seasonal, constant)
    else:
        how = {"simple_differencing": True, "concentrate_scale": True}
        model = arima_model(history, rows, order, seasonal, constant, **how)
        result = model.fit(start, disp=False, maxiter=iterations, cov_type="none")
        params = np.append(np.asarray(result.params), float(result.scale))
        likelihood = float(result.llf)
    k = len(params)
    aicc = 2 * (k - likelihood) + 2 * k * (k + 1) / (left - k - 1)
    if not (np.isfinite(params).all() and np.isfinite(aicc)):
        raise ValueError(f"the fit of {order}{seasonal} is not finite")
    return Candidate(order, seasonal, constant, params, aicc)


def _walk(history: Floats, times: int, seasonal: Seasonal, constant: bool) -> tuple[Floats, float]:
    """Parameters and log likelihood of a random walk: its steps are independent, nothing is optimised."""
    for _ in range(seasonal[1]):
        history = history[seasonal[3] :] - history[: -seasonal[3]]
    steps = np.diff(history, times)
    mean = [float(steps.mean())] if constant else []
    # A straight line leaves no errors: their deviation is then that of the rounding (see `settled`).
    variance = max(float(np.mean((steps - sum(mean)) ** 2)), GRID**2)
    return np.array([*mean, variance]), -0.5 * len(steps) * (np.log(2 * np.pi * variance) + 1)


def lost(order: Order, seasonal: Seasonal) -> int:
    return order[1] + seasonal[1] * seasonal[3]
