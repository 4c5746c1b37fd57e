"""In forecasting: choose on validation how much of what a trained network adds to the reference is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch
from recurbench.methods._networks.blend import WEIGHTS, chosen_weight
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.examples import Examples
from recurbench.methods._networks.network import TrainedNetwork, losses
from recurbench.task import Array, Split, Task, holdout

CHECKED = 2000  # examples of the check part; see `thinned_check`

Fitted = TypeVar("Fitted", bound=TrainedNetwork | FloatingPointError)


def thinned_check(check: Split, apart: int) -> Split:
    """Thin a check part evenly, if each of its examples becomes several and they are more than CHECKED.

    Every look at the check part answers all of it, and forecast windows from neighbouring origins overlap.
    Without thinning, seven channels at 2,785 origins would take longer than the training between two looks.
    """
    if apart == 1 or len(check) * apart <= CHECKED:
        return check
    return check.take(np.arange(0, len(check), -(-len(check) * apart // CHECKED)))


def weighed(
    task: Task,
    train: Split,
    recipes: Sequence[Recipe],
    train_all: Callable[[Split, Sequence[Recipe]], list[Fitted]],
) -> list[Fitted]:
    """Train a network per recipe, and in forecasting choose the weight of each.

    The weight is chosen on the check part of the recipes. Without one, the last origins of `train` are held
    out (see `holdout`), a second network is trained in the same way on what comes before them, and the weight
    that is best for it is used. If `train` is too short for that, the weight is 1.

    Parameters
    ----------
    task : Task
    train : Split
    recipes : sequence of Recipe
        They differ in `seed` and `steps` only.
    train_all : callable
        Trains one network per recipe on a part of `train`.

    Returns
    -------
    list
        What `train_all` gives. A network whose second network diverged is replaced by the error.
    """
    fitted = train_all(train, recipes)
    if task.kind != "forecasting":
        return fitted
    check, judges, how = recipes[0].check, fitted, "the validation part"
    if check is None or not len(check):
        part, check = holdout(task, train, 0)
        how = "the last origins of train, by a network trained on what comes before them"
        if not len(part) or not len(check):
            for each in fitted:
                _settle(each, 1.0, "nothing: train is too short to hold a part out")
            return fitted
        judges = train_all(part, [_with_reference(each, fitted) for each in recipes])
    return _with_weights(fitted, judges, check, how)


def _with_reference(recipe: Recipe, fitted: Sequence[TrainedNetwork | FloatingPointError]) -> Recipe:
    """The recipe for the second network: with the reference that the first one has found on all of train."""
    names = [each.coding.reference for each in fitted if isinstance(each, TrainedNetwork)]
    return replace(recipe, training=replace(recipe.training, reference=names[0])) if names else recipe


def _with_weights(fitted: Sequence[Fitted], judges: Sequence[Fitted], check: Split, how: str) -> list[Fitted]:
    """Give each network the weight that is best on `check` for its judge."""
    result: list[Fitted] = []
    examples: Examples | None = None
    for each, judge in zip(fitted, judges, strict=True):
        if not isinstance(judge, TrainedNetwork) or not isinstance(each, TrainedNetwork):
            result.append(judge if isinstance(each, TrainedNetwork) else each)
            continue
        if examples is None:
            # All judges have the same coding.
            examples = judge.coding.examples(thinned_check(check, judge.coding.view.parts))
        if judge is not each:
            cost = each.notes["cpu_seconds"] + judge.notes["cpu_seconds"]
            each.notes["cpu_seconds"] = round(cost, 3)
        _settle(each, weight_of(judge, examples), how)
        result.append(each)
    return result


def _settle(fitted: TrainedNetwork | FloatingPointError, weight: float, how: str) -> None:
    """Use this weight, and note it."""
    if not isinstance(fitted, TrainedNetwork):
        return
    fitted.blend = replace(fitted.blend, weight=weight)
    fitted.notes |= {"weight": weight, "weight_chosen_on": how, "reference_used": weight == 0}
    if "learned" in fitted.notes:
        fitted.notes["learned"] = weight > 0


def weight_of(fitted: TrainedNetwork, examples: Examples) -> float:
    """The weight that `chosen_weight` chooses for a network on validation examples."""
    task = examples.task
    outputs = [output.numpy() for output in fitted.outputs(examples)]

    def loss(output: Array, y: Array, weight: float) -> float:
        blended = replace(fitted.blend, weight=weight)(output)[: len(y)]
        return float(losses(task, torch.from_numpy(blended), torch.from_numpy(y)).sum())

    table = [
        [loss(output, y, weight) for output, y in zip(outputs, examples.y, strict=True)] for weight in WEIGHTS
    ]
    return chosen_weight(np.array(table), np.array([len(y) for y in examples.y], dtype=np.float64))
