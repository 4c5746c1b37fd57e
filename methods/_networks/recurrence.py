"""Recurrent layers: torch's RNN, GRU and LSTM, variants of the plain RNN, and reading in two directions."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from recurbench.task import Task
from torch import Tensor, nn
from torch.nn import functional

CELLS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}
FIRST_STATES = ("zero", "random", "learned")
MATRICES = ("full", "identity", "diagonal", "zero")
ORTHOGONAL, DEFAULT = (
    "W orthogonal per gate, biases 0, U torch default",
    "torch default (uniform, 1/sqrt of hidden)",
)
# What each `init` means. With torch's default the forget gate of an LSTM is half closed, and the LSTM forgets
# as fast as a plain RNN.
PLAIN_INITIALISATIONS = {"orthogonal": ORTHOGONAL, "default": DEFAULT}
INITIALISATIONS = {
    "rnn": PLAIN_INITIALISATIONS,
    "gru": PLAIN_INITIALISATIONS,
    "lstm": {
        "orthogonal": f"{ORTHOGONAL}, forget gate 1",
        "default": DEFAULT,
        "orthogonal-only": ORTHOGONAL,
        "forget-only": f"{DEFAULT}, but forget gate 1",
    },
}


@dataclass(frozen=True)
class Shape:
    """The settings of a recurrent body.

    Attributes
    ----------
    cell : str
        "rnn", "gru" or "lstm".
    hidden, layers : int
        Units per layer and direction, and layers.
    both : bool or None
        Whether to read in both directions; None for the rule of `reads_both_ways`.
    init : str
        A key of INITIALISATIONS[cell].
    activation, first_state, matrix : str
        Of the plain RNN; see the settings of `rnn`.
    reset_every : int
        The state is reset every so many steps; 0 never.
    reset_training : bool
        Whether it is reset in training too, not only when answering.
    shuffle : bool
        Whether the steps of a sequence are shuffled, see `shuffled_positions`.
    parameters : int
        The wanted number of parameters; 0 leaves `hidden` as it is.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    cell: str
    hidden: int
    layers: int = 1
    both: bool | None = None
    init: str = "orthogonal"
    activation: str = "tanh"
    first_state: str = "zero"
    matrix: str = "full"
    reset_every: int = 0
    reset_training: bool = False
    shuffle: bool = False
    parameters: int = 0

    def __post_init__(self) -> None:
        require("cell", self.cell, CELLS)
        require("init", self.init, INITIALISATIONS[self.cell])
        require("activation", self.activation, ACTIVATIONS)
        require("first_state", self.first_state, FIRST_STATES)
        require("matrix", self.matrix, MATRICES)
        if self.reset_every < 0:
            raise ValueError(f"reset_every must be 0 (never) or more steps, got {self.reset_every}")


def require(name: str, value: str, known: Iterable[str]) -> None:
    """Raise ValueError if the setting `name` is not one of the `known` values."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def reads_both_ways(task: Task, wanted: bool | None) -> bool:
    """Decide whether to read in both directions.

    Parameters
    ----------
    task : Task
    wanted : bool or None
        The setting. None: both directions, unless the task is causal or asks for one answer per sequence.

    Raises
    ------
    ValueError
        If both directions are wanted and the task is causal.
    """
    if wanted and task.causal:
        raise ValueError("bidirectional=True reads ahead, but the task is causal; leave it at None or False")
    return (task.length != "fixed" and not task.causal) if wanted is None else wanted


class Directions(nn.Module):
    """A body of one cell that reads forwards, and perhaps a second one that reads backwards.

    A cell maps [B, T, C] to states [B, T, H], where h_t depends on x_1 .. x_t.

    Parameters
    ----------
    cells : list of modules
        One or two.
    hidden : int
        H, the units of each cell.
    notes : dict
        Stored with every fit.

    Attributes
    ----------
    reset_every : int
        The state is reset every so many steps; 0 never. `step_states` counts them from the first step that a
        cell reads, `sequence_state` backwards from the last one, so its state has seen
        min(T, reset_every) steps.
    shuffle : bool
        Whether `sequence_state` shuffles the steps, see `shuffled_positions`.
    """

    def __init__(self, cells: list[nn.Module], hidden: int, notes: dict[str, Any]) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.width = hidden * len(cells)
        self.reset_every = 0
        self.shuffle = False
        self.notes: dict[str, Any] = {
            "hidden": hidden,
            "bidirectional": len(cells) > 1,
            "length_policy": "padded; the state is read at the last step that is there",
            **notes,
        }

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states [B, T, width]; see `Body`."""
        states = [self._states(self.cells[0], x)]
        if len(self.cells) > 1:
            back = reversed_positions(lengths, x.shape[1])
            states.append(take_positions(self._states(self.cells[1], take_positions(x, back)), back))
        return torch.cat(states, dim=2)

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width]: the state after the last step that each cell reads."""
        if self.shuffle:
            x = take_positions(x, shuffled_positions(x, lengths))
        read = [x, take_positions(x, reversed_positions(lengths, x.shape[1]))][: len(self.cells)]
        if 0 < self.reset_every < x.shape[1]:
            start = (lengths - self.reset_every).clamp(min=0)
            window = start[:, None] + torch.arange(self.reset_every, device=x.device)
            read = [take_positions(way, window.clamp(max=x.shape[1] - 1)) for way in read]
            lengths = lengths.clamp(max=self.reset_every)
        row = torch.arange(len(x), device=x.device)
        states = [cell(way)[row, lengths - 1] for cell, way in zip(self.cells, read, strict=True)]
        return torch.cat(states, dim=1)

    def _states(self, cell: nn.Module, x: Tensor) -> Tensor:
        """[B, T, H]; the steps between two resets are read as a separate sequence."""
        (B, T, C), k = x.shape, self.reset_every
        if not 0 < k < T:
            return cell(x)  # type: ignore[no-any-return]
        stretches = functional.pad(x, (0, 0, 0, -T % k)).reshape(-1, k, C)
        return cell(stretches).reshape(B, T + -T % k, -1)[:, :T]  # type: ignore[no-any-return]


def recurrent(inputs: int, shape: Shape) -> Directions:
    """Build the body of this shape. The caller sets a reset that is for answering only, after training."""
    cells = [_cell(inputs, shape) for _ in range(2 if shape.both else 1)]
    initialisation = INITIALISATIONS[shape.cell][shape.init]
    body = Directions(cells, shape.hidden, {"initialisation": initialisation})
    body.reset_every = shape.reset_every if shape.reset_training else 0
    body.shuffle = shape.shuffle
    if shape.shuffle:
        body.notes["order"] = "steps shuffled, in training and when answering"
    return body


def _cell(inputs: int, shape: Shape) -> nn.Module:
    if shape.cell == "rnn" and (shape.matrix != "full" or shape.activation == "sigmoid"):
        cell: nn.Module = StepLoop(inputs, shape)
    else:
        cell = TorchLoop(inputs, shape)
    initialise(cell, shape)
    return cell


class FirstState(nn.Module):
    """The initial state h_0 [layers, B, H]: zero, learned (from zero), or random (uniform in -1..1).

    A random h_0 is drawn for every sequence in training. When answering, all sequences have the same one,
    drawn with the network, so an answer does not depend on the other questions.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        h = torch.zeros(shape.layers, 1, shape.hidden)
        self.random = shape.first_state == "random"
        if shape.first_state == "learned":
            self.h: Tensor = nn.Parameter(h)
        else:
            self.register_buffer("h", h.uniform_(-1, 1) if self.random else h)

    def forward(self, count: int) -> Tensor:
        """Return h_0 of `count` sequences."""
        h = self.h.expand(-1, count, -1).contiguous()
        if not (self.random and self.training):
            return h
        # Drawn on the CPU: the same draws on every device.
        return torch.empty(h.shape, dtype=h.dtype, device="cpu").uniform_(-1, 1).to(h.device)


class TorchLoop(nn.Module):
    """Torch's RNN, GRU or LSTM."""

    def __init__(self, inputs: int, shape: Shape) -> None:
        super().__init__()
        other = {"nonlinearity": shape.activation} if shape.cell == "rnn" else {}
        make = CELLS[shape.cell]
        self.loop = make(inputs, shape.hidden, num_layers=shape.layers, batch_first=True, **other)
        self.first = FirstState(shape) if shape.first_state != "zero" else None

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        given = () if self.first is None else (self.first(len(x)),)
        return self.loop(x, *given)[0]  # type: ignore[no-any-return]


class StepLoop(nn.Module):
    """The variants of the plain RNN that torch lacks: h_t = act(U x_t + W h_{t-1}) with any act and W."""

    def __init__(self, inputs: int, shape: Shape) -> None:
        super().__init__()
        hidden, layers = shape.hidden, shape.layers
        self.U = nn.ModuleList(nn.Linear(hidden if i else inputs, hidden) for i in range(layers))
        size = {"full": (hidden, hidden), "diagonal": (hidden,)}.get(shape.matrix)
        self.weight_hh = nn.ParameterList(torch.empty(*size) for _ in range(layers) if size)
        for value in self.parameters():
            # The default of torch's RNN.
            nn.init.uniform_(value, -(hidden**-0.5), hidden**-0.5)
        self.first = FirstState(shape)
        self.matrix = shape.matrix
        self.activation = ACTIVATIONS[shape.activation]

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        for i, (U, h) in enumerate(zip(self.U, self.first(len(x)), strict=True)):
            x = self._layer(U(x), h, i)
        return x

    def _layer(self, inputs: Tensor, h: Tensor, i: int) -> Tensor:
        if self.matrix == "zero":
            return self.activation(inputs)
        W = self.weight_hh[i] if self.matrix != "identity" else None
        states = []
        for step in inputs.unbind(1):
            if W is None:
                h = step + h
            elif W.ndim == 1:
                h = torch.addcmul(step, W, h)
            else:
                h = torch.addmm(step, h, W.T)
            h = self.activation(h)
            states.append(h)
        return torch.stack(states, dim=1)


def initialise(cell: nn.Module, shape: Shape) -> None:
    """Initialise a cell, which was made with torch's default, as `shape.init` says.

    With an orthogonal W and an open forget gate gradients reach many steps back at first. A diagonal W is
    orthogonal if it holds 1 and -1.
    """
    hidden = shape.hidden
    with torch.no_grad():
        for name, value in cell.named_parameters():
            if "weight_hh" in name and shape.init.startswith("orthogonal"):
                for gate in torch.split(value, hidden):
                    if value.ndim == 1:
                        gate.copy_(2.0 * torch.randint(2, gate.shape) - 1)
                    else:
                        nn.init.orthogonal_(gate)
            elif "bias" in name:
                if shape.init.startswith("orthogonal"):
                    value.zero_()
                if shape.cell == "lstm" and shape.init in ("orthogonal", "forget-only"):
                    # Torch adds two biases.
                    value[hidden : 2 * hidden] = 1.0 if "bias_ih" in name else 0.0


def reversed_positions(lengths: Tensor, steps: int) -> Tensor:
    """Positions [B, steps] that reverse each sequence of `lengths` [B] and leave the padding where it is."""
    at = torch.arange(steps, device=lengths.device)
    return torch.where(at < lengths[:, None], lengths[:, None] - 1 - at, at)


def take_positions(x: Tensor, positions: Tensor) -> Tensor:
    """Return the steps of `x` [B, T, C] at `positions` [B, S]: [B, S, C]."""
    return x.gather(1, positions[..., None].expand(-1, -1, x.shape[2]))


def shuffled_positions(x: Tensor, lengths: Tensor) -> Tensor:
    """Positions [B, T] that shuffle the steps of each sequence, so that nothing of their order is left.

    The steps are sorted, and then shuffled with a seed made from the sorted values. Two sequences of the same
    steps in different order become the same sequence, and an answer depends on its own example only.
    """
    positions = torch.arange(x.shape[1], device="cpu").repeat(len(x), 1)
    # Single precision, as in training; adding 0 turns -0 into 0.
    values = x.detach().to(torch.float32).cpu().numpy() + 0.0
    for row, length in enumerate(lengths.tolist()):
        steps = values[row, :length]
        rising = np.lexsort(steps.T)
        seed = zlib.crc32(steps[rising].tobytes())
        shuffled = np.random.default_rng(seed).permutation(rising)
        positions[row, :length] = torch.from_numpy(shuffled)
    return positions.to(x.device)
