"""Copy memory: layout, published levels, what a window can see."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.copy_memory import copy_memory, levels
from recurbench.metrics import score


def test_a_sequence_is_symbols_blanks_a_marker_and_room_for_the_answer():
    problem = copy_memory(delay=4, symbols=3, span=2)
    assert (problem.task.x.size, problem.task.y.size) == (5, 4)
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        assert set(x[:2].tolist()) <= {1, 2, 3}
        assert x[2:].tolist() == [0, 0, 0, 4, 0, 0]
        assert y.tolist() == [0] * 6 + x[:2].tolist()


def test_scattered_symbols_keep_their_order_and_every_place_is_used():
    problem = copy_memory(delay=4, symbols=3, span=2, selective=True, n_test=4000)
    found = []
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        assert x[5:].tolist() == [4, 0, 0]
        places = np.flatnonzero(x[:5])
        found.append(tuple(places))
        assert y.tolist() == [0] * 6 + x[places].tolist()
    pairs, counts = np.unique(found, axis=0, return_counts=True)
    assert len(pairs) == 10
    assert np.allclose(counts / 4000, 0.1, atol=0.02)


def test_the_memoryless_level_is_the_published_one():
    # Bai, Kolter and Koltun (2018): a blank until asked, then one of eight at random, 1000 steps of delay.
    assert levels(1000, 8, 10)[1] == pytest.approx(0.02039, abs=5e-6)


@pytest.mark.parametrize("selective", [False, True])
def test_levels_are_what_such_answers_score(selective):
    problem = copy_memory(selective=selective)
    about = problem.about
    blank, guess = np.eye(9)[0], np.r_[0, np.full(8, 1 / 8)]
    knowing_the_time = np.stack([blank] * 20 + [guess] * 10)
    counts = np.bincount(np.concatenate(problem.test.y), minlength=9)
    for chances, level in ((knowing_the_time, about.memoryless), (counts / counts.sum(), about.constant)):
        answers = [np.broadcast_to(chances, (30, 9)) for _ in problem.test.x]
        values = score(problem.task, problem.test, answers).values
        assert values["cross_entropy"] == pytest.approx(level, abs=1e-3)
    best = score(problem.task, problem.test, problem.oracle).values
    assert best["cross_entropy"] == about.best == 0
    assert best["last_step_accuracy"] == 1
    assert 0 < about.memoryless < about.constant


def test_the_last_step_is_recall_alone():
    problem = copy_memory(n_test=4000)
    guesses = np.array([y[-1] for y in problem.test.y])
    assert np.allclose(np.bincount(guesses, minlength=9)[1:] / 4000, 1 / 8, atol=0.02)
    # Nothing after the first `span` steps says which symbol it is.
    assert len({x[10:].tobytes() for x in problem.test.x}) == 1


def test_a_window_helps_from_the_lag_on():
    assert copy_memory(n_train=1).about.headroom == {"window_16": 0.0, "window_64": 1.0}
    assert copy_memory(delay=54, n_train=1).about.headroom == {"window_16": 0.0, "window_64": 0.0}
    assert copy_memory(delay=53, n_train=1).about.headroom == {"window_16": 0.0, "window_64": 1.0}
    assert copy_memory(selective=True, n_train=1).about.headroom == {"window_64": 1.0}


def test_answers_are_causal():
    problem = copy_memory()
    assert problem.task.causal
    assert problem.task.length == "same"
    # Steps after the marker tell nothing, so the answers hang on the past alone.
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        assert y[20:].tolist() == x[:10].tolist()


def test_draws_are_repeatable_and_independent():
    problem, again = copy_memory(), copy_memory()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], copy_memory(seed=1).test.x[0])
    assert np.array_equal(copy_memory(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    assert not {x.tobytes() for x in problem.train.x} & {x.tobytes() for x in problem.test.x}


@pytest.mark.parametrize(
    ("name", "value", "least"), [("delay", 0, 1), ("symbols", 1, 2), ("span", 0, 1), ("n_test", 0, 1)]
)
def test_impossible_dials_are_refused(name, value, least):
    with pytest.raises(ValueError, match=f"needs {name} >= {least}, got {name}={value}"):
        copy_memory(**{name: value})
