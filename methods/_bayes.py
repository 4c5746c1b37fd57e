"""Bayes' rule over class-conditional sequence models, with one temperature against overconfidence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task, holdout

Floats = NDArray[np.float64]
Scores = Callable[[Split], Floats]

TEMPERATURES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)


def class_priors(labels: Array, classes: int) -> Floats:
    """Log chances of the classes [K] from their counts with half a case added to each (Jeffreys)."""
    counts = np.bincount(labels, minlength=classes) + 0.5
    return np.asarray(np.log(counts / counts.sum()))


def class_chances(log_likelihoods: Floats, log_priors: Floats, temperature: float) -> Floats:
    """P(class | sequence) from log p(sequence | class), [N, K] each; the former is tempered."""
    scores = temperature * log_likelihoods + log_priors
    scores = scores - scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def labels_of(split: Split) -> NDArray[np.int64]:
    """The class of every example, [N]."""
    return np.array([int(answer[0]) for answer in split.y], dtype=np.int64)


def choose_temperature(task: Task, train: Split, fit: Callable[[Split], Scores]) -> float:
    """The power with the least log-loss on a held-out quarter of the training groups.

    A sequence model counts dependent steps as independent evidence, so that plain Bayes gives chances of
    0 and 1. One shared power keeps the order of the likelihoods and mends the certainty. Where nothing can be
    held out, the likelihood per step is used (1 / mean length).
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

    # Ties go to the milder power: held-out parts are small.
    return min(reversed(TEMPERATURES), key=loss)
