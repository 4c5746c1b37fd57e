"""A temporal convolutional network: dilated residual blocks that cover the longest sequence."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._preparation import prepared_lengths
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

CONVOLUTIONS = 2  # per block
REACHES = ("auto", "trained")


class DilatedBlock(nn.Module):
    """Two convolutions with dilation `gap`, weight norm and ReLU, and a shortcut."""

    def __init__(self, inputs: int, filters: int, kernel: int, gap: int, ahead: int) -> None:
        super().__init__()
        self.sides = ((kernel - 1 - ahead) * gap, ahead * gap)
        widths = [inputs] + [filters] * CONVOLUTIONS
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv1d(a, b, kernel, dilation=gap)) for a, b in itertools.pairwise(widths)
        )
        self.shortcut = nn.Identity() if inputs == filters else nn.Conv1d(inputs, filters, 1)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """Map `x` [B, C, T] to [B, filters, T]; `there` [B, 1, T] is 0 for padding."""
        h = x
        for layer in self.layers:
            h = torch.relu(layer(functional.pad(h * there, self.sides)))
        return torch.relu(h + self.shortcut(x))


class Dilated(nn.Module):
    """Blocks whose dilation doubles from level to level; see `Body`.

    `ahead` of the kernel's taps lie after the step; 0 if it covers past steps only.
    """

    def __init__(self, inputs: int, filters: int, kernel: int, levels: int, ahead: int) -> None:
        super().__init__()
        self.width = filters
        self.notes: dict[str, Any] = {}
        widths = [inputs] + [filters] * levels
        self.blocks = nn.ModuleList(
            DilatedBlock(a, b, kernel, 2**level, ahead)
            for level, (a, b) in enumerate(itertools.pairwise(widths))
        )

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, filters]."""
        there = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, None].to(x.dtype)
        h = x.mT
        for block in self.blocks:
            h = block(h, there)
        return h.mT

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, filters]: the state at the last step of each sequence."""
        return self.step_states(x, lengths)[torch.arange(len(x), device=x.device), lengths - 1]


def receptive_field(kernel: int, levels: int) -> int:
    """How many steps of x one output depends on, counting the step that it answers."""
    return 1 + CONVOLUTIONS * (kernel - 1) * ((1 << levels) - 1)


def levels_for(reach: int, back: int) -> int:
    """How many levels are needed to cover `reach` steps, with kernels of `back` earlier taps."""
    levels = 1
    while receptive_field(back + 1, levels) < reach:
        levels += 1
    return levels


def levels_within(reach: int, taps: int) -> int:
    """How many levels cover at most `reach` steps, with kernels of `taps` earlier taps; at least one."""
    return max(1, levels_for(reach + 1, taps) - 1)


@method(
    "tcn",
    family="convolutional",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={"filters": (8, 12, 24), "kernel": (3, 5, 7), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("filters",)},
)
def tcn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    filters: AtLeast1 = 12,
    kernel: Annotated[int, ">= 2"] = 3,
    reach: AtLeast1 | Literal["auto", "trained"] = "auto",
    parameters: AtLeast0 = 0,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Temporal convolutional network (Bai, Kolter and Koltun 2018): dilated residual blocks, no dropout.

    The kernels cover past steps only, and an answer per sequence is read at its last step. If there is an
    answer per step and the task is not causal, the kernels cover past and later steps equally.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    filters : int
        Filters per layer.
    kernel : int
        Taps of a kernel.
    reach : int, "auto" or "trained"
        Steps that the network must cover, which decides the number of blocks; "auto": the longest training
        sequence. The receptive field is rounded up: 61 steps for sequences of 40. In longer test sequences
        such a network also reads steps that lay before the beginning of every training sequence, with
        combinations of weights that were never trained. "trained": the largest receptive field within the
        longest training sequence, 29 steps for 40, so that every combination was trained.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    if reach not in REACHES and (isinstance(reach, str) or reach < 1):
        raise ValueError(f'reach must be a number of steps, at least 1, "auto" or "trained", got {reach!r}')
    both = task.length != "fixed" and not task.causal
    if kernel < (3 if both else 2):
        raise ValueError(f"kernel must be at least {3 if both else 2} for dilation to work, got {kernel}")
    recipe = Recipe(seed, check, steps, training, decoding, device)
    ahead = kernel // 2 if both else 0

    def build(coding: Coding) -> Dilated:
        longest = coding.context or max(prepared_lengths(training.unequal, train))
        # An even kernel has one tap more ahead than back. The shorter side must cover the steps, or the
        # longer one must stay within them.
        if reach == "trained":
            levels = levels_within(longest, max(ahead, kernel - 1 - ahead))
        else:
            levels = levels_for(longest if isinstance(reach, str) else reach, kernel - 1 - ahead)

        def body(width: int) -> Dilated:
            return Dilated(coding.task.x.size, width, kernel, levels, ahead)

        body_built = sized(coding, body, filters, parameters, decoding)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "normalisation_of_weights": "direction and length apart (weight norm)",
            "levels": levels,
            "receptive_field": receptive_field(kernel, levels),
            "length_policy": "padded and masked" if both else "padded; read at the last step that is there",
        }
        return body_built

    return fit_network(task, train, build, recipe)
