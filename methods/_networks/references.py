"""The reference forecasts that a network or a linear map corrects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array

Floats = NDArray[np.float64]

LEVELS = ("mean", "none")
CLEARLY = 0.8  # see `smallest`
NEAR = 2.0  # see `worth_trying`
REFERENCES = ("none", "mean", "last", "seasonal")


def naive_positions(length: int, steps: int, season: int, reference: str) -> Array:
    """Positions [steps] in the history whose values are the naive forecast.

    Parameters
    ----------
    length : int
        Steps of the history.
    steps : int
        Steps to forecast.
    season : int
        Steps of a season.
    reference : str
        "last" repeats the last value. "seasonal" repeats the last season, or the last value if the history is
        shorter than a season.
    """
    period = season if reference == "seasonal" and length >= season else 1
    return length - period + np.arange(steps) % period


def level_of(history: Array) -> Floats:
    """The mean of each channel of a history [T, channels]; missing values are left out."""
    values = np.asarray(history, dtype=np.float64)
    level: Floats = values.mean(axis=0)
    # The fast mean first: hardly any history has gaps.
    return level if np.isfinite(level).all() else np.nanmean(values, axis=0)


def repeated(history: Array, steps: int, season: int, reference: str) -> Floats:
    """The forecast "mean", "last" or "seasonal" of every channel of a history [T, channels].

    Returns
    -------
    array [steps, channels]
    """
    if reference == "mean":
        return np.repeat(level_of(history)[None], steps, axis=0)
    at = naive_positions(len(history), steps, season, reference)
    return np.asarray(history[at], dtype=np.float64)


def smallest(errors: Mapping[str, float]) -> str:
    """The reference to use, given the mean squared error of each on train.

    A level must have less than CLEARLY times the error of the best other reference. A series that wanders
    can look level for a while, and then a level is wrong by more and more, while the error of the last value
    stays bounded. (Random walks of 60, 120 and 200 steps, 12 steps ahead: a mean is taken for 13, 0 and 0 %
    of them, against 24, 9 and 0 % without the margin; for white noise always.) A tie goes to the first.
    """

    def penalised(name: str) -> float:
        return errors[name] / CLEARLY if name in LEVELS else errors[name]

    return min(errors, key=penalised)


def worth_trying(errors: Mapping[str, float]) -> tuple[str, ...]:
    """The references to train a network for, given the mean squared error of each on train.

    The first is that of `smallest`. After "seasonal" comes the mean, if its error is at most NEAR times as
    large: the last season carries its noise into the forecast, and a network learns the season more easily
    from the mean. After "last" it does not come: a series that wanders would be pulled to its past level.
    """
    best = smallest(errors)
    near = best == "seasonal" and errors["mean"] <= NEAR * errors[best]
    return (best, "mean") if near else (best,)
