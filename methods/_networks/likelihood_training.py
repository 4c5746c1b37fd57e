"""The training loop of networks with a likelihood: budget, early stopping and notes as for all networks."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.budget import (
    Budget,
    Progress,
    Recipe,
    add_point,
    diverged,
    is_small,
    reason_to_end,
    thinned,
)
from recurbench.methods._networks.examples import buckets, in_order
from recurbench.methods._networks.network import ANSWERED_TOGETHER, fixed_rng
from recurbench.methods._networks.sampled_paths import PathNet, Sequences
from recurbench.task import SEVERAL, Split, Task, holdout
from torch import nn

COLUMNS = ("step", "train loss per step", "check loss per step", "gradient norm before clipping")
ON_CHECK = "the validation part"
ON_LAST = "the last origins of train, with a network trained on what comes before them"
ON_NOTHING = "nothing: train is too short to hold a part out"


@dataclass(frozen=True)
class Part:
    """What one training needs: windows to fit on, and perhaps windows to stop on."""

    fitted: Sequences
    check: Sequences | None


def fit_likelihood(
    task: Task,
    series: Split,
    encode: Callable[[Split, Split | None], Part],
    build: Callable[[], PathNet],
    recipe: Recipe,
) -> tuple[PathNet, dict[str, Any]]:
    """Train one network.

    If the check part is large (see `is_small`), it decides when training stops. Otherwise the last origins
    of every series are held out: a first network, trained on what comes before them, finds the number of
    steps, and the network is then trained for so many steps on all of `series`.

    Parameters
    ----------
    task : Task
    series : Split
        Every series once, so that no other example of a series holds what is held out of it.
    encode : callable
        Makes the windows of a training part and of a check part.
    build : callable
        Makes a network.
    recipe : Recipe

    Returns
    -------
    net : PathNet
        In double precision.
    notes : dict

    Raises
    ------
    FloatingPointError
        If the loss or a gradient stops being finite.
    """
    check = recipe.check if recipe.check is not None and len(recipe.check) else None
    if recipe.steps is not None or (check is not None and not is_small(task, check)):
        return trained(task, encode(series, check), build, recipe, ON_CHECK if check else "given")
    part, late = holdout(task, series, 0, SEVERAL)
    divided = encode(part, late) if len(part) and len(late) else None
    if divided is None or not len(divided.fitted) or divided.check is None or not len(divided.check):
        return trained(task, encode(series, check), build, recipe, ON_CHECK if check else ON_NOTHING)
    _, judged = trained(task, divided, build, replace(recipe, check=late), ON_LAST)
    given = replace(recipe, check=None, steps=judged["steps"])
    net, notes = trained(task, encode(series, None), build, given, ON_LAST)
    cost = round(notes["cpu_seconds"] + judged["cpu_seconds"], 3)
    kept = ("check_loss", "stopped", "steps_done", "curve", "still_improving")
    return net, notes | {name: judged[name] for name in kept if name in judged} | {"cpu_seconds": cost}


def trained(
    task: Task, part: Part, build: Callable[[], PathNet], recipe: Recipe, stopped_on: str
) -> tuple[PathNet, dict[str, Any]]:
    """Train once; see `fit_likelihood`."""
    began = time.process_time()
    budget = Budget.of(task, len(part.fitted), recipe)
    check = part.check if part.check is not None and len(part.check) and recipe.steps is None else None
    progress = Progress()
    with fixed_rng(recipe.seed):
        net = build()
        _train(task, net, part.fitted, check, recipe, budget, progress)
    assert progress.best is not None
    net.load_state_dict(progress.best)
    notes: dict[str, Any] = {
        "parameters": sum(weight.numel() for weight in net.parameters()),
        "steps": progress.best_step,
        "steps_done": progress.done,
        "examples_seen": progress.best_seen,
        "epochs": round(progress.best_seen / len(part.fitted), 2),
        "windows": len(part.fitted),
        "stopped": progress.end,
        "stopped_on": stopped_on,
        "curve": thinned(progress.curve),
        "curve_columns": list(COLUMNS),
        "cpu_seconds": round(time.process_time() - began, 3),
    }
    if check is not None:
        waited = progress.done - progress.best_step
        notes["check_loss"] = round(progress.best_loss, 6)
        notes["still_improving"] = progress.done >= budget.most and 2 * waited < budget.patience
    return copy.deepcopy(net).double().eval(), notes


def _train(
    task: Task,
    net: PathNet,
    fitted: Sequences,
    check: Sequences | None,
    recipe: Recipe,
    budget: Budget,
    progress: Progress,
) -> None:
    """Take optimizer steps until the budget ends or the check loss no longer falls."""
    weights = list(net.parameters())
    adam = torch.optim.Adam(weights, lr=recipe.learning_rate)
    rng = np.random.default_rng(recipe.seed)
    most = recipe.steps or budget.most
    recent: list[tuple[float, float]] = []
    # Mean and deviation of the context are those of its own values: a network that is trained on these steps
    # learns to return to a mean that it could not know, and its quantiles ahead are too narrow.
    ahead_only = fitted.reading.scaling == "standard"
    while not progress.end:
        for chosen in buckets(fitted.lengths, recipe.training.batch, rng):
            adam.param_groups[0]["lr"] = recipe.learning_rate * budget.rate(progress.done)
            adam.zero_grad()
            total, count = net.loss(fitted.batch(chosen, forecast_only=ahead_only))
            loss = total / max(count, 1)
            loss.backward()  # type: ignore[no-untyped-call]
            norm = nn.utils.clip_grad_norm_(weights, recipe.training.clip)
            recent.append((loss.item(), norm.item()))
            if not all(map(math.isfinite, recent[-1])):
                raise diverged(f"loss {recent[-1][0]:g}", progress.done + 1, recipe)
            adam.step()
            progress.seen += len(chosen)
            progress.done += 1
            if progress.done % budget.every == 0 or progress.done == most:
                now = None if check is None else check_loss(net, check)
                if add_point(progress, now, np.mean(recent, axis=0), recipe, budget.early):
                    progress.best = {k: v.detach().clone() for k, v in net.state_dict().items()}
                recent = []
                progress.end = reason_to_end(task, check is not None, progress, budget, most, recipe)
            if progress.end:
                return


def check_loss(net: PathNet, check: Sequences) -> float:
    """The negative log likelihood per forecast step, given the true values before it."""
    total, count = 0.0, 0
    with torch.no_grad():
        for chosen in in_order(check.lengths, ANSWERED_TOGETHER):
            loss, steps = net.loss(check.batch(chosen, forecast_only=True))
            total, count = total + float(loss), count + steps
    return total / max(count, 1)
