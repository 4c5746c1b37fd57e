"""Features of a discrete wavelet transform: energies and statistics of each level."""

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
    """Ridge regression on energies and statistics of a discrete wavelet transform (Daubechies 1992).

    wavelet and levels choose the transform. normalise and calendar are for forecasting, see `Training`.
    """
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
    """Random forest (Breiman 2001) on energies and statistics of a discrete wavelet transform.

    wavelet and levels choose the transform. normalise and calendar are for forecasting, see `Training`.
    """
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
    """Compute the features of x [T, channels], T >= 1, as a vector: the approximation and `levels` details.

    The finest level of detail comes first. Levels that a short series does not have are zero. The default
    filter is short (4 taps), so 24 steps have three levels.
    """
    # A channel that changes by rounding only counts as constant. (PyWavelets needs writable memory.)
    still = spread(x) == 0
    values = np.where(still, x[0], x)
    reached = min(levels, pywt.dwt_max_level(len(x), pywt.Wavelet(wavelet).dec_len))
    coarse, *details = pywt.wavedec(values, wavelet, mode="symmetric", level=reached, axis=0)
    # Scaled so that a constant has the same approximation at every level.
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
    """Log energy per step, share of the energy, mean and largest size, standard deviation, and entropy."""
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
