"""The protocol of one's own series: horizon, test origins and their distance, and seasons without dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from recurbench.task import Array

TEST_SHARE = 0.4  # of the rows of the median series
MOST_HORIZONS = 20  # the longest test part
LEAST_HORIZONS = 10  # horizons that the test part should hold; with fewer there is no verdict
WITHOUT_SEASON = (12, 6, 3, 1)
LOOKED_AT = 20  # series whose autocorrelation is computed
LONGEST = 20_000  # rows, the last ones, that it is computed from
SURE = 3  # standard errors of an autocorrelation
SHORTEST = 3  # the least rows of a season: values that alternate are no season of two
NEAR_BEST = 0.8  # the shortest lag within this share of the best one is taken


@dataclass(frozen=True)
class Peak:
    """What makes a lag a season: its autocorrelation, that at twice the lag, and a trough before it.

    The trough is a share of the peak, and negative for a negative autocorrelation.
    """

    height: float
    repeated: float
    trough: float


DIFFERENCES = Peak(0.3, 0.15, 0.5)
LEVELS = Peak(0.4, 0.3, -0.5)


@dataclass(frozen=True)
class Protocol:
    """Steps to forecast, test origins per series, and the distance of the origins in steps."""

    horizon: int
    origins: int
    step: int

    @property
    def span(self) -> int:
        """Rows of the test part of a series."""
        return (self.origins - 1) * self.step + self.horizon


def protocol_of(
    rows: Sequence[int],
    season: int | None,
    horizon: int | None = None,
    origins: int | None = None,
    step: int | None = None,
) -> Protocol:
    """Choose what is None.

    The horizon is the largest of season, season / 2, season / 4, ... 1 (without a season 12, 6, 3, 1) of
    which 10 fit into 40 % of the rows of the median series. The test part has 40 % of the rows, at most 20
    horizons.
    Origins are half a horizon apart and fill the test part; with a given number of origins, they are one
    horizon apart, so that no two windows overlap.
    """
    share = TEST_SHARE * float(np.median(rows))
    if horizon is None:
        horizon = next((h for h in _ladder(season) if LEAST_HORIZONS * h <= share), 1)
    if origins is not None:
        return Protocol(horizon, origins, step or horizon)
    step = step or max(1, horizon // 2)
    span = int(min(share, MOST_HORIZONS * horizon))
    return Protocol(horizon, max(1, (span - horizon) // step + 1), step)


def _ladder(season: int | None) -> Sequence[int]:
    if not season or season < 2:
        return WITHOUT_SEASON
    steps = [season]
    while steps[-1] > 1:
        steps.append(steps[-1] // 2)
    return steps


def seasons(series: Sequence[Array]) -> list[tuple[int, float]]:
    """Candidates of a season from the autocorrelation: lag and value, the proposed one first.

    A lag counts if its autocorrelation is a local maximum behind a trough, and is repeated at twice the lag:
    first for the differences of the series, then, if no lag counts, for the series without a linear trend,
    which must show a stronger season because a random walk has slow waves. The median of at most 20 series is
    taken.

    Parameters
    ----------
    series : sequence of arrays [N]
    """
    every = max(1, len(series) // LOOKED_AT)
    some = [values[-LONGEST:].astype(np.float64) for values in series[::every][:LOOKED_AT]]
    return _peaks([np.diff(values) for values in some], DIFFERENCES) or _peaks(
        [_without_trend(values) for values in some], LEVELS
    )


def _without_trend(values: Array) -> Array:
    places = np.arange(len(values))
    trend = np.polyval(np.polyfit(places, values, 1), places) if len(values) > 1 else values
    return np.asarray(values - trend)


def _peaks(series: Sequence[Array], least: Peak) -> list[tuple[int, float]]:
    curves = [curve for values in series if (curve := _autocorrelation(values)) is not None]
    if not curves:
        return []
    length = int(np.median([len(curve) for curve in curves]))
    long = [curve[:length] for curve in curves if len(curve) >= length]
    middle = np.median(np.stack(long), axis=0)
    # In few rows noise has high autocorrelations too.
    height = max(least.height, SURE / np.sqrt(2 * length * len(long)))
    found = [
        (lag, float(middle[lag]))
        for lag in range(SHORTEST, (length - 1) // 2 + 1)
        if middle[lag] >= height
        and middle[lag] >= middle[max(1, lag - 2) : lag + 3].max()
        and middle[1:lag].min() < least.trough * middle[lag]
        and middle[2 * lag - 1 : 2 * lag + 2].max() >= least.repeated
    ]
    if not found:
        return []
    best = max(value for _, value in found)
    first = next(pair for pair in found if pair[1] >= NEAR_BEST * best)
    others = sorted((pair for pair in found if pair != first), key=lambda pair: -pair[1])
    return [first, *others]


def _autocorrelation(values: Array) -> Array | None:
    """The autocorrelation at lags 0 to half the length; None if there is none."""
    values = values - values.mean() if len(values) else values
    # Single large values would hide a season.
    spread = np.quantile(np.abs(values), 0.99) if len(values) > 8 else 0.0
    if spread <= 0:
        return None
    values = np.clip(values, -spread, spread) / spread
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    power = np.abs(np.fft.rfft(values, size)) ** 2
    curve = np.fft.irfft(power, size)[: len(values) // 2]
    return np.asarray(curve / curve[0]) if curve[0] > 0 else None
