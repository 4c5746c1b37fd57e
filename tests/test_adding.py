"""The adding problem: answers, places of the marks, exact levels at every window."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.adding import adding, left
from recurbench.metrics import score


def places(split) -> np.ndarray:
    return np.array([np.flatnonzero(x[:, 1]) for x in split.x])


@pytest.mark.parametrize("marks", ["halves", "anywhere"])
def test_the_answer_is_the_sum_of_the_two_marked_numbers(marks):
    problem = adding(marks=marks, length=9, n_train=50)
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            assert x.shape == (9, 2)
            assert sorted(x[:, 1]) == [0] * 7 + [1, 1]
            assert y.shape == (1, 1)
            assert y[0, 0] == pytest.approx(sum(value for value, mark in x if mark == 1))


def test_marks_stand_one_in_each_half_or_anywhere_with_equal_chance():
    halves = places(adding(length=5, n_train=20000).train)
    assert np.allclose(np.bincount(halves[:, 0], minlength=5) / 20000, [1 / 2, 1 / 2, 0, 0, 0], atol=0.015)
    assert np.allclose(np.bincount(halves[:, 1], minlength=5) / 20000, [0, 0, *[1 / 3] * 3], atol=0.015)
    anywhere = places(adding(length=5, marks="anywhere", n_train=20000).train)
    pairs = np.unique(anywhere, axis=0, return_counts=True)[1]
    assert len(pairs) == 10
    assert np.allclose(pairs / 20000, 0.1, atol=0.01)


def test_levels_are_those_of_the_literature():
    about = adding(n_train=1).about
    # The variance of the sum of two uniform numbers: .1667 in Le et al. (2015) and Bai et al. (2018).
    assert about.constant == pytest.approx(1 / 6)
    assert (about.best, about.metric, about.role) == (0, "mse", "crossover")
    sums = np.concatenate(adding(n_test=20000, n_train=1).test.y)
    assert sums.mean() == pytest.approx(1, abs=0.01)
    assert sums.var() == pytest.approx(about.constant, abs=0.005)


@pytest.mark.parametrize("marks", ["halves", "anywhere"])
@pytest.mark.parametrize("window", [1, 3, 5, 8, 11])
def test_a_window_errs_by_the_variance_of_what_it_does_not_see(marks, window):
    test = adding(length=9, marks=marks, n_train=1, n_test=20000).test
    x, y = np.stack(test.x), np.concatenate(test.y)[:, 0]
    seen = x[:, -window:] if window < 9 else x
    best = (seen[:, :, 0] * seen[:, :, 1]).sum(axis=1) + 0.5 * (2 - seen[:, :, 1].sum(axis=1))
    assert ((y - best) ** 2).mean() == pytest.approx(left(window, 9, marks), abs=0.004)


def test_headroom_says_what_a_window_of_the_default_length_can_reach():
    about = adding(n_train=1).about
    assert about.headroom == pytest.approx({"window_4": 0.5 * 4 / 25, "window_16": 0.5 * 16 / 25})
    assert about.memoryless == pytest.approx((2 - 1 / 25) / 12)


def test_the_oracle_makes_no_error_and_the_constant_has_skill_zero():
    problem = adding(n_train=1, n_test=4000)
    assert score(problem.task, problem.test, problem.oracle).values["mse"] == 0
    flat = [np.ones((1, 1)) for _ in problem.test.x]
    found = score(problem.task, problem.test, flat).values["mse"]
    assert found == pytest.approx(problem.about.constant, abs=0.01)


def test_draws_are_repeatable_and_independent():
    problem, again = adding(), adding()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], adding(seed=1).test.x[0])
    assert np.array_equal(adding(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    firsts = {float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}
    assert len(firsts) == 3


@pytest.mark.parametrize(
    ("dials", "seen"),
    [({"length": 1}, "length=1"), ({"marks": "ends"}, "marks='ends'"), ({"n_test": 0}, "n_test=0")],
)
def test_impossible_dials_are_refused(dials, seen):
    with pytest.raises(ValueError, match=f"halves or anywhere.*{seen}"):
        adding(**dials)
