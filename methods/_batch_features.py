"""Methods that compute the features of a whole batch of series at once and predict from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from recurbench.methods._learners import Flags, Learner
from recurbench.methods._numpy_generator import unmoved_numpy
from recurbench.methods._preparation import Preparation
from recurbench.methods._tabular import Fit, encoded, flat_answers, prepared
from recurbench.task import Array, Split, Task, Unsupported
from recurbench.task.arithmetic import Floats, resample

Transform = Callable[[Floats], Array]
"""Computes features: series [n, channels, T] of one length to rows [n, features]."""

BLOCK = 64  # series in one call of a transform that torch computes
VALUES = 2**16  # fewer series where they are long: about so many values of a channel in one call


@contextmanager
def unmoved_generators(seed: int | None = None) -> Iterator[None]:
    """Leave the global generators of numpy and torch, and the threads of torch, as they were.

    Transforms of aeon seed the global generators and set the number of threads.

    Parameters
    ----------
    seed : int, optional
        What numpy's global generator is seeded with inside the block; None leaves it as it is.
    """
    torch_state, threads = torch.get_rng_state(), torch.get_num_threads()
    try:
        with unmoved_numpy(seed):
            yield
    finally:
        torch.set_rng_state(torch_state)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def in_blocks(transform: Transform, x: Floats) -> Array:
    """Apply a transform to blocks that always have the same number of series.

    Rounding in torch depends on the number of series in a call. So the last block is filled up with its first
    series, and a series has the same features in every batch.

    Parameters
    ----------
    transform : callable
    x : array [n, channels, T]
        At least one series.

    Returns
    -------
    array [n, features]
    """
    size = max(1, min(BLOCK, VALUES // x.shape[2]))
    rows = []
    for start in range(0, len(x), size):
        block = x[start : start + size]
        filled = np.concatenate([block, np.repeat(block[:1], size - len(block), axis=0)])
        rows.append(np.asarray(transform(filled))[: len(block)])
    return np.concatenate(rows)


def fit_on_batch(
    task: Task,
    train: Split,
    learn: Callable[[Floats], Transform],
    fit: Fit,
    *,
    name: str,
    shortest: int,
    unequal: str = "resample",
    normalise: str = "none",
) -> BatchFeatures:
    """Learn a transform for series of one length and fit a model to the features it computes.

    Parameters
    ----------
    task : Task
    train : Split
    learn : callable
        Learns the transform from the training series [n, channels, T].
    fit : callable
        Fits the model to the features.
    name : str
        What users call the transform, for messages.
    shortest : int
        Steps that the transform needs.
    unequal : str
        How series get one length: "pad", "resample" or "truncate", see `_preparation`.
    normalise : str
        "none", "series" or "train", see `_preparation`.

    Raises
    ------
    Unsupported
        If a value is missing, the training series then have fewer than `shortest` steps, or the task asks for
        answers of another form than one symbol or a fixed number of values.
    ValueError
        If the training part is empty, or a value is infinite.
    """
    answers = flat_answers(task, train)
    prepare = prepared(task, train, unequal, normalise)
    if prepare.steps is not None and prepare.steps < shortest:
        which = "shortest" if unequal == "truncate" else "longest"
        raise Unsupported(
            f"{name} needs series of at least {shortest} steps, and the {which} training example has "
            f"{prepare.steps}"
        )

    def stacked(split: Split) -> Floats:
        return np.stack([prepare(encoded(task, x, i)).T for i, x in enumerate(split.x)]).copy()

    series = stacked(train)
    # Some transforms of aeon fail on a single series. Learnt from it twice, they are the same.
    transform = learn(series if len(series) > 1 else np.repeat(series, 2, axis=0))
    return _fitted(task, train, answers, lambda split: transform(stacked(split)), fit, prepare)


def fit_on_lengths(
    task: Task,
    train: Split,
    transform: Transform,
    fit: Fit,
    *,
    shortest: int,
    unequal: str = "native",
    normalise: str = "none",
) -> BatchFeatures:
    """Fit a model to features whose number does not depend on the length of a series.

    Series of each length are transformed together. A series shorter than `shortest` is interpolated linearly
    to so many steps. `unequal` may also be "native". The other parameters and the errors are those of
    `fit_on_batch`.
    """
    answers = flat_answers(task, train)
    prepare = prepared(task, train, unequal, normalise)

    def describe(split: Split) -> Array:
        series = [prepare(encoded(task, x, i)) for i, x in enumerate(split.x)]
        series = [resample(x, max(len(x), shortest)) for x in series]
        lengths = np.array([len(x) for x in series])
        parts: dict[int, Array] = {}
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            rows = transform(np.stack([series[i].T for i in places]))
            parts |= dict(zip(places.tolist(), rows, strict=True))
        return np.stack([parts[i] for i in range(len(series))])

    return _fitted(task, train, answers, describe, fit, prepare)


def _fitted(
    task: Task,
    train: Split,
    answers: Floats,
    describe: Callable[[Split], Array],
    fit: Fit,
    prepare: Preparation,
) -> BatchFeatures:
    with unmoved_generators():
        rows = describe(train)
    learner = fit(rows, answers, np.arange(len(rows)), task.y.symbols)
    if task.y.flags:
        learner = Flags(learner, len(rows))
    notes: dict[str, Any] = {"features": rows.shape[1], "examples": len(rows)}
    notes |= {**prepare.notes, **learner.notes}
    lengths = {len(x) for x in train.x}
    if len(lengths) > 1:
        notes["lengths"] = f"{min(lengths)} to {max(lengths)} steps"
    return BatchFeatures(task, describe, learner, notes)


@dataclass(frozen=True)
class BatchFeatures:
    """A fitted model on features of a batch, as a predictor.

    Attributes
    ----------
    task : Task
    describe : callable
        Computes the features [n, p] of a split; the row of an example does not depend on the others.
    learner : Learner
    notes : dict
    """

    task: Task
    describe: Callable[[Split], Array]
    learner: Learner
    notes: dict[str, Any]

    def __call__(self, split: Split) -> Sequence[Array]:
        """Answer every example."""
        if not len(split):
            return []
        with unmoved_generators():
            rows = self.describe(split.blind())
        return [answer.reshape(self.task.steps, self.task.y.size) for answer in self.learner(rows)]
