"""Batch normalisation that leaves padding out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

MOMENTUM = 0.1  # weight of the newest batch in the running averages, if all batches have the same size
TINY = 1e-5  # added to a variance; a constant channel becomes zeros


def real_steps(lengths: Tensor, steps: int) -> Tensor | None:
    """The places of the steps that are no padding, in a batch whose first two dimensions are flattened.

    Parameters
    ----------
    lengths : Tensor [B]
        Steps of each sequence before the padding.
    steps : int
        Steps of the padded batch.

    Returns
    -------
    Tensor [N] or None
        None if there is no padding.
    """
    there = torch.arange(steps, device=lengths.device) < lengths[:, None]
    return None if bool(there.all()) else there.flatten().nonzero()[:, 0]


def refilled(x: Tensor, real: Tensor | None, value: float) -> Tensor:
    """Return `x` [B, T, C] with `value` in the padding; real: see `real_steps`."""
    if real is None:
        return x
    return _with_padding(x.flatten(0, 1).index_select(0, real), real, x, value)


def _with_padding(rows: Tensor, real: Tensor, like: Tensor, value: float) -> Tensor:
    """Put the real steps `rows` [N, C] in their places in a batch of the shape of `like` [B, T, C]."""
    return like.new_full(like.shape, value).flatten(0, 1).index_copy(0, real, rows).view_as(like)


class MaskedNorm(nn.Module):
    """Batch normalisation (Ioffe and Szegedy 2015) over the steps that are no padding.

    In training a channel is normalised by its mean and variance over all real steps of the batch. Answers use
    running averages of both over the training batches, so an answer does not depend on the other examples of
    its batch. A batch counts by its number of real steps: a batch of one short sequence hardly changes the
    averages. The averages are corrected for their start, so they also hold after a few steps.

    Parameters
    ----------
    channels : int
    """

    mean: Tensor
    variance: Tensor
    weight: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))
        # The sum of the real steps of all batches so far, the newest counted fully and older ones less.
        self.register_buffer("weight", torch.zeros(()))

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """Normalise a batch.

        Parameters
        ----------
        x : Tensor [B, T, channels]
            Values in the padding are not read.
        real : Tensor or None
            See `real_steps`.

        Returns
        -------
        Tensor [B, T, channels]
            Zero in the padding.
        """
        if real is None:
            return self._normed(x)
        rows = self._normed(x.flatten(0, 1).index_select(0, real)[None])[0]
        return _with_padding(rows, real, x, 0.0)

    def _normed(self, x: Tensor) -> Tensor:
        """Normalise `x` [B, T, channels], which has no padding."""
        # As a picture of height 1 in the memory format "channels last", for which torch has fast kernels.
        picture = x.mT.unsqueeze(2)
        if not self.training:
            normed, _, _ = torch.native_batch_norm(
                picture, self.scale, self.shift, self.mean, self.variance, False, 0.0, TINY
            )
            return normed.squeeze(2).mT
        normed, mean, inverse = torch.native_batch_norm(
            picture, self.scale, self.shift, None, None, True, 0.0, TINY
        )
        with torch.no_grad():
            self.weight.mul_(1 - MOMENTUM).add_(x.shape[0] * x.shape[1])
            share = x.shape[0] * x.shape[1] / self.weight
            self.mean.lerp_(mean, share)
            self.variance.lerp_((inverse**-2 - TINY).clamp(min=0.0), share)
        return normed.squeeze(2).mT
