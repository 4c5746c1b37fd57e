"""LSTM-FCN: an LSTM and three convolutions side by side, read by one readout."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.fully_convolutional import FullyConvolutional
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, Shape, recurrent, require
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn

READS = ("steps", "channels")


class LstmFcn(nn.Module):
    """An LSTM and the body of fcn side by side; see `Body`.

    Parameters
    ----------
    inputs : int
        Channels of x.
    filters : int
        See `FullyConvolutional`.
    lstm : Directions
        Reads [B, T, inputs] or, if `transposed`, [B, inputs, T].
    transposed : bool
        Whether the LSTM reads one channel after the other. All sequences then have the same number of steps.
    """

    def __init__(self, inputs: int, filters: int, lstm: Directions, transposed: bool) -> None:
        super().__init__()
        self.lstm = lstm
        self.transposed = transposed
        self.convolutions = FullyConvolutional(inputs, filters)
        self.width = lstm.width + self.convolutions.width
        self.notes: dict[str, Any] = {}

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, width]; a transposed LSTM gives every step the same state."""
        if self.transposed:
            states = self._lstm_state(x, lengths)[:, None].expand(-1, x.shape[1], -1)
        else:
            states = self.lstm.step_states(x, lengths)
        return torch.cat([states, self.convolutions.step_states(x, lengths)], dim=2)

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width]: the last state of the LSTM, and the mean of the filters over the steps."""
        pooled = self.convolutions.sequence_state(x, lengths)
        return torch.cat([self._lstm_state(x, lengths), pooled], dim=1)

    def _lstm_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        if self.transposed:
            return self.lstm.sequence_state(x.mT, torch.full_like(lengths, x.shape[2]))
        return self.lstm.sequence_state(x, lengths)


@method(
    "lstm-fcn",
    family="convolutional",
    recurrence="learned",
    role="control",
    kinds={"classification", "regression"},
    search={"hidden": (8, 32, 64), "filters": (32, 64, 128), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("filters",)},
)
def lstm_fcn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 8,
    filters: AtLeast1 = 128,
    dropout: Annotated[float, ">= 0", "< 1"] = 0.8,
    reads: Literal["steps", "channels"] = "steps",
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork:
    """LSTM-FCN (Karim, Majumdar, Darabi and Chen 2018), without attention: an LSTM beside the network of fcn.

    The last state of the LSTM, after dropout, and the mean of the last convolution over the steps are
    concatenated before the readout. Here the LSTM reads the series step by step.

    The code of the paper transposes its input for the LSTM ("dimension shuffle"). A series with one channel
    and T steps becomes one step with T channels, so nothing recurs over time. ``reads="channels"`` is that
    network. Published accuracies of LSTM-FCN are therefore no evidence about recurrence.

    Nor is a good score of this method: it may come from the convolutions alone. Its role is "control". It
    stands for no family, and is on neither side of the recurrence lift. Compare it with fcn, which is the
    same network without the LSTM.

    Parameters
    ----------
    hidden : int
        Units of the LSTM.
    filters : int
        Filters of the first and the last convolution; the second has twice as many.
    dropout : float
        The probability of dropout of the state of the LSTM.
    reads : str
        What the LSTM reads one after the other: "steps", or "channels" as in the code of the paper. With
        "channels" series of unequal lengths are interpolated to the length of the longest training series.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    require("reads", reads, READS)
    recipe = Recipe(seed, check, steps, training, device=device)
    transposed = reads == "channels"
    width = max(map(len, train.x), default=1) if transposed else None
    shape = Shape("lstm", hidden, dropout=dropout)

    def build(coding: Coding) -> LstmFcn:
        inputs = coding.task.x.size

        def body(filters: int) -> LstmFcn:
            return LstmFcn(inputs, filters, recurrent(width or inputs, shape), transposed)

        body_built = sized(coding, body, filters, parameters)
        body_built.notes = {
            "initialisation": f"LSTM: {body_built.lstm.notes['initialisation']}; convolutions: torch default",
            "reads": reads,
            "length_policy": "interpolated to the longest of train" if transposed else "padded and masked",
        }
        return body_built

    return fit_network(task, train, build, recipe, width=width)
