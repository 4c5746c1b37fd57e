"""Ensembles: seeds, answers and notes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.fully_convolutional import FullyConvolutional
from recurbench.methods._networks.members import fit_members, joint_notes, member_seed
from recurbench.methods._settings import Training

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def drawn(seed: int) -> Split:
    rng = np.random.default_rng(seed)
    y = [np.array([i % 2]) for i in range(12)]
    return Split([rng.normal(size=(6, 1)) + each for each in y], y)


def fitted(members: int, seed: int = 0, **words: Any) -> Any:
    recipe = Recipe(seed, **{"check": None, "steps": 3, **words})
    return fit_members(CLASSES, drawn(0), lambda _: FullyConvolutional(1, 2), recipe, members)


def test_the_first_member_has_the_seed_of_the_fit_and_the_others_seeds_of_their_own() -> None:
    seeds = [member_seed(seed, i) for seed in range(4) for i in range(5)]
    assert [member_seed(seed, 0) for seed in range(4)] == [0, 1, 2, 3]
    assert len(set(seeds)) == len(seeds)


def test_the_answer_is_the_mean_of_the_members() -> None:
    three, lone = fitted(3), fitted(1)
    test = drawn(1)
    answers = [each(test) for each in three.networks]
    assert np.allclose(three(test), np.mean(answers, axis=0))
    assert np.allclose(answers[0], lone(test))
    assert not np.allclose(answers[0], answers[1])
    assert np.allclose(np.sum(three(test), axis=-1), 1.0)


def test_the_same_seed_gives_the_same_ensemble_and_another_seed_another() -> None:
    test = drawn(1)
    assert np.array_equal(fitted(2)(test), fitted(2)(test))
    assert not np.allclose(fitted(2)(test), fitted(2, seed=1)(test))


def test_the_notes_of_an_ensemble_add_up_its_cost_and_take_the_middle_of_its_steps() -> None:
    one = {
        "parameters": 10,
        "cpu_seconds": 1.5,
        "steps": 20,
        "steps_done": 120,
        "examples_seen": 100,
        "check_loss": 0.5,
        "learned": True,
        "still_improving": False,
        "curve": [[20, 0.1, 0.5, 1.0]],
    }
    joint = joint_notes([one, one | {"steps": 60, "check_loss": 0.7, "learned": False}, one | {"steps": 40}])
    assert joint["steps"] == 40
    assert joint["steps_of_members"] == [20, 60, 40]
    assert (joint["parameters"], joint["steps_done"], joint["examples_seen"]) == (30, 360, 300)
    assert all(isinstance(joint[name], int) for name in ("parameters", "steps_done", "steps"))
    assert joint["cpu_seconds"] == pytest.approx(4.5)
    assert joint["check_loss"] == pytest.approx(1.7 / 3)
    assert joint["learned"] is True
    assert joint["still_improving"] is False
    assert joint["curve"] == one["curve"]


def test_every_member_stops_by_itself_on_the_check_part() -> None:
    training = Training(max_steps=40, patience=40)
    two = fitted(2, steps=None, check=drawn(2), training=training)
    assert len(two.notes["steps_of_members"]) == 2
    assert isinstance(two.notes["learned"], bool)
    assert two.notes["steps_done"] == sum(each.notes["steps_done"] for each in two.networks)


def test_no_members_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="members must be at least 1, got 0"):
        fitted(0)
