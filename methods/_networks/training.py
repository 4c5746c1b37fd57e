"""The one training loop of all networks: budget in optimizer steps, early stopping, masks, fixed seeds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import (
    Budget,
    Progress,
    Recipe,
    add_point,
    diverged,
    reason_to_end,
    thinned,
)
from recurbench.methods._networks.constant_answer import Gain, gain_of
from recurbench.methods._networks.decoder import TrainedDecoder, decoder_network
from recurbench.methods._networks.encoding import Coding, learn_coding
from recurbench.methods._networks.examples import Examples, buckets, in_order
from recurbench.methods._networks.network import (
    ANSWERED_TOGETHER,
    Body,
    Net,
    ReadoutNet,
    TrainedNetwork,
    fixed_rng,
    full_precision,
    summed_loss,
)
from recurbench.methods._scaling import learn_view
from recurbench.task import Array, Split, Task
from torch import nn

COLUMNS = ("step", "train loss per step", "check loss per step", "gradient norm before clipping")
CHECKED = 2000  # rows; see `thinned_check`


def fit_network(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, *, width: int | None = None
) -> TrainedNetwork:
    """Train the body that `build` makes for the coding learnt on `train`; `width` as in `Coding`."""
    began = time.process_time()
    coding, known, asked = encoded(task, train, recipe, width)
    budget = Budget.of(task, len(train), recipe)
    with fixed_rng(recipe.seed), full_precision(recipe.device):
        body = build(coding)
        decoder = decoder_network(coding.task, body, coding, recipe.decoding)
        net: Net = decoder or ReadoutNet(coding.task, body, coding.extras)
        net.to(recipe.device)
        progress = train_network(net, known, asked, recipe, budget)
    notes = {
        **notes_of(net, coding, progress, known, asked, recipe, budget),
        "cpu_seconds": round(time.process_time() - began, 3),
    }
    if decoder is not None:
        notes |= {"decoder": recipe.decoding.of(task), "teaching": recipe.decoding.teaching}
        notes["weights"] = recipe.decoding.weights
        return TrainedDecoder(decoder, coding, notes, known, recipe.decoding.beam)
    return TrainedNetwork(net, coding, notes)


def encoded(
    task: Task, train: Split, recipe: Recipe, width: int | None
) -> tuple[Coding, Examples, Examples | None]:
    """The coding learnt on `train`, the examples to fit on, and those of the check part if there are any."""
    how = recipe.training
    view = learn_view(task, train, normalise=how.normalise, channels=how.channels, calendar=how.calendar)
    coding, fitted = learn_coding(
        task, train, width=width, context=how.context, naive=how.residual, view=view, most=how.windows
    )
    asked = None
    if recipe.check is not None and len(recipe.check):
        asked = coding.examples(thinned_check(recipe.check, view.parts))
    return coding, coding.encode(fitted), asked


def thinned_check(check: Split, apart: int) -> Split:
    """At most CHECKED rows of a check part whose examples are taken apart, spread evenly.

    Every look reads all of them, and the origins of one series overlap: seven channels at 2,785 origins
    would cost more than the training between two looks, and say no more.
    """
    if apart == 1 or len(check) * apart <= CHECKED:
        return check
    return check.take(np.arange(0, len(check), -(-len(check) * apart // CHECKED)))


def notes_of(
    net: Net,
    coding: Coding,
    progress: Progress,
    known: Examples,
    asked: Examples | None,
    recipe: Recipe,
    budget: Budget,
) -> dict[str, Any]:
    """What is recorded with a trained network; its cost is the caller's to add."""
    notes: dict[str, Any] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "steps": progress.best_step,
        "steps_done": progress.done,
        "examples_seen": progress.best_seen,
        "epochs": round(progress.best_seen / len(known), 2),
        "stopped": progress.end,
        "curve": thinned(progress.curve),
        "curve_columns": list(COLUMNS),
        **(
            learning_notes(progress, budget, gain_of(net, known, asked))
            if asked and recipe.steps is None
            else {}
        ),
        **net.body.notes,
    }
    if coding.task.kind == "forecasting":
        notes |= {
            "context": coding.context,
            "windows": len(known),
            "residual": f"{coding.naive} naive forecast",
        }
        if coding.known:
            notes["residual"] += ", plus the linear effect of what is known ahead (ridge on train)"
        notes |= coding.view.notes
    return notes


def learning_notes(progress: Progress, budget: Budget, gain: Gain) -> dict[str, Any]:
    """Whether anything was learned, and whether more steps might have helped, as notes.

    learned: the best check loss is clearly below that of the best constant answer or naive forecast (`Gain`).
    still_improving: the budget ended less than half a patience after the best check.
    """
    waited = progress.done - progress.best_step
    return {
        "learned": gain.learned,
        "check_loss": round(progress.best_loss, 6),
        "trivial_loss": round(gain.constant_loss, 6),
        "gain_error": round(gain.error, 6) if math.isfinite(gain.error) else None,
        "still_improving": progress.done >= budget.most and 2 * waited < budget.patience,
    }


def train_network(
    net: Net, known: Examples, asked: Examples | None, recipe: Recipe, budget: Budget
) -> Progress:
    """Train `net` in place; afterwards it holds the best weights (without a check part: the last).

    FloatingPointError where loss or weights stop being finite: what was trained until then is no result.
    """
    watched = TensorExamples(asked, device=net.device) if asked is not None and recipe.steps is None else None
    most = recipe.steps or budget.most
    progress = Progress()
    recent: list[tuple[float, float]] = []
    for step, now in enumerate(optimizer_steps(net, known, recipe, budget, progress), start=1):
        recent.append(now)
        progress.done = step
        if step % budget.every == 0 or step == most:
            _record(net, watched, progress, np.mean(recent, axis=0), recipe)
            recent = []
            progress.end = reason_to_end(net.task, watched is not None, progress, budget, most, recipe)
        if progress.end:
            break
    assert progress.best is not None
    net.load_state_dict(progress.best)
    net.eval()
    return progress


def batches(lengths: Array, recipe: Recipe) -> Iterator[Array]:
    """The indices of one batch after another, epoch after epoch, without end."""
    rng = np.random.default_rng(recipe.seed)
    while True:
        yield from buckets(lengths, recipe.training.batch, rng)


def optimizer_steps(
    net: Net, known: Examples, recipe: Recipe, budget: Budget, progress: Progress
) -> Iterator[tuple[float, float]]:
    """Take one optimizer step after another; yields the training loss per answer and the gradient's norm."""
    weights = list(net.parameters())
    # Fused: of a small network's step, Adam's many small operations would be a quarter.
    adam = torch.optim.Adam(weights, lr=recipe.training.learning_rate, fused=True)
    loaded = TensorExamples(known, device=net.device)
    for chosen in batches(loaded.lengths, recipe):
        batch = loaded.batch(chosen)
        if not net.training:
            net.train()
        adam.param_groups[0]["lr"] = recipe.training.learning_rate * budget.rate(progress.done)
        adam.zero_grad()
        total, count = summed_loss(net.task, net(batch), batch)
        # Divided by one number per batch, so that `clip` means the same at any length.
        loss = total / max(count, 1)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(weights, recipe.training.clip)
        now = loss.item(), norm.item()
        if not all(map(math.isfinite, now)):
            raise diverged(f"loss {now[0]:g}", progress.done + 1, recipe)
        adam.step()
        progress.seen += len(chosen)
        yield now


def check_loss(net: Net, asked: TensorExamples) -> float:
    """Loss per step of sequence over all of `asked`."""
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for chosen in in_order(asked.lengths, ANSWERED_TOGETHER):
            batch = asked.batch(chosen)
            loss, steps = summed_loss(net.task, net(batch), batch)
            total, count = total + float(loss), count + steps
    return total / max(count, 1)


def _record(
    net: Net, watched: TensorExamples | None, progress: Progress, train: Array, recipe: Recipe
) -> None:
    """Add a point to the curve and keep the weights when they are the best so far (unwatched: the newest)."""
    loss = None if watched is None else check_loss(net, watched)
    if add_point(progress, loss, train, recipe):
        progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}
