"""A network that answers: a body, a readout and a loss; and the trained network as a predictor."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from recurbench.methods._networks.blend import Blend
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import Batch, Examples, in_order
from recurbench.task import Array, Split, Task
from torch import Tensor, nn
from torch.nn import functional

ANSWERED_TOGETHER = 256  # examples in a batch when answering


class Body(Protocol):
    """The part of a network before its readout: it turns sequences into states. Each network file has one.

    In both methods x is [B, T, inputs] and `lengths` is [B]. Values beyond a length are finite and must not
    change the states.

    Attributes
    ----------
    width : int
        Numbers in a state.
    notes : dict
        Facts about the body, stored with every fit.
    """

    width: int
    notes: dict[str, Any]

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return one state per step, [B, T, width]."""

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return one state per sequence, [B, width]."""


class Net(nn.Module):
    """A body and a readout of its states. Called with a `Batch`, it returns the outputs that `losses` takes.

    Parameters
    ----------
    task : Task
        After the view.
    body : Body
    """

    def __init__(self, task: Task, body: Body) -> None:
        super().__init__()
        self.task = task
        self.body = body

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device


class ReadoutNet(Net):
    """A body with the linear readout y = V h. Covariates known ahead are appended to h.

    If the task asks for quantiles, every number is answered at each level.

    Parameters
    ----------
    task : Task
        After the view.
    body : Body
    extras : int
        How many numbers known ahead an example has.
    """

    def __init__(self, task: Task, body: Body, extras: int) -> None:
        super().__init__(task, body)
        self.shape = (task.y.size, len(task.quantiles)) if task.quantiles else (task.y.size,)
        steps = 1 if task.length == "same" else task.steps
        self.V = nn.Linear(body.width + extras, steps * math.prod(self.shape))

    def forward(self, batch: Batch) -> Tensor:
        """Return outputs [B, S, K] or [B, S, K, Q]: logits of symbols and flags, scaled numbers."""
        if self.task.length == "same":
            h = self.body.step_states(batch.x, batch.lengths)
        else:
            h = torch.cat([self.body.sequence_state(batch.x, batch.lengths), batch.extra], dim=1)
        return self.V(h).view(len(h), -1, *self.shape)  # type: ignore[no-any-return]


def summed_loss(
    task: Task, output: Tensor, batch: Batch, weights: Tensor | None = None, smoothing: float = 0.0
) -> tuple[Tensor, int]:
    """Return the loss summed over all answered steps of a batch, and the number of these steps.

    `weights` [K] are those of the classes, see `class_weights`; None: all steps count alike. `smoothing`: see
    `losses`.
    """
    if batch.mask.all():
        got, wanted = output.flatten(0, 1), batch.y.flatten(0, 1)
    else:
        got, wanted = output[batch.mask], batch.y[batch.mask]
    each = losses(task, got, wanted, smoothing)
    return (each if weights is None else each * weights[wanted]).sum(), len(got)


def losses(task: Task, got: Tensor, wanted: Tensor, smoothing: float = 0.0) -> Tensor:
    """The loss of each answered step, averaged over channels.

    It is cross-entropy (nats) for symbols and flags, the squared error of scaled numbers, and for quantiles
    twice the pinball loss, which at the median is the absolute error.

    Parameters
    ----------
    task : Task
    got : Tensor [N, K] or [N, K, Q]
        Outputs.
    wanted : Tensor [N] of symbols, or [N, K]
        True answers.
    smoothing : float
        The share of a true symbol or flag that is spread evenly over all symbols, or over both values of a
        flag.

    Returns
    -------
    Tensor [N]
    """
    if task.y.symbols:
        return functional.cross_entropy(got, wanted, reduction="none", label_smoothing=smoothing)
    if task.y.flags:
        wanted = wanted * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(got, wanted, reduction="none").mean(dim=1)
    if task.quantiles:
        levels = torch.tensor(task.quantiles, dtype=got.dtype, device=got.device)
        error = wanted[..., None] - got
        return 2 * torch.maximum(levels * error, (levels - 1) * error).mean(dim=(1, 2))
    return ((got - wanted) ** 2).mean(dim=1)


class TrainedNetwork:
    """A trained network as a predictor.

    Parameters
    ----------
    net : Net
        With its final weights; it is copied.
    coding : Coding
        Encodes the examples it is asked about.
    notes : dict
        Stored with the fit.
    blend : Blend
        Of the network with the reference, in forecasting.
    """

    def __init__(self, net: Net, coding: Coding, notes: dict[str, Any], blend: Blend | None = None) -> None:
        # In double precision an answer does not visibly depend on the other examples of its batch.
        self.net = copy.deepcopy(net).double().eval()
        self.coding = coding
        self.notes = notes
        self.blend = blend or Blend()

    def __call__(self, split: Split) -> Sequence[Array]:
        """Answer every example: probabilities [S, K], or numbers [S, K] or [S, K, Q] in the task's units."""
        examples = self.coding.examples(split.blind())
        answers = [self._answer(output, examples, i) for i, output in enumerate(self.outputs(examples))]
        return self.coding.view.answers(answers)

    def outputs(self, examples: Examples) -> list[Tensor]:
        """The outputs of the network for every example, before the blend with the reference; see `Net`."""
        outputs = [torch.empty(0)] * len(examples)
        with fixed_rng(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                output = self.net(examples.batch(chosen, dtype=torch.float64).to(self.net.device)).cpu()
                for row, i in enumerate(chosen):
                    outputs[i] = output[row]
        return outputs

    def _answer(self, output: Tensor, examples: Examples, i: int) -> Array:
        task = examples.task
        if task.length == "same":
            output = output[: len(examples.x[i])]
        if task.y.symbols:
            return np.asarray(output.softmax(dim=-1).numpy())
        if task.y.flags:
            return np.asarray(output.sigmoid().numpy())
        if task.quantiles:
            # The levels are trained independently of each other, so they are sorted.
            base, scale = (np.asarray(a)[..., None] for a in (examples.base[i], examples.scale[i]))
            return np.asarray(base + scale * np.sort(self.blend(output.numpy()), axis=-1))
        return np.asarray(examples.base[i] + examples.scale[i] * self.blend(output.numpy()))


@contextmanager
def full_precision(device: str) -> Iterator[None]:
    """On a GPU, make cuDNN deterministic and keep full precision (TF32 has a mantissa of ten bits)."""
    if device == "cpu":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        yield


@contextmanager
def fixed_rng(seed: int) -> Iterator[None]:
    """Within the block torch uses one thread and a generator with this seed; both are restored afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
