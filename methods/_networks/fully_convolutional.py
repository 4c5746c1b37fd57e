"""The body of fcn, which lstm-fcn has as one of its two branches."""

from __future__ import annotations

from typing import Any

import torch
from recurbench.methods._networks.batch_norm import real_steps
from recurbench.methods._networks.convolutions import NormedConvolution, mean_over_steps
from recurbench.methods._networks.examples import masked
from torch import Tensor, nn

KERNELS = (8, 5, 3)  # steps
WIDTHS = (1, 2, 1)  # filters of each layer, as multiples of the setting `filters`


class FullyConvolutional(nn.Module):
    """Three layers of convolution, batch normalisation and ReLU; see `Body`."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.width = filters * WIDTHS[-1]
        self.notes: dict[str, Any] = {}
        widths = [inputs, *(filters * each for each in WIDTHS)]
        self.layers = nn.ModuleList(
            NormedConvolution(a, b, kernel)
            for a, b, kernel in zip(widths[:-1], widths[1:], KERNELS, strict=True)
        )

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, filters]."""
        real = real_steps(lengths, x.shape[1])
        h = masked(x, lengths)
        for layer in self.layers:
            h = torch.relu(layer(h, real))
        return h

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, filters]: the mean over the steps of each sequence."""
        return mean_over_steps(self.step_states(x, lengths), lengths)
