"""The test part of one file has whole groups of every class, and identical cases stay together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from recurbench.reading.case_split import same_group, split
from recurbench.reading.cases import Cases


def cases(answers, series=None):
    series = series or [np.array([[float(i)]]) for i in range(len(answers))]
    numbers = not isinstance(answers[0], str)
    return Cases(Path("a.csv"), series, answers, list(range(1, len(answers) + 1)), numbers)


def test_the_share_of_every_class_is_drawn():
    answers = ["a"] * 60 + ["b"] * 20
    train, test = split(cases(answers), range(80), 0.3, 0)
    assert Counter(answers[i] for i in test) == {"a": 18, "b": 6}
    assert sorted([*train, *test]) == list(range(80))


def test_the_seed_decides_and_repeats():
    answers = ["a", "b"] * 20
    first, again, other = (split(cases(answers), range(40), 0.3, seed)[1] for seed in (0, 0, 1))
    assert first == again != other


def test_no_group_is_in_both_parts():
    groups = [i // 4 for i in range(80)]
    train, test = split(cases(["a", "b"] * 40), groups, 0.3, 0)
    assert {groups[i] for i in train} & {groups[i] for i in test} == set()
    assert len({groups[i] for i in test}) == 6


def test_a_class_of_one_group_is_in_train():
    train, _ = split(cases(["a"] * 20 + ["b"]), range(21), 0.3, 0)
    assert 20 in train


def test_numbers_of_every_size_are_in_both_parts():
    answers = [float(i) for i in range(100)]
    train, test = split(cases(answers), range(100), 0.3, 0)
    assert abs(np.mean([answers[i] for i in test]) - np.mean([answers[i] for i in train])) < 5


def test_too_few_groups_or_one_group_per_class_are_refused():
    with pytest.raises(ValueError, match="9 cases"):
        split(cases(["a", "b", "c"] * 3), range(9), 0.3, 0)
    with pytest.raises(ValueError, match="20 cases in 2 groups"):
        split(cases(["a", "b"] * 10), [0, 1] * 10, 0.3, 0)
    with pytest.raises(ValueError, match="one group only"):
        split(cases([str(i) for i in range(10)]), range(10), 0.3, 0)


def test_identical_cases_become_one_group_with_all_cases_of_theirs():
    series = [np.array([[float(value)]]) for value in (1, 2, 3, 1, 5, 2)]
    groups, identical = same_group(cases(["a"] * 6, series), ["u", "u", "v", "w", "x", "y"])
    assert identical == [[0, 3], [1, 5]]
    assert len({groups[i] for i in (0, 1, 3, 5)}) == 1
    assert len(set(groups)) == 3
