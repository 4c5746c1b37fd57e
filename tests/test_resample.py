"""Resamples of a published split: stratified, disjoint, of the same sizes, and 0 is the split itself."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import About, Problem, Split, Task, Values, answers
from recurbench.datasets import archive, tabular_controls
from recurbench.datasets._resample import resampled

ABOUT = About("made up", "none", "as published", "mean", "mse")
# Fingerprints of the published splits from before there was a dial.
PUBLISHED = {
    archive.gunpoint: "e0bbd01d00482f47605c2c5b64853dd7",
    archive.japanese_vowels: "68006c02845d6236fcb92420db65b815",
    archive.trace: "24f665fc23313c76823ba85057710208",
    archive.covid_3_month: "d7eb982332fc279aa5d4c8d38c5bb5c4",
    tabular_controls.diabetes: "6b9b2acff96b34de05bd8d38599a97e7",
    tabular_controls.breast_cancer: "9f5e5fda144e38aaa1f68c026be23c25",
}


def fingerprint(problem):
    return answers.fingerprint(problem.train, problem.valid, problem.test)


def made(classes, n_train, n_test, seed=0):
    """Every case is its own number, so that it is known again."""
    rng = np.random.default_rng(seed)
    x = [np.full((2, 1), float(i)) for i in range(n_train + n_test)]
    if classes:
        y = [np.array([i % classes]) for i in range(n_train)] + [
            np.array([code]) for code in rng.integers(classes, size=n_test)
        ]
        task = Task("classification", Values(1), Values(classes, symbols=True), "fixed")
    else:
        y = [np.array([[value]]) for value in rng.normal(size=n_train + n_test)]
        task = Task("regression", Values(1), Values(1), "fixed")
    return Problem(task, Split(x[:n_train], y[:n_train]), Split(x[n_train:], y[n_train:]), ABOUT)


def cases(split):
    return [int(x[0, 0]) for x in split.x]


@pytest.mark.parametrize("build", PUBLISHED, ids=lambda build: build.__name__)
def test_without_the_dial_and_with_0_the_published_split_stands_bit_for_bit(build):
    assert fingerprint(build()) == fingerprint(build(resample=0)) == PUBLISHED[build]
    assert build(resample=0).test.series == tuple(range(len(build().test)))


@pytest.mark.parametrize("build", PUBLISHED, ids=lambda build: build.__name__)
def test_a_resample_of_real_data_keeps_sizes_and_classes_and_is_drawn_from_its_number(build):
    published, one, again, other = build(), build(resample=1), build(resample=1), build(resample=2)
    assert fingerprint(one) == fingerprint(again)
    assert len({fingerprint(each) for each in (published, one, other)}) == 3
    for part in ("train", "test"):
        old, new = getattr(published, part), getattr(one, part)
        assert len(new) == len(old)
        if published.task.y.symbols:
            assert Counter(int(y[0]) for y in new.y) == Counter(int(y[0]) for y in old.y)
    assert "resample 1" in one.about.protocol


def test_a_resample_of_a_table_is_scaled_by_its_own_train():
    problem = tabular_controls.diabetes(resample=3)
    rows = np.concatenate(problem.train.x)
    assert np.allclose(rows.mean(axis=0), 0)
    assert np.allclose(rows.std(axis=0), 1)


@given(st.integers(0, 4), st.integers(10, 60), st.integers(4, 60), st.integers(1, 1000))
def test_every_case_stands_in_one_part_with_its_answer_and_keeps_its_name(classes, n_train, n_test, number):
    classes = classes if classes > 1 else 0
    problem = made(classes, n_train, n_test)
    new = resampled(problem, number)
    assert (len(new.train), len(new.test)) == (n_train, n_test)
    assert sorted(cases(new.train) + cases(new.test)) == list(range(n_train + n_test))
    answers_of = [*problem.train.y, *problem.test.y]
    for part in (new.train, new.test):
        for case, y, name in zip(cases(part), part.y, part.series, strict=True):
            assert np.array_equal(y, answers_of[case])
            assert name == (f"train {case}" if case < n_train else case - n_train)


@given(st.integers(1, 1000))
def test_numbers_asked_for_are_spread_over_both_parts(number):
    problem = made(0, 60, 40)
    new = resampled(problem, number)
    edges = np.quantile(
        np.concatenate([np.ravel(y) for y in (*problem.train.y, *problem.test.y)]), [0.2, 0.8]
    )
    values = np.array([y[0, 0] for y in new.train.y])
    # 20 of 100 cases lie in the lowest and in the highest fifth; .6 of each go to train.
    assert (values < edges[0]).sum() == (values > edges[1]).sum() == 12


def test_the_protocol_counts_the_test_cases_that_are_in_train_of_each_split():
    problem = made(2, 20, 12)
    x, y = list(problem.test.x), list(problem.test.y)
    for place, case, answer in ((0, 3, problem.train.y[3]), (5, 4, 1 - problem.train.y[4])):
        x[place], y[place] = problem.train.x[case].copy(), answer
    problem = replace(problem, test=Split(x, y))
    said = resampled(problem, 0).about.protocol
    assert said == (
        f"{ABOUT.protocol}; 1 of 12 test cases are in train too, values and answer"
        "; 1 of 12 test cases are in train with another answer"
    )
    for number in range(1, 9):
        new = resampled(problem, number)
        known = {case: int(y[0]) for case, y in zip(cases(new.train), new.train.y, strict=True)}
        pairs = [
            (known[case], int(y[0]))
            for case, y in zip(cases(new.test), new.test.y, strict=True)
            if case in known
        ]
        same = sum(one == other for one, other in pairs)
        protocol = new.about.protocol
        assert ("values and answer" in protocol) == bool(same)
        assert ("with another answer" in protocol) == (len(pairs) > same)


def test_the_repeated_countries_of_covid_are_said():
    assert archive.covid_3_month().about.protocol.endswith(
        "; 2 of 61 test cases are in train too, values and answer"
    )


def test_a_negative_resample_is_refused():
    with pytest.raises(ValueError, match=r"resample must be 0 \(the published split\) or more, got -1"):
        resampled(made(2, 10, 10), -1)
