"""The one training loop of all networks: budget in optimizer steps, early stopping, masks, fixed seeds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.batching import Loaded
from recurbench.methods._networks.decoder import TrainedDecoder, network
from recurbench.methods._networks.encoding import Coding, Examples, buckets, in_order, learn_coding
from recurbench.methods._networks.network import (
    ANSWERED_TOGETHER,
    Answering,
    Body,
    Net,
    TrainedNetwork,
    alone,
    full_precision,
    summed_loss,
)
from recurbench.methods._networks.trivial import Gain, gain_of
from recurbench.methods._scaling import learn_view
from recurbench.methods._settings import Decoding, Training
from recurbench.task import Array, Split, Task
from torch import Tensor, nn

CURVE_POINTS = 60
COLUMNS = ("step", "train loss per step", "check loss per step", "gradient norm before clipping")
OVERFITTED = 300  # steps; see `Budget`
MANY = 1000  # training examples from which on small data are not so small; see `Budget`
CHECKED = 2000  # rows; see `thinned_check`
SOLVED = 1e-3  # cross-entropy per step on the check part below which more training only costs time


@dataclass(frozen=True)
class Recipe:
    """How to train: what the runner fills in, and the settings every network shares.

    device: of weights and batches, "cpu" or "cuda". All draws are made on the CPU: every device begins alike.
    """

    seed: int
    check: Split | None
    steps: int | None
    training: Training = field(default_factory=Training)
    decoding: Decoding = field(default_factory=Decoding)
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.steps is not None and not self.steps > 0:
            raise ValueError(f"steps must be above 0, got {self.steps}")


@dataclass(frozen=True)
class Budget:
    """Optimizer steps: at most `most`, given up `patience` after the best check, one every `every`.

    The learning rate falls from the recipe's to a tenth of it over `most` steps, along a cosine
    (Loshchilov and Hutter 2017), whenever training ends: it depends on the step alone.
    """

    most: int
    patience: int
    every: int

    @classmethod
    def of(cls, task: Task, examples: int, recipe: Recipe) -> Budget:
        """The rule: 4,000 steps with patience 1,000 for aligned and free answers and from 1,000 examples on.

        Small data with one answer per sequence are learnt, and overfitted, within a few hundred: 400 steps,
        patience 100. A tanh network may sit at chance for its first 1,000 steps of state tracking before it
        breaks through. A network that waits at chance has not fitted train either: once train loss is 3 %
        below the best check loss and check loss 3 % above it, 300 steps without a better one are enough.
        """
        long = task.length != "fixed" or examples >= MANY
        most = recipe.training.max_steps or (4000 if long else 400)
        patience = recipe.training.patience or (1000 if long else 100)
        return cls(most, patience, max(1, min(50 if long else 20, most, patience)))

    def rate(self, step: int) -> float:
        """The learning rate at a step, as a share of the recipe's."""
        return 0.1 + 0.45 * (1 + math.cos(math.pi * min(step / self.most, 1.0)))


@dataclass
class Progress:
    """What happened so far: the best weights, when they were met, and the curve, a row per look (COLUMNS)."""

    best: dict[str, Tensor] | None = None
    best_loss: float = math.inf
    best_step: int = 0
    best_seen: int = 0
    curve: list[list[float | None]] = field(default_factory=list)
    done: int = 0
    seen: int = 0
    end: str = ""


def fit_network(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, *, width: int | None = None
) -> TrainedNetwork:
    """Train the body that `build` makes for the coding learnt on `train`; `width` as in `Coding`."""
    began = time.process_time()
    coding, known, asked = encoded(task, train, recipe, width)
    budget = Budget.of(task, len(train), recipe)
    with alone(recipe.seed), full_precision(recipe.device):
        body = build(coding)
        decoder = network(coding.task, body, coding, recipe.decoding)
        net: Net = decoder or Answering(coding.task, body, coding.extras)
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
        asked = coding.examples(thinned_check(recipe.check, view.apart))
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
        **(verdict(progress, budget, gain_of(net, known, asked)) if asked and recipe.steps is None else {}),
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
        notes |= coding.view.words
    return notes


def verdict(progress: Progress, budget: Budget, gain: Gain) -> dict[str, Any]:
    """Whether anything was learned, and whether more steps might have helped, as notes.

    learned: the best check loss is clearly below that of the best constant answer or naive forecast (`Gain`).
    still_improving: the budget ended less than half a patience after the best check.
    """
    waited = progress.done - progress.best_step
    return {
        "learned": gain.learned,
        "check_loss": round(progress.best_loss, 6),
        "trivial_loss": round(gain.trivial, 6),
        "gain_error": round(gain.error, 6) if math.isfinite(gain.error) else None,
        "still_improving": progress.done >= budget.most and 2 * waited < budget.patience,
    }


def train_network(
    net: Net, known: Examples, asked: Examples | None, recipe: Recipe, budget: Budget
) -> Progress:
    """Train `net` in place; afterwards it holds the best weights (without a check part: the last).

    FloatingPointError where loss or weights stop being finite: what was trained until then is no result.
    """
    watched = Loaded(asked, device=net.device) if asked is not None and recipe.steps is None else None
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
    loaded = Loaded(known, device=net.device)
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


def diverged(what: str, step: int, recipe: Recipe) -> FloatingPointError:
    """The error for a loss or weights that are not finite."""
    how = recipe.training
    return FloatingPointError(
        f"training diverged: {what} at step {step}; lower learning_rate ({how.learning_rate}) or "
        f"clip ({how.clip})"
    )


def check_loss(net: Net, asked: Loaded) -> float:
    """Loss per step of sequence over all of `asked`."""
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for chosen in in_order(asked.lengths, ANSWERED_TOGETHER):
            batch = asked.batch(chosen)
            loss, steps = summed_loss(net.task, net(batch), batch)
            total, count = total + float(loss), count + steps
    return total / max(count, 1)


def _record(net: Net, watched: Loaded | None, progress: Progress, train: Array, recipe: Recipe) -> None:
    """Add a point to the curve and keep the weights when they are the best so far (unwatched: the newest)."""
    loss = None if watched is None else check_loss(net, watched)
    if add_point(progress, loss, train, recipe):
        progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}


def add_point(progress: Progress, loss: float | None, train: Array, recipe: Recipe) -> bool:
    """Add a point to the curve; whether it is the best so far (without a check loss: the newest)."""
    if loss is not None and not math.isfinite(loss):
        raise diverged(f"check loss {loss:g}", progress.done, recipe)
    loss_here, norm = (round(float(value), 6) for value in train)
    progress.curve.append([progress.done, loss_here, None if loss is None else round(loss, 6), norm])
    if loss is not None and loss >= progress.best_loss:
        return False
    progress.best_loss = math.inf if loss is None else loss
    progress.best_step, progress.best_seen = progress.done, progress.seen
    return True


def reason_to_end(
    task: Task, watched: bool, progress: Progress, budget: Budget, most: int, recipe: Recipe
) -> str:
    """Why training ends here; empty while it goes on. watched: a check part is looked at."""
    since = progress.done - progress.best_step
    if watched and since >= budget.patience:
        return f"no better check loss for {budget.patience} steps"
    if watched and since >= OVERFITTED and _overfits(progress):
        return f"overfitted: no better check loss for {since} steps while train loss fell"
    if watched and task.y.symbols and progress.best_loss < SOLVED:
        return f"check loss below {SOLVED:g}"
    if progress.done < most:
        return ""
    if recipe.steps is not None:
        return f"the {most} steps asked for, on all examples given"
    return f"the budget of {most} steps" + ("" if watched else ", without a check part")


def _overfits(progress: Progress) -> bool:
    """Whether train and check loss have parted: one 3 % below the best check loss, the other 3 % above it."""
    _, train_loss, loss, _ = progress.curve[-1]
    if train_loss is None or loss is None:
        return False
    return train_loss < 0.97 * progress.best_loss and loss > 1.03 * progress.best_loss


def thinned(curve: list[list[float | None]]) -> list[list[float | None]]:
    """At most CURVE_POINTS points of the curve, the first and the last among them."""
    if len(curve) <= CURVE_POINTS:
        return curve
    return [curve[i] for i in np.linspace(0, len(curve) - 1, CURVE_POINTS).round().astype(int)]
