"""Early stopping on a part of the training part, so that a small check part chooses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from recurbench.methods._networks.budget import MANY, Recipe, is_small
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.task import Split, Task, holdout

# Notes that only a network with a check part has. They are kept from the one that chose the step.
OF_STOPPING = ("learned", "check_loss", "trivial_loss", "gain_error", "still_improving", "stopped", "curve")

Fitted = TypeVar("Fitted", bound=TrainedNetwork | FloatingPointError)


def stopped_within(
    task: Task,
    train: Split,
    recipes: Sequence[Recipe],
    train_all: Callable[[Split, Sequence[Recipe]], list[Fitted]],
) -> list[Fitted]:
    """Train a network per recipe; if the check part is small, choose the number of steps within `train`.

    A quarter of `train` is held out (see `holdout`), and a second network, trained on the rest, stops early
    on it. The network is then trained for its number of steps on all of `train`. This is not done in
    classification, which has no early stopping then (see `Budget.of`), with MANY examples in `train` or more,
    or if the recipes give the steps.

    Parameters
    ----------
    task : Task
        Any but forecasting, for which see `weighed`.
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
    check = recipes[0].check
    told = any(each.steps is not None for each in recipes)
    if check is None or not len(check) or told:
        return train_all(train, recipes)
    if task.kind == "classification" or len(train) >= MANY or not is_small(task, check):
        return train_all(train, recipes)
    part, late = holdout(task, train, 0)
    if not len(part) or not len(late):
        return train_all(train, recipes)
    judges = train_all(part, [replace(each, check=late) for each in recipes])
    able = [i for i, judge in enumerate(judges) if isinstance(judge, TrainedNetwork)]
    made = train_all(train, [for_steps(recipes[i], judges[i]) for i in able]) if able else []
    fitted = dict(zip(able, made, strict=True))
    return [noted(fitted[i], judge) if i in fitted else judge for i, judge in enumerate(judges)]


def for_steps(recipe: Recipe, judge: TrainedNetwork | FloatingPointError) -> Recipe:
    """The recipe without a check part, for the steps that `judge` was trained for."""
    steps = judge.notes["steps"] if isinstance(judge, TrainedNetwork) else recipe.steps
    return replace(recipe, check=None, steps=steps)


def noted(fitted: Fitted, judge: TrainedNetwork | FloatingPointError) -> Fitted:
    """Add to the notes those on early stopping of `judge`, which chose the step, and its cost."""
    if isinstance(fitted, TrainedNetwork) and isinstance(judge, TrainedNetwork):
        if "learned" in judge.notes:
            fitted.notes |= {name: judge.notes[name] for name in OF_STOPPING}
        cost = fitted.notes["cpu_seconds"] + judge.notes["cpu_seconds"]
        fitted.notes["cpu_seconds"] = round(cost, 3)
    return fitted
