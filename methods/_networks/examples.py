"""Encoded examples and batches of them as padded tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from recurbench.task import Array, Task
from torch import Tensor

POOL = 16  # batches sorted by length together; larger pools pad less, smaller ones mix better


@dataclass(frozen=True)
class Batch:
    """Padded examples: x [B, T, inputs], lengths [B], extra [B, extras], y and mask [B, S (, K)].

    mask: where an answer is known; what stands beyond `lengths` in x means nothing.
    """

    x: Tensor
    lengths: Tensor
    extra: Tensor
    y: Tensor
    mask: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The batch on `device`; where it lies there already, the very same tensors."""
        parts = (self.x, self.lengths, self.extra, self.y, self.mask)
        return Batch(*(part.to(device) for part in parts))


@dataclass(frozen=True)
class Examples:
    """Encoded examples; an answer in the task's own units is `base[i] + scale[i] * output`.

    x[i]: [T, inputs]; extra[i]: [extras] covariates known ahead, flattened; y[i]: [S] symbols or
    [S, K] numbers, empty where answers are unknown; free answers end with the symbol `task.y.size`.
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
        """Steps of every input."""
        return np.array([len(x) for x in self.x], dtype=np.int64)

    def batch(self, chosen: Array, *, pad: float = 0.0, dtype: torch.dtype = torch.float32) -> Batch:
        """The `chosen` examples, padded on the right with `pad` to the longest of them."""
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


def buckets(lengths: Array, size: int, rng: np.random.Generator) -> Iterator[Array]:
    """One epoch of index batches of at most `size`, each of similar length, in random order."""
    order = rng.permutation(len(lengths))
    batches: list[Array] = []
    for start in range(0, len(order), POOL * size):
        pool = order[start : start + POOL * size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(np.array_split(pool, -(-len(pool) // size)))
    for i in rng.permutation(len(batches)):
        yield batches[i]


def in_order(lengths: Array, size: int) -> Iterator[Array]:
    """Index batches of at most `size`, shortest first: for answering, where the order does not matter."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def masked(x: Tensor, lengths: Tensor) -> Tensor:
    """`x` [B, T, C] with zeros beyond each length."""
    return x.masked_fill((torch.arange(x.shape[1], device=x.device) >= lengths[:, None])[..., None], 0.0)
