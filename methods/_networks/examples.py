"""Encoded examples and batches of them as padded tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from recurbench.task import Array, Task
from torch import Tensor

FIELDS = ("x", "extra", "y", "base", "scale")
POOL = 16  # batches whose examples are sorted by length together: more pad less, fewer mix better


@dataclass(frozen=True)
class Batch:
    """A batch of B examples, padded on the right to the longest one.

    Attributes
    ----------
    x : Tensor [B, T, inputs]
        Inputs. Values beyond an example's length are padding and must not change its answer.
    lengths : Tensor [B]
        Steps of each example before the padding.
    extra : Tensor [B, extras]
        Covariates known ahead, flattened; scaled.
    y : Tensor [B, S] of symbols, or [B, S, K] of numbers
        Answers, padded with zeros.
    mask : Tensor [B, S]
        True where an answer is known.
    """

    x: Tensor
    lengths: Tensor
    extra: Tensor
    y: Tensor
    mask: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on `device`; tensors that are there already are not copied."""
        parts = (self.x, self.lengths, self.extra, self.y, self.mask)
        return Batch(*(part.to(device) for part in parts))


@dataclass(frozen=True)
class Examples:
    """Encoded examples. The answer to example i in the task's units is `base[i] + scale[i] * output`.

    Attributes
    ----------
    task : Task
        The task of these examples.
    x : sequence of arrays [T, inputs]
        Encoded and scaled inputs.
    extra : sequence of arrays [extras]
        Covariates known ahead, scaled and flattened.
    y : sequence of arrays [S] of symbols, or [S, K] of scaled numbers
        Answers; empty where they are unknown. Answers of free length end with the symbol `task.y.size`.
    base, scale : sequence of arrays, [K] or [S, K]
        In the units of the task.
    """

    task: Task
    x: Sequence[Array]
    extra: Sequence[Array]
    y: Sequence[Array]
    base: Sequence[Array]
    scale: Sequence[Array]

    def __len__(self) -> int:
        return len(self.x)

    @property
    def lengths(self) -> Array:
        """The number of steps of every input, [N]."""
        return np.array([len(x) for x in self.x], dtype=np.int64)

    def batch(self, chosen: Array, *, pad: float = 0.0, dtype: torch.dtype = torch.float32) -> Batch:
        """Make a batch.

        Parameters
        ----------
        chosen : array [B]
            Indices of the examples.
        pad : float
            The value that x is padded with.
        dtype : torch.dtype
            The type of all numbers; symbols are int64.
        """
        lengths = np.array([len(self.x[i]) for i in chosen], dtype=np.int64)
        x = np.full((len(chosen), int(lengths.max()), self.x[chosen[0]].shape[1]), pad)
        for row, i in enumerate(chosen):
            x[row, : lengths[row]] = self.x[i]
        extra = np.stack([self.extra[i] for i in chosen])
        y, mask = self._answers(chosen, x.shape[1])
        kind = torch.int64 if self.task.y.symbols else dtype
        return Batch(
            torch.from_numpy(x).to(dtype),
            torch.from_numpy(lengths),
            torch.from_numpy(extra).to(dtype),
            torch.from_numpy(y).to(kind),
            torch.from_numpy(mask),
        )

    def _answers(self, chosen: Array, longest: int) -> tuple[Array, Array]:
        steps = longest if self.task.length == "same" else self.task.steps
        if self.task.length == "free":
            steps = max((len(self.y[i]) for i in chosen), default=1) if len(self.y) else 1
        tail = () if self.task.y.symbols else (self.task.y.size,)
        y = np.zeros((len(chosen), steps, *tail))
        mask = np.zeros((len(chosen), steps), dtype=bool)
        for row, i in enumerate(chosen if len(self.y) else ()):
            length = len(self.y[i])
            y[row, :length] = self.y[i]
            mask[row, :length] = True
        return y, mask


def joined(parts: Sequence[Examples]) -> Examples:
    """The examples of all parts, one after the other."""
    lists = ([item for part in parts for item in getattr(part, name)] for name in FIELDS)
    return Examples(parts[0].task, *lists)


def buckets(lengths: Array, size: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield the batches of one epoch, in random order, each of examples of similar length.

    Parameters
    ----------
    lengths : array [N]
        Steps of every example.
    size : int
        The largest number of examples in a batch.
    rng : numpy.random.Generator
        Decides order and composition of the batches.

    Yields
    ------
    array [<= size]
        Indices of the examples of one batch.
    """
    order = rng.permutation(len(lengths))
    batches: list[Array] = []
    for start in range(0, len(order), POOL * size):
        pool = order[start : start + POOL * size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(np.array_split(pool, -(-len(pool) // size)))
    for i in rng.permutation(len(batches)):
        yield batches[i]


def in_order(lengths: Array, size: int) -> Iterator[Array]:
    """Yield batches of at most `size` indices, shortest examples first. For answering, not for training."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def masked(x: Tensor, lengths: Tensor) -> Tensor:
    """Return `x` [B, T, C] with zeros beyond each of the `lengths` [B]."""
    return x.masked_fill((torch.arange(x.shape[1], device=x.device) >= lengths[:, None])[..., None], 0.0)
