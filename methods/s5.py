"""S5: a diagonal linear state space that begins as the HiPPO matrix, followed by a nonlinear layer."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated

import numpy as np
import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, reads_both_ways
from recurbench.methods._networks.scan import in_32_bits, linear_scan
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from recurbench.task import Array
from torch import Tensor, nn
from torch.nn import functional

BLOCK = 16  # the most states of a HiPPO block; the blocks of the paper have 4 to 64


def normal_hippo(size: int) -> Array:
    """The normal part of the HiPPO-LegS matrix [size, size]: -1/2 on the diagonal, skew elsewhere.

    Eq. (8) and (9) of Smith et al. (2023), from n, k = 0.
    """
    root = np.sqrt(2 * np.arange(size) + 1.0)
    below = np.tril(np.outer(root, root), -1) / 2
    return np.asarray(below.T - below - np.eye(size) / 2)


@lru_cache(maxsize=BLOCK)
def eigenpairs(size: int) -> tuple[Array, Array]:
    """Eigenvalues [size / 2] and eigenvectors [size, size / 2] of `normal_hippo` for an even size.

    They come in conjugate pairs; these are those with a positive imaginary part.
    """
    # The skew part times -i is Hermitian, so its eigenvectors are orthogonal.
    waves, vectors = np.linalg.eigh(-1j * (normal_hippo(size) + np.eye(size) / 2))
    return -0.5 + 1j * waves[size // 2 :], vectors[:, size // 2 :]


class StateSpace(nn.Module):
    """The system s' = A s + B u, y = 2 Re(C s) + D u in discrete time, with a complex, diagonal A.

    State and input are held constant over a step of the size d (zero-order hold): s_t = exp(d A) s_{t-1} +
    A^-1 (exp(d A) - 1) B u_t. Every state has a step size of its own. Of each conjugate pair of states one is
    computed; the factor 2 stands for the other. `cut` removes s_{t-1}.
    """

    def __init__(self, hidden: int, sizes: tuple[float, float], cut: bool) -> None:
        super().__init__()
        self.cut = cut
        pairs = -(-hidden // 2)
        values, vectors = zip(
            *(eigenpairs(min(BLOCK, 2 * pairs - i)) for i in range(0, 2 * pairs, BLOCK)), strict=True
        )
        eigenvalues = torch.tensor(np.concatenate(values))
        self.decay = nn.Parameter(torch.log(-eigenvalues.real).float())
        self.wave = nn.Parameter(eigenvalues.imag.float())
        low, high = (math.log(size) for size in sizes)
        self.size = nn.Parameter(low + (high - low) * torch.rand(pairs))
        # B and C are drawn in the coordinates of the HiPPO matrix, and changed to those of its eigenvectors.
        V = torch.block_diag(*(torch.tensor(each) for each in vectors))  # type: ignore[no-untyped-call]
        B = V.mH @ (torch.randn(2 * pairs, hidden) / math.sqrt(hidden)).to(V)
        C = (torch.randn(hidden, 2 * pairs) / math.sqrt(2 * pairs)).to(V) @ V
        # Real and imaginary part are stacked, so that `double()` converts both.
        self.B = nn.Parameter(torch.stack([B.real, B.imag]).float())
        self.C = nn.Parameter(torch.stack([C.real, C.imag]).float())
        self.D = nn.Parameter(torch.randn(hidden))

    def discrete(self) -> tuple[Tensor, Tensor]:
        """The factors of s_{t-1} and of B u_t, both [pairs]."""
        A = torch.complex(-torch.exp(self.decay), self.wave)
        kept = torch.exp(torch.exp(self.size) * A)
        return kept, (kept - 1) / A

    def forward(self, u: Tensor) -> Tensor:
        """Map [B, T, H] to [B, T, H]."""
        with in_32_bits(u.device):  # there are no complex numbers of 16 bits
            return self._system(u.to(self.D.dtype))

    def _system(self, u: Tensor) -> Tensor:
        kept, gain = self.discrete()
        states = gain * torch.complex(u @ self.B[0].T, u @ self.B[1].T)
        if not self.cut:
            states = linear_scan(kept.expand_as(states), states)
        read: Tensor = states.real @ self.C[0].T - states.imag @ self.C[1].T
        return 2 * read + self.D * u


class Blocks(nn.Module):
    """A linear map of x_t, and blocks u + g sigmoid(W g) with g = GELU(S5(norm u)).

    Only the state space connects the steps. The first block has no norm: x is scaled already, and a norm
    would remove the size of a single channel.
    """

    def __init__(self, inputs: int, hidden: int, layers: int, sizes: tuple[float, float], cut: bool) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) if i else nn.Identity() for i in range(layers))
        self.spaces = nn.ModuleList(StateSpace(hidden, sizes, cut) for _ in range(layers))
        self.gates = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        u = self.enter(x)
        for norm, space, gate in zip(self.norms, self.spaces, self.gates, strict=True):
            g = functional.gelu(space(norm(u)))
            u = u + g * torch.sigmoid(gate(g))
        return u  # type: ignore[no-any-return]


def state_spaces(
    inputs: int, hidden: int, layers: int, both: bool, sizes: tuple[float, float], cut: bool = False
) -> Directions:
    """Build the body; ValueError if the step sizes are out of range."""
    low, high = sizes
    if not 0 < low < high:
        raise ValueError(f"s5 needs 0 < smallest < largest, got {low} and {high}")
    cells: list[nn.Module] = [Blocks(inputs, hidden, layers, sizes, cut) for _ in range(2 if both else 1)]
    initialisation = (
        f"HiPPO-LegS (normal part), step sizes {low:g} to {high:g}, B, C and D normal, others torch default"
    )
    return Directions(cells, hidden, {"initialisation": initialisation, "recurrence": "linear in the state"})


@method(
    "s5",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "largest": (0.1, 0.3, 1.0),
    },
    overrides={"parameters": ("hidden",)},
    variants={"s5-state-cut": {"cut": True, "role": "ablation"}},
)
def s5(
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
    smallest: Annotated[float, "> 0"] = 0.01,
    largest: Annotated[float, "> 0"] = 1.0,
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """S5 (Smith, Warrington and Linderman 2023): a state space with the HiPPO matrix, linear in its state.

    All inputs of a layer drive one state, whose matrix is diagonal and complex. It begins as the normal part
    of the HiPPO-LegS matrix (Gu et al. 2020, 2022) in blocks of up to 16 states. From step to step there is
    no nonlinearity; it follows at each step separately (GELU, a gate). s5-state-cut is trained without
    s_{t-1}.

    All weights have one learning rate, there is no weight decay and no dropout, and the layer has one norm,
    before the state space.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per layer and direction. A layer has as many states, in conjugate pairs; an odd number is
        rounded up.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    layers : int
    bidirectional : bool or None
        Whether to read in both directions; None: if the task allows it.
    smallest, largest : float
        At the start the step sizes lie between these two, evenly in logarithm. With a step size of d a state
        remembers about 2 / d steps: 2 to 200. The paper has 0.001 to 0.1, for sequences of 1,000 to 16,000
        steps.
    cut : bool
        Whether s_{t-1} is removed.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            return state_spaces(coding.task.x.size, width, layers, both, (smallest, largest), cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
