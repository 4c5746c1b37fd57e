"""Recurrent networks: the plain tanh network of the lecture, GRU and LSTM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from recurbench import Split, Task, method
from recurbench.methods._examples import Coding
from recurbench.methods._training import Recipe, TrainedNetwork, fit_network
from torch import Tensor, nn

CELLS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
INITIALISATIONS = {
    "orthogonal": "W orthogonal per gate, biases 0, U torch default",
    "default": "torch default (uniform, 1/sqrt of hidden)",
}


class Recurrent(nn.Module):
    """States h_t = cell(U x_t, W h_{t-1}) from h_0 = 0; `both`: and of a second cell reading backwards."""

    def __init__(self, cell: str, inputs: int, hidden: int, layers: int, both: bool, init: str) -> None:
        super().__init__()
        if init not in INITIALISATIONS:
            raise ValueError(f"init must be one of {', '.join(INITIALISATIONS)}, got {init!r}")
        self.width = hidden * (2 if both else 1)
        self.cells = nn.ModuleList(
            CELLS[cell](inputs, hidden, num_layers=layers, batch_first=True) for _ in range(2 if both else 1)
        )
        self.notes: dict[str, Any] = {
            "initialisation": INITIALISATIONS[init],
            "bidirectional": both,
            "length_policy": "padded; the state is read at the last step that is there",
        }
        if init == "orthogonal":
            for each in self.cells:
                orthogonal(each, hidden)
            if cell == "lstm":
                self.notes["initialisation"] += ", forget gate 1"

    def along(self, x: Tensor, lengths: Tensor) -> Tensor:
        """[B, T, width]."""
        states = [self.cells[0](x)[0]]
        if len(self.cells) > 1:
            back = backwards(lengths, x.shape[1])
            states.append(ordered(self.cells[1](ordered(x, back))[0], back))
        return torch.cat(states, dim=2)

    def whole(self, x: Tensor, lengths: Tensor) -> Tensor:
        """[B, width]: the state after the last step of each sequence, read in either direction."""
        read = [x, ordered(x, backwards(lengths, x.shape[1]))][: len(self.cells)]
        row = torch.arange(len(x))
        states = [cell(way)[0][row, lengths - 1] for cell, way in zip(self.cells, read, strict=True)]
        return torch.cat(states, dim=1)


def orthogonal(cell: nn.Module, hidden: int) -> None:
    """W of every gate orthogonal, biases 0, an LSTM's forget gate open (+1): gradients reach far at first."""
    with torch.no_grad():
        for name, value in cell.named_parameters():
            if name.startswith("weight_hh"):
                for gate in torch.split(value, hidden):
                    nn.init.orthogonal_(gate)
            elif name.startswith("bias"):
                value.zero_()
                if isinstance(cell, nn.LSTM) and name.startswith("bias_ih"):
                    value[hidden : 2 * hidden] = 1.0


def backwards(lengths: Tensor, steps: int) -> Tensor:
    """[B, T] positions that reverse each sequence within its own length and leave padding where it is."""
    at = torch.arange(steps)
    return torch.where(at < lengths[:, None], lengths[:, None] - 1 - at, at)


def ordered(x: Tensor, positions: Tensor) -> Tensor:
    """`x` [B, T, C] with its steps taken from `positions` [B, T]."""
    return x.gather(1, positions[..., None].expand(-1, -1, x.shape[2]))


def fit_recurrent(
    task: Task, train: Split, cell: str, shape: tuple[int, int, bool | None, str], recipe: Recipe
) -> TrainedNetwork:
    """Train a `cell` of `shape` (hidden, layers, bidirectional, init)."""
    hidden, layers, wanted, init = shape
    aligned = task.length == "same"
    if wanted and aligned and task.causal:
        raise ValueError("bidirectional=True reads ahead, but the task is causal; leave it at None or False")
    both = (aligned and not task.causal) if wanted is None else wanted

    def build(_: Coding) -> Recurrent:
        return Recurrent(cell, task.x.size, hidden, layers, both, init)

    return fit_network(task, train, build, recipe)


@method(
    "rnn",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
)
def rnn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    hidden: int = 64,
    layers: int = 1,
    bidirectional: bool | None = None,
    init: str = "orthogonal",
    learning_rate: float = 0.003,
    batch: int = 64,
    clip: float = 1.0,
    patience: int | None = None,
    max_steps: int | None = None,
    context: int | None = None,
    residual: str = "auto",
) -> TrainedNetwork:
    """The plain recurrent network h_t = tanh(U x_t + W h_{t-1}), y_t = V h_t.

    `bidirectional` None: aligned answers that need not be causal read both ways, all others forwards only.
    """
    recipe = Recipe(seed, check, steps, learning_rate, batch, clip, patience, max_steps, context, residual)
    return fit_recurrent(task, train, "rnn", (hidden, layers, bidirectional, init), recipe)


@method(
    "gru",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
)
def gru(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    hidden: int = 32,
    layers: int = 1,
    bidirectional: bool | None = None,
    init: str = "orthogonal",
    learning_rate: float = 0.003,
    batch: int = 64,
    clip: float = 1.0,
    patience: int | None = None,
    max_steps: int | None = None,
    context: int | None = None,
    residual: str = "auto",
) -> TrainedNetwork:
    """Gated recurrent unit (Cho et al. 2014): two gates decide what h keeps; y_t = V h_t.

    `bidirectional` None: aligned answers that need not be causal read both ways, all others forwards only.
    """
    recipe = Recipe(seed, check, steps, learning_rate, batch, clip, patience, max_steps, context, residual)
    return fit_recurrent(task, train, "gru", (hidden, layers, bidirectional, init), recipe)


@method(
    "lstm",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
)
def lstm(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    hidden: int = 32,
    layers: int = 1,
    bidirectional: bool | None = None,
    init: str = "orthogonal",
    learning_rate: float = 0.003,
    batch: int = 64,
    clip: float = 1.0,
    patience: int | None = None,
    max_steps: int | None = None,
    context: int | None = None,
    residual: str = "auto",
) -> TrainedNetwork:
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with a forget gate); y_t = V h_t.

    `bidirectional` None: aligned answers that need not be causal read both ways, all others forwards only.
    """
    recipe = Recipe(seed, check, steps, learning_rate, batch, clip, patience, max_steps, context, residual)
    return fit_recurrent(task, train, "lstm", (hidden, layers, bidirectional, init), recipe)
