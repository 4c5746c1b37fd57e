"""Early stopping of a regression on few cases: it looks at a part of the training part alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._networks.budget import FEW, MANY, is_small
from recurbench.methods.lru import lru
from recurbench.methods.mlp import mlp
from recurbench.task import Array, holdout

NUMBER = Task("regression", Values(1), Values(1), "fixed")
FAST: dict[str, Any] = {"hidden": 8, "max_steps": 60}


def cases(count: int, seed: int = 0, turned: float = 1.0) -> Split:
    """Sequences whose noisy mean is asked for."""
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(5, 1)) for _ in range(count)]
    return Split(x, [turned * each.mean(keepdims=True) + rng.normal(size=(1, 1)) for each in x])


def answers(predict: Any, test: Split) -> Array:
    found: Sequence[Array] = predict(test)
    return np.concatenate(found)


def test_a_small_check_part_chooses_neither_steps_nor_weights() -> None:
    train, test = cases(40), cases(20, seed=9)
    one, two = (mlp(NUMBER, train, check=each, **FAST) for each in (cases(12, 1), cases(30, 2, turned=-9.0)))
    assert np.array_equal(answers(one, test), answers(two, test))
    assert one.notes["check_loss"] == two.notes["check_loss"]


def test_the_steps_are_those_of_early_stopping_on_a_part_of_train() -> None:
    train, test = cases(40), cases(20, seed=9)
    found = mlp(NUMBER, train, check=cases(12, 1), **FAST)
    part, late = holdout(NUMBER, train, 0)
    steps = min((loss, step) for step, _, loss, _ in found.notes["curve"])[1]
    assert found.notes["steps"] == steps
    # So many cases that the check part itself stops training, on the same cases.
    many = Split([*late.x] * FEW, [*late.y] * FEW)
    assert mlp(NUMBER, part, check=many, **FAST).notes["steps"] == steps
    assert np.array_equal(answers(found, test), answers(mlp(NUMBER, train, steps=steps, **FAST), test))
    assert {"learned", "trivial_loss", "still_improving", "stopped"} <= set(found.notes)


def test_seeds_together_stop_where_each_stops_alone() -> None:
    train, test = cases(40), cases(20, seed=9)
    together = mlp(NUMBER, train, check=cases(12, 1), seeds=(0, 1, 2), **FAST)
    for seed, one in zip((0, 1, 2), together, strict=True):
        (alone,) = mlp(NUMBER, train, check=cases(12, 1), seeds=(seed,), **FAST)
        assert np.array_equal(answers(one, test), answers(alone, test))
        assert one.notes["steps"] == alone.notes["steps"]


@pytest.mark.parametrize(("train", "check"), [(40, FEW), (MANY, 12)])
def test_many_cases_stop_training_on_the_check_part(train: int, check: int) -> None:
    fast: dict[str, Any] = {"hidden": 4, "max_steps": 20}
    one, two = (
        mlp(NUMBER, cases(train), check=cases(check, 1, turned=turned), **fast) for turned in (1.0, -9.0)
    )
    assert one.notes["check_loss"] != two.notes["check_loss"]


def test_answers_per_step_count_each_by_itself() -> None:
    task = Task("labelling", Values(1), Values(1), "same")
    train, few, many = (Split(x, x) for x in ([np.ones((t, 1))] * 9 for t in (5, 27, 28)))
    assert is_small(task, few)
    assert not is_small(task, many)
    forecast = Task("forecasting", Values(1), Values(1), "fixed", steps=28)
    assert is_small(forecast, many)
    one, two = (
        mlp(task, train, check=Split(few.x, [k * y for y in few.y]), hidden=4, max_steps=20) for k in (1, 9)
    )
    assert one.notes["check_loss"] == two.notes["check_loss"]


def test_a_single_case_is_trained_all_the_same() -> None:
    assert mlp(NUMBER, cases(1), check=cases(1, 1), **FAST).notes["steps"] > 0


def test_divergence_of_the_second_network_is_an_error() -> None:
    wild = Split([np.full((3, 1), 1.0)] * 8, [np.full((1, 1), 10.0**i) for i in range(8)])
    with pytest.raises(FloatingPointError, match="diverged"):
        lru(NUMBER, wild, check=wild, learning_rate=1e30, clip=1e30, max_steps=40)
