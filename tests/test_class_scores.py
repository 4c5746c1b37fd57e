"""The scores of probabilities against scikit-learn, against hand-worked values, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.class_scores import BINS, Codes, Floats, auroc, brier, calibration_error
from recurbench.metrics import score
from recurbench.task import Split, Task, Values
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score, root_mean_squared_error

SEEDS = st.integers(0, 10_000)


def drawn(seed: int, cases: int = 60, classes: int = 3, digits: int = 2) -> tuple[Codes, Floats]:
    """Random classes, each at least twice, and random probabilities; rounded, so that some are equal."""
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.repeat(np.arange(classes), 2), rng.integers(0, classes, cases - 2 * classes)])
    weights = np.round(rng.dirichlet(np.ones(classes), size=cases), digits) + 10.0**-digits
    return truth.astype(np.int64), weights / weights.sum(axis=1, keepdims=True)


@given(SEEDS)
def test_the_area_equals_scikit_learn_for_several_classes_one_against_the_others(seed: int) -> None:
    truth, chances = drawn(seed)
    assert auroc(truth, chances) == pytest.approx(roc_auc_score(truth, chances, multi_class="ovr"))


@given(SEEDS)
def test_the_area_of_two_classes_is_scikit_learns_and_equal_values_count_half(seed: int) -> None:
    truth, chances = drawn(seed, classes=2, digits=1)
    assert auroc(truth, chances) == pytest.approx(roc_auc_score(truth, chances[:, 1]))


@pytest.mark.parametrize("classes", [2, 4])
@given(seed=SEEDS)
def test_the_brier_score_equals_scikit_learn(classes: int, seed: int) -> None:
    truth, chances = drawn(seed, classes=classes)
    given_columns = chances[:, 1] if classes == 2 else chances
    wanted = brier_score_loss(truth, given_columns, scale_by_half=False, labels=list(range(classes)))
    assert brier(truth, chances).mean() == pytest.approx(wanted)


@given(SEEDS)
def test_the_calibration_error_equals_scikit_learns_curve_weighted_by_its_bins(seed: int) -> None:
    truth, chances = drawn(seed, cases=80)
    surest, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    share, mean = calibration_curve(right, surest, n_bins=BINS)
    places = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], surest)
    counts = np.bincount(places)
    wanted = (counts[counts > 0] * np.abs(share - mean)).sum() / len(truth)
    assert calibration_error(truth, chances) == pytest.approx(wanted)


def test_the_scores_of_a_case_worked_by_hand() -> None:
    truth = np.array([0, 1])
    chances = np.array([[0.8, 0.2], [0.6, 0.4]])
    assert brier(truth, chances) == pytest.approx([0.08, 0.72])
    # Two bins with a case each: |1 - .8| and |0 - .6|.
    assert calibration_error(truth, chances) == pytest.approx(0.4)
    assert auroc(truth, chances) == 1


def test_a_sure_and_right_answer_has_no_error_and_a_sure_and_wrong_one_the_largest() -> None:
    truth = np.array([0, 1, 1])
    right = np.eye(2)[truth]
    assert (brier(truth, right).sum(), calibration_error(truth, right), auroc(truth, right)) == (0, 0, 1)
    wrong = 1 - right
    assert brier(truth, wrong).tolist() == [2, 2, 2]
    assert (calibration_error(truth, wrong), auroc(truth, wrong)) == (1, 0)


def test_a_class_without_a_test_case_is_left_out_of_the_area_and_one_class_has_none() -> None:
    truth, chances = drawn(3, classes=3)
    kept = truth != 2
    two = [roc_auc_score(truth[kept] == code, chances[kept, code]) for code in (0, 1)]
    assert auroc(truth[kept], chances[kept]) == pytest.approx(np.mean(two))
    assert np.isnan(auroc(np.zeros(4, dtype=np.int64), np.full((4, 2), 0.5)))
    assert np.isnan(calibration_error(np.zeros(0, dtype=np.int64), np.zeros((0, 2))))


def test_a_classification_is_scored_by_the_probabilities_as_they_are_given() -> None:
    task = Task("classification", Values(1), Values(3, symbols=True), "fixed")
    truth, chances = drawn(5)
    split = Split([np.zeros((2, 1))] * len(truth), [np.array([code]) for code in truth])
    single = chances.astype(np.float32)
    got = score(task, split, [row[None, :] for row in single]).values
    exact = single.astype(np.float64)
    assert got["brier"] == pytest.approx(brier(truth, exact).mean())
    assert got["auroc"] == pytest.approx(auroc(truth, exact))
    assert got["calibration_error"] == pytest.approx(calibration_error(truth, exact))


def test_the_root_of_the_squared_error_of_a_regression_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.normal(size=(2, 40, 1, 1))
    task = Task("regression", Values(1), Values(1), "fixed")
    split = Split([np.zeros((2, 1))] * 40, list(truth))
    got = score(task, split, list(guess)).values
    assert got["rmse"] == pytest.approx(root_mean_squared_error(np.ravel(truth), np.ravel(guess)))
