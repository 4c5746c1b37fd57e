"""What independent pairs say of a mean: intervals by t and by sign flips."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import STREAM
from scipy.special import stdtrit

Floats = NDArray[np.float64]

EXACT = 14  # pairs up to which every assignment of signs is counted
SETS: int = 2**EXACT  # assignments counted for more pairs
SOLVED, LOST = 0.9, 0.5  # skills of a pair that is solved, and of one that clearly is not
WORST = 1.0  # the largest difference of skill between a pair that is solved and one that is lost
ROUNDING = 1e-12  # relative; two numbers this close to each other count as equal


@dataclass(frozen=True)
class Mean:
    """The mean of one value per independent pair, and how far the pairs bear it out.

    values: [n], finite. A bound must pass t and sign flips; where bimodal, sign flips alone, for then a t
    interval describes a mean that no pair is near. bimodal: some pairs are solved and others are lost.

    The flips are counted twice and the larger p value taken: over the pairs, and over the pairs with one more
    that goes against the claim, as far as the worst pair seen or, where bimodal, by a whole skill. Flips
    suppose values symmetric about their mean; one long tail, or a rare loss that n pairs happen not to show,
    moves the mean and hardly shows.

    shared: test cases per training case where pairs are random parts of one set of cases; intervals are then
    those of `spread`, the values widened.
    """

    values: Floats
    bimodal: bool = False
    shared: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.values).all():
            raise ValueError(
                f"a pair without a finite value: {self.values.tolist()}; give a run that failed the skill "
                "of the answer it fell back on before pairs are compared"
            )

    @property
    def n(self) -> int:
        """The number of pairs."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """The mean over the pairs."""
        return float(self.values.mean())

    @cached_property
    def spread(self) -> Floats:
        """[n]: values about the same mean that are as far apart as what the pairs say of it."""
        return widened(self.values, self.shared)

    def interval(self, level: float) -> tuple[float, float]:
        """The two-sided interval at `level`: every c that no one-sided test refuses at half of the rest.

        Flipping the signs of a subset S of values - c takes twice its sum away; the total stays as large
        where the mean of S is at most c. So the p value for every c is one more than the number of subset
        means up to c, over one more than their number (Hartigan 1969).
        """
        if not self.n:
            return -math.inf, math.inf
        rest = (1 - level) / 2
        return self._bound(self._rising, self.mean, rest), -self._bound(self._falling, -self.mean, rest)

    @cached_property
    def _rising(self) -> tuple[Floats, Floats]:
        """The subset means that flips against "above" count: of the pairs, and with one more."""
        return _subset_means(self.spread), _subset_means(self._with_worse(self.spread))

    @cached_property
    def _falling(self) -> tuple[Floats, Floats]:
        """The same of the negated values, against "below"."""
        return -self._rising[0], _subset_means(self._with_worse(-self.spread))

    def _with_worse(self, values: Floats) -> Floats:
        worst = float(values.min())
        return np.append(values, min(worst, -WORST) if self.bimodal else worst)

    def _bound(self, counted: tuple[Floats, Floats], mean: float, rest: float) -> float:
        """The lower bound whose one-sided error is at most `rest`; -inf where the pairs are too few."""
        flips = min(_order(means, rest) for means in counted)
        if self.bimodal or self.n < 2 or flips == -math.inf:
            return flips if self.bimodal else -math.inf
        return min(flips, mean - float(stdtrit(self.n - 1, 1 - rest)) * _error(self.spread))


def widened(values: Floats, shared: float) -> Floats:
    """The same mean over pairs that are random parts of one set of cases, and so no independent ones.

    shared: test cases per training case, 0 where every pair has cases of its own. The variance of the mean is
    taken as (1/n + shared) S^2 (Nadeau and Bengio 2003), which spreads the values by sqrt(1 + n shared).
    """
    if not shared:
        return values
    mean = float(values.mean())
    return mean + (values - mean) * math.sqrt(1 + len(values) * shared)


def _error(values: Floats) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def bimodal(skills: Floats) -> bool:
    """Whether some pairs are solved and others are lost."""
    return bool((skills >= SOLVED).any() and (skills <= LOST).any())


def _order(means: Floats, rest: float) -> float:
    """The largest c below which the p value of flips is at most `rest`."""
    spare = math.floor(rest * (len(means) + 1) * (1 + ROUNDING)) - 1
    return float(np.partition(means, spare)[spare]) if spare >= 0 else -math.inf


def _subset_means(values: Floats) -> Floats:
    """The means of every non-empty subset of the values; of many values those of the subsets of a group."""
    found: Floats = _subsets(len(values)) @ values
    return found


@lru_cache(maxsize=32)
def _subsets(n: int) -> Floats:
    """[subsets, n]: non-empty subsets as weights that form a mean.

    Up to EXACT values every one. Of more those whose sign flips form a group of SETS elements, for then the
    test is as exact as with all of them (Hemerik and Goeman 2018), which flips drawn one by one are not: the
    subsets {j : a + b . x_j odd} for all bits a, b and points x_j that differ, so that the signs of any two
    pairs are independent over the group.
    """
    members = np.arange(1, 2 ** min(n, EXACT))[:, None] >> np.arange(min(n, EXACT)) & 1
    if n > EXACT:
        wide = SETS // 2
        basis = np.append(0, 2 ** np.arange(EXACT - 1))
        others = np.setdiff1d(np.arange(wide), basis)
        rng = np.random.default_rng([STREAM, n])
        free = n - EXACT
        drawn = rng.permutation(others)[:free] if free <= len(others) else rng.integers(wide, size=free)
        points = np.append(basis, drawn)[:, None] >> np.arange(EXACT - 1) & 1
        members = members @ np.column_stack([np.ones(n, dtype=int), points]).T & 1
    weights: Floats = members / members.sum(axis=1, keepdims=True)
    weights.setflags(write=False)
    return weights
