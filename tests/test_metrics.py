"""The metrics against scikit-learn and against hand-worked values."""

import numpy as np
import pytest
from recurbench.metrics import edit_distance, mase, score, smape
from recurbench.task import Split, Task, Values
from sklearn.metrics import balanced_accuracy_score, log_loss


def test_class_scores_equal_scikit_learn():
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=40)
    chances = rng.dirichlet(np.ones(3), size=40)
    task = Task("classification", Values(1), Values(3, symbols=True), "fixed")
    split = Split([np.zeros((2, 1))] * 40, [np.array([t]) for t in truth])
    got = score(task, split, [c[None] for c in chances]).values
    assert got["log_loss"] == pytest.approx(log_loss(truth, chances, labels=[0, 1, 2]))
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, chances.argmax(axis=1)))


def test_mase_divides_by_the_in_sample_seasonal_naive_error():
    history = np.array([[1.0], [2.0], [3.0], [6.0]])
    # Seasonal differences at lag 2: 2 and 4, so the scale is 3; the errors are 3 and 0.
    assert mase(np.array([[4.0], [5.0]]), np.array([[7.0], [5.0]]), history, 2) == pytest.approx(0.5)


def test_mase_is_undefined_on_a_constant_history():
    assert np.isnan(mase(np.ones((1, 1)), np.zeros((1, 1)), np.ones((5, 1)), 1))


def test_smape_runs_from_0_to_200():
    assert smape(np.array([[1.0], [0.0]]), np.array([[-1.0], [0.0]])) == pytest.approx(100.0)


def test_a_long_sequence_weighs_as_many_steps_as_it_has():
    task = Task("labelling", Values(1), Values(2, symbols=True), "same")
    split = Split([np.zeros((1, 1)), np.zeros((3, 1))], [np.array([1]), np.array([0, 0, 0])])
    got = score(task, split, [np.array([0]), np.array([0, 0, 0])]).values
    assert got["accuracy"] == 0.75
    assert got["last_step_accuracy"] == 0.5


def test_the_edit_distance_from_kitten_to_sitting_is_3():
    one, other = (np.frombuffer(word, dtype=np.uint8) for word in (b"kitten", b"sitting"))
    assert edit_distance(one, other) == 3
