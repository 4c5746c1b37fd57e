"""Running parity: lengths, answers, levels, independent draws."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from recurbench.datasets.parity import guessed, parity


def test_the_answer_is_the_number_of_ones_so_far_modulo_two():
    problem = parity()
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            assert set(x.tolist()) <= {0, 1}
            assert all(y[t] == x[: t + 1].sum() % 2 for t in (0, len(x) // 2, len(x) - 1))


def test_training_and_validation_are_short_and_every_test_sequence_has_200_steps():
    problem = parity()
    assert (len(problem.train), len(problem.valid), len(problem.test)) == (2000, 400, 200)
    for split in (problem.train, problem.valid):
        assert {len(x) for x in split.x} == set(range(3, 41))
    assert {len(x) for x in problem.test.x} == {200}


def test_levels_are_those_of_the_theory():
    about = parity().about
    assert (about.constant, about.memoryless, about.best) == (0.5, 0.5, 1.0)
    assert about.metric == "last_step_accuracy"
    assert about.role == "positive"
    assert parity(modulus=5).about.constant == 0.2
    assert about.headroom == pytest.approx({"window_4": 0, "window_16": 0})
    assert parity(test_length=16).about.role == "control"


def test_the_last_answer_has_no_relation_to_the_last_hundred_inputs():
    problem = parity(n_test=4000)
    last = np.array([y[-1] for y in problem.test.y])
    window = np.array([x[-100:].sum() % 2 for x in problem.test.x])
    assert (last == window).mean() == pytest.approx(0.5, abs=0.04)
    assert last.mean() == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(("missed", "modulus"), [(0, 2), (1, 2), (1, 5), (4, 3), (7, 5)])
def test_what_can_be_guessed_without_the_first_bits_is_counted_over_all_of_them(missed, modulus):
    sums = [sum(bits) % modulus for bits in product((0, 1), repeat=missed)]
    assert guessed(missed, modulus) == pytest.approx(max(np.bincount(sums)) / 2**missed)


def test_the_oracle_gives_every_answer_with_certainty():
    problem = parity(modulus=3)
    for chances, y in zip(problem.oracle, problem.test.y, strict=True):
        assert chances.shape == (200, 3)
        assert np.array_equal(chances.argmax(axis=1), y)


def test_draws_are_repeatable_and_independent():
    problem, again = parity(), parity()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], parity(seed=1).test.x[0])
    assert np.array_equal(parity(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    train, valid = ({x.tobytes() for x in split.x if len(x) > 25} for split in (problem.train, problem.valid))
    assert not train & valid


def test_impossible_dials_are_refused():
    with pytest.raises(ValueError, match="modulus >= 2"):
        parity(modulus=1)
