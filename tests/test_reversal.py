"""Reversal: answers, lengths, the chance of a guess."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.reversal import reversal
from recurbench.metrics import score


def test_the_answer_is_the_sequence_backwards():
    problem = reversal(test_length=60)
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            assert y.tolist() == list(reversed(x.tolist()))
            assert not np.shares_memory(x, y)


def test_training_is_short_and_every_test_sequence_has_the_length_asked():
    problem = reversal(test_length=60)
    assert (len(problem.train), len(problem.valid), len(problem.test)) == (5000, 400, 400)
    for split in (problem.train, problem.valid):
        assert {len(x) for x in split.x} == set(range(1, 21))
    assert {len(x) for x in problem.test.x} == {60}
    assert problem.task.length == "free"
    assert set(np.concatenate(problem.test.x).tolist()) == set(range(8))


def test_the_best_constant_answer_is_right_by_chance():
    problem = reversal(symbols=3, test_length=2, n_test=8000)
    assert problem.about.constant == pytest.approx(1 / 9)
    assert problem.about.memoryless == pytest.approx(1 / 3)
    constant = [np.array([0, 1])] * len(problem.test)
    told = score(problem.task, problem.test, constant).values["exact_match"]
    assert told == pytest.approx(problem.about.constant, abs=0.015)
    # What was said last is known without memory, and it is the first to be said.
    last = [np.array([x[-1], 1]) for x in problem.test.x]
    told = score(problem.task, problem.test, last).values["exact_match"]
    assert told == pytest.approx(problem.about.memoryless, abs=0.02)


def test_the_oracle_is_right_every_time():
    problem = reversal(test_length=60)
    values = score(problem.task, problem.test, problem.oracle).values
    assert values["exact_match"] == problem.about.best == 1
    assert values["token_error_rate"] == 0


def test_draws_are_repeatable_and_independent():
    problem, again = reversal(), reversal()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], reversal(seed=1).test.x[0])
    assert np.array_equal(reversal(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    assert not {x.tobytes() for x in problem.train.x} & {x.tobytes() for x in problem.test.x}


@pytest.mark.parametrize(
    ("name", "value", "least"), [("symbols", 1, 2), ("test_length", 0, 1), ("n_train", 0, 1)]
)
def test_impossible_dials_are_refused(name, value, least):
    with pytest.raises(ValueError, match=f"needs {name} >= {least}, got {name}={value}"):
        reversal(**{name: value})
