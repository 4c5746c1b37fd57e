"""Recurrent layers: torch's RNN, GRU and LSTM, variants of the plain RNN, and reading in two directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from recurbench.methods._networks.layer_norm import Dropout, NormalisedLoop
from recurbench.methods._networks.positions import (
    mean_of_steps,
    reversed_positions,
    shuffled_positions,
    take_positions,
)
from recurbench.task import Task, Unsupported
from torch import Tensor, nn
from torch.nn import functional

CELLS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}
FIRST_STATES = ("zero", "random", "learned")
POOLINGS = ("last", "mean")
MATRICES = ("full", "identity", "diagonal", "zero")
ORTHOGONAL, DEFAULT = (
    "W orthogonal per gate, biases 0, U torch default",
    "torch default (uniform, 1/sqrt of hidden)",
)
CHRONO = f"{ORTHOGONAL}, gates remember 2 steps to the longest sequence (chrono)"
# What each `init` means. With torch's default the forget gate of an LSTM is half closed, and the LSTM forgets
# as fast as a plain RNN.
PLAIN_INITIALISATIONS = {"orthogonal": ORTHOGONAL, "default": DEFAULT}
INITIALISATIONS = {
    "rnn": PLAIN_INITIALISATIONS | {"identity": "W identity, biases 0, U torch default"},
    "gru": PLAIN_INITIALISATIONS | {"chrono": CHRONO},
    "lstm": {
        "orthogonal": f"{ORTHOGONAL}, forget gate 1",
        "default": DEFAULT,
        "orthogonal-only": ORTHOGONAL,
        "forget-only": f"{DEFAULT}, but forget gate 1",
        "chrono": CHRONO,
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
    pooling : str
        An answer per sequence is read from the "last" state, or from the "mean" of the states of all steps.
    layer_norm : bool
        Whether the summed inputs are normalised, see `NormalisedLoop`.
    dropout : float
        The probability of `Dropout` between layers, and before the readout.
    longest : int
        Steps of the longest training sequence; init "chrono" needs them.

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
    pooling: str = "last"
    layer_norm: bool = False
    dropout: float = 0.0
    longest: int = 0

    def __post_init__(self) -> None:
        require("cell", self.cell, CELLS)
        require("init", self.init, INITIALISATIONS[self.cell])
        require("activation", self.activation, ACTIVATIONS)
        require("first_state", self.first_state, FIRST_STATES)
        require("matrix", self.matrix, MATRICES)
        require("pooling", self.pooling, POOLINGS)
        if self.layer_norm and (self.first_state, self.matrix) != ("zero", "full"):
            raise ValueError(
                "layer_norm=True works with first_state=zero and matrix=full only, got "
                f"first_state={self.first_state} and matrix={self.matrix}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be a probability of at least 0 and below 1, got {self.dropout}")
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
    Unsupported
        If both directions are wanted and the task is causal.
    """
    if wanted and task.causal:
        raise Unsupported(
            "bidirectional=True, which bilstm sets, reads ahead, but the task is causal; "
            "use lstm, or leave bidirectional at None or False"
        )
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
    dropout : float
        The probability of `Dropout` of the states that are returned.

    Attributes
    ----------
    reset_every : int
        The state is reset every so many steps; 0 never. `step_states` counts them from the first step that a
        cell reads, `sequence_state` backwards from the last one, so its state has seen
        min(T, reset_every) steps. With `pooling` "mean" it counts as `step_states` does.
    pooling : str
        Whether `sequence_state` is the "last" state or the "mean" over all steps.
    shuffle : bool
        Whether `sequence_state` shuffles the steps, see `shuffled_positions`.
    """

    def __init__(
        self, cells: list[nn.Module], hidden: int, notes: dict[str, Any], dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.width = hidden * len(cells)
        self.reset_every = 0
        self.shuffle = False
        self.pooling = "last"
        self.dropout = Dropout(dropout) if dropout else None
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
        return self._dropped(torch.cat(states, dim=2))

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width]: the state after the last step that each cell reads, or the mean of all."""
        if self.shuffle:
            x = take_positions(x, shuffled_positions(x, lengths))
        read = [x, take_positions(x, reversed_positions(lengths, x.shape[1]))][: len(self.cells)]
        if self.pooling == "mean":
            ways = zip(self.cells, read, strict=True)
            means = [mean_of_steps(self._states(cell, way), lengths) for cell, way in ways]
            return self._dropped(torch.cat(means, dim=1))
        if 0 < self.reset_every < x.shape[1]:
            start = (lengths - self.reset_every).clamp(min=0)
            window = start[:, None] + torch.arange(self.reset_every, device=x.device)
            read = [take_positions(way, window.clamp(max=x.shape[1] - 1)) for way in read]
            lengths = lengths.clamp(max=self.reset_every)
        row = torch.arange(len(x), device=x.device)
        states = [cell(way)[row, lengths - 1] for cell, way in zip(self.cells, read, strict=True)]
        return self._dropped(torch.cat(states, dim=1))

    def _dropped(self, states: Tensor) -> Tensor:
        return states if self.dropout is None else self.dropout(states)

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
    body = Directions(cells, shape.hidden, {"initialisation": initialisation}, shape.dropout)
    body.reset_every = shape.reset_every if shape.reset_training else 0
    body.shuffle = shape.shuffle
    body.pooling = shape.pooling
    if shape.pooling == "mean":
        body.notes["length_policy"] = "padded; mean over the steps that are there"
    if shape.shuffle:
        body.notes["order"] = "steps shuffled, in training and when answering"
    return body


def _cell(inputs: int, shape: Shape) -> nn.Module:
    if shape.layers > 1 and (shape.layer_norm or shape.dropout):
        return Layers(inputs, shape)
    if shape.layer_norm:
        cell: nn.Module = NormalisedLoop(shape.cell, inputs, shape.hidden, ACTIVATIONS[shape.activation])
    elif shape.cell == "rnn" and (shape.matrix != "full" or shape.activation == "sigmoid"):
        cell = StepLoop(inputs, shape)
    else:
        cell = TorchLoop(inputs, shape)
    initialise(cell, shape)
    return cell


class Layers(nn.Module):
    """Several layers of one cell each, with dropout between them."""

    def __init__(self, inputs: int, shape: Shape) -> None:
        super().__init__()
        one = replace(shape, layers=1)
        self.layers = nn.ModuleList(_cell(shape.hidden if i else inputs, one) for i in range(shape.layers))
        self.dropout = Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        for i, layer in enumerate(self.layers):
            x = layer(self.dropout(x) if i else x)
        return x


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
            if "weight_hh" in name and shape.init == "identity":
                value.copy_(torch.eye(hidden) if value.ndim == 2 else torch.ones(hidden))
            elif "weight_hh" in name and shape.init != "default" and shape.init != "forget-only":
                for gate in torch.split(value, hidden):
                    if value.ndim == 1:
                        gate.copy_(2.0 * torch.randint(2, gate.shape) - 1)
                    else:
                        nn.init.orthogonal_(gate)
            elif "bias" in name:
                if shape.init not in ("default", "forget-only"):
                    value.zero_()
                if shape.init == "chrono" and "bias_ih" in name:
                    remember_long(value, shape)
                if shape.cell == "lstm" and shape.init in ("orthogonal", "forget-only"):
                    # Torch adds two biases.
                    value[hidden : 2 * hidden] = 1.0 if "bias_ih" in name else 0.0


def remember_long(bias: Tensor, shape: Shape) -> None:
    """Set the gate biases so that units remember 2 steps to the longest sequence (Tallec and Ollivier 2018).

    A gate that keeps s(b) of the state per step remembers about 1 + exp(b) steps.
    """
    hidden = shape.hidden
    keep = torch.empty_like(bias[:hidden]).uniform_(1, max(2, shape.longest - 1)).log()
    bias[hidden : 2 * hidden] = keep
    if shape.cell == "lstm":
        bias[:hidden] = -keep
