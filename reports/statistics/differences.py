"""Two sets of answers to one problem: their difference, with its interval and p value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL
from recurbench.reports.statistics.draws import Draw, Spread, measured
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import ROUNDING, Floats
from scipy.stats import t as student

ALPHA = 1 - LEVEL
LEAST = 6  # values or units that differ; with fewer no two-sided test of signs can be below ALPHA


@dataclass(frozen=True)
class Difference:
    """The mean of one side minus that of the other, in skill or another score where higher is better.

    low, high: 95 % interval, None where nothing varies that could be resampled. p: twice the one-sided p that
    the difference lies beyond the margin it was held against, on the side it lies on; None where fewer than
    LEAST units differ, and smallest_p is the smallest that such a number can give. units: independent test
    units (draws, or the seeds of one, where no score per example is kept), changed: how many of them differ.
    few: that the test windows of one series are too few, which leaves no interval and no p.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    units: int
    changed: int
    few: Reason | None = None

    @property
    def smallest_p(self) -> float:
        """The smallest two-sided p value that the signs of the units that differ can give."""
        return min(1.0, 2.0 ** (1 - self.changed))


def of_draws(draws: Sequence[Draw], margin: float = 0.0) -> Difference:
    """The first side of every draw (`recurrent`) minus the second (`other`), held against a margin of skill.

    The interval is that of the lift (docs/decisions/0003-selection-and-lift.md): over test units and over
    seeds or draws, both sides paired.
    """
    (one, other), spread = measured(draws)
    changed = sum(_changed(draw) for draw in draws)
    return _tested(one - other, spread, spread.units, changed, margin)


def of_values(values: Sequence[float], margin: float = 0.0, shared: float = 0.0) -> Difference:
    """From whole scores alone: one paired difference per draw, or per seed where there is one draw.

    Seeds on one draw share its data; over several draws the caller averages them, as `of_draws` does. shared:
    `shared_cases` of the problem, 0 for the seeds of one draw.
    """
    found = np.asarray(values, dtype=float)
    count = len(found)
    by_seeds = float(found.var(ddof=1)) * (1 / count + shared) if count > 1 else None
    spread = Spread(None, by_seeds, 0, count, 1)
    return _tested(float(found.mean()), spread, count, int(np.count_nonzero(found)), margin)


def _changed(draw: Draw) -> int:
    """Independent units of a draw on which the two sides differ."""
    gap = np.abs(draw.recurrent - draw.other).sum(axis=1) * (draw.weights > 0)
    return int(np.count_nonzero(np.bincount(draw.blocks, weights=gap)))


def _tested(value: float, spread: Spread, units: int, changed: int, margin: float) -> Difference:
    half = spread.half_width()
    low, high = (None, None) if half is None else (value - half, value + half)
    found = Difference(value, low, high, None, units, changed)
    if spread.cosines is not None and not spread.enough:
        few = reason(ReasonCode.FEW_TEST_WINDOWS, n=units, needed=LEAST_UNITS)
        return replace(found, few=few) if spread.shown else replace(found, few=few, low=None, high=None)
    if changed < LEAST or spread.variance() is None:
        return found
    return Difference(value, low, high, max(_by_t(value, spread, margin), found.smallest_p), units, changed)


def _by_t(value: float, spread: Spread, margin: float) -> float:
    """Twice the one-sided p by t that `value` lies beyond the margin, two-sided where that is 0.

    A shift that is the same everywhere has no spread, and signs alone bound its p.
    """
    variance, freedom = spread.variance() or (0.0, 1.0)
    beyond = abs(value) - margin
    if beyond <= ROUNDING * margin:
        return 1.0
    return float(2 * student.sf(beyond / np.sqrt(variance), freedom)) if variance else 0.0


def constant(n: int, value: float) -> Floats:
    """[n] of one value, for scores that are compared as they are."""
    return np.full(n, value, dtype=np.float64)
