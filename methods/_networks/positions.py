"""Steps of padded sequences: reversed, shuffled, taken out, averaged."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Tensor


def mean_of_steps(states: Tensor, lengths: Tensor) -> Tensor:
    """The mean [B, H] of `states` [B, T, H] over the steps of each sequence.

    The states are added step by step, so the sum does not depend on the number of padded steps.
    """
    row = torch.arange(len(states), device=states.device)
    return states.cumsum(dim=1)[row, lengths - 1] / lengths[:, None]


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
