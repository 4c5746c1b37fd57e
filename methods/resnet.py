"""ResNet: three residual blocks of three convolutions with batch normalisation."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.batch_norm import MaskedNorm, real_steps
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.convolutions import NormedConvolution, mean_over_steps
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.looking_ahead import fit_looking_ahead
from recurbench.methods._networks.members import Ensemble
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._settings import AtLeast0, AtLeast1, Training
from torch import Tensor, nn

KERNELS = (8, 5, 3)  # steps, in every block
WIDTHS = (1, 2, 2)  # filters of each block, as multiples of the setting `filters`


class ResidualBlock(nn.Module):
    """Three convolutions with batch normalisation, and a shortcut around them.

    The shortcut is batch normalisation; where the number of channels changes, a convolution of one step comes
    before it.
    """

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        widths = (inputs, filters, filters)
        self.layers = nn.ModuleList(
            NormedConvolution(a, filters, kernel) for a, kernel in zip(widths, KERNELS, strict=True)
        )
        same = inputs == filters
        self.shortcut = MaskedNorm(filters) if same else NormedConvolution(inputs, filters, 1)

    def forward(self, x: Tensor, real: Tensor | None) -> Tensor:
        """Map `x` [B, T, inputs] to [B, T, filters], both zero in the padding; real: see `real_steps`."""
        h = x
        for layer in self.layers[:-1]:
            h = torch.relu(layer(h, real))
        return torch.relu(self.layers[-1](h, real) + self.shortcut(x, real))


class Residual(nn.Module):
    """Three residual blocks; see `Body`."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.width = filters * WIDTHS[-1]
        self.notes: dict[str, Any] = {}
        widths = [inputs, *(filters * each for each in WIDTHS)]
        self.blocks = nn.ModuleList(ResidualBlock(a, b) for a, b in itertools.pairwise(widths))

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, 2 * filters]."""
        real = real_steps(lengths, x.shape[1])
        h = masked(x, lengths)
        for block in self.blocks:
            h = block(h, real)
        return h

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, 2 * filters]: the mean over the steps of each sequence."""
        return mean_over_steps(self.step_states(x, lengths), lengths)


@method(
    "resnet",
    family="convolutional",
    kinds={"classification", "regression", "labelling"},
    search={"filters": (16, 32, 64), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("filters",)},
)
def resnet(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    filters: AtLeast1 = 64,
    parameters: AtLeast0 = 0,
    training: Training,
) -> TrainedNetwork | Ensemble:
    """Residual network, ResNet (Wang, Yan and Oates 2017; as in Ismail Fawaz et al. 2019).

    Three residual blocks, each of three convolutions with kernels of 8, 5 and 3 steps, batch normalisation
    and ReLU. An answer per sequence is read from the mean over its steps (global average pooling). Kernels
    also cover later steps, so there are no answers to causal tasks.

    Parameters
    ----------
    filters : int
        Filters of the first block; the second and the third have twice as many.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    return fit_looking_ahead(
        "resnet",
        task,
        train,
        Recipe(seed, check, steps, training, device=device),
        Residual,
        filters=filters,
        parameters=parameters,
        notes={"receptive_field": 1 + len(WIDTHS) * sum(each - 1 for each in KERNELS)},
    )
