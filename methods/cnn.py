"""A convolutional network: convolutions and pooling, then a fully connected readout."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional


class Convolution(nn.Module):
    """Layers of convolution and ReLU; see `Body`.

    `sequence_state` halves the number of steps between layers, and averages the last layer over `segments`
    parts of the sequence. If `causal`, a kernel covers past steps only. Padding counts as zero.
    """

    def __init__(
        self, inputs: int, filters: int, kernel: int, layers: int, segments: int, causal: bool
    ) -> None:
        super().__init__()
        self.segments = segments
        self.filters = filters
        self.width = filters * segments
        self.kernel = kernel
        self.before = kernel - 1 if causal else (kernel - 1) // 2
        widths = [inputs] + [filters] * layers
        self.layers = nn.ModuleList(nn.Conv1d(a, b, kernel) for a, b in itertools.pairwise(widths))
        self.notes: dict[str, Any] = {}

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, filters]; without pooling, because every step needs its state."""
        for layer in self.layers:
            x = self._convolved(layer, x, lengths)
        return masked(x, lengths)

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, segments * filters]."""
        for i, layer in enumerate(self.layers):
            if i:
                # Outputs of ReLU are never below the zeros of the padding, so padding changes no maximum.
                x = functional.max_pool1d(masked(x, lengths).mT, 2, ceil_mode=True).mT
                lengths = (lengths + 1) // 2
            x = self._convolved(layer, x, lengths)
        return (segment_weights(lengths, x.shape[1], self.segments).to(x.dtype) @ x).flatten(1)

    def _convolved(self, layer: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
        padded = functional.pad(masked(x, lengths).mT, (self.before, self.kernel - 1 - self.before))
        return torch.relu(layer(padded)).mT


def segment_weights(lengths: Tensor, steps: int, segments: int) -> Tensor:
    """Weights [B, segments, steps] that average each of `segments` equal parts of a sequence."""
    part = torch.arange(segments, device=lengths.device)
    start = part * lengths[:, None] // segments
    end = ((part + 1) * lengths[:, None] + segments - 1) // segments
    at = torch.arange(steps, device=lengths.device)
    inside = (at >= start[..., None]) & (at < end[..., None])
    return inside / (end - start)[..., None]


def receptive_field(kernel: int, layers: int, pooled: bool) -> int:
    """How many steps of x one output of the last layer depends on; `pooled`: steps are halved in between."""
    seen, stride = 1, 1
    for i in range(layers):
        if i and pooled:
            seen += stride
            stride *= 2
        seen += (kernel - 1) * stride
    return seen


@method(
    "cnn",
    family="convolutional",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={"filters": (16, 32, 64), "kernel": (3, 5, 7), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("filters",)},
)
def cnn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    filters: AtLeast1 = 32,
    kernel: AtLeast1 = 7,
    layers: AtLeast1 = 3,
    segments: AtLeast1 = 4,
    parameters: AtLeast0 = 0,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Convolutional network with ReLU and max-pooling (LeCun et al. 1998; for time series Zheng et al. 2014).

    One answer per sequence: the last layer is averaged over `segments` equal parts of the sequence, so any
    length is possible, and some of the order is kept. With segments=1 it is averaged over the whole sequence
    (global average pooling), and no order is kept. One answer per step: there is no pooling, and in causal
    tasks a kernel covers past steps only.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    filters : int
        Filters per layer.
    kernel : int
        Steps that a filter covers.
    layers : int
    segments : int
        Parts of the sequence that the last layer is averaged over.
    parameters : int
        Above 0: the number of trainable parameters; it decides `filters`.
    """
    if segments < 1:
        raise ValueError(f"segments must be at least 1, got {segments}")
    recipe = Recipe(seed, check, steps, training, decoding, device)
    # If every step needs a state, for its answer or for attention, there is no pooling.
    aligned = task.length == "same" or decoding.of(task) == "attention"

    def build(coding: Coding) -> Convolution:
        def body(width: int) -> Convolution:
            parts = 1 if aligned else segments
            return Convolution(coding.task.x.size, width, kernel, layers, parts, aligned and task.causal)

        body_built = sized(coding, body, filters, parameters, decoding)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "receptive_field": receptive_field(kernel, layers, not aligned),
            "length_policy": "padded and masked" if aligned else f"masked, averaged over {segments} parts",
        }
        return body_built

    return fit_network(task, train, build, recipe)
