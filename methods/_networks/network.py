"""A network that answers: a body, its readout and loss, and the trained network as a predictor."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import Batch, Examples, in_order
from recurbench.task import Array, Split, Task
from torch import Tensor, nn
from torch.nn import functional

ANSWERED_TOGETHER = 256


class Body(Protocol):
    """What a network file provides: states of width `width`, per step or for the sequence as a whole.

    x is [B, T, inputs] with anything (finite) beyond `lengths` [B]; what stands there must not matter.
    """

    width: int
    notes: dict[str, Any]

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One state per step, [B, T, width]."""

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """One state per sequence, [B, width]."""


class Net(nn.Module):
    """A body and what makes answers of its states; called with a Batch it gives what `losses` scores."""

    def __init__(self, task: Task, body: Body) -> None:
        super().__init__()
        self.task = task
        self.body = body

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device


class ReadoutNet(Net):
    """A body and its readout y = V h; covariates known ahead join h just before V.

    Where the task has quantiles, every number is answered at each of their levels.
    """

    def __init__(self, task: Task, body: Body, extras: int) -> None:
        super().__init__(task, body)
        self.shape = (task.y.size, len(task.quantiles)) if task.quantiles else (task.y.size,)
        steps = 1 if task.length == "same" else task.steps
        self.V = nn.Linear(body.width + extras, steps * math.prod(self.shape))

    def forward(self, batch: Batch) -> Tensor:
        """Outputs [B, S, K] or [B, S, K, Q]: logits of symbols and flags, scaled numbers."""
        if self.task.length == "same":
            h = self.body.step_states(batch.x, batch.lengths)
        else:
            h = torch.cat([self.body.sequence_state(batch.x, batch.lengths), batch.extra], dim=1)
        return self.V(h).view(len(h), -1, *self.shape)  # type: ignore[no-any-return]


def summed_loss(task: Task, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
    """The loss summed over all answered steps of all sequences, and the number of these steps."""
    if batch.mask.all():
        got, wanted = output.flatten(0, 1), batch.y.flatten(0, 1)
    else:
        got, wanted = output[batch.mask], batch.y[batch.mask]
    return losses(task, got, wanted).sum(), len(got)


def losses(task: Task, got: Tensor, wanted: Tensor) -> Tensor:
    """The loss of each answered step, [N], for outputs [N, K] or [N, K, Q] and answers [N] or [N, K].

    Cross-entropy for symbols and flags, squared error of scaled numbers, twice the pinball loss at the
    quantiles asked for (at the median the absolute error); a mean over channels.
    """
    if task.y.symbols:
        return functional.cross_entropy(got, wanted, reduction="none")
    if task.y.flags:
        return functional.binary_cross_entropy_with_logits(got, wanted, reduction="none").mean(dim=1)
    if task.quantiles:
        levels = torch.tensor(task.quantiles, dtype=got.dtype, device=got.device)
        error = wanted[..., None] - got
        return 2 * torch.maximum(levels * error, (levels - 1) * error).mean(dim=(1, 2))
    return ((got - wanted) ** 2).mean(dim=1)


class TrainedNetwork:
    """A predictor: the network with its restored weights, its coding and its notes."""

    def __init__(self, net: Net, coding: Coding, notes: dict[str, Any]) -> None:
        # Double precision, so that which examples are answered together changes nothing that could be seen.
        self.net = copy.deepcopy(net).double().eval()
        self.coding = coding
        self.notes = notes

    def __call__(self, split: Split) -> Sequence[Array]:
        """Chances [S, K] of symbols and flags, numbers [S, K] or [S, K, Q]; one array per example."""
        examples = self.coding.examples(split.blind())
        answers: list[Array] = [np.empty(0)] * len(examples)
        with fixed_rng(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                output = self.net(examples.batch(chosen, dtype=torch.float64).to(self.net.device)).cpu()
                for row, i in enumerate(chosen):
                    answers[i] = self._answer(output[row], examples, i)
        return self.coding.view.answers(answers)

    def _answer(self, output: Tensor, examples: Examples, i: int) -> Array:
        task = examples.task
        if task.length == "same":
            output = output[: len(examples.x[i])]
        if task.y.symbols:
            return np.asarray(output.softmax(dim=-1).numpy())
        if task.y.flags:
            return np.asarray(output.sigmoid().numpy())
        if task.quantiles:
            # Each level is trained by itself; sorted, no level lies above a higher one.
            base, scale = (np.asarray(a)[..., None] for a in (examples.base[i], examples.scale[i]))
            return np.asarray(base + scale * np.sort(output.numpy(), axis=-1))
        return np.asarray(examples.base[i] + examples.scale[i] * output.numpy())


@contextmanager
def full_precision(device: str) -> Iterator[None]:
    """Off the CPU, cuDNN by fixed algorithms in the precision asked for, not in TF32's ten bits."""
    if device == "cpu":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        yield


@contextmanager
def fixed_rng(seed: int) -> Iterator[None]:
    """One thread and a generator of our own; what the caller had set comes back afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
