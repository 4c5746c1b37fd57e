"""Prediction intervals for any method's forecasts, from the errors of its held-out forecasts.

Split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018): of n absolute errors the one
with rank ceil((n + 1) level) is the half-width, and if the next error is exchangeable with them, it is at
most that large with probability `level` or more. Errors are taken per step of the horizon and divided by a
scale of their series, so that several series are used together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

Floats = NDArray[np.float64]

LEVELS = (0.8, 0.95)  # of intervals where none are asked for
ENOUGH = 20  # errors of a step and its neighbours below which a quantile rests on the few largest


@dataclass(frozen=True)
class Widths:
    """Half-widths of an interval, in units of the scale of a series.

    level: the nominal level. values: [steps, channels]; NaN at steps without any error. forecasts: how many
    held-out forecasts (origins, over all series) were used. needed: how many a step needs for this level.
    """

    level: float
    values: Floats
    forecasts: int
    needed: int

    @property
    def few(self) -> bool:
        """Whether there are fewer held-out forecasts than one step needs."""
        return self.forecasts < self.needed

    @property
    def least(self) -> float:
        """The coverage to expect where the errors of one forecast are alike at all steps."""
        return min(self.level, self.forecasts / (self.forecasts + 1))


def needed(level: float) -> int:
    """How many errors the rank ceil((n + 1) level) needs to exist: 4 for .8, 19 for .95."""
    return math.ceil(round(level / (1 - level), 9))


def half_widths(errors: Floats, level: float) -> Widths:
    """Half-widths from held-out errors.

    Parameters
    ----------
    errors : array [n, steps, channels]
        Errors of n held-out forecasts, each divided by the scale of its series; NaN at steps that a forecast
        does not have.
    level : float
        Nominal coverage, between 0 and 1.

    Returns
    -------
    Widths
        Never falling from one step to the next (isotonic regression), because a forecast farther ahead is
        not more certain.

    Notes
    -----
    A step that has fewer errors than `needed` also uses those of its nearest steps. Where even all steps
    together have too few, the widest error stands for the quantile.
    """
    refuse_levels([level])
    sizes = np.abs(errors)
    _, steps, channels = errors.shape
    values = np.full((steps, channels), np.nan)
    for channel in range(channels):
        values[:, channel] = _rising([_quantile(sizes[:, :, channel], step, level) for step in range(steps)])
    return Widths(level, values, known_forecasts(errors), needed(level))


def refuse_levels(levels: Sequence[float]) -> None:
    """Raise ValueError for a level that is no share between 0 and 1."""
    for level in levels:
        if not 0 < level < 1:
            raise ValueError(f"a level must be between 0 and 1, got {level:g}; 0.95 stands for 95 %")


def known_forecasts(errors: Floats) -> int:
    """How many forecasts have an error at some step; the others have no true value at all."""
    return int(np.isfinite(errors).any(axis=(1, 2)).sum())


def _quantile(sizes: Floats, step: int, level: float) -> float:
    """The finite-sample quantile at one step, from as many neighbouring steps as it takes."""
    wanted = max(needed(level), ENOUGH)
    steps = sizes.shape[1]
    there = np.array([])
    for reach in range(steps):
        near = sizes[:, max(0, step - reach) : step + reach + 1]
        there = np.sort(near[np.isfinite(near)])
        if len(there) >= wanted:
            break
    if not len(there):
        return math.nan
    rank = math.ceil(round((len(there) + 1) * level, 9))
    return float(there[min(rank, len(there)) - 1])


def _rising(values: Sequence[float]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        return array
    fitted = IsotonicRegression(increasing=True).fit_transform(np.arange(len(array)), array)
    return np.asarray(fitted, dtype=np.float64)


def scale_of(history: Floats, season: int) -> Floats:
    """The size of the changes of a series, by which its errors are divided.

    Parameters
    ----------
    history : array [T, channels]
        The values up to the origin.
    season : int
        Steps in a season, 1 without one.

    Returns
    -------
    array [channels]
        The mean absolute difference to one season before; to the step before where that is 0 or the history
        is shorter; else 1.
    """
    scale = np.zeros(history.shape[1])
    for lag in (season, 1):
        if len(history) > lag:
            differences = np.abs(history[lag:] - history[:-lag]).mean(axis=0)
            scale = np.where(scale > 0, scale, differences)
    return np.where(scale > 0, scale, 1.0)
