"""FCN: three convolutions with batch normalisation, averaged over the sequence."""

from __future__ import annotations

from typing import Any

import torch
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.batch_norm import real_steps
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.convolutions import NormedConvolution, mean_over_steps
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn

KERNELS = (8, 5, 3)  # steps
WIDTHS = (1, 2, 1)  # filters of each layer, as multiples of the setting `filters`


class FullyConvolutional(nn.Module):
    """Three layers of convolution, batch normalisation and ReLU; see `Body`."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.width = filters * WIDTHS[-1]
        self.notes: dict[str, Any] = {}
        widths = [inputs, *(filters * each for each in WIDTHS)]
        self.layers = nn.ModuleList(
            NormedConvolution(a, b, kernel)
            for a, b, kernel in zip(widths[:-1], widths[1:], KERNELS, strict=True)
        )

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, filters]."""
        real = real_steps(lengths, x.shape[1])
        h = masked(x, lengths)
        for layer in self.layers:
            h = torch.relu(layer(h, real))
        return h

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, filters]: the mean over the steps of each sequence."""
        return mean_over_steps(self.step_states(x, lengths), lengths)


@method(
    "fcn",
    family="convolutional",
    kinds={"classification", "regression", "labelling"},
    search={"filters": (32, 64, 128), "learning_rate": (0.0003, 0.001, 0.003, 0.01)},
    overrides={"parameters": ("filters",)},
)
def fcn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    filters: AtLeast1 = 128,
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork:
    """Fully convolutional network, FCN (Wang, Yan and Oates 2017).

    Three convolutions with kernels of 8, 5 and 3 steps, each with batch normalisation and ReLU. An answer
    per sequence is read from the mean over its steps (global average pooling). Kernels also cover later
    steps, so there are no answers to causal tasks.

    Parameters
    ----------
    filters : int
        Filters of the first and the last layer; the second has twice as many.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    if task.length == "same" and task.causal:
        raise Unsupported("kernels of fcn cover later steps, and the task is causal; use tcn or cnn")
    recipe = Recipe(seed, check, steps, training, device=device)

    def build(coding: Coding) -> FullyConvolutional:
        def body(width: int) -> FullyConvolutional:
            return FullyConvolutional(coding.task.x.size, width)

        body_built = sized(coding, body, filters, parameters)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "receptive_field": 1 + sum(each - 1 for each in KERNELS),
            "length_policy": "padded and masked"
            + ("" if task.length == "same" else "; mean over the steps there"),
        }
        return body_built

    return fit_network(task, train, build, recipe)
