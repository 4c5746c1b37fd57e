"""All examples in a few tensors, made once, so that a batch is one indexing operation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from recurbench.methods._networks.examples import Batch, Examples
from recurbench.task import Array
from torch import Tensor

Device = torch.device | str


class Concatenated:
    """Sequences [T_i, ...] concatenated into one tensor, followed by a row of zeros for padding.

    Parameters
    ----------
    sequences : sequence of arrays [T_i, ...]
        All alike but for their length.
    like : array [1, ...]
        One step; gives the shape when there are no sequences.
    dtype, device
        Of the tensor.
    """

    def __init__(self, sequences: Sequence[Array], like: Array, dtype: torch.dtype, device: Device) -> None:
        self.sizes = np.array([len(each) for each in sequences], dtype=np.int64)
        self.lengths = torch.from_numpy(self.sizes).to(device)
        self.starts = self.lengths.cumsum(0) - self.lengths
        self.flat = torch.from_numpy(np.concatenate([*sequences, np.zeros_like(like)])).to(device, dtype)
        even = len(self.sizes) and bool((self.sizes == self.sizes[0]).all())
        self.steps = int(self.sizes[0]) if even else None

    def take(self, chosen: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Return the first `steps` steps of the chosen sequences, and which of them are no padding.

        Parameters
        ----------
        chosen : Tensor [B]
            Indices of the sequences.
        steps : int
            Longer sequences are cut, shorter ones are padded with zeros.

        Returns
        -------
        values : Tensor [B, steps, ...]
        present : Tensor [B, steps]
            True where the sequence has the step.
        """
        if steps == self.steps:
            all_rows = self.flat[:-1].view(-1, steps, *self.flat.shape[1:])
            there = torch.ones(len(chosen), steps, dtype=torch.bool, device=self.flat.device)
            return all_rows.index_select(0, chosen), there
        at = torch.arange(steps, device=self.flat.device)
        there = at < self.lengths[chosen, None]
        rows = torch.where(there, self.starts[chosen, None] + at, len(self.flat) - 1)
        return self.flat[rows], there


class TensorExamples:
    """The same batches as `Examples.batch`, faster and on a device.

    Parameters
    ----------
    examples : Examples
        What to make batches of.
    dtype : torch.dtype
        Of all numbers; symbols are int64.
    device : torch.device or str
        Where the tensors are kept.
    """

    def __init__(
        self, examples: Examples, dtype: torch.dtype = torch.float32, device: Device = "cpu"
    ) -> None:
        task = examples.task
        self.task = task
        self.lengths = examples.lengths
        self.x = Concatenated(examples.x, np.zeros((1, examples.x[0].shape[1])), dtype, device)
        self.extra = torch.from_numpy(np.stack(examples.extra)).to(device, dtype)
        answer = np.zeros(1, dtype=np.int64) if task.y.symbols else np.zeros((1, task.y.size))
        answers = examples.y if len(examples.y) else [answer[:0]] * len(examples)
        self.y = Concatenated(answers, answer, torch.int64 if task.y.symbols else dtype, device)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, chosen: Array) -> Batch:
        """Make a batch of the examples with the indices `chosen` [B], padded with zeros."""
        rows = torch.from_numpy(chosen).to(self.extra.device)
        lengths = self.x.lengths[rows]
        longest = self.x.steps or int(self.x.sizes[chosen].max())
        steps = {"same": longest, "fixed": self.task.steps}.get(self.task.length)
        steps = max(1, int(self.y.sizes[chosen].max())) if steps is None else steps
        y, mask = self.y.take(rows, steps)
        return Batch(self.x.take(rows, longest)[0], lengths, self.extra[rows], y, mask)
