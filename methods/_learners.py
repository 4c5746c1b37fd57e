"""Models that predict from a table: ridge regression with cross-validation, and random forests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._numeric import Floats, spread
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

# For standardised inputs. The grid was fixed before any test score was seen.
PENALTIES = np.logspace(-2, 6, 17)
TEMPERATURES = np.logspace(-2, 1, 13)
# Standardised inputs are clipped at so many standard deviations. Then a series unlike all of train, such as
# one with a single step, gets a bounded answer.
REACH = 10.0


class Learner(Protocol):
    """A fitted model that predicts each row independently.

    Attributes
    ----------
    notes : dict
        Facts about the fit.
    """

    notes: dict[str, Any]

    def __call__(self, inputs: Floats) -> Floats:
        """Predict answers [n, outputs] from inputs [n, p]."""
        ...


@dataclass(frozen=True)
class Scale:
    """Standardisation learnt on train.

    Attributes
    ----------
    mean, deviation : arrays [p]
        Of each column; the deviation of a constant column is infinite, so the column becomes 0.
    """

    mean: Floats
    deviation: Floats

    @staticmethod
    def of(inputs: Floats) -> Scale:
        """Learn mean and standard deviation of each column of inputs [n, p]."""
        deviation = spread(inputs)
        return Scale(inputs.mean(axis=0), np.where(deviation > 0, deviation, np.inf))

    def __call__(self, inputs: Floats) -> Floats:
        """Standardise inputs [n, p] and clip them at REACH standard deviations."""
        return np.clip((inputs - self.mean) / self.deviation, -REACH, REACH)


class Ridge:
    """Ridge regression, for numbers and for classes, with its penalty chosen by cross-validation.

    One decomposition gives the predictions for all blocks left out: their residuals are (I - H)^-1 times the
    residuals of the fit, where H is the block of the hat matrix (PRESS: Allen 1974). For classes, the
    probabilities are a softmax of the regression's scores, and penalty and temperature minimise the log loss
    in cross-validation. This works with one example per class, too.

    Parameters
    ----------
    inputs : array [n, p]
    answers : array [n, outputs]
        Numbers, or one-hot classes.
    blocks : array [n]
        The number of each row's block. Cross-validation leaves out one block at a time.
    classes : bool
        Whether the answers are classes.
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
            # Of equal losses the last one: the stronger penalty.
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
        """Predict [n, outputs] from inputs [n, p]: numbers, or probabilities of classes."""
        rows = self.scale(inputs) - self.middle
        # Row by row, because the rounding of a matrix product depends on the number of rows.
        scores = self.level + np.stack([row @ self.weights for row in rows])
        if self.temperature is None:
            return np.asarray(scores)
        return smoothed(_softmax(scores / self.temperature), self.examples)


def _left_out(left: Floats, shrink: Floats, answers: Floats, blocks: NDArray[np.int64]) -> Floats:
    """Predictions [n, outputs] for each block of rows, by a ridge regression on the other blocks."""
    fitted = answers.mean(axis=0) + left @ (shrink[:, None] * (left.T @ answers))
    residual = answers - fitted
    names = np.unique(blocks)
    if len(names) == 1:
        # With one block nothing is left to fit on: predict the mean.
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
    """Smooth probabilities so that none is 0.

    Parameters
    ----------
    chances : array [n, K]
    examples : int
        The number of training examples. One more is spread evenly over the K classes.
    """
    return np.asarray((examples * chances + 1 / chances.shape[-1]) / (examples + 1))


class Forest:
    """A random forest (Breiman 2001); probabilities are smoothed, because full trees give many zeros.

    Parameters
    ----------
    inputs : array [n, p]
    answers : array [n, outputs]
        Numbers, or one-hot classes.
    classes : bool
        Whether the answers are classes.
    trees : int
    seed : int
    """

    def __init__(self, inputs: Floats, answers: Floats, classes: bool, trees: int, seed: int) -> None:
        self.examples, self.outputs, self.classes = len(inputs), answers.shape[1], classes
        # One process: the runner distributes the cores. The trees compare in single precision.
        common = {"n_estimators": trees, "n_jobs": 1, "random_state": seed}
        if classes:
            self.model = RandomForestClassifier(**common)
            self.model.fit(_single(inputs), answers.argmax(axis=1))
        else:
            # A third of the inputs at each split, and no split below 5 rows: Breiman's values for regression.
            self.model = RandomForestRegressor(max_features=1 / 3, min_samples_split=5, **common)
            self.model.fit(_single(inputs), answers[:, 0] if self.outputs == 1 else answers)
        self.notes: dict[str, Any] = {
            "trees": trees,
            "nodes": int(sum(tree.tree_.node_count for tree in self.model.estimators_)),
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Predict [n, outputs] from inputs [n, p]: numbers, or probabilities of classes."""
        if not self.classes:
            return np.asarray(self.model.predict(_single(inputs))).reshape(-1, self.outputs)
        chances = np.zeros((len(inputs), self.outputs))
        chances[:, self.model.classes_] = self.model.predict_proba(_single(inputs))
        return smoothed(chances, self.examples)


def _single(inputs: Floats) -> NDArray[np.float32]:
    """Inputs in single precision without overflow; trees use the order of values only."""
    return np.clip(inputs, -1e38, 1e38).astype(np.float32)


class Flags:
    """A learner for flags: its predictions are probabilities of a 1, clipped so that none is 0 or 1.

    Parameters
    ----------
    learner : Learner
    examples : int
        The number of training examples n; predictions lie between 1 / (n + 2) and 1 - 1 / (n + 2).
    """

    def __init__(self, learner: Learner, examples: int) -> None:
        self.learner, self.least, self.notes = learner, 1 / (examples + 2), learner.notes

    def __call__(self, inputs: Floats) -> Floats:
        """Predict probabilities [n, outputs] from inputs [n, p]."""
        return np.clip(self.learner(inputs), self.least, 1 - self.least)
