"""minGRU: a recurrent network whose gates depend on the input only, so it is linear in its state."""

from __future__ import annotations

import math
from typing import Literal

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, reads_both_ways, require
from recurbench.methods._networks.scan import linear_scan
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn

INITIALISATIONS = {
    "spread": "torch default, the gate's biases so that units remember 2 to 100 steps",
    "default": "torch default (uniform, 1/sqrt of inputs)",
}
SHORTEST, LONGEST = 2.0, 100.0  # steps a unit remembers at first


class MinGRU(nn.Module):
    """Layers of h_t = (1 - z_t) h_{t-1} + z_t (U x_t), z_t = sigmoid(Z x_t); `cut` removes h_{t-1}."""

    def __init__(self, inputs: int, hidden: int, layers: int, init: str, cut: bool = False) -> None:
        super().__init__()
        self.cut = cut
        widths = [inputs] + [hidden] * (layers - 1)
        gates = [nn.Linear(width, hidden) for width in widths]
        self.Z = nn.ModuleList(gates)
        self.U = nn.ModuleList(nn.Linear(width, hidden) for width in widths)
        if init == "spread":
            # A unit with gate z remembers about 1/z steps; these are spaced evenly in logarithm (Tallec and
            # Ollivier 2018).
            steps = torch.logspace(math.log10(SHORTEST), math.log10(LONGEST), hidden)
            with torch.no_grad():
                for gate in gates:
                    gate.bias.copy_(-torch.log(steps - 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [B, T, C] to states [B, T, H]."""
        for Z, U in zip(self.Z, self.U, strict=True):
            z = torch.sigmoid(Z(x))
            x = z * U(x) if self.cut else linear_scan(1 - z, z * U(x))
        return x


def minimal(inputs: int, hidden: int, layers: int, both: bool, init: str, cut: bool = False) -> Directions:
    """Build the body; ValueError if `init` is none of INITIALISATIONS."""
    require("init", init, INITIALISATIONS)
    cells: list[nn.Module] = [MinGRU(inputs, hidden, layers, init, cut) for _ in range(2 if both else 1)]
    notes = {"initialisation": INITIALISATIONS[init], "recurrence": "linear in the state"}
    return Directions(cells, hidden, notes)


@method(
    "mingru",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "init": ("spread", "default"),
    },
    variants={"mingru-state-cut": {"cut": True, "role": "ablation"}},
    overrides={"parameters": ("hidden",)},
)
def mingru(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 32,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 2,
    bidirectional: bool | None = None,
    init: Literal["spread", "default"] = "spread",
    cut: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Minimal GRU (Feng et al. 2024): gate and candidate depend on the input x_t only.

    The recurrence h_t = (1 - z_t) h_{t-1} + z_t (U x_t) is linear in its state. In the first layer the gate
    does not depend on the past, in later layers it does. This is the first form in the paper, without the
    positive states that a scan in log space needs. mingru-state-cut is trained without h_{t-1}.

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
        "spread": units remember 2 to 100 steps at first. "default": torch's initialisation.
    cut : bool
        Whether h_{t-1} is removed.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    both = reads_both_ways(task, bidirectional)

    def build(coding: Coding) -> Directions:
        def of_width(width: int) -> Directions:
            return minimal(coding.task.x.size, width, layers, both, init, cut)

        return sized(coding, of_width, hidden, parameters, decoding)

    return fit_network(task, train, build, recipe)
