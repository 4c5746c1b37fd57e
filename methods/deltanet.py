"""DeltaNet: a recurrence whose state is a matrix, into which every step writes by the delta rule."""

from __future__ import annotations

from typing import Literal

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, reads_both_ways, require
from recurbench.methods._networks.scan import in_32_bits
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional

LARGEST = {"positive": 1.0, "signed": 2.0}  # beta; the eigenvalue along a key is 1 - beta
CHUNK = 25  # among the fastest of 16 to 64, for 20 to 300 steps and 32 units


def delta_rule(query: Tensor, key: Tensor, value: Tensor, beta: Tensor, chunk: int = CHUNK) -> Tensor:
    """Compute S_t = S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T from S_0 = 0, and return S_t q_t.

    It is computed chunk by chunk (Yang et al. 2024). Within a chunk that begins with the state S, step t adds
    u_t k_t^T, where u_t = beta_t (v_t - S k_t - sum over earlier steps s of (k_s . k_t) u_s). These equations
    are triangular, so one call solves them for all steps of a chunk, and only the chunks are a loop.

    Parameters
    ----------
    query, key, value : Tensor [B, T, H]
    beta : Tensor [B, T, 1]
    chunk : int
        The most steps of a chunk. It decides the time only.

    Returns
    -------
    Tensor [B, T, H]
    """
    steps = key.shape[1]
    chunks = -(-steps // chunk)
    # Steps with beta 0 fill the last chunk: they leave the state as it is.
    query, key, value, beta = (
        functional.pad(each, (0, 0, 0, -steps % chunks)).reshape(len(each), chunks, -1, each.shape[-1])
        for each in (query, key, value, beta)
    )
    earlier = ((beta * key) @ key.mT).tril(-1)
    seen = (query @ key.mT).tril()
    state: Tensor | None = None  # S^T; the first chunk begins with S = 0, and needs no products with it
    answers = []
    for q, k, v, b, e, w in zip(
        *(x.unbind(1) for x in (query, key, value, beta, earlier, seen)), strict=True
    ):
        missing = v if state is None else torch.baddbmm(v, k, state, alpha=-1)
        u = torch.linalg.solve_triangular(e, b * missing, upper=False, unitriangular=True)
        answers.append(w @ u if state is None else torch.baddbmm(w @ u, q, state))
        state = k.mT @ u if state is None else torch.baddbmm(state, k.mT, u)
    return torch.cat(answers, dim=1)[:, :steps]


class DeltaRule(nn.Module):
    """Queries, keys, values and beta of every step, and the delta rule; `cut` removes S_{t-1}.

    Queries and keys have length 1. Along k_t the state is multiplied by 1 - beta_t, and beta_t lies between 0
    and `largest`.
    """

    def __init__(self, hidden: int, largest: float, cut: bool) -> None:
        super().__init__()
        self.largest = largest
        self.cut = cut
        self.ask = nn.Linear(hidden, 3 * hidden, bias=False)
        self.beta = nn.Linear(hidden, 1)

    def forward(self, u: Tensor) -> Tensor:
        """Map [B, T, H] to [B, T, H]."""
        query, key, value = functional.silu(self.ask(u)).chunk(3, dim=-1)
        # A length below 1e-6 is left short; the gradient would be infinite at 0.
        query, key = (functional.normalize(each, dim=-1, eps=1e-6) for each in (query, key))
        beta = self.largest * torch.sigmoid(self.beta(u))
        if self.cut:
            return beta * value * (key * query).sum(dim=-1, keepdim=True)
        with in_32_bits(u.device):  # no triangular system is solved in 16 bits
            exact = self.beta.weight.dtype
            return delta_rule(query.to(exact), key.to(exact), value.to(exact), beta.to(exact))


class Blocks(nn.Module):
    """A linear map of x_t, and blocks u + GLU(GELU(rule(norm u))); only the delta rule connects the steps.

    The first block has no norm: x is scaled already, and a norm would remove the size of a single channel.
    """

    def __init__(self, inputs: int, hidden: int, layers: int, largest: float, cut: bool) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) if i else nn.Identity() for i in range(layers))
        self.rules = nn.ModuleList(DeltaRule(hidden, largest, cut) for _ in range(layers))
        self.mixes = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        u = self.enter(x)
        for norm, rule, mix in zip(self.norms, self.rules, self.mixes, strict=True):
            u = u + functional.glu(mix(functional.gelu(rule(norm(u)))), dim=-1)
        return u  # type: ignore[no-any-return]


def delta_layers(
    inputs: int, hidden: int, layers: int, both: bool, eigenvalues: str, cut: bool
) -> Directions:
    """Build the body; ValueError if `eigenvalues` is none of LARGEST."""
    require("eigenvalues", eigenvalues, LARGEST)
    largest = LARGEST[eigenvalues]
    cells: list[nn.Module] = [Blocks(inputs, hidden, layers, largest, cut) for _ in range(2 if both else 1)]
    notes = {
        "initialisation": "torch default (uniform, 1/sqrt of inputs)",
        "recurrence": f"linear in the state, eigenvalues from {1 - largest:g} to 1",
    }
    return Directions(cells, hidden, notes)


@method(
    "deltanet",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "layers": (1, 2),
    },
    overrides={"parameters": ("hidden",)},
    variants={
        "deltanet-signed": {"eigenvalues": "signed"},
        "deltanet-state-cut": {"cut": True, "role": "ablation"},
    },
)
def deltanet(
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
    eigenvalues: Literal["positive", "signed"] = "positive",
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """DeltaNet (Yang et al. 2024): a matrix of state, in which every step replaces what is stored at its key.

    S_t = S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T, read as S_t q_t. Keys, values, queries and beta
    depend on the input of the layer at step t only, so the recurrence is linear in its state. Between two
    steps the state is multiplied by I - beta_t k_t k_t^T, with the eigenvalue 1 - beta_t along k_t and 1
    elsewhere. In deltanet beta is between 0 and 1, as in the paper. In deltanet-signed it is between 0 and 2,
    so that the eigenvalue is between -1 and 1 and a step can turn the sign of what is stored (Grazzi et al.
    2025). Parity needs that. deltanet-state-cut is trained without S_{t-1}.

    There is one head, and the layer stands in the blocks of lru. The short convolution, the norm of S_t q_t
    and the wide feedforward layers of the paper are left out.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per layer and direction; the state has hidden x hidden numbers.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    layers : int
    bidirectional : bool or None
        Whether to read in both directions; None: if the task allows it.
    eigenvalues : str
        "positive": 0 <= beta <= 1. "signed": 0 <= beta <= 2.
    cut : bool
        Whether S_{t-1} is removed.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            return delta_layers(coding.task.x.size, width, layers, both, eigenvalues, cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
