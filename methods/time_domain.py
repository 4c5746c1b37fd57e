"""Features of the curve: heights, widths, changes, crossings, extrema and autocorrelation."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._settings import AtLeast1, Normalise, Unequal, WholeSeries
from recurbench.methods._tabular import Tabular, forest, logistic, ridge
from recurbench.task.arithmetic import Floats, divide, spread

LEVELS = (-1.0, -0.5, 0.0, 0.5, 1.0)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LAGS = (1, 2, 3, 5, 8, 13, 21)
PARTS = 8


@method("time-domain-ridge", family="features", kinds={"classification", "regression", "forecasting"})
def time_domain_ridge(
    task: Task,
    train: Split,
    *,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Ridge regression on features of the curve, such as extrema and autocorrelation.

    unequal and normalise: see `_preparation`. calendar is for forecasting, see `Training`.
    """
    return ridge(task, train, describe, unequal=unequal, normalise=normalise, calendar=calendar)


@method("time-domain-forest", family="features", kinds={"classification", "regression", "forecasting"})
def time_domain_forest(
    task: Task,
    train: Split,
    *,
    trees: AtLeast1 = 300,
    seed: int = 0,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Random forest (Breiman 2001) on features of the curve, such as extrema and autocorrelation.

    unequal and normalise: see `_preparation`. calendar is for forecasting, see `Training`.
    """
    return forest(task, train, describe, trees, seed, unequal=unequal, normalise=normalise, calendar=calendar)


@method("time-domain-logistic", family="features", kinds={"classification"})
def time_domain_logistic(
    task: Task, train: Split, *, unequal: Unequal = "native", normalise: WholeSeries = "none"
) -> Tabular:
    """Logistic regression on features of the curve, such as extrema and autocorrelation.

    Its penalty and its temperature are chosen by cross-validation, see `_learners.Logistic`.
    unequal and normalise: see `_preparation`.
    """
    return logistic(task, train, describe, unequal=unequal, normalise=normalise)


def describe(x: Floats) -> Floats:
    """Compute the features of x [T, channels], T >= 1, as a vector; positions are shares of the length."""
    centred = x - x.mean(axis=0)
    deviation = spread(x)
    shape = divide(centred, deviation)
    rows = [
        heights(x),
        movement(x),
        crossings(shape),
        widths(shape),
        extrema(shape),
        np.stack([(shape**3).mean(axis=0), (shape**4).mean(axis=0)]),
        np.stack([autocorrelation(shape, lag) for lag in LAGS]),
        parts(x),
    ]
    return np.append(np.concatenate(rows).ravel(), np.log(len(x)))


def heights(x: Floats) -> Floats:
    """First and last value, minimum, maximum, range, mean, standard deviation and quantiles."""
    low, high = x.min(axis=0), x.max(axis=0)
    plain = np.stack([x[0], x[-1], low, high, high - low, x.mean(axis=0), spread(x)])
    return np.concatenate([plain, np.quantile(x, QUANTILES, axis=0)])


def movement(x: Floats) -> Floats:
    """Steps: mean, mean and largest size, standard deviation, mean size of their changes; slope of a line."""
    if len(x) == 1:
        return np.zeros((6, x.shape[1]))
    change = np.diff(x, axis=0)
    bend = np.abs(np.diff(change, axis=0)).mean(axis=0) if len(x) > 2 else np.zeros(x.shape[1])
    time = np.arange(len(x)) - (len(x) - 1) / 2
    slope = time @ (x - x.mean(axis=0)) / (time @ time)
    size = np.abs(change)
    return np.stack(
        [change.mean(axis=0), size.mean(axis=0), size.max(axis=0), change.std(axis=0), bend, slope]
    )


def crossings(shape: Floats) -> Floats:
    """Share of the steps at which the standardised series crosses each of LEVELS."""
    return np.stack([(np.diff(shape > level, axis=0)).sum(axis=0) / len(shape) for level in LEVELS])


def widths(shape: Floats) -> Floats:
    """Share of steps above the mean, longest runs above and below it, width of the peak at half height."""
    above = shape > 0
    half = (shape.max(axis=0) + np.median(shape, axis=0)) / 2
    columns = range(shape.shape[1])
    peak = [_stay_around(shape[:, c] >= half[c], int(shape[:, c].argmax())) for c in columns]
    stays = [
        [_longest_stay(above[:, c]) for c in columns],
        [_longest_stay(~above[:, c]) for c in columns],
        peak,
    ]
    return np.concatenate([above.mean(axis=0)[None], np.array(stays) / len(shape)])


def _longest_stay(inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _stay_around(inside: np.ndarray[tuple[int], np.dtype[np.bool_]], place: int) -> int:
    outside = np.flatnonzero(~inside)
    after = int(np.searchsorted(outside, place))
    start = int(outside[after - 1]) + 1 if after else 0
    return (int(outside[after]) if after < len(outside) else len(inside)) - start


def extrema(shape: Floats) -> Floats:
    """Positions of maximum and minimum; local maxima and minima per step, and their mean heights."""
    last = max(len(shape) - 1, 1)
    places = np.stack([shape.argmax(axis=0), shape.argmin(axis=0)]) / last
    before, here, after = shape[:-2], shape[1:-1], shape[2:]
    tops = (here > before) & (here >= after)
    pits = (here < before) & (here <= after)
    counts = np.stack([tops.sum(axis=0), pits.sum(axis=0)])
    means = divide(np.stack([(here * tops).sum(axis=0), (here * pits).sum(axis=0)]), counts)
    return np.concatenate([places, counts / len(shape), means])


def autocorrelation(shape: Floats, lag: int) -> Floats:
    """Autocorrelation of the standardised series; 0 at lags longer than the series."""
    return np.asarray((shape[lag:] * shape[: max(len(shape) - lag, 0)]).sum(axis=0) / len(shape))


def parts(x: Floats) -> Floats:
    """Mean of each of PARTS equal parts; in a shorter series a step belongs to several parts."""
    edges = np.linspace(0, len(x), PARTS + 1)
    first = np.floor(edges[:-1]).astype(int)
    stop = np.maximum(np.ceil(edges[1:]).astype(int), first + 1)
    return np.stack([x[a:b].mean(axis=0) for a, b in zip(first, stop, strict=True)])
