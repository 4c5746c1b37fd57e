"""The models that predict from features of a batch of series, as published with these features."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._learners import (
    NO_CLASSES,
    Learner,
    Logistic,
    Trees,
    softened,
    temperature,
)
from recurbench.methods._tabular import Fit
from recurbench.task import Array, Unsupported
from recurbench.task.arithmetic import Floats
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler

Model = Literal["ridge", "logistic", "forest", "extra-trees"]

ALPHAS = np.logspace(-3, 3, 10)  # the penalties of ROCKET and its descendants


def head(model: Model, *, trees: int, seed: int, scaled: bool = False) -> Fit:
    """The model to fit to features, by its name.

    Parameters
    ----------
    model : str
        "ridge": see `ScoredRidge`. "logistic": see `_learners.Logistic`. "forest": a random forest (Breiman
        2001) with the defaults of scikit-learn. "extra-trees": extremely randomised trees (Geurts et al.
        2006) that try a tenth of the features at each split, by entropy for classes (as in QUANT).
    trees, seed : int
        Of the forest and the extra trees.
    scaled : bool
        Whether the features are standardised already. If not, a ridge regression does it first.

    Returns
    -------
    callable
        Fits a learner to inputs [n, p], answers [n, outputs], blocks, and whether the answers are classes.
        Unsupported if the model is logistic and they are not.
    """

    def fit(inputs: Array, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> Learner:
        if model == "logistic":
            if not classes:
                raise Unsupported(NO_CLASSES)
            return Logistic(np.asarray(inputs, dtype=np.float64), answers, blocks)
        if model == "ridge":
            return ScoredRidge(inputs, answers, classes, scaled)
        return Trees(inputs, answers, classes, _trees(model, classes, trees, seed))

    return fit


def _trees(model: str, classes: bool, trees: int, seed: int) -> Any:
    # One process: the runner distributes the cores.
    common = {"n_estimators": trees, "n_jobs": 1, "random_state": seed}
    if model == "forest":
        return RandomForestClassifier(**common) if classes else RandomForestRegressor(**common)
    if classes:
        return ExtraTreesClassifier(max_features=0.1, criterion="entropy", **common)
    return ExtraTreesRegressor(max_features=0.1, **common)


class ScoredRidge:
    """The ridge regression of the ROCKET family, with probabilities that never change the winning class.

    Classes are targets of -1 and 1, and the class with the largest score wins: the same decision as that of
    `RidgeClassifierCV` of scikit-learn. The penalty, one of ALPHAS, has the least squared leave-one-out
    error. The probabilities are a softmax of the scores divided by a temperature that minimises the log loss
    of the leave-one-out scores (Guo et al. 2017). A division by a positive number changes no order.

    Parameters
    ----------
    inputs : array [n, p]
    answers : array [n, outputs]
        Numbers, or one-hot classes.
    classes : bool
        Whether the answers are classes.
    scaled : bool
        Whether the inputs are standardised already.
    """

    def __init__(self, inputs: Array, answers: Floats, classes: bool, scaled: bool) -> None:
        self.examples = len(inputs)
        self.scaler = None if scaled else StandardScaler(copy=False).fit(inputs)
        if self.scaler is not None:
            # In the type of the inputs, as the scaler does it: arithmetic on two types takes twice as long.
            kind = np.result_type(inputs.dtype, np.float32)
            self.centre, self.spread = (part.astype(kind) for part in (self.scaler.mean_, self.scaler.scale_))
        targets = 2 * answers - 1 if classes else answers
        self.level: Floats = targets[0]
        self.weights: Array = np.zeros((inputs.shape[1], targets.shape[1]), dtype=inputs.dtype)
        self.temperature: float | None = 1.0 if classes else None
        self.notes: dict[str, Any] = {"parameters": int(self.weights.size)}
        # Where all answers are the same, there is nothing to learn and no error to compare.
        if not (targets == targets[0]).all():
            self._fit(inputs, answers, targets)
        if self.temperature is not None:
            self.notes["temperature"] = self.temperature

    def _fit(self, inputs: Array, answers: Floats, targets: Floats) -> None:
        model = RidgeCV(ALPHAS, scoring="neg_mean_squared_error", store_cv_results=True)
        scaled = inputs if self.scaler is None else self.scaler.transform(inputs, copy=True)
        model.fit(scaled, targets)
        self.weights = np.reshape(model.coef_, (targets.shape[1], -1)).T
        self.level = np.atleast_1d(model.intercept_)
        self.notes["penalty"] = float(model.alpha_)
        if self.temperature is not None:
            left_out = model.cv_results_[..., int(np.flatnonzero(model.alpha_ == ALPHAS)[0])]
            self.temperature = temperature(np.asarray(left_out, dtype=np.float64), answers)

    def _scaled(self, row: Array) -> Array:
        """Scale a row [p] as the scaler does, in every bit; a row at a time needs no copy of all rows."""
        return row if self.scaler is None else np.asarray((row - self.centre) / self.spread)

    def __call__(self, inputs: Array) -> Floats:
        """Predict [n, outputs] from inputs [n, p]: numbers, or probabilities of classes."""
        # Row by row, because the rounding of a matrix product depends on the number of rows.
        scores = (
            np.stack([self._scaled(row) @ self.weights for row in inputs]).astype(np.float64) + self.level
        )
        if self.temperature is None:
            return np.asarray(scores)
        return softened(scores, self.temperature, self.examples)
