"""The models on features of a batch, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Unsupported
from recurbench.methods._heads import ALPHAS, ScoredRidge, head
from sklearn.ensemble import ExtraTreesClassifier, RandomForestRegressor
from sklearn.linear_model import RidgeClassifier, RidgeClassifierCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def table(classes: int, rows: int = 40, columns: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, one-hot answers and labels; the classes overlap."""
    rng = np.random.default_rng(classes)
    known = np.arange(rows) % classes
    x = rng.normal(size=(rows, columns)) + 0.5 * rng.normal(size=(classes, columns))[known]
    return x, np.eye(classes)[known], known


@pytest.mark.parametrize("classes", [2, 4])
def test_the_ridge_decides_as_that_of_scikit_learn_and_with_its_penalty(classes: int) -> None:
    x, y, known = table(classes)
    ours = ScoredRidge(x[:30], y[:30], True, False)
    theirs = make_pipeline(StandardScaler(), RidgeClassifierCV(ALPHAS)).fit(x[:30], known[:30])
    assert ours.notes["penalty"] == theirs[-1].alpha_
    chances = ours(x[30:])
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(x[30:]))
    np.testing.assert_allclose(chances.sum(axis=1), 1)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_row_is_scaled_as_by_scikit_learn_in_every_bit(kind: type) -> None:
    x, y, _ = table(2)
    x = (1000 + x).astype(kind)
    ours = ScoredRidge(x[:30], y[:30], True, False)
    wanted = StandardScaler().fit(x[:30]).transform(x)
    got = np.stack([ours._scaled(row) for row in x])
    assert got.dtype == wanted.dtype == kind
    np.testing.assert_array_equal(got, wanted)


def test_the_temperature_is_that_of_scores_left_out_one_by_one() -> None:
    x, y, known = table(3, rows=18, columns=5)
    ours = ScoredRidge(x, y, True, True)
    left_out = np.empty((18, 3))
    for i in range(18):
        kept = np.arange(18) != i
        model = RidgeClassifier(alpha=ours.notes["penalty"]).fit(x[kept], known[kept])
        left_out[i] = model.decision_function(x[i : i + 1])[0]

    def loss(warmth: float) -> float:
        raised = np.exp(left_out / warmth)
        chances = (18 * raised / raised.sum(axis=1, keepdims=True) + 1 / 3) / 19
        return float(-np.log(chances[np.arange(18), known]).mean())

    grid = np.logspace(-2, 1, 13)
    assert ours.temperature == pytest.approx(grid[np.argmin([loss(t) for t in grid])])


def test_the_ridge_for_numbers_is_that_of_scikit_learn() -> None:
    x, y, _ = table(3)
    theirs = make_pipeline(StandardScaler(), RidgeCV(ALPHAS)).fit(x[:30], y[:30])
    np.testing.assert_allclose(ScoredRidge(x[:30], y[:30], False, False)(x[30:]), theirs.predict(x[30:]))


def test_a_class_missing_in_train_still_gets_a_chance() -> None:
    x, _, known = table(2)
    chances = ScoredRidge(x, np.eye(3)[known], True, False)(x)
    assert (chances > 0).all()
    np.testing.assert_array_equal(chances.argmax(axis=1), known)


def test_trees_are_those_of_scikit_learn_with_the_published_settings() -> None:
    x, y, known = table(3)
    extra = ExtraTreesClassifier(30, max_features=0.1, criterion="entropy", random_state=2).fit(x, known)
    ours = head("extra-trees", trees=30, seed=2)(x, y, np.arange(40), True)
    np.testing.assert_allclose(ours(x + 0.1), (40 * extra.predict_proba(x + 0.1) + 1 / 3) / 41)
    forest = RandomForestRegressor(30, random_state=2).fit(x, y)
    ours = head("forest", trees=30, seed=2)(x, y, np.arange(40), False)
    np.testing.assert_allclose(ours(x), forest.predict(x))
    assert ours.notes["trees"] == 30


def test_a_logistic_regression_answers_classes_and_refuses_numbers() -> None:
    x, y, known = table(3)
    fit = head("logistic", trees=1, seed=0)
    assert (fit(x, y, np.arange(40), True)(x).argmax(axis=1) == known).mean() > 0.9
    with pytest.raises(Unsupported, match="answers with classes, and this task asks for numbers"):
        fit(x, y, np.arange(40), False)
