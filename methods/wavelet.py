"""Features of a discrete wavelet transform: energies and statistics per level."""

from __future__ import annotations

from functools import partial

import numpy as np
import pywt
from recurbench import Split, Task, method
from recurbench.methods._numeric import Floats, divide, resample, spread
from recurbench.methods._settings import AtLeast1, Normalise
from recurbench.methods._tabular import Tabular, forest, ridge
from recurbench.methods._wavelets import Wavelet

COARSE = 8


@method("wavelet-ridge", family="features", kinds={"classification", "regression", "forecasting"})
def wavelet_ridge(
    task: Task,
    train: Split,
    *,
    wavelet: Wavelet = "db2",
    levels: AtLeast1 = 6,
    normalise: Normalise = "window",
    calendar: bool = False,
) -> Tabular:
    """A ridge on wavelet energies and statistics per level. normalise, calendar: of forecasts."""
    return ridge(
        task, train, partial(describe, wavelet=wavelet, levels=levels), normalise=normalise, calendar=calendar
    )


@method("wavelet-forest", family="features", kinds={"classification", "regression", "forecasting"})
def wavelet_forest(
    task: Task,
    train: Split,
    *,
    wavelet: Wavelet = "db2",
    levels: AtLeast1 = 6,
    trees: AtLeast1 = 300,
    seed: int = 0,
    normalise: Normalise = "window",
    calendar: bool = False,
) -> Tabular:
    """A random forest on wavelet energies and statistics per level. normalise, calendar: of forecasts."""
    return forest(
        task,
        train,
        partial(describe, wavelet=wavelet, levels=levels),
        trees,
        seed,
        normalise=normalise,
        calendar=calendar,
    )


def describe(x: Floats, wavelet: str = "db2", levels: int = 6) -> Floats:
    """Describe x [T, channels], T >= 1, by a flat vector: `levels` levels of detail and what is left.

    Levels go from the finest. One that a short series does not reach holds zeros. The default filter is
    short (4 taps), so that 24 steps still give three levels.
    """
    # PyWavelets wants memory it may write to; what only rounding moves has no detail.
    still = spread(x) == 0
    values = np.where(still, x[0], x)
    reached = min(levels, pywt.dwt_max_level(len(x), pywt.Wavelet(wavelet).dec_len))
    coarse, *details = pywt.wavedec(values, wavelet, mode="symmetric", level=reached, axis=0)
    # In the units of the series: a constant has the same approximation at every level.
    coarse = coarse / 2.0 ** (reached / 2)
    details = [np.where(still, 0.0, detail) for detail in details[::-1]]
    energy = np.array([(detail**2).sum(axis=0) for detail in details]).reshape(reached, x.shape[1])
    total = energy.sum(axis=0) + ((coarse - coarse.mean(axis=0)) ** 2).sum(axis=0) * 2.0**reached
    rows = [coarse.mean(axis=0)[None], spread(coarse)[None], resample(coarse, COARSE)]
    for level in range(levels):
        if level < reached:
            rows.append(_statistics(details[level], energy[level], total, len(x)))
        else:
            rows.append(np.zeros((6, x.shape[1])))
    return np.asarray(np.concatenate(rows).ravel())


def _statistics(detail: Floats, energy: Floats, total: Floats, steps: int) -> Floats:
    """Log energy per step, share of the energy, mean and largest size, deviation and entropy of a level."""
    share = divide(detail**2, energy)
    entropy = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=0) / np.log(max(len(detail), 2))
    size = np.abs(detail)
    return np.stack(
        [
            np.log1p(energy / steps),
            divide(energy, total),
            size.mean(axis=0),
            size.max(axis=0),
            detail.std(axis=0),
            entropy,
        ]
    )
