"""FCN: three convolutions with batch normalisation, averaged over the sequence."""

from __future__ import annotations

from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.fully_convolutional import KERNELS, FullyConvolutional
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
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
