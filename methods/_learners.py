"""What answers from a table: a ridge with its penalty chosen on rows left out, and a random forest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._numeric import Floats, spread
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

# For standardised inputs: the wide grid fixed before any test score was seen.
PENALTIES = np.logspace(-2, 6, 17)
TEMPERATURES = np.logspace(-2, 1, 13)
# Standardised inputs are held within this many deviations, so that a series unlike all of train (one step
# long, say) gets a bounded answer.
REACH = 10.0


class Learner(Protocol):
    """What a head has learnt: rows of inputs to rows of answers, each row by itself."""

    notes: dict[str, Any]

    def __call__(self, inputs: Floats) -> Floats:
        """Inputs [n, p] to answers [n, outputs]."""
        ...


@dataclass(frozen=True)
class Scale:
    """Standardisation learnt on train."""

    mean: Floats
    deviation: Floats

    @staticmethod
    def of(inputs: Floats) -> Scale:
        """Mean and deviation of each column; a constant column is left to be 0."""
        deviation = spread(inputs)
        return Scale(inputs.mean(axis=0), np.where(deviation > 0, deviation, np.inf))

    def __call__(self, inputs: Floats) -> Floats:
        """Inputs [n, p] in deviations from the mean, held within REACH."""
        return np.clip((inputs - self.mean) / self.deviation, -REACH, REACH)


class Ridge:
    """Least squares with a squared penalty; everything that is chosen is chosen on blocks left out in train.

    The answers to a block left out follow from one fit: its residuals are (I - H)^-1 times the fitted ones, H
    the block of the hat matrix (Allen's PRESS, for blocks of several rows). For classes the penalty and the
    temperature of a softmax over the scores are those with the least log-loss on the rows left out: a linear
    classifier with honest chances at the price of one decomposition, defined for one example per class too.
    """

    def __init__(self, inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> None:
        self.scale = Scale.of(inputs)
        rows = self.scale(inputs)
        self.middle = rows.mean(axis=0)
        self.level = answers.mean(axis=0)
        self.examples = len(rows)
        left, size, right = np.linalg.svd(rows - self.middle, full_matrices=False)
        kept = size > 1e-9 * max(1.0, size[0])
        left, size, right = left[:, kept], size[kept], right[kept]
        out = [_left_out(left, size**2 / (size**2 + p), answers, blocks) for p in PENALTIES]
        self.temperature: float | None = None
        if classes:
            losses = np.array([[_log_loss(each / t, answers) for t in TEMPERATURES] for each in out])
            # From the strong end: among equals the smoother answer.
            best = losses.size - 1 - int(losses.ravel()[::-1].argmin())
            which = best // len(TEMPERATURES)
            self.temperature = float(TEMPERATURES[best % len(TEMPERATURES)])
        else:
            errors = [float(np.mean((each - answers) ** 2)) for each in out]
            which = len(errors) - 1 - int(np.argmin(errors[::-1]))
        self.penalty = float(PENALTIES[which])
        shrunk = (size / (size**2 + self.penalty))[:, None] * (left.T @ (answers - self.level))
        self.weights = right.T @ shrunk
        self.notes: dict[str, Any] = {"penalty": self.penalty, "parameters": int(self.weights.size)}
        if self.temperature is not None:
            self.notes["temperature"] = self.temperature

    def __call__(self, inputs: Floats) -> Floats:
        """Answers [n, outputs], chances where the answers are classes."""
        rows = self.scale(inputs) - self.middle
        # Row by row, for a product of matrices rounds differently with the number of rows.
        scores = self.level + np.stack([row @ self.weights for row in rows])
        if self.temperature is None:
            return np.asarray(scores)
        return smoothed(_softmax(scores / self.temperature), self.examples)


def _left_out(left: Floats, shrink: Floats, answers: Floats, blocks: NDArray[np.int64]) -> Floats:
    """What a ridge says about each block of rows when fitted to the other blocks, [n, outputs]."""
    fitted = answers.mean(axis=0) + left @ (shrink[:, None] * (left.T @ answers))
    residual = answers - fitted
    names = np.unique(blocks)
    if len(names) == 1:
        # Nothing is left to fit on: only the mean of all can be said.
        return np.broadcast_to(answers.mean(axis=0), answers.shape)
    if len(names) == len(blocks):
        leverage = 1 / len(left) + (left**2) @ shrink
        return np.asarray(answers - residual / np.maximum(1 - leverage, 1e-9)[:, None])
    out = np.empty_like(answers)
    for name in names:
        rows = np.flatnonzero(blocks == name)
        part = left[rows]
        hat = 1 / len(left) + (part * shrink) @ part.T
        out[rows] = answers[rows] - np.linalg.solve((1 + 1e-9) * np.eye(len(rows)) - hat, residual[rows])
    return out


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _log_loss(scores: Floats, answers: Floats) -> float:
    chances = smoothed(_softmax(scores), len(answers))
    return float(-np.mean(np.log((chances * answers).sum(axis=-1))))


def smoothed(chances: Floats, examples: int) -> Floats:
    """Chances [n, K] as if one more training example had been spread evenly over the K classes: never 0."""
    return np.asarray((examples * chances + 1 / chances.shape[-1]) / (examples + 1))


class Forest:
    """A random forest; chances are smoothed, since trees grown out say 0 of what they have not seen."""

    def __init__(self, inputs: Floats, answers: Floats, classes: bool, trees: int, seed: int) -> None:
        self.examples, self.outputs, self.classes = len(inputs), answers.shape[1], classes
        # One job: the runner shares out the cores. float32 is what the trees compare in.
        common = {"n_estimators": trees, "n_jobs": 1, "random_state": seed}
        if classes:
            self.model = RandomForestClassifier(**common)
            self.model.fit(_single(inputs), answers.argmax(axis=1))
        else:
            # A third of the inputs at each cut and no cut below 5 rows: Breiman's values for regression.
            self.model = RandomForestRegressor(max_features=1 / 3, min_samples_split=5, **common)
            self.model.fit(_single(inputs), answers[:, 0] if self.outputs == 1 else answers)
        self.notes: dict[str, Any] = {
            "trees": trees,
            "nodes": int(sum(tree.tree_.node_count for tree in self.model.estimators_)),
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Answers [n, outputs], chances where the answers are classes."""
        if not self.classes:
            return np.asarray(self.model.predict(_single(inputs))).reshape(-1, self.outputs)
        chances = np.zeros((len(inputs), self.outputs))
        chances[:, self.model.classes_] = self.model.predict_proba(_single(inputs))
        return smoothed(chances, self.examples)


def _single(inputs: Floats) -> NDArray[np.float32]:
    """In single precision without overflow: trees look at the order of values only."""
    return np.clip(inputs, -1e38, 1e38).astype(np.float32)


class Flags:
    """Answers that are chances of a 1, kept off 0 and 1."""

    def __init__(self, learner: Learner, examples: int) -> None:
        self.learner, self.least, self.notes = learner, 1 / (examples + 2), learner.notes

    def __call__(self, inputs: Floats) -> Floats:
        """Chances [n, outputs]."""
        return np.clip(self.learner(inputs), self.least, 1 - self.least)
