"""A small InceptionTime network: parallel convolutions of several lengths, averaged over the sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn
from torch.nn import functional

LONGEST = 39  # steps; the paper has 40, 20 and 10 for series of some hundred steps; odd kernels are centred
SHORTEST = 5
MODULES = 3  # per residual block, as in the paper
MOMENTUM = 0.1  # weight of the newest batch in the running averages


class MaskedNorm(nn.Module):
    """Batch normalisation without padding; answers use the running averages of training."""

    mean: Tensor
    variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels, 1))
        self.shift = nn.Parameter(torch.zeros(channels, 1))
        self.register_buffer("mean", torch.zeros(channels, 1))
        self.register_buffer("variance", torch.ones(channels, 1))

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Normalise `x` [B, C, T] per channel; `there` [B, 1, T] is False for padding."""
        mean, variance = self.mean, self.variance
        if self.training:
            weight = there.to(x.dtype) / there.sum()
            mean = (x * weight).sum(dim=(0, 2))[:, None]
            variance = ((x - mean) ** 2 * weight).sum(dim=(0, 2))[:, None]
            self.mean.lerp_(mean.detach(), MOMENTUM)
            self.variance.lerp_(variance.detach(), MOMENTUM)
        return (x - mean) * (variance + 1e-5).rsqrt() * self.scale + self.shift


class InceptionModule(nn.Module):
    """An inception module: convolutions of the lengths `kernels`, and max-pooling over 3 steps."""

    def __init__(self, inputs: int, filters: int, kernels: list[int]) -> None:
        super().__init__()
        # With one channel there is nothing to mix.
        self.mix = nn.Identity() if inputs == 1 else nn.Conv1d(inputs, filters, 1, bias=False)
        mixed = 1 if inputs == 1 else filters
        self.wide = nn.ModuleList(nn.Conv1d(mixed, filters, k, padding=k // 2, bias=False) for k in kernels)
        self.highest = nn.Conv1d(inputs, filters, 1, bias=False)
        self.norm = MaskedNorm(filters * (len(kernels) + 1))

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Map `x` [B, C, T], zero in the padding, to [B, 4 * filters, T], of any value in the padding."""
        mixed = self.mix(x)
        # Padding must not be the maximum, and zero would be if all values are negative.
        peaks = functional.max_pool1d(x.masked_fill(~there, -torch.inf), 3, stride=1, padding=1)
        parts = [each(mixed) for each in self.wide] + [self.highest(peaks.masked_fill(~there, 0.0))]
        return self.norm(torch.cat(parts, dim=1), there)  # type: ignore[no-any-return]


class Inception(nn.Module):
    """One residual block of three inception modules; see `Body`."""

    def __init__(self, inputs: int, filters: int, kernels: list[int]) -> None:
        super().__init__()
        self.width = filters * (len(kernels) + 1)
        self.notes: dict[str, Any] = {}
        widths = [inputs] + [self.width] * (MODULES - 1)
        self.parts = nn.ModuleList(InceptionModule(each, filters, kernels) for each in widths)
        self.shortcut = nn.Conv1d(inputs, self.width, 1, bias=False)
        self.norm = MaskedNorm(self.width)

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, 4 * filters]."""
        there = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, None]
        x = x.mT.masked_fill(~there, 0.0)
        h = x
        for part in self.parts[:-1]:
            h = torch.relu(part(h, there)).masked_fill(~there, 0.0)
        h = self.parts[-1](h, there) + self.norm(self.shortcut(x), there)
        return torch.relu(h).masked_fill(~there, 0.0).mT

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, 4 * filters]: the mean over the steps of each sequence."""
        return self.step_states(x, lengths).sum(dim=1) / lengths[:, None]


def kernel_lengths(longest: int) -> list[int]:
    """A kernel of about `longest` steps, one of half and one of a quarter of that, each odd."""
    return [longest // share // 2 * 2 + 1 for share in (1, 2, 4)]


@method(
    "inception",
    family="convolutional",
    kinds={"classification", "regression", "labelling"},
    search={"filters": (4, 6, 12), "kernel": (0, 9, 19), "learning_rate": (0.0003, 0.001, 0.003, 0.01)},
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
    filters: AtLeast1 = 6,
    kernel: AtLeast0 = 0,
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork:
    """InceptionTime (Ismail Fawaz et al. 2020) in small: one residual block, one network.

    The network of the paper has two blocks of 32 filters, and averages five such networks. An answer per
    sequence is read from the mean over its steps. Kernels also cover later steps, so there are no answers to
    causal tasks.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on validation. See the setting `reference`.

    Parameters
    ----------
    filters : int
        Filters per kernel length.
    kernel : int
        Steps of the longest kernel; 0: a quarter of the median training length, from 5 to 39.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    if task.length == "same" and task.causal:
        raise Unsupported("kernels of inception cover later steps, and the task is causal; use tcn or cnn")
    if kernel < 0:
        raise ValueError(f"kernel must be a number of steps, or 0 for the rule, got {kernel}")
    recipe = Recipe(seed, check, steps, training, device=device)
    middle = int(np.median([len(x) for x in train.x])) if len(train) else 1
    kernels = kernel_lengths(kernel or min(LONGEST, max(SHORTEST, middle // 4)))

    def build(coding: Coding) -> Inception:
        def body(width: int) -> Inception:
            return Inception(coding.task.x.size, width, kernels)

        body_built = sized(coding, body, filters, parameters)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "kernels": kernels,
            "receptive_field": 1 + MODULES * (kernels[0] - 1),
            "length_policy": "padded and masked"
            + ("" if task.length == "same" else "; mean over the steps there"),
        }
        return body_built

    return fit_network(task, train, build, recipe)
