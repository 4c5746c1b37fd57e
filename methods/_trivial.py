"""The loss of the best answer that looks at nothing: what a network must beat to have learned anything."""

from __future__ import annotations

import numpy as np
import torch
from recurbench.methods._examples import Examples, in_order
from recurbench.methods._network import ANSWERED_TOGETHER, summed_loss
from torch import Tensor


def constant_output(known: Examples) -> Tensor:
    """The output, [K] or [K, Q], that fits the answers of `known` best wherever it is given.

    Symbols and flags: the logits of their frequencies. Numbers: their mean or quantiles; in forecasting 0,
    which is the naive forecast that the network corrects.
    """
    task = known.task
    tail = (len(task.quantiles),) if task.quantiles else ()
    if task.kind == "forecasting":
        return torch.zeros(task.y.size, *tail)
    together = np.concatenate(list(known.y))
    if task.y.symbols:
        size = task.y.size + (task.length == "free")
        # Half an occurrence more for each: what train lacks is rare, not impossible (Jeffreys' prior).
        counts = np.bincount(together, minlength=size) + 0.5
        return torch.from_numpy(np.log(counts / counts.sum())).float()
    if task.y.flags:
        rate = (together.sum(axis=0) + 0.5) / (len(together) + 1)
        return torch.from_numpy(np.log(rate / (1 - rate))).float()
    if task.quantiles:
        return torch.from_numpy(np.quantile(together, task.quantiles, axis=0).T.copy()).float()
    return torch.from_numpy(together.mean(axis=0)).float()


def trivial_loss(known: Examples, asked: Examples) -> float:
    """The loss per step on `asked` of the best constant output on `known`."""
    output = constant_output(known)
    total, count = 0.0, 0
    for chosen in in_order(asked.lengths, ANSWERED_TOGETHER):
        batch = asked.batch(chosen)
        loss, steps = summed_loss(asked.task, output.expand(*batch.mask.shape, *output.shape), batch)
        total, count = total + float(loss), count + steps
    return total / max(count, 1)
