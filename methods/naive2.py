"""Naive2: the last value of the series without its season, and the season of the steps ahead."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import Floats, deseasonalised, naive, naive_spread, passes_seasonal_test
from recurbench.methods.baseline import Carried
from recurbench.task import Predictor


@method("naive2", family="baseline", kinds={"forecasting"})
def naive2(task: Task, _train: Split) -> Predictor:
    """Naive2 of the M competitions (Makridakis et al. 2020): the last value, adjusted for the season.

    If the 90 % test of the M4 competition finds a season in the history, it is removed by classical
    decomposition; the last value without it is repeated and gets the season of each step ahead. The season is
    multiplicative, or additive if a value is not positive. The overall weighted average (OWA) of M4 is told
    in units of this method. Quantiles are those of a random walk.
    """
    return Carried(task, lambda history: _forecast(history, task.season, task.steps))


def _forecast(history: Floats, season: int, steps: int) -> tuple[Floats, Floats]:
    """Middle and standard deviation [steps] of the forecast."""
    season = season if passes_seasonal_test(history, season) else 1
    multiplicative = bool(history.min() > 0)
    adjusted, factors = deseasonalised(history, season, multiplicative)
    middle, spread = naive(adjusted, 1, steps), naive_spread(adjusted, 1, steps)
    coming = factors[(len(history) + np.arange(steps)) % season]
    return (middle * coming, spread * coming) if multiplicative else (middle + coming, spread)
