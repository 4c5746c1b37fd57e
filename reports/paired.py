"""Two sets of answers to one problem beside each other: their difference, its interval and its p value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from recurbench.reports.lift import LEVEL, Draw, Floats, Spread, measured
from scipy.stats import t as student

ALPHA = 1 - LEVEL
LEAST = 6  # values or units that differ; with fewer no two-sided test of signs can be below ALPHA


@dataclass(frozen=True)
class Difference:
    """The mean of one side minus that of the other, in skill or another score where higher is better.

    low, high: 95 % interval, None where nothing varies that could be resampled. p: two-sided, None where
    fewer than LEAST units differ, and smallest_p is the smallest that such a number can give. units:
    independent test units (seeds where no score per example is kept), changed: how many of them differ.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    units: int
    changed: int

    @property
    def smallest_p(self) -> float:
        """The smallest two-sided p value that the signs of the units that differ can give."""
        return min(1.0, 2.0 ** (1 - self.changed))


def of_draws(draws: Sequence[Draw]) -> Difference:
    """The first side of every draw (`recurrent`) minus the second (`other`).

    The interval is that of the lift (docs/decisions/0003-selection-and-lift.md): over test units and over
    seeds or draws, both sides paired.
    """
    (one, other), spread = measured(draws)
    return _tested(one - other, spread, spread.units, sum(_changed(draw) for draw in draws))


def of_values(values: Sequence[float]) -> Difference:
    """From one paired difference per seed or draw alone, where a score is no mean over the test examples."""
    found = np.asarray(values, dtype=float)
    count = len(found)
    by_seeds = float(found.var(ddof=1)) / count if count > 1 else None
    spread = Spread(None, by_seeds, 0, count, 1)
    return _tested(float(found.mean()), spread, count, int(np.count_nonzero(found)))


def _changed(draw: Draw) -> int:
    """Independent units of a draw on which the two sides differ."""
    gap = np.abs(draw.recurrent - draw.other).sum(axis=1) * (draw.weights > 0)
    return int(np.count_nonzero(np.bincount(draw.blocks, weights=gap)))


def _tested(value: float, spread: Spread, units: int, changed: int) -> Difference:
    half = spread.half_width()
    low, high = (None, None) if half is None else (value - half, value + half)
    found = Difference(value, low, high, None, units, changed)
    if changed < LEAST or spread.variance() is None:
        return found
    return Difference(value, low, high, max(_by_t(value, spread), found.smallest_p), units, changed)


def _by_t(value: float, spread: Spread) -> float:
    """Two-sided p by t; a shift that is the same everywhere has no spread, and signs alone bound its p."""
    variance, freedom = spread.variance() or (0.0, 1.0)
    if not variance:
        return 1.0 if value == 0 else 0.0
    return float(2 * student.sf(abs(value) / np.sqrt(variance), freedom))


def constant(n: int, value: float) -> Floats:
    """[n] of one value, for scores that are compared as they are."""
    return np.full(n, value, dtype=np.float64)
