"""Delayed recall: answers, the exact cliff at the lag."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.delayed_recall import delayed_recall
from recurbench.metrics import score


def by_least_squares(problem, window: int) -> list[np.ndarray]:
    """Answers to test of the best linear function of the last `window` numbers, fitted on train."""

    def seen(x):
        padded = np.concatenate([np.zeros(window - 1), x[:, 0]])
        return np.column_stack([np.lib.stride_tricks.sliding_window_view(padded, window), np.ones(len(x))])

    train = problem.train
    weights = np.linalg.lstsq(
        np.concatenate([seen(x) for x in train.x]), np.concatenate(train.y), rcond=None
    )[0]
    return [seen(x) @ weights for x in problem.test.x]


def test_the_answer_is_the_number_of_lag_steps_ago_and_zero_before_it():
    problem = delayed_recall(lag=3, length=8, n_train=5)
    assert problem.task.causal
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            assert x.shape == y.shape == (8, 1)
            assert y[:, 0].tolist() == [0, 0, 0, *x[:5, 0]]


@pytest.mark.parametrize("lag", [1, 5, 20, 60])
def test_the_level_is_what_the_best_constant_scores(lag):
    problem = delayed_recall(lag=lag, n_train=1, n_test=4000)
    answers = np.stack(problem.test.y)
    assert answers.mean() == pytest.approx(0, abs=0.005)
    assert answers.var() == pytest.approx(problem.about.constant, abs=0.003)
    assert score(problem.task, problem.test, problem.oracle).values["mse"] == problem.about.best == 0


@pytest.mark.parametrize(("window", "share"), [(4, 0.0), (10, 0.0), (11, 1.0), (16, 1.0)])
def test_a_window_is_worth_nothing_up_to_the_lag_and_everything_beyond(window, share):
    problem = delayed_recall(lag=10)
    r2 = score(problem.task, problem.test, by_least_squares(problem, window)).values["r2"]
    assert r2 == pytest.approx(share, abs=2e-3)
    assert problem.about.headroom.get(f"window_{window}", share) == share


def test_the_role_follows_from_the_lag():
    assert delayed_recall(lag=15, n_train=1).about.role == "control"
    assert delayed_recall(lag=16, n_train=1).about.role == "crossover"


def test_draws_are_repeatable_and_independent():
    problem, again = delayed_recall(), delayed_recall()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], delayed_recall(seed=1).test.x[0])
    assert np.array_equal(delayed_recall(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    assert len({float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}) == 3


@pytest.mark.parametrize("dials", [{"lag": 0}, {"lag": 100}, {"n_valid": 0}])
def test_impossible_dials_are_refused(dials):
    name, value = next(iter(dials.items()))
    with pytest.raises(ValueError, match=f"0 < lag < length.*{name}={value}"):
        delayed_recall(**dials)
