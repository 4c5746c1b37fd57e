"""The mean of a series of dependent values: its long-run variance by equal-weighted cosines, and an interval.

One series is forecast from origins that follow each other. The answers of neighbouring origins overlap, and
the series itself depends on its past, so the differences of loss are dependent. Source: Lazarus, Lewis, Stock
and Watson, HAR inference: recommendations for practice, J. Bus. Econ. Stat. 36 (2018) 541-559.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import LEVEL
from scipy.special import stdtrit

Floats = NDArray[np.float64]

MOST_COSINES = 8
LEAST_COSINES = 4
# A verdict needs LEAST_UNITS windows: with 8 the interval covers .92 on some series (docs/statistics.md).
LEAST_WINDOWS = 2 * LEAST_COSINES  # with fewer there is no interval


@dataclass(frozen=True)
class Origins:
    """The test origins of one series: how many there are, their distance and the horizon, both in steps."""

    count: int
    step: int
    horizon: int

    @property
    def span(self) -> int:
        """The length of the test part in steps, from the first origin to the last answer."""
        return (self.count - 1) * self.step + self.horizon

    @property
    def windows(self) -> int:
        """How many horizons the span holds: the independent test windows.

        Windows that overlap add little information, so the number of origins alone does not count.
        """
        return min(self.span // self.horizon, self.count)

    @property
    def cosines(self) -> int:
        """The degrees of freedom that the span allows: one per two windows, at most MOST_COSINES."""
        return min(MOST_COSINES, self.windows // 2)


def variance_of_mean(values: Floats, cosines: int) -> Floats:
    """The variance of the mean of a stationary series.

    Parameters
    ----------
    values : array [..., n]
        The series, in the order of time.
    cosines : int
        Number of cosines, the degrees of freedom of the variance; from 1 to n - 1.

    Returns
    -------
    array [...]
        The long-run variance over n. The long-run variance is the mean of the squares of the first `cosines`
        coefficients of the type II cosine transform.

    Raises
    ------
    ValueError
        If `cosines` is not from 1 to n - 1.
    """
    n = values.shape[-1]
    if not 1 <= cosines < n:
        raise ValueError(f"{n} values allow 1 to {n - 1} cosines, got {cosines}")
    waves = np.cos(np.pi * np.outer(np.arange(1, cosines + 1), np.arange(n) + 0.5) / n)
    coefficients = np.sqrt(2 / n) * (values @ waves.T)
    found: Floats = (coefficients**2).mean(axis=-1) / n
    return found


def spread_of_mean(values: Floats, origins: Origins) -> tuple[float, int]:
    """The variance of the mean over the origins of one series, and its degrees of freedom.

    Of the estimates with all cosines that the span allows and with LEAST_COSINES the one with the wider
    interval: few cosines miss less of a slow dependence, many are steadier. values: [n], one per origin.
    """
    found = [(float(variance_of_mean(values, count)), count) for count in {origins.cosines, LEAST_COSINES}]
    return max(found, key=lambda each: float(half_width(np.array(each[0]), each[1])))


def half_width(variance: Floats, freedom: float, level: float = LEVEL) -> Floats:
    """Half the width of the interval of a mean with this variance, by Student's t."""
    found: Floats = stdtrit(freedom, (1 + level) / 2) * np.sqrt(variance)
    return found


def ratio_of_means(numerator: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    """The ratio of two means, such as a difference of skills, and what each origin adds to its error.

    The difference of the skills of two methods is the mean difference of their losses over the mean loss of
    the reference.

    Parameters
    ----------
    numerator, denominator : array [..., n]
        One value per origin.

    Returns
    -------
    ratio : array [...]
    influence : array [..., n]
        Linear terms of the ratio in both means (delta method); their mean is 0. The variance of their mean is
        that of the ratio, the error of the denominator included.
    """
    scale = denominator.mean(axis=-1, keepdims=True)
    ratio = numerator.mean(axis=-1, keepdims=True) / scale
    return ratio[..., 0], (numerator - ratio * denominator) / scale
