"""Features of a discrete wavelet transform, and of the scalogram of a continuous one."""

from __future__ import annotations

from functools import partial

import numpy as np
import pywt
from recurbench import Split, Task, method
from recurbench.methods._settings import AtLeast1, Normalise, Unequal, WholeSeries
from recurbench.methods._tabular import Tabular, forest, logistic, ridge
from recurbench.methods._wavelets import Scalogram, Wavelet
from recurbench.task.arithmetic import Floats, divide, entropy, resample, spread

COARSE = 8
FROM = 64  # steps of the shortest series with a scalogram
# In steps, two per octave. A Morlet wavelet of scale s has a period of 1.26 s, a Ricker wavelet of 4 s.
SCALES = 2.0 ** np.arange(1, 9, 0.5)
CONTINUOUS = {"morlet": "morl", "ricker": "mexh"}  # as PyWavelets calls them


@method("wavelet-ridge", family="features", kinds={"classification", "regression", "forecasting"})
def wavelet_ridge(
    task: Task,
    train: Split,
    *,
    wavelet: Wavelet = "db2",
    levels: AtLeast1 = 6,
    scalogram: Scalogram = "none",
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Ridge regression on energies and statistics of a discrete wavelet transform (Daubechies 1992).

    wavelet and levels choose the transform. scalogram adds features of a continuous one, see
    `describe_scalogram`. unequal and normalise: see `_preparation`. calendar is for forecasting,
    see `Training`.
    """
    features = partial(describe, wavelet=wavelet, levels=levels, scalogram=scalogram)
    return ridge(task, train, features, unequal=unequal, normalise=normalise, calendar=calendar)


@method("wavelet-forest", family="features", kinds={"classification", "regression", "forecasting"})
def wavelet_forest(
    task: Task,
    train: Split,
    *,
    wavelet: Wavelet = "db2",
    levels: AtLeast1 = 6,
    scalogram: Scalogram = "none",
    trees: AtLeast1 = 300,
    seed: int = 0,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Random forest (Breiman 2001) on energies and statistics of a discrete wavelet transform.

    wavelet and levels choose the transform. scalogram adds features of a continuous one, see
    `describe_scalogram`. unequal and normalise: see `_preparation`. calendar is for forecasting,
    see `Training`.
    """
    features = partial(describe, wavelet=wavelet, levels=levels, scalogram=scalogram)
    return forest(task, train, features, trees, seed, unequal=unequal, normalise=normalise, calendar=calendar)


@method("wavelet-logistic", family="features", kinds={"classification"})
def wavelet_logistic(
    task: Task,
    train: Split,
    *,
    wavelet: Wavelet = "db2",
    levels: AtLeast1 = 6,
    scalogram: Scalogram = "none",
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> Tabular:
    """Logistic regression on energies and statistics of a discrete wavelet transform.

    Its penalty and its temperature are chosen by cross-validation, see `_learners.Logistic`. wavelet and
    levels choose the discrete transform. scalogram adds features of a continuous one, see
    `describe_scalogram`. unequal and normalise: see `_preparation`.
    """
    features = partial(describe, wavelet=wavelet, levels=levels, scalogram=scalogram)
    return logistic(task, train, features, unequal=unequal, normalise=normalise)


def describe(x: Floats, wavelet: str = "db2", levels: int = 6, scalogram: str = "none") -> Floats:
    """Compute the features of x [T, channels], T >= 1, as a vector: the approximation and `levels` details.

    The finest level of detail comes first. Levels that a short series does not have are zero. The default
    filter is short (4 taps), so 24 steps have three levels. The features of a scalogram come last.
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
    if scalogram != "none":
        rows.append(describe_scalogram(np.where(still, 0.0, x), CONTINUOUS[scalogram]))
    return np.asarray(np.concatenate(rows).ravel())


def _statistics(detail: Floats, energy: Floats, total: Floats, steps: int) -> Floats:
    """Log energy per step, share of the energy, mean and largest size, standard deviation, and entropy."""
    share = divide(detail**2, energy)
    evenness = entropy(share)
    size = np.abs(detail)
    return np.stack(
        [
            np.log1p(energy / steps),
            divide(energy, total),
            size.mean(axis=0),
            size.max(axis=0),
            detail.std(axis=0),
            evenness,
        ]
    )


def describe_scalogram(x: Floats, wavelet: str) -> Floats:
    """Summaries [4 x scales, channels] of the scalogram: a continuous wavelet transform (Mallat 2009).

    For each of SCALES: the log energy per step, the mean and the largest size of the coefficients, and the
    entropy of their energies over time, divided by that of equal energies. A scale above a quarter of the
    series holds zeros, and so do all scales of a series shorter than FROM steps.

    Parameters
    ----------
    x : array [T, channels]
    wavelet : str
        A continuous wavelet of PyWavelets with real coefficients, such as "morl" or "mexh".
    """
    features = np.zeros((len(SCALES), 4, x.shape[1]))
    count = int((len(x) / 4 >= SCALES).sum()) if len(x) >= FROM else 0
    if count:
        # Around the mean, because the transform continues a series with zeros.
        coefficients = pywt.cwt(x - x.mean(axis=0), SCALES[:count], wavelet, axis=0)[0]
        for k, each in enumerate(np.asarray(coefficients, dtype=np.float64)):
            energy = (each**2).sum(axis=0)
            size = np.abs(each)
            evenness = entropy(divide(each**2, energy))
            features[k] = np.log1p(energy / len(x)), size.mean(axis=0), size.max(axis=0), evenness
    return features.reshape(-1, x.shape[1])
