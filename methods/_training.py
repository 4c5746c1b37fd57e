"""The one training loop of all networks: budget in optimizer steps, early stopping, masks, fixed seeds."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from recurbench.methods._examples import Batch, Coding, Examples, buckets, in_order, learn_coding
from recurbench.task import Array, Split, Task
from torch import Tensor, nn
from torch.nn import functional

ANSWERED_TOGETHER = 256
CURVE_POINTS = 60
OVERFITTED = 300  # steps; see `Budget`
SOLVED = 1e-3  # cross-entropy per step on the check part below which more training only costs time


class Body(Protocol):
    """What a network file provides: states of width `width`, per step or for the sequence as a whole.

    x is [B, T, inputs] with anything (finite) beyond `lengths` [B]; what stands there must not matter.
    """

    width: int
    notes: dict[str, Any]

    def along(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One state per step, [B, T, width]."""

    def whole(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One state per sequence, [B, width]."""


@dataclass(frozen=True)
class Recipe:
    """How to train: what the runner fills in, and the settings every network shares.

    patience, max_steps: optimizer steps, None for the rule of `Budget.of`.
    context, residual: forecasting only, see `learn_coding`.
    """

    seed: int
    check: Split | None
    steps: int | None
    learning_rate: float
    batch: int
    clip: float
    patience: int | None = None
    max_steps: int | None = None
    context: int | None = None
    residual: str = "auto"

    def __post_init__(self) -> None:
        for name in ("learning_rate", "batch", "clip", "patience", "max_steps", "steps"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")


@dataclass(frozen=True)
class Budget:
    """Optimizer steps: at most `most`, given up `patience` after the best check, one every `every`."""

    most: int
    patience: int
    every: int

    @classmethod
    def of(cls, task: Task, recipe: Recipe) -> Budget:
        """The rule: aligned answers 4,000 steps with patience 1,000, others 400 with 100.

        A tanh network may sit at chance for its first 1,000 steps of state tracking before it breaks through;
        small real data are learnt, and overfitted, within a few hundred. A network that waits
        at chance has not fitted train either: once train loss is 3 % below the best check loss and check loss
        3 % above it, 300 steps without a better one are enough.
        """
        aligned = task.length == "same"
        most = recipe.max_steps or (4000 if aligned else 400)
        patience = recipe.patience or (1000 if aligned else 100)
        return cls(most, patience, max(1, min(50 if aligned else 20, most, patience)))


class Answering(nn.Module):
    """A body and its readout y = V h; covariates known ahead join h just before V."""

    def __init__(self, task: Task, body: Body, extras: int) -> None:
        super().__init__()
        self.task = task
        self.body = body
        outputs = task.y.size * (1 if task.length == "same" else task.steps)
        self.V = nn.Linear(body.width + extras, outputs)

    def forward(self, batch: Batch) -> Tensor:
        """Outputs [B, S, K]: logits of symbols and flags, scaled numbers."""
        if self.task.length == "same":
            return self.V(self.body.along(batch.x, batch.lengths))  # type: ignore[no-any-return]
        h = torch.cat([self.body.whole(batch.x, batch.lengths), batch.extra], dim=1)
        return self.V(h).view(len(h), self.task.steps, self.task.y.size)  # type: ignore[no-any-return]


def summed_loss(task: Task, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
    """The loss summed over all answered steps of all sequences, and the number of these steps.

    Cross-entropy for symbols and flags, squared error of scaled numbers; a mean over channels, a sum
    over steps.
    """
    got, wanted = output[batch.mask], batch.y[batch.mask]
    if task.y.symbols:
        loss = functional.cross_entropy(got, wanted, reduction="sum")
    elif task.y.flags:
        loss = functional.binary_cross_entropy_with_logits(got, wanted, reduction="sum") / task.y.size
    else:
        loss = ((got - wanted) ** 2).sum() / task.y.size
    return loss, len(got)


@dataclass
class Progress:
    """What happened so far: the best weights, when they were met, and the loss curve."""

    best: dict[str, Tensor] | None = None
    best_loss: float = math.inf
    best_step: int = 0
    curve: list[list[float | None]] = field(default_factory=list)
    done: int = 0
    end: str = ""


class TrainedNetwork:
    """A predictor: the network with its restored weights, its coding and its notes."""

    def __init__(self, net: Answering, coding: Coding, notes: dict[str, Any]) -> None:
        # Double precision, so that which examples are answered together changes nothing that could be seen.
        self.net = copy.deepcopy(net).double().eval()
        self.coding = coding
        self.notes = notes

    def __call__(self, split: Split) -> Sequence[Array]:
        """Chances [S, K] of symbols and flags, numbers [S, K]; one array per example."""
        examples = self.coding.examples(split.blind())
        answers: list[Array] = [np.empty(0)] * len(examples)
        with alone(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                output = self.net(examples.batch(chosen, dtype=torch.float64))
                for row, i in enumerate(chosen):
                    answers[i] = self._answer(output[row], examples, i)
        return answers

    def _answer(self, output: Tensor, examples: Examples, i: int) -> Array:
        task = examples.task
        if task.length == "same":
            output = output[: len(examples.x[i])]
        if task.y.symbols:
            return np.asarray(output.softmax(dim=-1).numpy())
        if task.y.flags:
            return np.asarray(output.sigmoid().numpy())
        return np.asarray(examples.base[i] + examples.scale[i] * output.numpy())


@contextmanager
def alone(seed: int) -> Iterator[None]:
    """One thread and a generator of our own; what the caller had set comes back afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def fit_network(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, *, width: int | None = None
) -> TrainedNetwork:
    """Train the body that `build` makes for the coding learnt on `train`; `width` as in `Coding`."""
    began = time.process_time()
    coding, fitted = learn_coding(task, train, width=width, context=recipe.context, naive=recipe.residual)
    known = coding.examples(fitted)
    asked = coding.examples(recipe.check) if recipe.check is not None and len(recipe.check) else None
    with alone(recipe.seed):
        body = build(coding)
        net = Answering(task, body, coding.extras)
        progress = train_network(net, known, asked, recipe)
    notes: dict[str, Any] = {
        "parameters": sum(p.numel() for p in net.parameters()),
        "steps": progress.best_step,
        "steps_done": progress.done,
        "epochs": round(progress.best_step / -(-len(known) // recipe.batch), 2),
        "stopped": progress.end,
        "curve": thinned(progress.curve),
        "curve_columns": ["step", "train loss per step", "check loss per step"],
        "cpu_seconds": round(time.process_time() - began, 3),
        **body.notes,
    }
    if task.kind == "forecasting":
        notes |= {
            "context": coding.context,
            "windows": len(known),
            "residual": f"{coding.naive} naive forecast",
        }
        if coding.known:
            notes["residual"] += ", plus the linear effect of what is known ahead (ridge on train)"
        notes["normalisation"] = "per window: minus the last value, over the window's standard deviation"
    return TrainedNetwork(net, coding, notes)


def train_network(net: Answering, known: Examples, asked: Examples | None, recipe: Recipe) -> Progress:
    """Train `net` in place; afterwards it holds the best weights (without a check part: the last)."""
    budget = Budget.of(net.task, recipe)
    watched = asked if recipe.steps is None else None
    most = recipe.steps or budget.most
    progress = Progress()
    recent: list[float] = []
    for step, loss in enumerate(optimizer_steps(net, known, recipe, progress), start=1):
        recent.append(loss)
        progress.done = step
        if step % budget.every == 0 or step == most:
            _record(net, watched, progress, float(np.mean(recent)))
            recent = []
            progress.end = progress.end or _reason(net.task, watched, progress, budget, most, recipe)
        if progress.end:
            break
    if progress.best is None:
        raise FloatingPointError(
            f"{progress.end} and there are no earlier weights to go back to; lower learning_rate "
            f"({recipe.learning_rate}) or clip ({recipe.clip})"
        )
    net.load_state_dict(progress.best)
    net.eval()
    return progress


def optimizer_steps(net: Answering, known: Examples, recipe: Recipe, progress: Progress) -> Iterator[float]:
    """Take one optimizer step after another, yielding the training loss per answer; ends at divergence."""
    rng = np.random.default_rng(recipe.seed)
    adam = torch.optim.Adam(net.parameters(), lr=recipe.learning_rate)
    lengths = known.lengths
    while True:
        for chosen in buckets(lengths, recipe.batch, rng):
            batch = known.batch(chosen)
            net.train()
            adam.zero_grad()
            total, count = summed_loss(net.task, net(batch), batch)
            # Divided by one number per batch, so that `clip` means the same at any length.
            loss = total / max(count, 1)
            loss.backward()  # type: ignore[no-untyped-call]
            norm = nn.utils.clip_grad_norm_(net.parameters(), recipe.clip)
            if not (torch.isfinite(loss) and torch.isfinite(norm)):
                progress.end = f"diverged: loss {float(loss.detach()):g} at step {progress.done + 1}"
                return
            adam.step()
            yield float(loss.detach())


def check_loss(net: Answering, asked: Examples) -> float:
    """Loss per step of sequence over all of `asked`."""
    net.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for chosen in in_order(asked.lengths, ANSWERED_TOGETHER):
            batch = asked.batch(chosen)
            loss, steps = summed_loss(net.task, net(batch), batch)
            total, count = total + float(loss), count + steps
    return total / max(count, 1)


def _record(net: Answering, watched: Examples | None, progress: Progress, train_loss: float) -> None:
    """Add a point to the curve and keep the weights when they are the best so far (unwatched: the newest)."""
    loss = None if watched is None else check_loss(net, watched)
    progress.curve.append([progress.done, round(train_loss, 6), None if loss is None else round(loss, 6)])
    if loss is not None and not math.isfinite(loss):
        progress.end = f"diverged: check loss {loss:g} at step {progress.done}"
    elif loss is None or loss < progress.best_loss:
        if loss is None and not all(bool(torch.isfinite(p).all()) for p in net.parameters()):
            progress.end = f"diverged: weights not finite at step {progress.done}"
            return
        progress.best_loss = math.inf if loss is None else loss
        progress.best_step = progress.done
        progress.best = {name: value.detach().clone() for name, value in net.state_dict().items()}


def _reason(
    task: Task, watched: Examples | None, progress: Progress, budget: Budget, most: int, recipe: Recipe
) -> str:
    """Why training ends here; empty while it goes on."""
    since = progress.done - progress.best_step
    if watched is not None and since >= budget.patience:
        return f"no better check loss for {budget.patience} steps"
    if watched is not None and since >= OVERFITTED and _overfits(progress):
        return f"overfitted: no better check loss for {since} steps while train loss fell"
    if watched is not None and task.y.symbols and progress.best_loss < SOLVED:
        return f"check loss below {SOLVED:g}"
    if progress.done < most:
        return ""
    if recipe.steps is not None:
        return f"the {most} steps asked for, on all examples given"
    return f"the budget of {most} steps" + ("" if watched is not None else ", without a check part")


def _overfits(progress: Progress) -> bool:
    """Whether train and check loss have parted: one 3 % below the best check loss, the other 3 % above it."""
    _, train_loss, loss = progress.curve[-1]
    if train_loss is None or loss is None:
        return False
    return train_loss < 0.97 * progress.best_loss and loss > 1.03 * progress.best_loss


def thinned(curve: list[list[float | None]]) -> list[list[float | None]]:
    """At most CURVE_POINTS points of the curve, the first and the last among them."""
    if len(curve) <= CURVE_POINTS:
        return curve
    return [curve[i] for i in np.linspace(0, len(curve) - 1, CURVE_POINTS).round().astype(int)]
