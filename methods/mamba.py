"""Mamba: a state space whose step sizes, inputs and outputs depend on what it reads; linear in its state."""

from __future__ import annotations

import math
from typing import Annotated

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, reads_both_ways
from recurbench.methods._networks.scan import in_32_bits
from recurbench.methods._networks.selective_scan import selective_scan
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional

EXPANSION = 2  # channels of the state space per unit
PER_RANK = 16  # units per number from which the step sizes of a step are computed
TAPS = 4  # of the convolution


class SelectiveSpace(nn.Module):
    """The selective state space and what surrounds it: expansion, causal convolution and gate.

    The step sizes at the start lie between `sizes`, evenly in logarithm. A starts as -1, -2, ..., -N.
    """

    def __init__(self, hidden: int, states: int, sizes: tuple[float, float]) -> None:
        super().__init__()
        inner, rank = EXPANSION * hidden, -(-hidden // PER_RANK)
        low, high = (math.log(size) for size in sizes)
        self.parts = (rank, states, states)
        self.enter = nn.Linear(hidden, 2 * inner, bias=False)
        self.taps = nn.Parameter(torch.empty(TAPS, inner).uniform_(-(TAPS**-0.5), TAPS**-0.5))
        self.bias = nn.Parameter(torch.empty(inner).uniform_(-(TAPS**-0.5), TAPS**-0.5))
        self.select = nn.Linear(inner, rank + 2 * states, bias=False)
        self.size = nn.Linear(rank, inner)
        first = torch.exp(low + (high - low) * torch.rand(inner))
        with torch.no_grad():
            self.size.weight.uniform_(-(rank**-0.5), rank**-0.5)
            self.size.bias.copy_(first + torch.log(-torch.expm1(-first)))  # the inverse of softplus
        self.decay = nn.Parameter(torch.log(torch.arange(1.0, states + 1)).repeat(inner, 1))
        self.D = nn.Parameter(torch.ones(inner))
        self.leave = nn.Linear(inner, hidden, bias=False)

    def forward(self, u: Tensor) -> Tensor:
        """Map [B, T, H] to [B, T, H]."""
        x, gate = self.enter(u).chunk(2, dim=-1)
        before = functional.pad(x, (0, 0, TAPS - 1, 0)).unfold(1, TAPS, 1).unbind(-1)
        # Four products with shifted inputs cost less than torch's depthwise convolution.
        x = functional.silu(sum(tap * each for tap, each in zip(self.taps, before, strict=True)) + self.bias)
        narrow, B, C = self.select(x).split(self.parts, dim=-1)
        size = functional.softplus(self.size(narrow))
        A = -torch.exp(self.decay)
        with in_32_bits(u.device):  # the scan multiplies the decays of many steps
            read = selective_scan(*(each.to(A.dtype) for each in (x, size, A, B, C)))
        return self.leave((read + self.D * x) * functional.silu(gate))  # type: ignore[no-any-return]


class Blocks(nn.Module):
    """A linear map of x_t, and blocks u + space(norm u).

    The first block has no norm: x is scaled already, and a norm would remove the size of a single channel.
    """

    def __init__(
        self, inputs: int, hidden: int, layers: int, states: int, sizes: tuple[float, float]
    ) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.norms = nn.ModuleList(nn.RMSNorm(hidden) if i else nn.Identity() for i in range(layers))
        self.spaces = nn.ModuleList(SelectiveSpace(hidden, states, sizes) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        u: Tensor = self.enter(x)
        for norm, space in zip(self.norms, self.spaces, strict=True):
            u = u + space(norm(u))
        return u


def selective_spaces(
    inputs: int,
    hidden: int,
    layers: int,
    both: bool,
    states: int,
    sizes: tuple[float, float],
    cut: bool = False,
) -> Directions:
    """Build the body; ValueError if the step sizes are out of range."""
    low, high = sizes
    if not 0 < low < high:
        raise ValueError(f"mamba needs 0 < smallest < largest, got {low} and {high}")
    cells: list[nn.Module] = [Blocks(inputs, hidden, layers, states, sizes) for _ in range(2 if both else 1)]
    initialisation = f"A from -1 to -{states}, step sizes {low:g} to {high:g}, D 1, others torch default"
    body = Directions(cells, hidden, {"initialisation": initialisation, "recurrence": "linear in the state"})
    body.reset_every = int(cut)
    return body


@method(
    "mamba",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (8, 16, 32),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "layers": (1, 2),
    },
    variants={"mamba-state-cut": {"cut": True, "role": "ablation"}},
    overrides={"parameters": ("hidden",)},
)
def mamba(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 16,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    states: AtLeast1 = 16,
    smallest: Annotated[float, "> 0"] = 0.001,
    largest: Annotated[float, "> 0"] = 0.1,
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Mamba (Gu and Dao 2023): a state space that selects by its input what it stores, keeps and reads.

    h_t = exp(d_t A) h_{t-1} + d_t x_t B_t and y_t = C_t h_t + D x_t in every channel. The step size d_t and
    the vectors B_t and C_t depend on the input of step t; A is diagonal and negative, so every eigenvalue
    lies between 0 and 1 and no step can turn the sign of the state. As in the paper a layer expands its
    units to twice as many channels, which pass a causal convolution over 4 steps before the state space and a
    gate after it. The norm before the first layer and the one after the last are left out.

    mamba-state-cut is trained and answers with each step as a sequence of its own, so that neither the state
    nor the convolution sees an earlier step.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per layer and direction.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    layers : int
    bidirectional : bool or None
        Whether to read in both directions; None: if the task allows it.
    states : int
        Numbers of state per channel.
    smallest, largest : float
        At the start the step sizes lie between these two, evenly in logarithm. With a step size of d the
        slowest state of a channel remembers about 1 / d steps.
    cut : bool
        Whether each step is a sequence of its own.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            sizes = (smallest, largest)
            return selective_spaces(coding.task.x.size, width, layers, both, states, sizes, cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
