"""What independent pairs say of a mean: intervals and p values by t and by sign flips, against a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]

EXACT = 14  # pairs up to which every assignment of signs is counted
DRAWN = 2**14 - 1  # assignments drawn for more pairs
STREAM = 20261124  # the draws are part of the report, so they are always the same
SOLVED, LOST = 0.9, 0.5  # skills of a pair that is solved, and of one that clearly is not


@dataclass(frozen=True)
class Mean:
    """The mean of one value per independent pair, and how far the pairs bear it out.

    values: [n]. bimodal: sign flips alone are used, because some pairs are solved and others are lost; a t
    interval would then describe a mean that no pair is near. Otherwise a bound must pass both tests.
    """

    values: Floats
    bimodal: bool = False

    @property
    def n(self) -> int:
        """The number of pairs."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """The mean over the pairs."""
        return float(self.values.mean())

    def p_above(self, c: float) -> float:
        """The one-sided p value against "the mean is at most c"."""
        flips = _p_flips(self.values, c)
        return flips if self.bimodal else max(flips, _p_t(self.values, c))

    def p_below(self, c: float) -> float:
        """The one-sided p value against "the mean is at least c"."""
        return Mean(-self.values, self.bimodal).p_above(-c)

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval at `level`: every c that no one-sided test refuses at half of the rest."""
        rest = (1 - level) / 2
        return self._lower(rest), -Mean(-self.values, self.bimodal)._lower(rest)

    def _lower(self, rest: float) -> float:
        """The lower bound whose one-sided error is at most `rest`; -inf where the pairs are too few."""
        means = _subset_means(self.values)
        # p(c) = (1 + how many of these means are at most c) / (1 + how many there are).
        spare = math.floor(rest * (len(means) + 1) + 1e-9) - 1
        flips = float(means[spare]) if spare >= 0 else -math.inf
        if self.bimodal or self.n < 2:
            return flips
        spread = float(self.values.std(ddof=1)) / math.sqrt(self.n)
        return min(flips, self.mean - float(student.ppf(1 - rest, self.n - 1)) * spread)

    def pairs_for(self, half: float, level: float) -> int | None:
        """About how many pairs give t intervals of that half-width; None where the spread is not known."""
        if self.n < 2:
            return None
        spread = float(self.values.std(ddof=1))
        n = 2
        while n < 10_000 and float(student.ppf((1 + level) / 2, n - 1)) * spread / math.sqrt(n) > half:
            n += 1
        return n


def smallest_p(n: int) -> float:
    """The smallest two-sided p value that sign flips of n pairs can give."""
    return float(min(1.0, 2 / (1 + min(2**n - 1, DRAWN))))


def bimodal(skills: Floats) -> bool:
    """Whether some pairs are solved and others lost, and the mean is near neither."""
    return bool((skills >= SOLVED).any() and (skills <= LOST).any())


def _p_t(values: Floats, c: float) -> float:
    n = len(values)
    if n < 2:
        return 1.0
    spread = float(values.std(ddof=1)) / math.sqrt(n)
    away = float(values.mean()) - c
    if spread == 0:
        return 0.0 if away > 0 else 1.0
    return float(student.sf(away / spread, n - 1))


def _p_flips(values: Floats, c: float) -> float:
    """The share of sign assignments of values - c whose sum is at least what was seen, itself included.

    Flipping the signs of a subset S takes twice its sum away; the sum stays as large where the mean of S is
    at most c. So the p value for every c follows from the means of all subsets (Hartigan 1969).
    """
    means = _subset_means(values)
    return (1 + int(np.searchsorted(means, c, side="right"))) / (len(means) + 1)


def _subset_means(values: Floats) -> Floats:
    """The means of every non-empty subset of the values, sorted; of many values those of DRAWN subsets."""
    means: Floats = np.sort(_subsets(len(values)) @ values)
    return means


@lru_cache(maxsize=32)
def _subsets(n: int) -> Floats:
    """[subsets, n]: each non-empty subset as weights that form its mean."""
    if n <= EXACT:
        taken = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
    else:
        taken = np.random.default_rng([STREAM, n]).integers(2, size=(2 * DRAWN, n))
        taken = taken[taken.any(axis=1)][:DRAWN]
    weights: Floats = taken / taken.sum(axis=1, keepdims=True)
    weights.setflags(write=False)
    return weights
