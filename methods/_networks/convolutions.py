"""Convolutions over the steps of a sequence with batch normalisation, for fcn, resnet and inception."""

from __future__ import annotations

import torch
from recurbench.methods._networks.batch_norm import MaskedNorm
from torch import Tensor, nn
from torch.nn import functional


class TimeConvolution(nn.Module):
    """A convolution over steps, without bias, that keeps their number: zeros are read beyond both ends.

    A kernel of even length reads one step more after its centre than before it, as in Keras.

    Parameters
    ----------
    inputs, filters : int
        Channels before and after.
    kernel : int
        Steps of a filter.
    """

    def __init__(self, inputs: int, filters: int, kernel: int) -> None:
        super().__init__()
        self.even = kernel % 2 == 0
        # Pictures of height 1 in the memory format "channels last": a batch [B, T, C] has it without a copy,
        # and a step of a network takes four fifths of the time that it takes with Conv1d.
        layer = nn.Conv2d(inputs, filters, (1, kernel), padding=(0, (kernel - 1) // 2), bias=False)
        self.layer = layer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        """Map `x` [B, T, inputs], zero in the padding, to [B, T, filters], of any value in the padding."""
        if self.even:
            x = functional.pad(x, (0, 0, 0, 1))
        return self.layer(x.mT.unsqueeze(2)).squeeze(2).mT.contiguous()  # type: ignore[no-any-return]


class NormedConvolution(nn.Module):
    """A convolution over steps, followed by batch normalisation.

    Parameters
    ----------
    inputs, filters, kernel : int
        See `TimeConvolution`.
    """

    def __init__(self, inputs: int, filters: int, kernel: int) -> None:
        super().__init__()
        self.convolution = TimeConvolution(inputs, filters, kernel)
        self.norm = MaskedNorm(filters)

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """Map `x` [B, T, inputs], zero in the padding, to [B, T, filters], zero in the padding.

        Parameters
        ----------
        x : Tensor
        real : Tensor or None
            See `real_steps`.
        """
        return self.norm(self.convolution(x), real)  # type: ignore[no-any-return]


def mean_over_steps(states: Tensor, lengths: Tensor) -> Tensor:
    """The mean [B, C] of `states` [B, T, C], zero in the padding, over the `lengths` [B] of the sequences."""
    return states.sum(dim=1) / lengths[:, None]
