"""What a network is trained with, for how many steps, and when training stops."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from recurbench.methods._settings import Decoding, Training
from recurbench.task import CHECK_SHARE, Array, Split, Task
from torch import Tensor

CURVE_POINTS = 60
FIXED = 400  # optimizer steps without early stopping; measured by benchmarks/small_sets.py
SMOOTHING = 0.1  # of the labels, without early stopping; measured like FIXED
FEW = 250  # answers of a check part; with fewer it chooses nothing, see `is_small`
OVERFITTED = 300  # steps without a better check loss, if the network overfits; see `Budget.of`
LEARNING_RATE = 0.003  # of Adam at the start, unless a setting or a network says otherwise
MANY = 1000  # training examples; fewer get the short budget of `Budget.of`
SOLVED = 1e-3  # cross-entropy per step on the check part at which training stops: the task is solved


@dataclass(frozen=True)
class Recipe:
    """How to train one network: the arguments given by the runner, and the settings of all networks.

    Attributes
    ----------
    seed : int
        Of the initial weights and the order of the batches.
    check : Split or None
        The validation part. It decides when training stops, unless it is small, see `Budget.of`.
    steps : int or None
        The exact number of optimizer steps, without early stopping; None: see `Budget.of`.
    training : Training
    decoding : Decoding
    device : str
        "cpu" or "cuda". Random numbers are drawn on the CPU, so all devices start from the same weights.

    Raises
    ------
    ValueError
        If `steps` is not above 0.
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

    @property
    def learning_rate(self) -> float:
        """The learning rate of Adam at the start."""
        rate = self.training.learning_rate
        return LEARNING_RATE if rate is None else rate


def is_small(task: Task, check: Split | None) -> bool:
    """Whether a check part is too small to choose a step.

    It is small with fewer than FEW answers. The steps of one forecast err alike, so in forecasting the
    windows are counted, and in other tasks all answered steps. Without a check part the answer is yes.
    """
    if check is None:
        return True
    return (len(check) if task.kind == "forecasting" else sum(map(len, check.y))) < FEW


def is_fixed(task: Task, examples: int, recipe: Recipe) -> bool:
    """Whether a network is trained by the recipe for small classification problems, see `Budget.of`.

    The final fit must follow the recipe of the folds. It has no check part, and a quarter more examples than
    a fold. It follows this recipe if it is given the full number of steps: early stopping gives fewer, unless
    the last step is the best.
    """
    if task.kind != "classification" or task.length != "fixed" or recipe.training.patience is not None:
        return False
    if recipe.steps is None:
        return examples < MANY and is_small(task, recipe.check)
    full = recipe.training.max_steps or FIXED
    return recipe.steps == full and examples * (1 - CHECK_SHARE) < MANY


@dataclass(frozen=True)
class Budget:
    """How many optimizer steps a network may take.

    Attributes
    ----------
    most : int
        The largest number of steps.
    patience : int
        Training stops after so many steps without a better loss on the check part.
    every : int
        Steps from one look at the check part to the next.
    early : bool
        Whether the check part chooses the weights and stops training. If not, all `most` steps are taken, and
        the looks are for the loss curve only.
    smoothing : float
        See `Training`.
    """

    most: int
    patience: int
    every: int
    early: bool = True
    smoothing: float = 0.0

    @classmethod
    def of(cls, task: Task, examples: int, recipe: Recipe) -> Budget:
        """The budget of the settings, or of this rule where they are None.

        Fewer than 1,000 examples with one answer per sequence: 400 steps, patience 100. Everything else:
        4,000 steps, patience 1,000, because a tanh network may need 1,000 steps before it does better than
        chance on a state-tracking task. Patience is cut to 300 steps once a network overfits: its training
        loss is 3 % below the best check loss, and its check loss 3 % above.

        Classification with fewer than 1,000 examples and a small check part (`is_small`): 400 steps without
        early stopping, and label smoothing of 0.1. On so few cases the smallest log loss is a matter of
        chance: early stopping often ended training after 20 steps. Because the check part chooses nothing,
        its score is an honest validation score. Setting `patience` asks for early stopping all the same.
        Other tasks stop early on a part of the training part, see `stopped_within` and `weighed`.

        Parameters
        ----------
        task : Task
        examples : int
            The number of training examples.
        recipe : Recipe
            `max_steps`, `patience` and `smoothing` of its training settings come first.
        """
        small = is_fixed(task, examples, recipe)
        long = not small and (task.length != "fixed" or examples >= MANY)
        most = recipe.training.max_steps or (4000 if long else FIXED)
        patience = recipe.training.patience or (1000 if long else 100)
        early = not small
        smoothing = recipe.training.smoothing
        if smoothing is None:
            smoothing = 0.0 if early else SMOOTHING
        return cls(most, patience, max(1, min(50 if long else 20, most, patience)), early, smoothing)

    def rate(self, step: int) -> float:
        """The learning rate at a step, divided by the initial one.

        It falls to a tenth over `most` steps, along a cosine (Loshchilov and Hutter 2017). It depends on the
        step alone, not on when training ends.
        """
        return 0.1 + 0.45 * (1 + math.cos(math.pi * min(step / self.most, 1.0)))


@dataclass
class Progress:
    """The state of a training.

    Attributes
    ----------
    best : dict of str to Tensor, or None
        The weights with the lowest loss on the check part so far; the newest without early stopping.
    best_loss : float
        Their loss on the check part; infinite without one.
    best_step, best_seen : int
        Optimizer steps taken and examples seen until then.
    curve : list of rows
        One row per look at the check part; its columns are `training.COLUMNS`.
    done, seen : int
        Optimizer steps taken and examples seen so far.
    end : str
        Why training ended; empty while it goes on.
    """

    best: dict[str, Tensor] | None = None
    best_loss: float = math.inf
    best_step: int = 0
    best_seen: int = 0
    curve: list[list[float | None]] = field(default_factory=list)
    done: int = 0
    seen: int = 0
    end: str = ""


def diverged(what: str, step: int, recipe: Recipe) -> FloatingPointError:
    """The error for a loss or a gradient that is not finite."""
    how = recipe.training
    return FloatingPointError(
        f"training diverged: {what} at step {step}; lower learning_rate ({recipe.learning_rate}) or "
        f"clip ({how.clip})"
    )


def add_point(progress: Progress, loss: float | None, train: Array, recipe: Recipe, early: bool) -> bool:
    """Add a row to the curve.

    Parameters
    ----------
    progress : Progress
        Is changed.
    loss : float or None
        The loss on the check part; None without one.
    train : array [2]
        Mean training loss and gradient norm since the last look.
    recipe : Recipe
        For the error message.
    early : bool
        Whether the loss chooses the weights, see `Budget`.

    Returns
    -------
    bool
        Whether these weights are the best so far; without a choice the newest are.

    Raises
    ------
    FloatingPointError
        If the loss is not finite.
    """
    if loss is not None and not math.isfinite(loss):
        raise diverged(f"check loss {loss:g}", progress.done, recipe)
    loss_here, norm = (round(float(value), 6) for value in train)
    progress.curve.append([progress.done, loss_here, None if loss is None else round(loss, 6), norm])
    if early and loss is not None and loss >= progress.best_loss:
        return False
    progress.best_loss = math.inf if loss is None else loss
    progress.best_step, progress.best_seen = progress.done, progress.seen
    return True


def reason_to_end(
    task: Task, watched: bool, progress: Progress, budget: Budget, most: int, recipe: Recipe
) -> str:
    """Say why training ends here.

    Parameters
    ----------
    task : Task
    watched : bool
        Whether there is a check part.
    progress : Progress
    budget : Budget
        Without early stopping the check part decides nothing.
    most : int
        The largest number of steps.
    recipe : Recipe

    Returns
    -------
    str
        The reason; empty if training goes on.
    """
    since = progress.done - progress.best_step
    stops = watched and budget.early
    if stops and since >= budget.patience:
        return f"no better check loss for {budget.patience} steps"
    if stops and since >= OVERFITTED and _overfits(progress):
        return f"overfitted: no better check loss for {since} steps while train loss fell"
    if stops and task.y.symbols and progress.best_loss < SOLVED:
        return f"check loss below {SOLVED:g}"
    if progress.done < most:
        return ""
    if recipe.steps is not None:
        return f"the {most} steps asked for, on all examples given"
    if not watched:
        return f"the budget of {most} steps, without a check part"
    return f"the budget of {most} steps" + ("" if budget.early else ", without early stopping")


def _overfits(progress: Progress) -> bool:
    """Whether the training loss is 3 % below the best check loss, and the check loss 3 % above it."""
    _, train_loss, loss, _ = progress.curve[-1]
    if train_loss is None or loss is None:
        return False
    return train_loss < 0.97 * progress.best_loss and loss > 1.03 * progress.best_loss


def thinned(curve: list[list[float | None]]) -> list[list[float | None]]:
    """Thin a curve evenly to at most CURVE_POINTS rows; the first and the last row stay."""
    if len(curve) <= CURVE_POINTS:
        return curve
    return [curve[i] for i in np.linspace(0, len(curve) - 1, CURVE_POINTS).round().astype(int)]
