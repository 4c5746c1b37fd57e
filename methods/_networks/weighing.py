"""In forecasting: choose on validation the reference, and the weight of what the network adds to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from recurbench.methods._networks.blend import WEIGHTS, chosen_weight
from recurbench.methods._networks.budget import Recipe, is_small
from recurbench.methods._networks.encoding import learn_coding
from recurbench.methods._networks.examples import Examples
from recurbench.methods._networks.gain import Gain
from recurbench.methods._networks.nested import for_steps, noted, stopped_within
from recurbench.methods._networks.network import TrainedNetwork, losses
from recurbench.methods._scaling import learn_view
from recurbench.methods._settings import Training
from recurbench.task import SEVERAL, Array, Split, Task, holdout

ON_CHECK = "the validation part"
ON_LAST = "the last origins of train, with a network trained on what comes before them"
ON_NOTHING = "nothing: train is too short to hold a part out"
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
    """Train a network per recipe; in forecasting also choose the reference and the weight of each.

    For other tasks see `stopped_within`.

    The check part chooses them if it is large (see `is_small`). Otherwise the last origins of `train` are
    held out (`SEVERAL`), and a second network is trained in the same way on what comes before them. What is
    best for it is used: reference, weight and, if the recipe has a check part, the step at which early
    stopping ends. A small check part thus chooses nothing, and its score is an honest validation score. If
    `train` is too short for that, the check part chooses after all; without one the weight is 1.

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
    if task.kind != "forecasting":
        return stopped_within(task, train, recipes, train_all)
    names = worth_training(task, train, recipes[0].training)
    check = recipes[0].check
    checked = check is not None and len(check) > 0
    part, late = holdout(task, train, 0, SEVERAL)
    short = not len(part) or not len(late)
    if check is not None and checked and (short or not is_small(task, check)):
        tried = [train_all(train, _with_reference(recipes, name)) for name in names]
        picks = _picks(tried, check)
        return [_settled(tried[pick.place][i], pick, ON_CHECK) for i, pick in enumerate(picks)]
    if short:
        return [
            _settled(each, Pick(0, 1.0), ON_NOTHING)
            for each in train_all(train, _with_reference(recipes, names[0]))
        ]
    judging = [replace(each, check=late) for each in recipes] if checked else recipes
    tried = [train_all(part, _with_reference(judging, name)) for name in names]
    picks = _picks(tried, late)
    fitted: dict[int, Fitted] = {}
    for place, name in enumerate(names):
        # What a seed becomes does not depend on which seeds are trained together.
        chosen = [i for i, pick in enumerate(picks) if pick.place == place and pick.failure is None]
        if chosen:
            final = [for_steps(recipes[i], tried[place][i]) if checked else recipes[i] for i in chosen]
            made = train_all(train, _with_reference(final, name))
            fitted.update(zip(chosen, made, strict=True))
    return [
        _settled(
            noted(fitted[i], tried[pick.place][i]),
            pick,
            ON_LAST,
            [row[i] for place, row in enumerate(tried) if place != pick.place],
        )
        if pick.failure is None
        # The type says network or error; this is the error.
        else tried[pick.place][i]
        for i, pick in enumerate(picks)
    ]


def worth_training(task: Task, train: Split, how: Training) -> tuple[str, ...]:
    """The references to train a network for: that of the settings, or for "auto" see `worth_trying`."""
    if how.reference != "auto":
        return (how.reference,)
    view = learn_view(task, train, normalise=how.normalise, channels=how.channels, calendar=how.calendar)
    coding, _ = learn_coding(task, train, context=how.context, view=view, most=how.windows)
    return (coding.reference, *coding.rivals)


def _with_reference(recipes: Sequence[Recipe], name: str) -> list[Recipe]:
    """The recipes with this reference."""
    return [
        replace(each, training=replace(each.training, reference=name))  # type: ignore[arg-type]
        for each in recipes
    ]


@dataclass(frozen=True)
class Pick:
    """What was chosen for one seed: the place of the reference among those tried, and the weight.

    `losses` [N] are those on the check part, summed over the `steps` [N] of each example. `failure` says why
    nothing was chosen.
    """

    place: int
    weight: float
    losses: Array | None = None
    steps: Array | None = None
    failure: FloatingPointError | None = None


def _picks(tried: Sequence[Sequence[TrainedNetwork | FloatingPointError]], check: Split) -> list[Pick]:
    """Choose for each seed among the networks [references][seeds] on `check`.

    The first reference has the smallest error by itself. The network of another one is taken if its loss is
    smaller than that of the first network; if the first has weight 0, it must be clearly smaller, see `Gain`.
    """
    picks = [_pick(each, 0, check) for each in tried[0]]
    for place, row in enumerate(tried[1:], start=1):
        for i, each in enumerate(row):
            now, other = picks[i], _pick(each, place, check)
            if now.losses is None or other.losses is None or other.steps is None or not other.weight:
                continue
            better = other.losses.sum() < now.losses.sum()
            if better if now.weight else Gain.of(now.losses, other.losses, other.steps).learned:
                picks[i] = other
    return picks


def _pick(fitted: TrainedNetwork | FloatingPointError, place: int, check: Split) -> Pick:
    """The weight of one network, chosen on `check`."""
    if not isinstance(fitted, TrainedNetwork):
        return Pick(place, 0.0, failure=fitted)
    examples = fitted.coding.examples(thinned_check(check, fitted.coding.view.parts))
    each = weighted_losses(fitted, examples)
    steps = np.array([len(y) for y in examples.y], dtype=np.float64)
    weight = chosen_weight(each, steps)
    return Pick(place, weight, each[WEIGHTS.index(weight)], steps)


def _settled(
    fitted: Fitted,
    pick: Pick,
    how: str,
    others: Sequence[TrainedNetwork | FloatingPointError] = (),
) -> Fitted:
    """Give a network its weight, and note it with the cost of the other networks that were tried."""
    if isinstance(fitted, TrainedNetwork):
        weight = pick.weight
        fitted.blend = replace(fitted.blend, weight=weight)
        fitted.notes |= {"weight": weight, "weight_chosen_on": how, "reference_used": weight == 0}
        if "learned" in fitted.notes:
            fitted.notes["learned"] = weight > 0
        cost = sum(each.notes["cpu_seconds"] for each in others if isinstance(each, TrainedNetwork))
        fitted.notes["cpu_seconds"] = round(fitted.notes["cpu_seconds"] + cost, 3)
    return fitted


def weighted_losses(fitted: TrainedNetwork, examples: Examples) -> Array:
    """The losses [len(WEIGHTS), N] of each weight on each example, summed over its steps."""
    outputs = [output.numpy() for output in fitted.outputs(examples)]

    def loss(output: Array, y: Array, weight: float) -> float:
        blended = replace(fitted.blend, weight=weight)(output)[: len(y)]
        return float(losses(examples.task, torch.from_numpy(blended), torch.from_numpy(y)).sum())

    return np.array(
        [
            [loss(output, y, weight) for output, y in zip(outputs, examples.y, strict=True)]
            for weight in WEIGHTS
        ]
    )
