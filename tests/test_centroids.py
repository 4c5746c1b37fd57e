"""The nearest centroid: barycentres, warped classes, lengths, units, classes without examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.centroids import barycentre, dtw_centroid
from recursion import plain_dtw
from tslearn.barycenters import dtw_barycenter_averaging


def labelled(x: list[np.ndarray], y: list[int], channels: int = 1) -> tuple[Task, Split]:
    task = Task("classification", Values(channels), Values(3, symbols=True), "fixed")
    return task, Split(x, [np.array([c]) for c in y])


def shifted(rng: np.random.Generator, count: int, sign: float, lengths: tuple[int, int]) -> list[np.ndarray]:
    """One bump, or one dent, at a random time: classes that only warping makes alike."""
    made = []
    for size in rng.integers(lengths[0], lengths[1] + 1, count):
        time = np.arange(size) / size - rng.uniform(0.2, 0.8)
        made.append(sign * np.exp(-((time / 0.08) ** 2))[:, None] + rng.normal(scale=0.05, size=(size, 1)))
    return made


@pytest.mark.parametrize("lengths", [(40, 40), (30, 50)])
def test_classes_that_differ_by_more_than_their_timing_are_told_apart(lengths: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    x = [*shifted(rng, 6, 1.0, lengths), *shifted(rng, 6, -1.0, lengths)]
    task, train = labelled(x, [0] * 6 + [2] * 6)
    asked = [*shifted(rng, 5, 1.0, lengths), *shifted(rng, 5, -1.0, lengths)]
    known = dtw_centroid(task, train)
    answers = [int(answer[0]) for answer in known(Split(asked))]
    assert answers == [0] * 5 + [2] * 5
    # No class 1 in the training part: no centroid.
    assert known.notes["centroids"] == 2


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_a_barycentre_has_no_larger_sum_of_distances_than_the_mean_of_each_step(seed: int) -> None:
    series = list(np.random.default_rng(seed).normal(size=(5, 12, 2)).cumsum(axis=1))

    def total(centre: np.ndarray) -> float:
        return sum(plain_dtw(centre, x, 12) for x in series)

    found = barycentre(series, 30)
    assert found.shape == (12, 2)
    assert total(found) <= total(np.mean(series, axis=0)) * (1 + 1e-9)


def test_the_barycentre_is_that_of_tslearn_and_of_one_series_the_series() -> None:
    series = list(np.random.default_rng(1).normal(size=(4, 15, 1)).cumsum(axis=1))
    assert barycentre(series, 30) == pytest.approx(dtw_barycenter_averaging(series))
    assert barycentre(series[:1], 30).tolist() == series[0].tolist()


def test_answers_do_not_depend_on_the_unit() -> None:
    rng = np.random.default_rng(2)
    x, asked = (list(rng.normal(size=(12, 20, 1)).cumsum(axis=1)) for _ in range(2))
    fits = [
        dtw_centroid(*labelled([unit * each for each in x], [0, 1, 2] * 4))(
            Split([unit * one for one in asked])
        )
        for unit in (1.0, 2.0**-30)
    ]
    assert [a.tolist() for a in fits[0]] == [a.tolist() for a in fits[1]]


def test_numbers_and_missing_values_are_refused_in_words() -> None:
    numbers = Task("regression", Values(1), Values(1), "fixed")
    series = [np.zeros((3, 1)), np.ones((3, 1))]
    with pytest.raises(Unsupported, match="stands for a class"):
        dtw_centroid(numbers, Split(series, [np.array([[1.0]])] * 2))
    task, train = labelled(series, [0, 1])
    with pytest.raises(Unsupported, match="example 0 has 1 missing"):
        dtw_centroid(task, train)(Split([np.array([[np.nan], [1.0]])]))
    with pytest.raises(ValueError, match="no examples"):
        dtw_centroid(task, Split([], []))
