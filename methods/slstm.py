"""sLSTM: an LSTM with exponential gates and a normalised state, the cell of xLSTM that mixes its memory."""

from __future__ import annotations

import math
from typing import Any, Literal

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

INITIALISATIONS = {
    "orthogonal": "R orthogonal per gate, biases 0, the forget gate's so that units remember 2 to 100 steps",
    "default": "torch default (uniform, 1/sqrt of hidden)",
}
FORGET = ("sigmoid", "exponential")
SHORTEST, LONGEST = 2.0, 100.0  # steps a unit remembers at first
GATES = 4  # z, i, f, o


class ScalarMemory(nn.Module):
    """Layers of sLSTM cells; `forget` is one of FORGET."""

    def __init__(self, inputs: int, hidden: int, layers: int, init: str, forget: str) -> None:
        super().__init__()
        self.exponential = forget == "exponential"
        widths = [inputs] + [hidden] * (layers - 1)
        self.W = nn.ModuleList(nn.Linear(width, GATES * hidden) for width in widths)
        self.R = nn.ParameterList(torch.empty(GATES, hidden, hidden) for _ in widths)
        with torch.no_grad():
            for W, R in zip(self.W, self.R, strict=True):
                assert isinstance(W, nn.Linear)
                if init == "default":
                    for value in (W.weight, W.bias, R):
                        nn.init.uniform_(value, -(hidden**-0.5), hidden**-0.5)
                else:
                    for gate in R:
                        nn.init.orthogonal_(gate)
                    W.bias.zero_()
                    W.bias[2 * hidden : 3 * hidden] = self._remembering(hidden)

    def _remembering(self, hidden: int) -> Tensor:
        """Biases of the forget gate; a gate of f remembers 1 / (1 - f) steps (Tallec and Ollivier 2018)."""
        steps = torch.logspace(math.log10(SHORTEST), math.log10(LONGEST), hidden)
        return torch.log1p(-1 / steps) if self.exponential else torch.log(steps - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        for W, R in zip(self.W, self.R, strict=True):
            sums = W(x)
            with in_32_bits(x.device):  # the normaliser adds up exponentials
                x = cell(sums.to(R.dtype), R, self.exponential)
        return x


def cell(sums: Tensor, R: Tensor, exponential: bool) -> Tensor:
    """Compute the states h_t of one layer, from c_0 = n_0 = 0.

    The cell is c_t = f c_{t-1} + i z, n_t = f n_{t-1} + i, h_t = o c_t / n_t, with z = tanh, o = sigmoid and
    i = exp of their sums W x_t + R h_{t-1}. The states stay the same if c_t and n_t are divided by exp(m_t),
    whatever this stabiliser is. The paper has m_t = max(ln f + m_{t-1}, ln i). Here m_t = ln n_t, so that the
    normaliser is 1 and the state r_t = c_t / n_t is an average:

        m_t = ln(f exp(m_{t-1}) + i),  a = i exp(-m_t),  r_t = r_{t-1} + a (z - r_{t-1}),  h_t = o r_t.

    Parameters
    ----------
    sums : Tensor [B, T, 4 H]
        W x_t of z, i, f and o.
    R : Tensor [4, H, H]
    exponential : bool
        Whether f is the exponential of its sum; otherwise it is the sigmoid.

    Returns
    -------
    Tensor [B, T, H]
    """
    states: Tensor = _Cell.apply(sums, R, exponential)  # type: ignore[no-untyped-call]
    return states


class _Cell(torch.autograd.Function):
    """The steps are the first axis here, so that the numbers of a step are contiguous in memory."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, R: Tensor, exponential: bool) -> Tensor:
        sums = given.transpose(0, 1).clone(memory_format=torch.contiguous_format)
        mixing = R.flatten(0, 1).T
        steps, batch, hidden = len(sums), sums.shape[1], R.shape[1]
        h, r, m, a = (sums.new_empty(steps, batch, hidden) for _ in range(4))
        for t, (z, i, f, o) in enumerate(
            zip(*(part.unbind(0) for part in sums.chunk(GATES, -1)), strict=True)
        ):
            if t:
                sums[t].addmm_(h[t - 1], mixing)
            z.tanh_()
            o.sigmoid_()
            if t:
                kept = m[t - 1] + (f if exponential else functional.logsigmoid(f))
                torch.logaddexp(kept, i, out=m[t])
                torch.exp(torch.sub(i, m[t]), out=a[t])
                torch.lerp(r[t - 1], z, a[t], out=r[t])
            else:
                m[t], a[t], r[t] = i, 1, z
            torch.mul(o, r[t], out=h[t])
        ctx.save_for_backward(R, sums, h, r, a)
        ctx.exponential = exponential
        return h.transpose(0, 1)

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, Tensor, None]:
        R, sums, h, r, a = ctx.saved_tensors
        z, _, f, o = sums.chunk(GATES, -1)
        mixing = R.flatten(0, 1)
        before = torch.cat([torch.zeros_like(r[:1]), r[:-1]])
        kept = 1 - a
        kept[0] = 0  # before the first step there is no state
        # What a gradient of r_t, of m_t and of h_t is multiplied by on its way to the sums and to step t - 1.
        of_r = torch.stack([a * (1 - z * z), a * (z - before), kept], dim=1)
        of_m = torch.stack([a, kept if ctx.exponential else kept * torch.sigmoid(-f), kept], dim=1)
        of_h = torch.stack([r * o * (1 - o), o], dim=1)
        grad = h.new_empty(*h.shape[:2], GATES, h.shape[2])
        grad_h = above[0].transpose(0, 1).clone(memory_format=torch.contiguous_format)
        grad_r, grad_m = torch.zeros_like(h[0]), torch.zeros_like(h[0])
        for t in range(len(h) - 1, -1, -1):
            own, through = (grad_h[t] * of_h[t]).unbind(0)
            own_z, by_a, r_kept = (of_r[t] * (grad_r + through)).unbind(0)
            grad_m = grad_m - by_a
            own_i, own_f, m_kept = (of_m[t] * grad_m).unbind(0)
            torch.stack([own_z, own_i + by_a, own_f, own], dim=1, out=grad[t])
            grad_r, grad_m = r_kept, m_kept
            if t:
                grad_h[t - 1].addmm_(grad[t].flatten(1), mixing)
        grad = grad.flatten(2)
        grad_R = (grad[1:].flatten(0, 1).T @ h[:-1].flatten(0, 1)).view_as(R)
        return grad.transpose(0, 1), grad_R, None


def scalar_memories(
    inputs: int, hidden: int, layers: int, both: bool, init: str, forget: str, cut: bool = False
) -> Directions:
    """Build the body; ValueError if `init` or `forget` is none of INITIALISATIONS or FORGET."""
    require("init", init, INITIALISATIONS)
    require("forget", forget, FORGET)
    cells: list[nn.Module] = [
        ScalarMemory(inputs, hidden, layers, init, forget) for _ in range(2 if both else 1)
    ]
    body = Directions(cells, hidden, {"initialisation": INITIALISATIONS[init]})
    body.reset_every = int(cut)
    return body


@method(
    "slstm",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "init": ("orthogonal", "default"),
    },
    variants={"slstm-state-cut": {"cut": True, "role": "ablation"}},
    overrides={"parameters": ("hidden",)},
)
def slstm(
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
    init: Literal["orthogonal", "default"] = "orthogonal",
    forget: Literal["sigmoid", "exponential"] = "sigmoid",
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """sLSTM (Beck et al. 2024): an LSTM with an exponential input gate and a state divided by its weights.

    c_t = f_t c_{t-1} + i_t z_t, n_t = f_t n_{t-1} + i_t, h_t = o_t c_t / n_t. So c_t / n_t is a weighted
    average of all z up to now, and one step with a large i_t can replace it. All gates read x_t and h_{t-1}.
    There is one head, so every unit reads every other one. The convolution, the norm, the shortcut and the
    feedforward layers of an xLSTM block are left out, and the answer is V h_t as in lstm.

    slstm-state-cut is to slstm as lstm-state-cut is to lstm: the state begins anew at every step, in training
    too.

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
    init : str
        "orthogonal": R orthogonal per gate, and units remember 2 to 100 steps at first. "default": torch's
        initialisation of an LSTM.
    forget : str
        The forget gate: "sigmoid" or "exponential"; the paper allows both.
    cut : bool
        Whether the state begins anew at every step.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            return scalar_memories(coding.task.x.size, width, layers, both, init, forget, cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
