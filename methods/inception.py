"""InceptionTime: parallel convolutions of several lengths in residual blocks, averaged over the sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.batch_norm import MaskedNorm, real_steps, refilled
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.convolutions import NormedConvolution, TimeConvolution, mean_over_steps
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.looking_ahead import fit_looking_ahead
from recurbench.methods._networks.members import Ensemble
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._preparation import prepared_lengths
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn
from torch.nn import functional

LONGEST = 40  # steps of the longest kernel, as in the paper
SHORTEST = 5
MODULES = 3  # per residual block, as in the paper
POOLED = 3  # steps of max-pooling


class InceptionModule(nn.Module):
    """Convolutions of the lengths `kernels` and max-pooling side by side, batch normalisation and ReLU."""

    def __init__(self, inputs: int, filters: int, kernels: list[int]) -> None:
        super().__init__()
        # The bottleneck of the paper. With one channel there is nothing to mix.
        self.mix = nn.Identity() if inputs == 1 else TimeConvolution(inputs, filters, 1)
        mixed = 1 if inputs == 1 else filters
        self.wide = nn.ModuleList(TimeConvolution(mixed, filters, k) for k in kernels)
        self.highest = TimeConvolution(inputs, filters, 1)
        self.norm = MaskedNorm(filters * (len(kernels) + 1))

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """Map `x` [B, T, C] to [B, T, 4 * filters], both zero in the padding; real: see `real_steps`."""
        mixed = self.mix(x)
        parts = [each(mixed) for each in self.wide] + [self.highest(peaks(x, real))]
        return torch.relu(self.norm(torch.cat(parts, dim=2), real))


def peaks(x: Tensor, real: Tensor | None) -> Tensor:
    """The maximum of each step of `x` [B, T, C] and its two neighbours; zero in the padding."""
    # Padding must not be the maximum, and zero would be if all values are negative.
    picture = refilled(x, real, -torch.inf).mT.unsqueeze(2)
    highest = functional.max_pool2d(picture, (1, POOLED), stride=1, padding=(0, POOLED // 2))
    return refilled(highest.squeeze(2).mT, real, 0.0)


class InceptionBlock(nn.Module):
    """Three inception modules and a shortcut: a convolution of one step with batch normalisation."""

    def __init__(self, inputs: int, filters: int, kernels: list[int]) -> None:
        super().__init__()
        width = filters * (len(kernels) + 1)
        widths = [inputs] + [width] * (MODULES - 1)
        self.parts = nn.ModuleList(InceptionModule(each, filters, kernels) for each in widths)
        self.shortcut = NormedConvolution(inputs, width, 1)

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """Map `x` [B, T, C] to [B, T, 4 * filters], both zero in the padding; real: see `real_steps`."""
        h = x
        for part in self.parts:
            h = part(h, real)
        return torch.relu(h + self.shortcut(x, real))


class Inception(nn.Module):
    """Residual blocks of three inception modules; see `Body`."""

    def __init__(self, inputs: int, filters: int, kernels: list[int], blocks: int) -> None:
        super().__init__()
        self.width = filters * (len(kernels) + 1)
        self.notes: dict[str, Any] = {}
        widths = [inputs] + [self.width] * (blocks - 1)
        self.blocks = nn.ModuleList(InceptionBlock(each, filters, kernels) for each in widths)

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, 4 * filters]."""
        real = real_steps(lengths, x.shape[1])
        h = masked(x, lengths)
        for block in self.blocks:
            h = block(h, real)
        return h

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, 4 * filters]: the mean over the steps of each sequence."""
        return mean_over_steps(self.step_states(x, lengths), lengths)


def kernel_lengths(longest: int) -> list[int]:
    """A kernel of `longest` steps, one of half and one of a quarter of that; each at least 1."""
    return [max(1, longest // share) for share in (1, 2, 4)]


@method(
    "inception",
    family="convolutional",
    kinds={"classification", "regression", "labelling"},
    search={"filters": (8, 16, 32), "kernel": (0, 20, 40), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("filters",)},
)
def inception(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    filters: AtLeast1 = 32,
    kernel: AtLeast0 = 40,
    blocks: AtLeast1 = 2,
    members: AtLeast1 = 1,
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork | Ensemble:
    """InceptionTime (Ismail Fawaz et al. 2020).

    A network has two residual blocks of three inception modules with 32 filters per kernel length. The paper
    averages the probabilities of five networks with different initial weights: `members=5`. An answer per
    sequence is read from the mean over its steps. Kernels also cover later steps, so there are no answers to
    causal tasks.

    Parameters
    ----------
    filters : int
        Filters per kernel length.
    kernel : int
        Steps of the longest kernel; the others have half and a quarter of them. 0: a quarter of the median
        training length, from 5 to 40.
    blocks : int
        Residual blocks of three modules.
    members : int
        Networks whose answers are averaged.
    parameters : int
        Above 0: the number of trainable parameters of one member; it decides `filters`.
    """
    if kernel < 0:
        raise ValueError(f"kernel must be a number of steps, or 0 for the rule, got {kernel}")
    middle = int(np.median(prepared_lengths(training.unequal, train))) if len(train) else 1
    kernels = kernel_lengths(kernel or min(LONGEST, max(SHORTEST, middle // 4)))
    field = 1 + MODULES * blocks * (max(kernels[0], POOLED) - 1)
    return fit_looking_ahead(
        "inception",
        task,
        train,
        Recipe(seed, check, steps, training, device=device),
        lambda inputs, width: Inception(inputs, width, kernels, blocks),
        filters=filters,
        parameters=parameters,
        notes={"kernels": kernels, "receptive_field": field},
        members=members,
    )
