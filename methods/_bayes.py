"""Bayes' rule for sequence models per class, with one temperature against overconfidence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task, holdout

Floats = NDArray[np.float64]
Scores = Callable[[Split], Floats]

TEMPERATURES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)


def class_priors(labels: Array, classes: int) -> Floats:
    """Log probabilities of the classes [K], from their counts plus half a case each (Jeffreys' prior)."""
    counts = np.bincount(labels, minlength=classes) + 0.5
    return np.asarray(np.log(counts / counts.sum()))


def class_chances(log_likelihoods: Floats, log_priors: Floats, temperature: float) -> Floats:
    """P(class | sequence), [N, K], from log p(sequence | class) [N, K] times temperature, and priors [K]."""
    scores = temperature * log_likelihoods + log_priors
    scores = scores - scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def labels_of(split: Split) -> NDArray[np.int64]:
    """The class of every example, [N]."""
    return np.array([int(answer[0]) for answer in split.y], dtype=np.int64)


def choose_temperature(task: Task, train: Split, fit: Callable[[Split], Scores]) -> float:
    """Choose the exponent of the likelihoods that has the least log loss on a quarter of the training groups.

    A sequence model treats dependent steps as independent evidence, so Bayes' rule alone gives probabilities
    near 0 and 1. One exponent for all classes corrects this and keeps the order of the likelihoods. If
    nothing can be held out, it is 1 / mean length: the likelihood per step.
    """
    kept, checked = holdout(task, train, 0)
    if len(kept) == 0 or len(checked) == 0:
        return 1.0 / max(1.0, float(np.mean([len(x) for x in train.x])))
    scores = fit(kept)(checked)
    priors = class_priors(labels_of(kept), task.y.size)
    truth = labels_of(checked)

    def loss(temperature: float) -> float:
        chances = class_chances(scores, priors, temperature)
        return float(-np.log(np.maximum(chances[np.arange(len(truth)), truth], 1e-15)).mean())

    # Ties go to the smaller exponent, because the held-out part is small.
    return min(reversed(TEMPERATURES), key=loss)
