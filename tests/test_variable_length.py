"""Sequences of many lengths: labels, lengths, exact levels by enumeration."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from recurbench.datasets.variable_length import LABELS, reached, variable_length
from recurbench.metrics import score


def by_enumeration(window: int, longest: int, symbols: int, label: str) -> float:
    """The best accuracy from the last `window` steps: every sequence of every length, all lengths alike."""
    classes: dict[tuple, Counter] = {}
    for length in range(5, longest + 1):
        for x in product(range(symbols), repeat=length):
            truth = {"first": x[0], "last": x[-1], "count": x.count(0) > length / symbols}[label]
            seen = x[max(0, length - window) :]
            classes.setdefault(seen, Counter())[truth] += Fraction(1, symbols**length)
    return float(sum(max(found.values()) for found in classes.values()) / (longest - 4))


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("symbols", "longest"), [(2, 10), (3, 8)])
def test_every_level_is_the_one_found_by_enumeration(label, symbols, longest):
    for window in (0, 1, 4, 6, 8, 12):
        exact = by_enumeration(window, longest, symbols, label)
        assert reached(window, longest, symbols, label) == pytest.approx(exact), window


@pytest.mark.parametrize("label", LABELS)
def test_levels_are_what_such_answers_score(label):
    problem = variable_length(label=label, n_train=1, n_test=8000)
    assert score(problem.task, problem.test, problem.oracle).values["accuracy"] == problem.about.best == 1
    truth = np.array([y[0] for y in problem.test.y])
    assert np.bincount(truth).max() / 8000 == pytest.approx(problem.about.constant, abs=0.025)
    # The commonest answer after each last symbol.
    last = np.array([x[-1] for x in problem.test.x])
    right = sum(np.bincount(truth[last == symbol]).max() for symbol in range(4))
    assert right / 8000 == pytest.approx(problem.about.memoryless, abs=0.025)


def test_labels_are_first_last_and_more_than_a_fair_share():
    first, last, count = (variable_length(label=label, n_test=300) for label in LABELS)
    for x, one, two, three in zip(first.test.x, first.test.y, last.test.y, count.test.y, strict=True):
        assert (one[0], two[0]) == (x[0], x[-1])
        assert three[0] == (np.mean(x == 0) > 1 / 4)
    assert all(np.array_equal(a, b) for a, b in zip(first.test.x, count.test.x, strict=True))


def test_lengths_are_uniform_and_test_can_be_longer_than_train():
    problem = variable_length(train_length=10, test_length=60, n_train=6000)
    lengths = np.bincount([len(x) for x in problem.train.x], minlength=11)
    assert lengths[:5].sum() == 0
    assert np.allclose(lengths[5:] / 6000, 1 / 6, atol=0.02)
    assert {len(x) for x in problem.valid.x} == set(range(5, 11))
    assert {len(x) for x in problem.test.x} == set(range(5, 61))


def test_roles_follow_from_what_windows_reach():
    about = {label: variable_length(label=label, n_train=1, n_test=1).about for label in LABELS}
    assert {label: found.role for label, found in about.items()} == {
        "first": "crossover",
        "last": "control",
        "count": "crossover",
    }
    assert about["last"].headroom == {"window_4": 1.0, "window_16": 1.0}
    assert about["first"].headroom == pytest.approx({"window_4": 0, "window_16": 12 / 36})
    assert variable_length(test_length=15, n_train=1).about.role == "control"


@pytest.mark.parametrize(
    ("dials", "seen"),
    [({"label": "sum"}, "'sum'"), ({"symbols": 1}, "symbols=1"), ({"test_length": 4}, "test_length=4")],
)
def test_impossible_dials_are_refused(dials, seen):
    with pytest.raises(ValueError, match=f"variable-length needs.*{seen}"):
        variable_length(**dials)
