"""FCN: three convolutions with batch normalisation, averaged over the sequence."""

from __future__ import annotations

from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.fully_convolutional import KERNELS, FullyConvolutional
from recurbench.methods._networks.looking_ahead import fit_looking_ahead
from recurbench.methods._networks.members import Ensemble
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._settings import AtLeast0, AtLeast1, Training


@method(
    "fcn",
    family="convolutional",
    kinds={"classification", "regression", "labelling"},
    search={"filters": (32, 64, 128), "learning_rate": (0.0003, 0.001, None, 0.01)},
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
) -> TrainedNetwork | Ensemble:
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
    return fit_looking_ahead(
        "fcn",
        task,
        train,
        Recipe(seed, check, steps, training, device=device),
        FullyConvolutional,
        filters=filters,
        parameters=parameters,
        notes={"receptive_field": 1 + sum(each - 1 for each in KERNELS)},
    )
