"""The ridge and the forest on bare tables."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.methods._learners import (
    PENALTIES,
    REACH,
    STRENGTHS,
    Flags,
    Forest,
    Logistic,
    Ridge,
    Scale,
    _left_out,
    smoothed,
    softened,
    temperature,
)
from sklearn.linear_model import LogisticRegression, RidgeCV


def test_the_ridge_has_the_leave_one_out_errors_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 8))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    Y = X[:, :2] @ rng.normal(size=(2, 3)) + 0.5 * rng.normal(size=(30, 3))
    ours = Ridge(X, Y, np.arange(30), False)
    theirs = RidgeCV(alphas=PENALTIES).fit(X, Y)
    assert ours.penalty == theirs.alpha_
    assert np.allclose(ours(X), theirs.predict(X))


def test_a_block_left_out_is_answered_by_the_fit_to_the_other_blocks() -> None:
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 2))
    blocks = np.arange(20) // 5
    left, size, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    out = _left_out(left, size**2 / (size**2 + 1e-9), Y, blocks)
    for block in range(4):
        inside = blocks == block
        design = np.column_stack([np.ones(20), X])
        weights = np.linalg.lstsq(design[~inside], Y[~inside], rcond=None)[0]
        assert np.allclose(out[inside], design[inside] @ weights, atol=1e-5)


def test_smoothed_chances_are_those_with_one_more_example_spread_evenly() -> None:
    assert np.allclose(smoothed(np.array([[1.0, 0.0]]), 9), [[0.95, 0.05]])


def test_a_column_that_stands_still_is_scaled_to_nothing_even_where_it_moves_later() -> None:
    scale = Scale.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    assert np.array_equal(scale(np.array([[2.0, 7.0], [3.0, 5.0]])), [[0, 0], [1, 0]])


def test_an_input_unlike_all_of_train_is_held_within_reach() -> None:
    scale = Scale.of(np.array([[-1.0], [1.0]]))
    assert np.array_equal(scale(np.array([[1e9], [-1e9], [2.0]])), [[REACH], [-REACH], [2]])


def test_a_ridge_for_classes_gives_chances_and_says_its_temperature() -> None:
    rng = np.random.default_rng(5)
    X = np.repeat(np.eye(3), 10, axis=0) + 0.1 * rng.normal(size=(30, 3))
    Y = np.repeat(np.eye(3), 10, axis=0)
    learnt = Ridge(X, Y, np.arange(30), True)
    assert np.allclose(learnt(X).sum(axis=1), 1)
    assert np.array_equal(learnt(X).argmax(axis=1), Y.argmax(axis=1))
    assert set(learnt.notes) == {"penalty", "parameters", "temperature"}
    assert learnt.notes["parameters"] == 9


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_forest_for_numbers_answers_every_output_within_the_range_of_train(outputs: int) -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 3))
    Y = X[:, :outputs]
    learnt = Forest(X, Y, False, 20, 0)
    answers = learnt(10 * X)
    assert answers.shape == (50, outputs)
    assert (answers >= Y.min(axis=0)).all()
    assert (answers <= Y.max(axis=0)).all()
    assert learnt.notes["trees"] == 20


def test_chances_of_a_flag_are_kept_off_0_and_1() -> None:
    X = np.array([[0.0], [1.0]] * 4)
    learnt = Flags(Ridge(X, X, np.arange(8), False), 8)
    assert np.array_equal(learnt(np.array([[-50.0], [50.0]])), [[0.1], [0.9]])


def overlapping(rows: int, columns: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    known = np.arange(rows) % classes
    means = rng.normal(size=(classes, columns))
    return means[known] + 2 * rng.normal(size=(rows, columns)), np.eye(classes)[known]


@pytest.mark.parametrize("columns", [4, 90])
def test_the_logistic_regression_is_that_of_scikit_learn_at_its_penalty_and_temperature(columns: int) -> None:
    X, Y = overlapping(60, columns)
    learnt = Logistic(X, Y, np.arange(60))
    assert np.isclose(1 / learnt.notes["penalty"], STRENGTHS).any()
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    model = LogisticRegression(C=1 / learnt.notes["penalty"], max_iter=1000).fit(scaled, Y.argmax(axis=1))
    expected = model.predict_proba(scaled) ** (1 / learnt.temperature)
    expected = smoothed(expected / expected.sum(axis=1, keepdims=True), 60)
    np.testing.assert_allclose(learnt(X), expected, atol=0.01)
    assert learnt.notes["parameters"] == 3 * (columns + 1)


def test_labels_without_relation_to_the_inputs_get_about_their_shares() -> None:
    rng = np.random.default_rng(12)
    Y = np.eye(2)[np.arange(80) % 4 // 3]
    learnt = Logistic(rng.normal(size=(80, 10)), Y, np.arange(80))
    chances = learnt(rng.normal(size=(200, 10)))
    assert chances[:, 0].mean() == pytest.approx(0.75, abs=0.1)
    assert (chances > 0).all()


@pytest.mark.parametrize("sizes", [[1, 1, 1], [5, 1, 0], [1, 0, 0], [4, 0, 0]])
def test_one_example_per_class_or_a_single_class_is_answered(sizes: list[int]) -> None:
    known = np.repeat(np.arange(3), sizes)
    X = np.eye(3)[known] + 0.01 * np.random.default_rng(13).normal(size=(len(known), 3))
    chances = Logistic(X, np.eye(3)[known], np.arange(len(known)))(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()
    if max(sizes) == min(size for size in sizes if size):
        np.testing.assert_array_equal(chances.argmax(axis=1), known)


def test_a_temperature_changes_probabilities_and_no_order() -> None:
    scores = np.array([[3.0, 0.0], [0.0, 3.0], [3.0, 0.0], [0.0, 3.0]])
    wrong_once = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    # Three of four are right: the softmax should say about .75, so 3 / t is about log 3.
    assert temperature(scores, wrong_once) == pytest.approx(3 / np.log(3), rel=0.4)
    assert temperature(scores, np.eye(2)[[0, 1, 0, 1]]) == pytest.approx(0.01)
    cool = softened(scores, 0.5, 4)
    np.testing.assert_array_equal(cool.argmax(axis=1), scores.argmax(axis=1))
