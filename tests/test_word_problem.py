"""The word problem: tables are groups, answers are products, windows are blind."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.word_problem import table, word_problem

# Elements, pairs that commute (elements times conjugacy classes), elements of order 2: any book on groups.
GROUPS = {
    "Z2": (2, 4, 1),
    "Z5": (5, 25, 0),
    "Z60": (60, 3600, 1),
    "S3": (6, 18, 3),
    "A4": (12, 48, 3),
    "S4": (24, 120, 9),
    "A5": (60, 300, 15),
    "S5": (120, 840, 25),
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_table_is_a_group_and_the_one_it_is_named_after(group):
    product = table(group)
    size, commuting, order_two = GROUPS[group]
    everyone = np.arange(size)
    assert product.shape == (size, size)
    assert np.array_equal(product[0], everyone)
    assert np.array_equal(product[:, 0], everyone)
    # (ab)c = a(bc), all at once; every row and column holds every element, so each has its inverse.
    assert np.array_equal(product[product], product[:, product])
    for lines in (product, product.T):
        assert (np.sort(lines, axis=1) == everyone).all()
    assert (product == product.T).sum() == commuting
    assert (product[everyone, everyone] == 0).sum() - 1 == order_two


def test_a5_has_no_normal_subgroup_of_its_own():
    product = table("A5")
    inverse = (product == 0).argmax(axis=1)
    for start in range(1, 60):
        # The closure of all conjugates of one element.
        found = set(product[product[:, start], inverse].tolist())
        while len(more := found | set(product[np.ix_(list(found), list(found))].ravel().tolist())) > len(
            found
        ):
            found = more
        assert len(found) == 60


def test_the_later_factor_stands_on_the_left():
    # By permutations of (0, 1, 2) in the order of their codes: 1 swaps the last two, 2 the first two.
    assert table("S3")[2, 1] == 3
    assert table("S3")[1, 2] == 4
    problem = word_problem(n_train=200)
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            state = 0
            for symbol, answer in zip(x, y, strict=True):
                state = table("S3")[symbol, state]
                assert answer == state


def test_training_is_short_and_test_is_twice_as_long():
    problem = word_problem()
    assert {len(x) for x in [*problem.train.x, *problem.valid.x]} == set(range(2, 21))
    assert {len(x) for x in problem.test.x} == {40}
    assert problem.task.causal


@pytest.mark.parametrize(("group", "chance"), [("Z5", 1 / 5), ("S3", 1 / 6), ("A5", 1 / 60)])
def test_levels_are_those_of_guessing(group, chance):
    about = word_problem(group=group, n_train=1, n_valid=1, n_test=1).about
    assert (about.constant, about.memoryless, about.best) == (chance, chance, 1.0)
    assert about.role == "positive"


def test_a_window_that_misses_the_first_element_knows_nothing():
    # Every pair (product of what is seen, answer) is equally likely.
    problem = word_problem(test_length=3, n_test=20000, n_train=1)
    x, last = np.stack(problem.test.x), np.stack(problem.test.y)[:, -1]
    seen = table("S3")[x[:, 2], x[:, 1]]
    counts = np.bincount(6 * seen + last, minlength=36)
    assert np.abs(counts / 20000 - 1 / 36).max() < 0.005


def test_a_window_of_the_whole_test_sequence_is_enough():
    about = word_problem(test_length=16, n_train=1).about
    assert about.headroom == {"window_4": 0.0, "window_16": 1.0}
    assert about.role == "control"


def test_draws_are_repeatable_and_independent():
    problem, again = word_problem(), word_problem()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], word_problem(seed=1).test.x[0])
    assert np.array_equal(word_problem(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    long = [{x.tobytes() for x in split.x if len(x) > 12} for split in (problem.train, problem.valid)]
    assert not long[0] & long[1]


@pytest.mark.parametrize("group", ["Z1", "S6", "D4", "Z", "", "Zx"])
def test_an_unknown_group_is_refused(group):
    with pytest.raises(ValueError, match=rf"unknown group '{group}'; .*Z2 to Z120, S3 to S5, A3 to A5"):
        word_problem(group=group)


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match=r"train_length >= 2.*train_length=1"):
        word_problem(train_length=1)
