"""Recurrent networks that forecast distributions step by step: examples, likelihood and sampled paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from recurbench.methods._networks.likelihoods import drawn, log_likelihood
from recurbench.methods._networks.recurrence import Shape, TorchLoop, initialise
from recurbench.task import Array, Split, Task, arithmetic
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

REACH = 20.0  # scaled inputs are clipped here, so that no path feeds itself ever larger values


@dataclass(frozen=True)
class Reading:
    """How a window of one target becomes a sequence.

    The input at a step is the value before it, the value one season before it, and the covariates known ahead
    of the step. Values are scaled by the window; covariates by train.

    Attributes
    ----------
    task : Task
        With a single target.
    context : int
        Steps of history that are read, and by which a window is scaled.
    known : int
        Covariates known ahead.
    middle, width : arrays [known]
        Their mean and standard deviation in train.
    scaling : str
        "standard": minus the mean, over the standard deviation. "mean": over the mean absolute value.
    """

    task: Task
    context: int
    known: int
    middle: Array
    width: Array
    scaling: str = "standard"

    @property
    def back(self) -> int:
        """Steps of history before the context that are needed for the value a season before."""
        return self.task.season

    @property
    def inputs(self) -> int:
        """Numbers in the input of a step."""
        return 1 + (self.back > 1) + self.known

    def level_and_unit(self, seen: Array) -> tuple[float, float]:
        """What is subtracted from a window [T], and what it is divided by; 0 if the window is constant."""
        if self.scaling == "mean":
            return 0.0, float(np.abs(seen).mean())
        return float(seen.mean()), float(arithmetic.spread(seen))

    def sequences(self, split: Split) -> Sequences:
        """Encode examples; without answers their values are 0.

        Raises
        ------
        ValueError
            If a value is missing or infinite.
        """
        return Sequences(self, [self._one(split, i) for i in range(len(split))])

    def _one(self, split: Split, i: int) -> Window:
        x = np.asarray(split.x[i], dtype=np.float64)[-(self.context + self.back) :]
        steps = len(split.y[i]) if len(split.y) else self.task.steps
        y = np.asarray(split.y[i][:, 0] if len(split.y) else np.zeros(steps), dtype=np.float64)
        known = np.empty((len(x) + steps, 0))
        if self.known:
            ahead = np.asarray(split.ahead[i], dtype=np.float64)[:steps]
            known = (np.concatenate([x[:, x.shape[1] - self.known :], ahead]) - self.middle) / self.width
        history = x[:, 0]
        for name, values in (("x", history), ("y", y), ("ahead", known)):
            _complete(values, name, i)
        level, unit = self.level_and_unit(history[-self.context :])
        whole = np.concatenate([history, y])
        scaled = (whole - level) / unit if unit > 0 else np.zeros(len(whole))
        first = max(1, len(history) - self.context)
        at = np.arange(first, len(whole))
        inputs = [np.clip(scaled[at - 1], -REACH, REACH)[:, None], known[at]]
        if self.back > 1:
            inputs.insert(1, np.clip(scaled[np.maximum(at - self.back, 0)], -REACH, REACH)[:, None])
        # The values before the forecast that a path looks back to.
        past = scaled[np.maximum(np.arange(len(history) - self.back, len(history)), 0)]
        return Window(np.concatenate(inputs, axis=1), scaled[at], past, steps, level, unit)


def _complete(values: Array, name: str, i: int) -> None:
    missing = int((~np.isfinite(values)).sum())
    if missing or (name == "x" and not len(values)):
        raise ValueError(
            f"{name} of example {i} holds {missing} missing or infinite values of {values.size}; a "
            "likelihood needs at least 1 step and no gaps: fill them in, or choose a method that takes "
            "missing values"
        )


@dataclass(frozen=True)
class Window:
    """One encoded window of L steps, of which the last `ahead` are forecast.

    Attributes
    ----------
    inputs : array [L, inputs]
    wanted : array [L]
        The scaled values.
    past : array [season]
        The scaled values before the forecast.
    ahead : int
    level, unit : float
    """

    inputs: Array
    wanted: Array
    past: Array
    ahead: int
    level: float
    unit: float


@dataclass(frozen=True)
class Steps:
    """A batch of sequences, padded with zeros on the right.

    Attributes
    ----------
    inputs : Tensor [B, L, inputs]
    wanted, counted : Tensor [B, L]
        The scaled values, and which of them there are; padding has none.
    unit : Tensor [B]
    """

    inputs: Tensor
    wanted: Tensor
    counted: Tensor
    unit: Tensor


@dataclass(frozen=True)
class Sequences:
    """Encoded windows."""

    reading: Reading
    every: list[Window]

    def __len__(self) -> int:
        return len(self.every)

    @property
    def lengths(self) -> Array:
        """Steps of every window, [N]."""
        return np.array([len(each.wanted) for each in self.every], dtype=np.int64)

    def moving(self) -> Sequences:
        """Those that can be scaled."""
        return Sequences(self.reading, [each for each in self.every if each.unit > 0])

    def batch(self, chosen: Array, *, forecast_only: bool = False, pad: int = 0) -> Steps:
        """Make a batch of the windows with the numbers `chosen`.

        Parameters
        ----------
        chosen : array [B]
        forecast_only : bool
            Whether only the steps of the forecast count.
        pad : int
            Further steps of padding.
        """
        some = [self.every[i] for i in chosen]
        longest = max(len(each.wanted) for each in some) + pad
        inputs = np.zeros((len(some), longest, self.reading.inputs))
        wanted, counted = np.zeros((len(some), longest)), np.zeros((len(some), longest), dtype=bool)
        for row, each in enumerate(some):
            length = len(each.wanted)
            inputs[row, :length], wanted[row, :length] = each.inputs, each.wanted
            counted[row, length - each.ahead if forecast_only else 0 : length] = True
        unit = torch.tensor([each.unit if each.unit > 0 else 1.0 for each in some], dtype=torch.float64)
        return Steps(torch.from_numpy(inputs), torch.from_numpy(wanted), torch.from_numpy(counted), unit)


class PathNet(nn.Module):
    """A recurrent layer with a distribution of the next value as its readout.

    Parameters
    ----------
    inputs : int
    shape : Shape
        "lstm", "gru" or "rnn".
    likelihood : str
        One of LIKELIHOODS.
    """

    def __init__(self, inputs: int, shape: Shape, likelihood: str) -> None:
        super().__init__()
        self.likelihood = likelihood
        self.cell = TorchLoop(inputs, shape)
        initialise(self.cell, shape)
        self.readout = nn.Linear(shape.hidden, 2)
        self.tail = nn.Parameter(torch.tensor(3.0))

    def loss(self, batch: Steps) -> tuple[Tensor, int]:
        """The negative log likelihood summed over the steps that count, and their number.

        The true values are read before every step (teacher forcing). Padding comes after all steps of a
        sequence, so it changes no state that counts, and its own likelihood is left out.
        """
        dtype = self.readout.weight.dtype
        output = self.readout(self.cell(batch.inputs.to(dtype)))[batch.counted]
        unit = batch.unit.to(dtype)[:, None].expand(batch.counted.shape)[batch.counted]
        wanted = batch.wanted.to(dtype)[batch.counted]
        each = log_likelihood(self.likelihood, output, self.tail, unit, wanted)
        return -each.sum(), len(wanted)

    def paths(self, some: Sequence[Window], batch: Steps, uniform: Tensor) -> Tensor:
        """Sample scaled paths beyond the histories.

        Parameters
        ----------
        some : sequence of Window
            B windows; only their inputs known ahead are read beyond the history.
        batch : Steps
            The same as tensors, in double precision.
        uniform : Tensor [P, steps]
            Random numbers in 0..1, the same for every window.

        Returns
        -------
        Tensor [B, P, steps]
        """
        (P, steps), B = uniform.shape, len(some)
        lengths = torch.tensor([len(each.wanted) - steps for each in some])
        state = self._state(batch.inputs, lengths)
        state = [each.repeat_interleave(P, dim=1).contiguous() for each in state]
        past = torch.from_numpy(np.stack([each.past for each in some]))[:, None].repeat(1, P, 1)
        unit = batch.unit[:, None].expand(B, P)
        m, row = past.shape[2], torch.arange(B)
        for step in range(steps):
            # The inputs of this step, with the values of the path instead of those in the batch.
            now = batch.inputs[row, lengths + step][:, None].repeat(1, P, 1)
            now[..., 0] = past[..., -1].clamp(-REACH, REACH)
            if m > 1:
                now[..., 1] = past[..., step].clamp(-REACH, REACH)
            given = tuple(state) if len(state) > 1 else state[0]
            h, new = self.cell.loop(now.reshape(B * P, 1, -1), given)
            state = list(new) if isinstance(new, tuple) else [new]
            output = self.readout(h[:, 0]).view(B, P, 2)
            value = drawn(self.likelihood, output, self.tail, unit, uniform[:, step].expand(B, P))
            past = torch.cat([past, value[..., None]], dim=2)
        return past[..., m:]

    def _state(self, inputs: Tensor, lengths: Tensor) -> list[Tensor]:
        """The state [layers, B, hidden] after `lengths` [B] steps; that of no step is 0."""
        # A packed sequence needs a step; the state after it is set to 0 where there is none.
        packed = pack_padded_sequence(inputs, lengths.clamp(min=1), batch_first=True, enforce_sorted=False)
        state = self.cell.loop(packed)[1]
        parts = list(state) if isinstance(state, tuple) else [state]
        return [each * (lengths > 0)[None, :, None] for each in parts]


def spread_evenly(paths: int, steps: int, seed: int) -> Tensor:
    """Random numbers in 0..1, [paths, steps], with one in each of `paths` equal parts at every step.

    So every step has its whole range (a Latin hypercube, McKay et al. 1979); quantiles need fewer paths.
    """
    rng = np.random.default_rng([seed, 11])
    order = rng.permuted(np.tile(np.arange(paths)[:, None], steps), axis=0)
    return torch.from_numpy((order + rng.uniform(size=order.shape)) / paths)
