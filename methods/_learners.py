"""Models that predict from a table: ridge and logistic regression with cross-validation, random forests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array
from recurbench.task.arithmetic import Floats, spread
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression

# For standardised inputs. The grid was fixed before any test score was seen.
PENALTIES = np.logspace(-2, 6, 17)
TEMPERATURES = np.logspace(-2, 1, 13)
STRENGTHS = np.logspace(-4, 2, 7)  # of a logistic regression: 1 / penalty, weakest last
FOLDS = 5
LEAST = -700.0  # the smallest log probability that a softmax is given
NO_CLASSES = "a logistic regression answers with classes, and this task asks for numbers"
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


def softened(scores: Floats, warmth: float, examples: int) -> Floats:
    """Probabilities [n, K] of scores [n, K]: a softmax of scores / warmth, smoothed for so many examples."""
    return smoothed(_softmax(scores / warmth), examples)


def temperature(scores: Floats, answers: Floats) -> float:
    """The one of TEMPERATURES with the least log loss of scores [n, K] for one-hot answers [n, K]."""
    return float(TEMPERATURES[int(np.argmin([_log_loss(scores / t, answers) for t in TEMPERATURES]))])


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


class Logistic:
    """Multinomial logistic regression with an L2 penalty, and calibrated probabilities.

    Penalty and temperature minimise the log loss of predictions for FOLDS parts left out in turn. The classes
    are spread evenly over the parts. A class with one example is missing where its part is left out; its
    probability there is that of `smoothed`.

    Parameters
    ----------
    inputs : array [n, p]
    answers : array [n, K]
        One-hot classes.
    blocks, classes
        Not read: the parts follow from the answers, and the answers are classes.
    """

    def __init__(
        self, inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool = True
    ) -> None:
        del blocks, classes
        self.scale = Scale.of(inputs)
        self.examples, self.outputs = answers.shape
        rows = self.scale(inputs)
        # With more columns than rows, the rows span a smaller space, in which the same model is cheaper.
        self.turn: Floats | None = None
        if rows.shape[1] > len(rows):
            self.turn = np.linalg.svd(rows, full_matrices=False)[2].T
            rows = rows @ self.turn
        known = answers.argmax(axis=1)
        out = [self._left_out(rows, known, float(strength)) for strength in STRENGTHS]
        losses = np.array([[_log_loss(each / t, answers) for t in TEMPERATURES] for each in out])
        # Of equal losses the first one has the strongest penalty.
        which, warm = np.unravel_index(int(losses.argmin()), losses.shape)
        self.temperature = float(TEMPERATURES[warm])
        self.model = _logistic(rows, known, float(STRENGTHS[which]))
        self.notes: dict[str, Any] = {
            "penalty": float(1 / STRENGTHS[which]),
            "temperature": self.temperature,
            "parameters": (inputs.shape[1] + 1) * self.outputs,
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Predict probabilities [n, K] from inputs [n, p]."""
        rows = self.scale(inputs)
        # Row by row, because the rounding of a matrix product depends on the number of rows.
        if self.turn is not None:
            rows = np.stack([row @ self.turn for row in rows])
        scores = np.concatenate([self._scores(self.model, row[None]) for row in rows])
        return smoothed(_softmax(scores / self.temperature), self.examples)

    def _left_out(self, rows: Floats, known: NDArray[np.int64], strength: float) -> Floats:
        """Scores [n, K] of each part by a model of the others."""
        order = np.argsort(known, kind="stable")
        part = np.empty(len(rows), dtype=np.int64)
        part[order] = np.arange(len(rows)) % min(FOLDS, len(rows))
        scores = np.zeros((len(rows), self.outputs))
        for one in range(min(FOLDS, len(rows)) if len(rows) > 1 else 0):
            out = part == one
            scores[out] = self._scores(_logistic(rows[~out], known[~out], strength), rows[out])
        return scores

    def _scores(self, model: LogisticRegression | int, rows: Floats) -> Floats:
        """Log probabilities [n, K]; LEAST for a class that the model has not seen."""
        scores = np.full((len(rows), self.outputs), LEAST)
        if isinstance(model, int):
            scores[:, model] = 0.0
        else:
            chances = np.maximum(model.predict_proba(rows), np.exp(LEAST))
            scores[:, model.classes_] = np.log(chances)
        return scores


def _logistic(rows: Floats, known: NDArray[np.int64], strength: float) -> LogisticRegression | int:
    """A fitted model, or the class if there is only one."""
    if (known == known[0]).all():
        return int(known[0])
    return LogisticRegression(C=strength, max_iter=300, tol=1e-4).fit(rows, known)


class Trees:
    """An ensemble of trees of scikit-learn; probabilities are smoothed, because full trees give many zeros.

    Parameters
    ----------
    inputs : array [n, p]
    answers : array [n, outputs]
        Numbers, or one-hot classes.
    classes : bool
        Whether the answers are classes.
    model : object
        A classifier or regressor of scikit-learn that is not fitted, with trees in `estimators_`.
    """

    def __init__(self, inputs: Array, answers: Floats, classes: bool, model: Any) -> None:
        self.examples, self.outputs = answers.shape
        self.classes, self.model = classes, model
        targets = answers.argmax(axis=1) if classes else answers
        model.fit(single(inputs), targets[:, 0] if targets.ndim > 1 and self.outputs == 1 else targets)
        self.notes: dict[str, Any] = {
            "trees": len(model.estimators_),
            "nodes": int(sum(tree.tree_.node_count for tree in model.estimators_)),
        }

    def __call__(self, inputs: Array) -> Floats:
        """Predict [n, outputs] from inputs [n, p]: numbers, or probabilities of classes."""
        if not self.classes:
            return np.asarray(self.model.predict(single(inputs))).reshape(-1, self.outputs)
        chances = np.zeros((len(inputs), self.outputs))
        chances[:, self.model.classes_] = self.model.predict_proba(single(inputs))
        return smoothed(chances, self.examples)


class Forest(Trees):
    """A random forest (Breiman 2001) with his values for regression.

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
        # One process: the runner distributes the cores.
        common = {"n_estimators": trees, "n_jobs": 1, "random_state": seed}
        if classes:
            model = RandomForestClassifier(**common)
        else:
            # A third of the inputs at each split, and no split below 5 rows.
            model = RandomForestRegressor(max_features=1 / 3, min_samples_split=5, **common)
        super().__init__(inputs, answers, classes, model)


def single(inputs: Floats) -> NDArray[np.float32]:
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
