"""Several networks that differ in their seed alone, and the mean of their answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import Body, TrainedNetwork
from recurbench.methods._networks.training import fit_network
from recurbench.task import Array, Split, Task

MEANS = ("epochs", "check_loss", "trivial_loss", "gain_error")  # of the members, in the notes
SUMS = ("parameters", "steps_done", "examples_seen", "cpu_seconds")
MOSTLY = ("learned", "still_improving")  # true if it is for more than half of the members


class Ensemble:
    """The mean of the answers of several networks: of probabilities, or of numbers.

    Parameters
    ----------
    networks : sequence of TrainedNetwork
        At least one.
    """

    def __init__(self, networks: Sequence[TrainedNetwork]) -> None:
        self.networks = networks
        self.notes = joint_notes([each.notes for each in networks])

    def __call__(self, split: Split) -> Sequence[Array]:
        """Answer every example, in the form of `TrainedNetwork`."""
        answers = [each(split) for each in self.networks]
        return [np.mean(of_example, axis=0) for of_example in zip(*answers, strict=True)]


def member_seed(seed: int, member: int) -> int:
    """The seed of a member; the first has the seed of the fit, so it is the network of a lone fit."""
    return seed if member == 0 else int(np.random.SeedSequence([seed, member]).generate_state(1)[0])


def fit_members(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, members: int
) -> TrainedNetwork | Ensemble:
    """Train `members` networks one after the other, each with a seed of its own.

    Parameters
    ----------
    task, train, build, recipe
        See `fit_network`. `recipe.steps` holds for each member.
    members : int
        At least 1; one member is the network of `fit_network`.

    Raises
    ------
    ValueError
        If `members` is below 1.
    FloatingPointError
        If the training of a member diverges.
    """
    if members < 1:
        raise ValueError(f"members must be at least 1, got {members}")
    networks = [
        fit_network(task, train, build, replace(recipe, seed=member_seed(recipe.seed, i)))
        for i in range(members)
    ]
    return Ensemble(networks) if members > 1 else networks[0]


def joint_notes(notes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The notes of an ensemble.

    `steps` is the median of the members: the final fit trains each of them so long. Costs and sizes are sums,
    losses are means. Everything else, such as the loss curve, is that of the first member.
    """
    joint = dict(notes[0])
    for name in (*MEANS, *SUMS, *MOSTLY):
        values = [each[name] for each in notes if each.get(name) is not None]
        if not values:
            continue
        if name in MOSTLY:
            joint[name] = 2 * sum(values) > len(notes)
        else:
            # A sum of counts stays a whole number.
            total = sum(values)
            joint[name] = round(total / len(values), 6) if name in MEANS else total
    joint["steps"] = int(np.median([each["steps"] for each in notes]))
    joint["members"] = len(notes)
    joint["steps_of_members"] = [each["steps"] for each in notes]
    return joint
