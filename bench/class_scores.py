"""Scores of the probabilities that a classifier gives: area under the ROC curve, Brier score, calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BINS = 10  # of the probability, of equal width, in the calibration error


def auroc(truth: Codes, chances: Floats) -> float:
    """Compute the area under the ROC curve; of several classes, the mean of each class against all others.

    Parameters
    ----------
    truth : array of int
        [cases] true classes, from 0 to classes - 1.
    chances : array of float
        [cases, classes] probabilities.

    Returns
    -------
    float
        In 0..1; .5 is the value of random order, and equal probabilities count half. Of two classes it is
        the same for both. A class without a case in `truth` has no curve and is left out of the mean. NaN if
        all cases are of one class.

    References
    ----------
    Hand and Till (2001), A simple generalisation of the area under the ROC curve for multiple class
    classification problems, Machine Learning 45. The mean over classes is that of Provost and Domingos
    (2000), with every class counting the same.
    """
    areas = []
    for code in np.unique(truth):
        of_class = truth == code
        if of_class.all():
            return float("nan")
        areas.append(_area(of_class, chances[:, code]))
    return float(np.mean(areas)) if areas else float("nan")


def _area(positive: NDArray[np.bool_], given: Floats) -> float:
    """The share of pairs of a positive and a negative case in the right order; equal values count half."""
    _, place, counts = np.unique(given, return_inverse=True, return_counts=True)
    # The mean rank of equal values, counted from 1.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    inside = int(positive.sum())
    outside = len(positive) - inside
    return float((ranks[positive].sum() - inside * (inside + 1) / 2) / (inside * outside))


def brier(truth: Codes, chances: Floats) -> Floats:
    """Compute the Brier score of every case.

    Parameters
    ----------
    truth : array of int
        [cases] true classes.
    chances : array of float
        [cases, classes] probabilities; each row sums to 1.

    Returns
    -------
    array of float
        [cases]: the sum over classes of (probability - 1 if it is the true class, else 0) squared, in 0..2.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78.
    """
    right = np.zeros_like(chances)
    right[np.arange(len(truth)), truth] = 1.0
    return np.asarray(((chances - right) ** 2).sum(axis=1), dtype=np.float64)


def calibration_error(truth: Codes, chances: Floats) -> float:
    """Compute the expected calibration error of the predicted classes.

    Parameters
    ----------
    truth : array of int
        [cases] true classes.
    chances : array of float
        [cases, classes] probabilities. The predicted class is the first with the highest one.

    Returns
    -------
    float
        In 0..1. The cases are put into BINS bins of equal width by the probability of their predicted class;
        a value on a border belongs to the lower bin. In each bin: |share of right predictions - mean
        probability|. The result is the mean over the bins, weighted by their numbers of cases. NaN without a
        case.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning,
    AAAI; in the form of Guo et al. (2017), On calibration of modern neural networks, ICML.
    """
    if not len(truth):
        return float("nan")
    guess = chances.argmax(axis=1)
    surest = chances[np.arange(len(truth)), guess]
    right = (guess == truth).astype(np.float64)
    bins = np.searchsorted(np.linspace(0.0, 1.0, BINS + 1)[1:-1], surest)
    gaps = np.bincount(bins, weights=right - surest, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))
