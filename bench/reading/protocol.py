"""The protocol of one's own series: horizon, test origins and their distance, and seasons without dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from recurbench.task import Array

TEST_SHARE = 0.4  # of the rows of the median series
MOST_HORIZONS = 20  # the longest test part
LEAST_HORIZONS = 8  # horizons that the test part should hold
WITHOUT_SEASON = (12, 6, 3, 1)
LOOKED_AT = 20  # series whose autocorrelation is computed
LONGEST = 20_000  # rows, the last ones, that it is computed from
LEAST_ACF = 0.3  # autocorrelation of the differences that makes a season
TROUGH = 0.5  # a season is a peak behind lags with less than this share of it
REPEATED = 0.15  # and at twice the lag
NEAR_BEST = 0.8  # the shortest lag within this share of the best one is taken


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
    which 8 fit into 40 % of the rows of the median series. The test part has 40 % of the rows, at most 20
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
    """Candidates of a season from the autocorrelation of the differences: lag and value, the best first.

    A lag counts if its autocorrelation is a local maximum of at least .3, and is repeated at twice the lag.
    The median of at most 20 series is taken.

    Parameters
    ----------
    series : sequence of arrays [N]
    """
    every = max(1, len(series) // LOOKED_AT)
    curves = [
        curve for values in series[::every][:LOOKED_AT] if (curve := _autocorrelation(values)) is not None
    ]
    if not curves:
        return []
    length = int(np.median([len(curve) for curve in curves]))
    long = [curve[:length] for curve in curves if len(curve) >= length]
    middle = np.median(np.stack(long), axis=0)
    found = [
        (lag, float(middle[lag]))
        for lag in range(2, (length - 1) // 2)
        if middle[lag] >= LEAST_ACF
        and middle[lag] >= middle[max(1, lag - 2) : lag + 3].max()
        and middle[1:lag].min() < TROUGH * middle[lag]
        and middle[2 * lag - 1 : 2 * lag + 2].max() >= REPEATED
    ]
    if not found:
        return []
    best = max(value for _, value in found)
    first = next(pair for pair in found if pair[1] >= NEAR_BEST * best)
    others = sorted((pair for pair in found if pair != first), key=lambda pair: -pair[1])
    return [first, *others]


def _autocorrelation(values: Array) -> Array | None:
    """The autocorrelation of the differences at lags 0 to half the length; None if there is none."""
    steps = np.diff(values[-LONGEST:].astype(np.float64))
    steps = steps - steps.mean() if len(steps) else steps
    # Single large values would hide a season.
    spread = np.quantile(np.abs(steps), 0.99) if len(steps) > 8 else 0.0
    if spread <= 0:
        return None
    steps = np.clip(steps, -spread, spread) / spread
    size = 2 ** int(np.ceil(np.log2(2 * len(steps))))
    power = np.abs(np.fft.rfft(steps, size)) ** 2
    curve = np.fft.irfft(power, size)[: len(steps) // 2]
    return np.asarray(curve / curve[0]) if curve[0] > 0 else None
