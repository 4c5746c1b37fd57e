"""Training in 16 bits: every network that has the setting takes it."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.registry import discover, load

REGISTRY = discover(())
NETWORKS = [name for name, plugin in REGISTRY.methods.items() if "precision" in plugin.settings]
LENGTHS = (7, 9, 5, 12, 30, 8)
CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def small(kinds: frozenset[str]) -> tuple[Task, Split, Split]:
    """A task of one of these kinds, its training part and what to answer: noise, or a forecast of airline."""
    if "classification" in kinds:
        rng = np.random.default_rng(0)
        noise = Split([rng.normal(size=(n, 1)) for n in LENGTHS], [np.array([n % 2]) for n in LENGTHS])
        return CLASSES, noise, noise
    problem = load(REGISTRY.datasets["airline"])()
    return problem.task, problem.train, problem.test


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_trains_in_16_bits(name: str) -> None:
    (choice,) = REGISTRY.select_methods([name])
    task, train, test = small(choice.plugin.kinds)
    settings = {**choice.settings, "precision": "bfloat16"}
    answers = list(load(choice.plugin)(task, train, seed=0, steps=2, **settings)(test))
    assert len(answers) == len(test)
    assert all(np.isfinite(each).all() for each in answers)
