"""A feedforward network on a fixed width: the whole sequence interpolated, or a window of steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._examples import Coding, masked
from recurbench.methods._training import Recipe, TrainedNetwork, fit_network
from torch import Tensor, nn
from torch.nn import functional

LONGEST = 512  # steps; beyond this the first layer would outgrow the data


class Feedforward(nn.Module):
    """Two hidden layers with ReLU on the flattened steps: all of them, or the `window` around each."""

    def __init__(self, inputs: int, steps: int, hidden: int, notes: dict[str, Any], before: int = 0) -> None:
        super().__init__()
        self.width = hidden
        self.notes = notes
        self.steps = steps
        self.before = before
        self.layers = nn.Sequential(
            nn.Linear(inputs * steps, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )

    def along(self, x: Tensor, lengths: Tensor) -> Tensor:
        """[B, T, hidden] from the window around each step; zeros stand in for steps that are not there."""
        x = functional.pad(masked(x, lengths), (0, 0, self.before, self.steps - 1 - self.before))
        return self.layers(x.unfold(1, self.steps, 1).flatten(2))  # type: ignore[no-any-return]

    def whole(self, x: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        """[B, hidden] from all steps; every sequence has the same length here."""
        return self.layers(x.flatten(1))  # type: ignore[no-any-return]


@method(
    "mlp",
    family="feedforward",
    kinds={"classification", "regression", "forecasting", "labelling"},
    search={"hidden": (32, 64, 128), "learning_rate": (0.0003, 0.001, 0.003, 0.01), "clip": (0.25, 1.0)},
)
def mlp(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    hidden: int = 64,
    window: int = 16,
    learning_rate: float = 0.003,
    batch: int = 64,
    clip: float = 1.0,
    patience: int | None = None,
    max_steps: int | None = None,
    context: int | None = None,
    residual: str = "auto",
) -> TrainedNetwork:
    """Two hidden layers with ReLU on a fixed number of steps.

    One answer per sequence: sequences are interpolated linearly to the median training length (at most 512
    steps). One answer per step: the last `window` steps, centred on the step when the task is not causal.
    Forecasts: the last `context` steps.
    """
    recipe = Recipe(seed, check, steps, learning_rate, batch, clip, patience, max_steps, context, residual)
    width = None
    if task.length == "fixed" and task.kind != "forecasting":
        width = min(LONGEST, int(np.median([len(x) for x in train.x]))) if len(train) else None

    def build(coding: Coding) -> Feedforward:
        notes: dict[str, Any] = {"initialisation": "torch default (uniform, 1/sqrt of inputs)"}
        if task.length == "same":
            before = window - 1 if task.causal else window // 2
            notes |= {"receptive_field": window, "length_policy": f"a window of {window} steps around each"}
            return Feedforward(task.x.size, window, hidden, notes, before)
        policy = f"the last {coding.context} steps" if width is None else f"interpolated to {width} steps"
        notes["length_policy"] = policy
        return Feedforward(task.x.size, width or coding.context, hidden, notes)

    return fit_network(task, train, build, recipe, width=width)
