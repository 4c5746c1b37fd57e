"""Votes and means of several neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Task, Values
from recurbench.methods._neighbour_answers import NeighbourAnswers
from sklearn.neighbors import KNeighborsClassifier

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")
NUMBERS = Task("regression", Values(1), Values(2), "fixed")


def named(*classes: int) -> list[np.ndarray]:
    return [np.array([each]) for each in classes]


def test_of_equal_numbers_of_votes_the_class_of_the_nearest_wins() -> None:
    pool = NeighbourAnswers(CLASSES, named(2, 0, 0, 2, 1), vote=True)
    assert pool(np.array([3, 1, 2, 0]))[0].argmax() == 2
    assert pool(np.array([4, 1, 2, 0, 3]))[0].argmax() == 0  # the nearest has one vote, the tied ones two
    assert pool(np.array([4]))[0].argmax() == 1


def test_probabilities_are_shares_of_the_votes_and_of_one_more_that_is_spread_evenly() -> None:
    pool = NeighbourAnswers(CLASSES, named(2, 0, 0, 2, 0), vote=True)
    assert pool(np.arange(5))[0] == pytest.approx(np.array([10 / 18, 1 / 18, 7 / 18]), abs=1e-6)
    assert pool(np.arange(5)).sum() == pytest.approx(1)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 5]))
def test_two_classes_and_an_odd_number_of_neighbours_vote_as_in_scikit_learn(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    x, y, asked = rng.normal(size=(20, 2)), np.append(rng.integers(0, 2, 18), [0, 1]), rng.normal(size=(6, 2))
    near = np.argsort(((asked[:, None] - x) ** 2).sum(axis=2), axis=1)[:, :k]
    pool = NeighbourAnswers(CLASSES, named(*y), vote=True)
    theirs = KNeighborsClassifier(k).fit(x, y).predict(asked)
    assert [pool(each)[0].argmax() for each in near] == theirs.tolist()


def test_numbers_are_averaged_and_the_nearest_alone_is_copied() -> None:
    answers = [np.array([[0.0, 2.0]]), np.array([[3.0, 4.0]])]
    assert NeighbourAnswers(NUMBERS, answers, vote=True)(np.array([1, 0])).tolist() == [[1.5, 3.0]]
    one = NeighbourAnswers(NUMBERS, answers, vote=False)
    one(np.array([1]))[:] = 0
    assert one(np.array([1])).tolist() == [[3.0, 4.0]]


def test_the_error_is_the_share_of_wrong_classes_or_the_mean_squared_error() -> None:
    pool = NeighbourAnswers(CLASSES, named(0, 0, 1, 1), vote=False)
    assert pool.error(np.array([[1], [2], [3], [0]])) == 0.5
    numbers = NeighbourAnswers(NUMBERS, [np.array([[0.0, 0.0]]), np.array([[2.0, 4.0]])], vote=True)
    assert numbers.error(np.array([[1], [0]])) == 10
