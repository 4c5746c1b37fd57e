"""Features of the Fourier spectrum: harmonics, band energies, peaks, entropy, centroid."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._settings import AtLeast1, Normalise, Unequal, WholeSeries
from recurbench.methods._tabular import Tabular, forest, logistic, ridge
from recurbench.task.arithmetic import Floats, divide, entropy, spread

HARMONICS = 10
BANDS = 8
PEAKS = 3


@method("fourier-ridge", family="features", kinds={"classification", "regression", "forecasting"})
def fourier_ridge(
    task: Task,
    train: Split,
    *,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Ridge regression on features of the Fourier spectrum.

    unequal and normalise: see `_preparation`. calendar is for forecasting, see `Training`.
    """
    return ridge(task, train, describe, unequal=unequal, normalise=normalise, calendar=calendar)


@method("fourier-forest", family="features", kinds={"classification", "regression", "forecasting"})
def fourier_forest(
    task: Task,
    train: Split,
    *,
    trees: AtLeast1 = 300,
    seed: int = 0,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> Tabular:
    """Random forest (Breiman 2001) on features of the Fourier spectrum.

    unequal and normalise: see `_preparation`. calendar is for forecasting, see `Training`.
    """
    return forest(task, train, describe, trees, seed, unequal=unequal, normalise=normalise, calendar=calendar)


@method("fourier-logistic", family="features", kinds={"classification"})
def fourier_logistic(
    task: Task, train: Split, *, unequal: Unequal = "native", normalise: WholeSeries = "none"
) -> Tabular:
    """Logistic regression on features of the Fourier spectrum.

    Its penalty and its temperature are chosen by cross-validation, see `_learners.Logistic`.
    unequal and normalise: see `_preparation`.
    """
    return logistic(task, train, describe, unequal=unequal, normalise=normalise)


def describe(x: Floats) -> Floats:
    """Compute the features of x [T, channels], T >= 1, as a vector.

    Harmonics are counted in cycles per series, bands and peaks in cycles per step (0 to .5), so series of any
    length have the same features. Frequencies that a short series does not resolve have no power.
    """
    mean = x.mean(axis=0)
    # A channel that changes by rounding only counts as constant.
    centred = np.where(spread(x) > 0, x - mean, 0.0)
    waves = np.fft.rfft(centred, axis=0)[1:] / len(x)
    frequency = np.asarray(np.fft.rfftfreq(len(x))[1:], dtype=np.float64)
    power = np.abs(waves) ** 2
    share = divide(power, power.sum(axis=0))
    rows = [
        mean[None],
        np.log1p(power.sum(axis=0))[None],
        harmonics(waves),
        bands(frequency, share),
        peaks(frequency, share),
        shape(frequency, share),
    ]
    return np.asarray(np.concatenate(rows).ravel())


def harmonics(waves: np.ndarray[tuple[int, int], np.dtype[np.complex128]]) -> Floats:
    """Cosine part, sine part and amplitude of the first HARMONICS frequencies; 0 above half the length."""
    first = np.zeros((HARMONICS, waves.shape[1]), dtype=np.complex128)
    count = min(HARMONICS, len(waves))
    first[:count] = waves[:count]
    return np.concatenate([first.real, first.imag, np.abs(first)])


def bands(frequency: Floats, share: Floats) -> Floats:
    """Share of the power in BANDS bands up to .5 cycles per step, each twice as wide as the one below."""
    upper = 0.5 / 2.0 ** np.arange(BANDS - 1, 0, -1)
    band = np.searchsorted(upper, frequency)
    return np.stack([share[band == b].sum(axis=0) for b in range(BANDS)])


def peaks(frequency: Floats, share: Floats) -> Floats:
    """Frequency and share of the power of the PEAKS strongest local maxima, strongest first."""
    out = np.zeros((2 * PEAKS, share.shape[1]))
    edge = np.zeros((1, share.shape[1]))
    padded = np.concatenate([edge, share, edge])
    tops = (share > padded[:-2]) & (share >= padded[2:])
    for channel in range(share.shape[1]):
        tops_here = np.flatnonzero(tops[:, channel])
        tops_here = tops_here[np.argsort(-share[tops_here, channel], kind="stable")][:PEAKS]
        out[: len(tops_here), channel] = frequency[tops_here]
        out[PEAKS : PEAKS + len(tops_here), channel] = share[tops_here, channel]
    return out


def shape(frequency: Floats, share: Floats) -> Floats:
    """Centroid and standard deviation (cycles per step), the 85 % roll-off frequency, and entropy.

    The entropy is divided by that of a flat spectrum: 0 for a single frequency, 1 for white noise.
    """
    if not len(frequency):
        return np.zeros((4, share.shape[1]))
    centroid = frequency @ share
    around = np.sqrt((((frequency[:, None] - centroid) ** 2) * share).sum(axis=0))
    moving = share.sum(axis=0) > 0
    reached = frequency[(np.cumsum(share, axis=0) >= 0.85 * share.sum(axis=0)).argmax(axis=0)]
    return np.stack([centroid, around, np.where(moving, reached, 0.0), entropy(share)])
