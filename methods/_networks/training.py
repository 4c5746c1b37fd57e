"""The training loop of all networks: optimizer steps, early stopping on the check part, and notes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.augmentation import augmented
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
from recurbench.methods._networks.class_weights import class_weights
from recurbench.methods._networks.constant_answer import blend_of, gain_of
from recurbench.methods._networks.decoder import decoder_network
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
from recurbench.methods._networks.trained_decoder import TrainedDecoder
from recurbench.methods._networks.weighing import thinned_check, weighed
from recurbench.methods._scaling import learn_view
from recurbench.task import Array, Split, Task
from torch import nn

COLUMNS = ("step", "train loss per step", "check loss per step", "gradient norm before clipping")


def fit_network(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, *, width: int | None = None
) -> TrainedNetwork:
    """Train one network; in forecasting also choose its weight, see `weighed`.

    Parameters
    ----------
    task : Task
        The task as it is asked.
    train : Split
        The training part.
    build : callable
        Makes the body for the coding learnt on `train`.
    recipe : Recipe
        How to train.
    width : int or None
        See `Coding`.

    Returns
    -------
    TrainedNetwork
        With the best weights on the check part; without early stopping the last ones, see `Budget.of`.

    Raises
    ------
    Unsupported
        If networks cannot answer this task.
    FloatingPointError
        If the loss or a gradient stops being finite.
    """

    def train_all(part: Split, recipes: Sequence[Recipe]) -> list[TrainedNetwork]:
        return [fit_unweighed(task, part, build, each, width=width) for each in recipes]

    return weighed(task, train, [recipe], train_all)[0]


def fit_unweighed(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, *, width: int | None = None
) -> TrainedNetwork:
    """Train one network as `fit_network` does, and use all that it adds to the reference."""
    began = time.process_time()
    coding, train_examples, check_examples = encoded(task, train, recipe, width)
    budget = Budget.of(task, len(train), recipe)
    with fixed_rng(recipe.seed), full_precision(recipe.device):
        body = build(coding)
        decoder = decoder_network(coding.task, body, coding, recipe.decoding)
        net: Net = decoder or ReadoutNet(coding.task, body, coding.extras)
        net.to(recipe.device)
        progress = train_network(net, train_examples, check_examples, recipe, budget)
    notes = {
        **notes_of(net, coding, progress, train_examples, check_examples, recipe, budget),
        "cpu_seconds": round(time.process_time() - began, 3),
    }
    if decoder is not None:
        notes |= {"decoder": recipe.decoding.of(task), "teaching": recipe.decoding.teaching}
        notes["weights"] = recipe.decoding.weights
        return TrainedDecoder(decoder, coding, notes, train_examples, recipe.decoding.beam)
    return TrainedNetwork(net, coding, notes, blend_of(train_examples))


def encoded(
    task: Task, train: Split, recipe: Recipe, width: int | None
) -> tuple[Coding, Examples, Examples | None]:
    """Learn the coding, and encode the training part and the check part.

    Parameters
    ----------
    task, train, recipe, width
        See `fit_network`.

    Returns
    -------
    coding : Coding
    train_examples : Examples
        To fit on.
    check_examples : Examples or None
        The check part; None if there is none.
    """
    how = recipe.training
    view = learn_view(task, train, normalise=how.normalise, channels=how.channels, calendar=how.calendar)
    coding, fitted = learn_coding(
        task,
        train,
        width=width,
        context=how.context,
        reference=how.reference,
        view=view,
        most=how.windows,
        unequal=how.unequal,
        normalise=how.normalise,
    )
    check_examples = None
    if recipe.check is not None and len(recipe.check):
        check_examples = coding.examples(thinned_check(recipe.check, view.parts))
    return coding, coding.encode(fitted), check_examples


def notes_of(
    net: Net,
    coding: Coding,
    progress: Progress,
    train_examples: Examples,
    check_examples: Examples | None,
    recipe: Recipe,
    budget: Budget,
) -> dict[str, Any]:
    """The notes stored with a trained network; the caller adds its cost.

    Parameters
    ----------
    net : Net
        With its final weights.
    coding : Coding
    progress : Progress
    train_examples : Examples
        Training examples.
    check_examples : Examples or None
        The check part.
    recipe : Recipe
    budget : Budget
    """
    notes: dict[str, Any] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "steps": progress.best_step,
        "steps_done": progress.done,
        "examples_seen": progress.best_seen,
        "epochs": round(progress.best_seen / len(train_examples), 2),
        "stopped": progress.end,
        "curve": thinned(progress.curve),
        "curve_columns": list(COLUMNS),
        **(
            learning_notes(net, progress, budget, train_examples, check_examples)
            if check_examples and recipe.steps is None
            else {}
        ),
        **net.body.notes,
    }
    if coding.task.kind == "forecasting":
        notes |= {
            "context": coding.context,
            "windows": len(train_examples),
            "reference": coding.reference,
        }
        if coding.known:
            notes["reference_effect"] = "the linear effect of what is known ahead (ridge on train)"
        notes |= coding.view.notes
    else:
        notes |= coding.notes
    return notes


def learning_notes(
    net: Net, progress: Progress, budget: Budget, train_examples: Examples, check_examples: Examples
) -> dict[str, Any]:
    """Notes on whether the network learned anything, and whether more steps might have helped.

    `learned` is False if the network does not clearly beat the best constant answer (see `Gain`) on the check
    part. Without early stopping it is False if the network does not do so on its training examples: a network
    that knows its training examples by heart may have a larger log loss on a small check part than the
    class frequencies, although most of its answers are right. In forecasting the constant answer is the
    reference, and `weighed` decides `learned` with the weight that it chooses. `still_improving` is True if
    early stopping was on and the budget ended less than half a patience after the best look. Run files call
    the loss of the best constant answer on the check part `trivial_loss`.
    """
    gain = gain_of(net, train_examples, check_examples)
    fitted = gain if budget.early else gain_of(net, train_examples, train_examples)
    waited = progress.done - progress.best_step
    return {
        "learned": fitted.learned,
        "check_loss": round(progress.best_loss, 6),
        "trivial_loss": round(gain.constant_loss, 6),
        "gain_error": round(gain.error, 6) if math.isfinite(gain.error) else None,
        "still_improving": budget.early and progress.done >= budget.most and 2 * waited < budget.patience,
    }


def train_network(
    net: Net, train_examples: Examples, check_examples: Examples | None, recipe: Recipe, budget: Budget
) -> Progress:
    """Train `net` in place; see `fit_network` for its final weights.

    Parameters
    ----------
    net : Net
        Is changed.
    train_examples : Examples
        Training examples.
    check_examples : Examples or None
        The check part.
    recipe : Recipe
    budget : Budget

    Raises
    ------
    FloatingPointError
        If the loss or a gradient stops being finite. Nothing trained until then is used.
    """
    watched = (
        TensorExamples(check_examples, device=net.device)
        if check_examples is not None and recipe.steps is None
        else None
    )
    most = recipe.steps or budget.most
    progress = Progress()
    recent: list[tuple[float, float]] = []
    for step, now in enumerate(optimizer_steps(net, train_examples, recipe, budget, progress), start=1):
        recent.append(now)
        progress.done = step
        if step % budget.every == 0 or step == most:
            _record(net, watched, progress, np.mean(recent, axis=0), recipe, budget.early)
            recent = []
            progress.end = reason_to_end(net.task, watched is not None, progress, budget, most, recipe)
        if progress.end:
            break
    assert progress.best is not None
    net.load_state_dict(progress.best)
    net.eval()
    return progress


def batches(lengths: Array, recipe: Recipe) -> Iterator[Array]:
    """Yield the indices of one batch after another, epoch after epoch, without end."""
    rng = np.random.default_rng(recipe.seed)
    while True:
        yield from buckets(lengths, recipe.training.batch, rng)


def optimizer_steps(
    net: Net, train_examples: Examples, recipe: Recipe, budget: Budget, progress: Progress
) -> Iterator[tuple[float, float]]:
    """Take optimizer steps without end; yield the training loss per answer and the gradient norm of each."""
    weights = list(net.parameters())
    # Fused: otherwise the many small operations of Adam take a quarter of the step of a small network.
    adam = torch.optim.Adam(weights, lr=recipe.learning_rate, fused=True)
    loaded = TensorExamples(train_examples, device=net.device)
    by_class = class_weights(train_examples, recipe.training.class_weights)
    by_class = by_class if by_class is None else by_class.to(net.device)
    for chosen in batches(loaded.lengths, recipe):
        batch = augmented(net.task, loaded.batch(chosen), recipe.training.augment)
        if not net.training:
            net.train()
        adam.param_groups[0]["lr"] = recipe.learning_rate * budget.rate(progress.done)
        adam.zero_grad()
        with torch.autocast(net.device.type, torch.bfloat16, enabled=recipe.training.precision == "bfloat16"):
            output = net(batch)
        total, count = summed_loss(net.task, output.float(), batch, by_class, budget.smoothing)
        # The mean over all answers of the batch: `clip` then means the same at any length.
        loss = total / max(count, 1)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(weights, recipe.training.clip)
        now = loss.item(), norm.item()
        if not all(map(math.isfinite, now)):
            raise diverged(f"loss {now[0]:g}", progress.done + 1, recipe)
        adam.step()
        progress.seen += len(chosen)
        yield now


def check_loss(net: Net, check_examples: TensorExamples) -> float:
    """The loss per answered step over all of `check_examples`."""
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for chosen in in_order(check_examples.lengths, ANSWERED_TOGETHER):
            batch = check_examples.batch(chosen)
            loss, steps = summed_loss(net.task, net(batch), batch)
            total, count = total + float(loss), count + steps
    return total / max(count, 1)


def _record(
    net: Net, watched: TensorExamples | None, progress: Progress, train: Array, recipe: Recipe, early: bool
) -> None:
    """Add a row to the curve and keep the weights if they are the best so far (see `add_point`)."""
    loss = None if watched is None else check_loss(net, watched)
    if add_point(progress, loss, train, recipe, early):
        progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}
