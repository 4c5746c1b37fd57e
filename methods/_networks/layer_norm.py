"""Recurrent layers with layer normalisation: the RNN, GRU and LSTM with normalised summed inputs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


class NormalisedLoop(nn.Module):
    """One layer of an RNN, GRU or LSTM with layer normalisation (Ba, Kiros and Hinton 2016), from state 0.

    The summed inputs a_t = U x_t + W h_{t-1} of each gate are normalised over the units of the gate. Then
    each unit has a scale and a bias of its own. The LSTM also normalises c_t before its tanh. The reset gate
    of the GRU acts on W h_{t-1} before the sum, as in torch.

    The sum is normalised, not U x_t and W h_{t-1} apart: with one channel, a normalised U x_t would only keep
    the sign of x_t. Weights have the names and the order of gates of torch's layers.

    Parameters
    ----------
    cell : str
        "rnn", "gru" or "lstm".
    inputs, hidden : int
        Channels and units.
    activation : callable
        Of the RNN.
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, activation: Callable[[Tensor], Tensor] = torch.tanh
    ) -> None:
        super().__init__()
        rows = GATES[cell] * hidden
        self.cell = cell
        self.hidden = hidden
        self.activation = activation
        self.weight_ih = nn.Parameter(torch.empty(rows, inputs))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden))
        self.bias_ih = nn.Parameter(torch.empty(rows))
        for value in self.parameters():
            # The default of torch's layers.
            nn.init.uniform_(value, -(hidden**-0.5), hidden**-0.5)
        self.scale = nn.Parameter(torch.ones(rows))
        self.cell_scale = nn.Parameter(torch.ones(hidden)) if cell == "lstm" else None
        self.cell_shift = nn.Parameter(torch.zeros(hidden)) if cell == "lstm" else None

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        h = x.new_zeros(len(x), self.hidden)
        c = h
        states = []
        step = {"rnn": self._rnn, "gru": self._gru, "lstm": self._lstm}[self.cell]
        for given in functional.linear(x, self.weight_ih).unbind(1):
            h, c = step(given, h, c)
            states.append(h)
        return torch.stack(states, dim=1)

    def _rnn(self, given: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        (a,) = self._gates(given + h @ self.weight_hh.T, 0, 1)
        return self.activation(a), c

    def _gru(self, given: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        H = self.hidden
        back = h @ self.weight_hh.T
        r, z = self._gates(given[:, : 2 * H] + back[:, : 2 * H], 0, 2).sigmoid().unbind()
        (n,) = self._gates(given[:, 2 * H :] + r * back[:, 2 * H :], 2, 3).tanh()
        return torch.lerp(n, h, z), c

    def _lstm(self, given: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = self._gates(given + h @ self.weight_hh.T, 0, 4).unbind()
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        normal = functional.layer_norm(c, (self.hidden,), self.cell_scale, self.cell_shift)
        return o.sigmoid() * normal.tanh(), c

    def _gates(self, sums: Tensor, first: int, last: int) -> Tensor:
        """The normalised summed inputs [gates, B, H] of the gates from `first` to before `last`."""
        gates = sums.view(len(sums), last - first, self.hidden)
        normal = functional.layer_norm(gates, (self.hidden,))
        rows = slice(first * self.hidden, last * self.hidden)
        scale, bias = (each[rows].view(-1, self.hidden) for each in (self.scale, self.bias_ih))
        return (normal * scale + bias).transpose(0, 1)


class Dropout(nn.Module):
    """Plain dropout (Srivastava et al. 2014): in training each number is 0 with this probability.

    The others are divided by 1 - probability. When answering nothing is dropped. Every step is drawn anew.
    The draws are made on the CPU: the same on every device.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with some numbers set to 0."""
        if not self.training or not self.probability:
            return x
        kept = torch.rand(x.shape, device="cpu") >= self.probability
        return x * kept.to(x.device) / (1 - self.probability)
