"""Exponential filters with fixed decay rates, and a ridge regression on their states."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._embedding import require_finite
from recurbench.methods._learners import Flags, Learner, Ridge, Scale
from recurbench.methods._settings import AtLeast0, AtLeast1
from recurbench.task import Array
from recurbench.task.arithmetic import Floats
from scipy.signal import lfilter

MOST_ROWS = 20_000  # steps with an answer; more hardly change a few dozen weights
MOST_COLUMNS = 2_000
STEPS = 200  # neighbouring steps are alike, so cross-validation leaves out blocks of so many steps


class LinearFilter:
    """Filters z_t = a z_{t-1} + (1 - |a|) x_t of every channel, and a ridge regression on x_t and z_t.

    Columns: x, then the real and the imaginary part of z for each pole a. If the task is not causal, the
    filters also run backwards.

    Parameters
    ----------
    task : Task
    poles : array of complex numbers
        One of each conjugate pair.
    train : Split
    """

    def __init__(self, task: Task, poles: Array, train: Split) -> None:
        self.task, self.poles = task, poles
        every = -(-sum(map(len, train.x)) // MOST_ROWS)
        chosen = train.take(range(0, len(train), every))
        inputs = [self._input(x) for x in chosen.x]
        # Numbers are centred, so that a filter starts from their mean; one-hot symbols are not.
        self.level = np.zeros(task.x.size) if task.x.symbols else Scale.of(np.concatenate(inputs)).mean
        rows = np.concatenate([self.columns(x) for x in inputs])
        answers = np.concatenate([require_finite(task.y.encode(y), "linear-filter") for y in chosen.y])
        blocks = np.cumsum(np.concatenate([np.arange(len(x)) % STEPS == 0 for x in inputs]))
        learner = Ridge(rows, answers, blocks, task.y.symbols)
        self.learner: Learner = Flags(learner, len(rows)) if task.y.flags else learner
        self.notes: dict[str, Any] = {
            **learner.notes,
            "rows": len(rows),
            "recurrence": "linear in the state, its poles fixed",
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [T, K] of symbols or flags, or numbers [T, K]."""
        return [self.learner(self.columns(self._input(x))) for x in split.x]

    def _input(self, x: Array) -> Floats:
        return require_finite(self.task.x.encode(x), "linear-filter")

    def columns(self, x: Floats) -> Floats:
        """The inputs of the ridge regression at every step: [T, channels] to [T, columns]."""
        moved = x - self.level
        parts = [moved, *self._filtered(moved)]
        if not self.task.causal:
            parts += [z[::-1] for z in self._filtered(moved[::-1])]
        return np.concatenate(parts, axis=1)

    def _filtered(self, x: Floats) -> list[Floats]:
        parts: list[Floats] = []
        for pole in self.poles:
            z = lfilter([1 - abs(pole)], [1, -pole], x, axis=0)
            parts += [z.real] if pole.imag == 0 else [z.real, z.imag]
        return parts


@method(
    "linear-filter",
    family="statistical",
    recurrence="linear",
    kinds={"labelling"},
    search={"slowest": (0.9, 0.99, 0.999), "angles": (0, 2, 4)},
)
def linear_filter(
    task: Task,
    train: Split,
    *,
    decays: AtLeast1 = 8,
    slowest: Annotated[float, ">= 0.5", "< 1"] = 0.99,
    angles: AtLeast0 = 2,
) -> LinearFilter:
    """Ridge regression on exponential moving averages of the past, some of them oscillating (Brown 1956).

    Only the weights of the regression are fitted; its penalty is chosen by cross-validation over blocks of
    train. Probabilities are a softmax of its scores. Simple exponential smoothing and the best forecast of an
    ARMA(1,1) are special cases with one real pole.

    Parameters
    ----------
    decays : int
        How many real poles, from .5 to `slowest`, spaced evenly in log(1 - pole).
    slowest : float
        The largest pole.
    angles : int
        Every third pole is also turned by so many angles between 0 and pi, which gives damped oscillations.
    """
    if task.length != "same":
        raise Unsupported("linear-filter answers once per step; this task asks for answers of another length")
    if decays < 1 or not 0.5 <= slowest < 1 or angles < 0:
        raise ValueError(
            "linear-filter needs decays >= 1, .5 <= slowest < 1 and angles >= 0, "
            f"got {decays=}, {slowest=}, {angles=}"
        )
    if not len(train):
        raise Unsupported("the training part has no examples")
    poles = poles_of(decays, slowest, angles)
    width = 1 + sum(1 if pole.imag == 0 else 2 for pole in poles) * (1 if task.causal else 2)
    if task.x.size * width > MOST_COLUMNS:
        raise Unsupported(
            f"{width} filters of {task.x.size} symbols or channels give {task.x.size * width} columns; a "
            f"ridge on more than {MOST_COLUMNS} is too large: take fewer decays or angles"
        )
    return LinearFilter(task, poles, train)


def poles_of(decays: int, slowest: float, angles: int) -> Array:
    """The poles, one of each conjugate pair."""
    radii = 1 - np.geomspace(0.5, 1 - slowest, decays)
    turned = np.pi * np.arange(1, angles + 1) / (angles + 1)
    oscillating = np.outer(radii[::3], np.exp(1j * turned)).ravel()
    return np.concatenate([radii.astype(complex), oscillating])
