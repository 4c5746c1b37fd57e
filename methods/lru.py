"""LRU: a complex, diagonal recurrence that is linear in its state, followed by a nonlinear layer."""

from __future__ import annotations

import math
from typing import Annotated

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, reads_both_ways
from recurbench.methods._networks.scan import linear_scan
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional


class LinearUnit(nn.Module):
    """The recurrence s_t = l s_{t-1} + g B u_t (complex, diagonal l) with outputs Re(C s_t) + D u_t.

    |l| = exp(-exp(nu)) is always below 1. g starts at sqrt(1 - |l|^2), so that states have the variance of
    the input. At the start l is uniform on the ring between two radii.
    """

    def __init__(self, hidden: int, radii: tuple[float, float], cut: bool = False) -> None:
        super().__init__()
        self.cut = cut
        low, high = radii
        # Uniform over the area of the ring, without 0, which has no logarithm.
        radius = torch.sqrt(torch.rand(hidden) * (high**2 - low**2) + low**2).clamp(min=1e-4)
        self.nu = nn.Parameter(torch.log(-torch.log(radius)))
        self.theta = nn.Parameter(torch.log(2 * math.pi * torch.rand(hidden).clamp(min=1e-6)))
        self.gamma = nn.Parameter(0.5 * torch.log(1 - radius**2))
        # Real and imaginary part are stacked, so that `double()` converts both.
        self.B = nn.Parameter(torch.randn(2, hidden, hidden) / math.sqrt(2 * hidden))
        self.C = nn.Parameter(torch.randn(2, hidden, hidden) / math.sqrt(hidden))
        self.D = nn.Parameter(torch.randn(hidden))

    def forward(self, u: Tensor) -> Tensor:
        """Map [B, T, H] to [B, T, H]."""
        eigenvalues = torch.polar(torch.exp(-torch.exp(self.nu)), torch.exp(self.theta))
        gain = torch.exp(self.gamma)
        driven = torch.complex(u @ self.B[0].T * gain, u @ self.B[1].T * gain)
        states = driven if self.cut else linear_scan(eigenvalues.expand_as(driven), driven)
        read: Tensor = states.real @ self.C[0].T - states.imag @ self.C[1].T
        return read + self.D * u


class Blocks(nn.Module):
    """A linear map of x_t, and blocks u + GLU(GELU(LRU(norm u))); only the LRU connects the steps.

    The first block has no norm: x is scaled already, and a norm would remove the size of a single channel.
    """

    def __init__(
        self, inputs: int, hidden: int, layers: int, radii: tuple[float, float], cut: bool = False
    ) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) if i else nn.Identity() for i in range(layers))
        self.units = nn.ModuleList(LinearUnit(hidden, radii, cut) for _ in range(layers))
        self.mixes = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        u = self.enter(x)
        for norm, unit, mix in zip(self.norms, self.units, self.mixes, strict=True):
            u = u + functional.glu(mix(functional.gelu(unit(norm(u)))), dim=-1)
        return u  # type: ignore[no-any-return]


def linear_units(
    inputs: int, hidden: int, layers: int, both: bool, radii: tuple[float, float], cut: bool = False
) -> Directions:
    """Build the body; ValueError if the radii are out of range."""
    low, high = radii
    if not 0 <= low < high < 1:
        raise ValueError(f"lru needs 0 <= shortest < longest < 1, got {low} and {high}")
    cells: list[nn.Module] = [Blocks(inputs, hidden, layers, radii, cut) for _ in range(2 if both else 1)]
    initialisation = (
        f"eigenvalues on the ring of radius {low:g} to {high:g}, B and C normal, others torch default"
    )
    return Directions(cells, hidden, {"initialisation": initialisation, "recurrence": "linear in the state"})


@method(
    "lru",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "longest": (0.9, 0.99, 0.999),
    },
    overrides={"parameters": ("hidden",)},
    variants={"lru-state-cut": {"cut": True, "role": "ablation"}},
)
def lru(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 32,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    shortest: Annotated[float, ">= 0", "< 1"] = 0.0,
    longest: Annotated[float, "> 0", "< 1"] = 0.99,
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Linear recurrent unit (Orvieto et al. 2023): a trained recurrence, linear in a complex state.

    From step to step there is no nonlinearity; it follows at each step separately (GELU, GLU). lru-state-cut
    is trained without s_{t-1}.

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
    shortest, longest : float
        At the start the eigenvalues have moduli between these two. A modulus of r remembers about 1 / (1 - r)
        steps.
    cut : bool
        Whether s_{t-1} is removed.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            return linear_units(coding.task.x.size, width, layers, both, (shortest, longest), cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
