"""What a network is trained with, for how many steps, and when training stops."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from recurbench.methods._settings import Decoding, Training
from recurbench.task import Array, Split, Task
from torch import Tensor

CURVE_POINTS = 60
OVERFITTED = 300  # steps; see `Budget`
MANY = 1000  # training examples from which on small data are not so small; see `Budget`
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


def diverged(what: str, step: int, recipe: Recipe) -> FloatingPointError:
    """The error for a loss or weights that are not finite."""
    how = recipe.training
    return FloatingPointError(
        f"training diverged: {what} at step {step}; lower learning_rate ({how.learning_rate}) or "
        f"clip ({how.clip})"
    )


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
