"""N-BEATS: blocks that each model a part of the window and forecast from it."""

from __future__ import annotations

from typing import Any

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn


class BackcastBlocks(nn.Module):
    """Generic blocks; each subtracts its backcast from the window before the next one reads it. See `Body`.

    The forecast of a block is linear in its last hidden layer, and the forecasts are added. The sum is a
    linear map of all last hidden layers together, which is the readout that every network here has.
    """

    def __init__(self, inputs: int, steps: int, hidden: int, blocks: int, layers: int) -> None:
        super().__init__()
        self.width = hidden * blocks
        self.notes: dict[str, Any] = {}
        window = inputs * steps
        self.looks = nn.ModuleList(_dense(window, hidden, layers) for _ in range(blocks))
        # No block reads the window after the last one, so the last block needs no backcast.
        self.backcasts = nn.ModuleList(nn.Linear(hidden, window) for _ in range(blocks - 1))

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Raise NotImplementedError: there is no state per step."""
        raise NotImplementedError("N-BEATS forecasts; it has no state per step")

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG002
        """Return [B, blocks * hidden] from windows [B, steps, inputs] of one length."""
        left, states = x.flatten(1), []
        for i, look in enumerate(self.looks):
            states.append(look(left))
            if i < len(self.backcasts):
                left = left - self.backcasts[i](states[-1])
        return torch.cat(states, dim=1)


def _dense(inputs: int, hidden: int, layers: int) -> nn.Sequential:
    """Linear maps with ReLU after each."""
    parts: list[nn.Module] = []
    for i in range(layers):
        parts += [nn.Linear(hidden if i else inputs, hidden), nn.ReLU()]
    return nn.Sequential(*parts)


@method(
    "nbeats",
    family="feedforward",
    kinds={"forecasting"},
    search={"hidden": (16, 32, 64), "blocks": (2, 3, 6), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("hidden",)},
)
def nbeats(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 32,
    blocks: AtLeast1 = 3,
    layers: AtLeast1 = 2,
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork:
    """N-BEATS (Oreshkin et al. 2020, generic form) in small: residual blocks of fully connected layers.

    The paper uses 30 blocks of 4 layers with 512 units, and the median of 180 such networks. The basis of a
    block, in the paper two linear maps in sequence, is one map here.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per layer.
    blocks : int
    layers : int
        Layers per block.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    """
    if blocks < 1 or layers < 1:
        raise ValueError(f"blocks and layers must be at least 1, got {blocks} and {layers}")
    recipe = Recipe(seed, check, steps, training, device=device)

    def build(coding: Coding) -> BackcastBlocks:
        def body(width: int) -> BackcastBlocks:
            return BackcastBlocks(coding.task.x.size, coding.context, width, blocks, layers)

        body_built = sized(coding, body, hidden, parameters)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "length_policy": f"the last {coding.context} steps",
        }
        return body_built

    return fit_network(task, train, build, recipe)
