"""Where along a dial a mean over pairs crosses a level, with an interval by resampling the pairs."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from recurbench.reports.statistics.constants import LEVEL
from recurbench.reports.statistics.paired_tests import ROUNDING, Floats
from scipy.special import ndtr, stdtrit

CROSSING_RESAMPLES = 10_000  # crossings vary more from one resample to the next than means do
CROSSING_STREAM = 20261125  # seed of these resamples; published intervals were made with it
LEAST_VALUES = 3  # of a dial
LEAST_PAIRS = 5  # fewer pairs have too few resamples for an interval
WIDE = 10  # a dial that spans more than this factor is read on a log scale


@dataclass(frozen=True)
class Crossing:
    """Where a mean crosses a level on a dial, and how far the pairs bear it out.

    at: the crossings, in order; none, one or several. low, high: the interval of a single crossing, -inf or
    inf where it reaches beyond the values of the dial; nan without one crossing or with too few pairs. none,
    several: shares of the resamples that do not cross, and that cross more than once; nan with too few pairs.
    above: whether the mean lies above the level at the first value.
    """

    at: tuple[float, ...]
    low: float
    high: float
    none: float
    several: float
    above: bool


def is_wide(dial: Floats) -> bool:
    """Whether a dial is read on a log scale: all above 0, and more than a factor WIDE from end to end."""
    return bool(dial.min() > 0 and dial.max() / dial.min() > WIDE)


def crossing(
    dial: Floats,
    values: Floats,
    level: float = 0.0,
    log: bool | None = None,
    resamples: int = CROSSING_RESAMPLES,
) -> Crossing:
    """Where the mean of `values` [pairs, k] over the pairs crosses `level` along `dial` [k], ascending.

    Between neighbouring values of the dial the mean is a straight line in the dial, or in its logarithm (log;
    None: where the dial is wide, which it may be for values that are not held). A mean that touches the level
    and turns back does not cross; where it lies on it for a stretch, the crossing is the middle of that.

    The interval: percentiles over resampled pairs, each pair with its values along the whole dial, at levels
    widened for few pairs (the expanded percentile interval of Hesterberg 2015). Its low end is that of the
    first crossing of a resample, its high end that of the last, so resamples that cross several times widen
    it; one that never crosses lies beyond the end of the dial where it would.

    ValueError where the dial has fewer than LEAST_VALUES values, is not ascending, or a value is missing.
    """
    if len(dial) < LEAST_VALUES or (np.diff(dial) <= 0).any():
        raise ValueError(f"a crossing wants at least {LEAST_VALUES} ascending values, got {list(dial)}")
    if values.ndim != 2 or values.shape[1] != len(dial) or not len(values):
        raise ValueError(f"values [pairs, {len(dial)}] wanted, got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values have gaps; leave out the pairs or the settings that lack them, and say so")
    logs = is_wide(dial) if log is None else log
    places = np.log(dial) if logs else dial
    close = ROUNDING * (float(np.abs(values).max()) + abs(level))
    mean = _rounded(values.mean(axis=0) - level, close)
    at = _all(places, mean)
    above = bool(mean[np.flatnonzero(mean)[0]] > 0) if mean.any() else True
    low = high = none = several = math.nan
    n = len(values)
    if n >= LEAST_PAIRS:
        weights = np.random.default_rng(CROSSING_STREAM).multinomial(n, np.full(n, 1 / n), resamples) / n
        means = _rounded(weights @ values - level, close)
        counts = _crossings(means)
        none, several = float((counts == 0).mean()), float((counts > 1).mean())
        if len(at) == 1:
            first, last = _ends(places, means if above else -means)
            low, high = _percentile(first, n), -_percentile(-last, n)
    if logs:
        at, low, high = np.exp(at), _back(low), _back(high)
    return Crossing(tuple(map(float, at)), low, high, none, several, above)


def _back(end: float) -> float:
    """Out of the logarithm, where an end that lies beyond the dial stays there."""
    return math.exp(end) if math.isfinite(end) else end


def _rounded(away: Floats, close: float) -> Floats:
    """Values within rounding of the level count as equal to it."""
    return np.where(np.abs(away) <= close, 0.0, away)


def _all(places: Floats, mean: Floats) -> Floats:
    """Every place where `mean` [k] changes its sign."""
    off = np.flatnonzero(mean)
    found = []
    for i, j in itertools.pairwise(off):
        if mean[i] * mean[j] < 0:
            between = places[i + 1 : j]  # where it lies on the level
            found.append(
                (between[0] + between[-1]) / 2
                if len(between)
                else places[i] + (places[j] - places[i]) * mean[i] / (mean[i] - mean[j])
            )
    return np.array(found)


def _crossings(means: Floats) -> Floats:
    """[resamples]: how often each of `means` [resamples, k] changes its sign."""
    signs = np.sign(means)
    for j in range(1, signs.shape[1]):
        signs[:, j] = np.where(signs[:, j] == 0, signs[:, j - 1], signs[:, j])
    counts: Floats = (signs[:, 1:] * signs[:, :-1] < 0).sum(axis=1)
    return counts


def _ends(places: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Of means [resamples, k] that fall: where each first is at or below 0, and where last at or above."""
    first = _first_below(places, means)
    last = -_first_below(-places[::-1], -means[:, ::-1])
    return first, last


def _first_below(places: Floats, means: Floats) -> Floats:
    """The first place at which a line through `means` is at most 0; -inf from the start, inf if never."""
    below = means <= 0
    j = below.argmax(axis=1)
    rows = np.arange(len(means))
    i = np.maximum(j - 1, 0)
    one, two = means[rows, i], means[rows, j]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = places[i] + (places[j] - places[i]) * one / (one - two)
    found = np.where(j == 0, -math.inf, found)
    return np.where(below.any(axis=1), found, math.inf)


def _percentile(found: Floats, n: int) -> float:
    """The low end of the interval: the percentile that t with n - 1 degrees of freedom stands for."""
    t = float(stdtrit(n - 1, (1 - LEVEL) / 2)) * math.sqrt(n / (n - 1))
    place = math.floor(float(ndtr(t)) * len(found))
    return float(np.sort(found)[place])
