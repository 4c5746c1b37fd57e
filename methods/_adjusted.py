"""Models of a series without its season: they are fitted to, and asked about, adjusted and scaled values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from recurbench.methods._seasonal import (
    Floats,
    deseasonalised,
    filled,
    passes_seasonal_test,
    quantile_lines,
)
from recurbench.methods._standard import settled
from recurbench.task import Task


class Inner(Protocol):
    """A model fitted to adjusted and scaled values."""

    @property
    def notes(self) -> dict[str, Any]:
        """What was fitted, ready for JSON."""

    def ahead(self, values: Floats, steps: int, /) -> tuple[Floats, Floats]:
        """Middle and standard deviation [steps] of the forecast after the values [T]."""


@dataclass(frozen=True)
class Adjusted:
    """A model, the decision on the season, and the centre and scale of the adjusted values.

    The seasonal indices are those of Naive2 in the M4 competition, computed from each longer history.
    """

    inner: Inner
    task: Task
    season: int
    multiplicative: bool
    centre: float
    scale: float
    notes: dict[str, Any]

    def forecast(self, history: Floats, _known: Floats | None, /) -> Floats:
        """Forecast [steps] or [steps, Q] after the history, which may have gaps if the model takes them."""
        steps = self.task.steps
        multiplicative = self.multiplicative and bool(filled(history, self.task.season).min() > 0)
        season = self.season if len(history) >= 2 * self.season else 1
        adjusted, factors = _adjust(history, season, multiplicative)
        middle, spread = self.inner.ahead(settled((adjusted - self.centre) / self.scale), steps)
        middle, spread = middle * self.scale + self.centre, spread * self.scale
        coming = factors[(len(history) + np.arange(steps)) % season]
        if multiplicative:
            return quantile_lines(middle * coming, spread * coming, self.task.quantiles)
        return quantile_lines(middle + coming, spread, self.task.quantiles)


def fit_adjusted(task: Task, history: Floats, fit: Callable[[Floats], Inner]) -> Adjusted:
    """Fit a model to a history [T] without its season.

    The season is removed if the 90 % test of the M4 competition finds one. It is multiplicative, or additive
    if a value is not positive. The model is fitted to values of mean 0 and standard deviation 1.
    """
    whole = filled(history, task.season)
    seasonal = passes_seasonal_test(whole, task.season)
    multiplicative = bool(whole.min() > 0)
    season = task.season if seasonal else 1
    adjusted, _ = _adjust(history, season, multiplicative)
    # Twice as fast as nanmean and nanstd, which matters because `ses` takes no longer than this.
    seen = adjusted[np.isfinite(adjusted)]
    centre, scale = float(seen.mean()), float(seen.std())
    # What is left of an exact season is rounding; a history has a standard deviation of 1.
    scale = scale if scale > 1e-9 else 1.0
    inner = fit(settled((adjusted - centre) / scale))
    notes = {**inner.notes, "seasonal": seasonal, "multiplicative": multiplicative, "scale": scale}
    return Adjusted(inner, task, season, multiplicative, centre, scale, notes)


def _adjust(history: Floats, season: int, multiplicative: bool) -> tuple[Floats, Floats]:
    """The history without its season, gaps left as they are, and the seasonal indices [season]."""
    if season < 2:
        return deseasonalised(history, season, multiplicative)
    _, factors = deseasonalised(filled(history, season), season, multiplicative)
    phase = factors[np.arange(len(history)) % season]
    return (history / phase if multiplicative else history - phase), factors
