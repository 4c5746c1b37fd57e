"""The loss of the best constant answer: a network that does not beat it has learned nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from recurbench.methods._networks.examples import Examples, in_order
from recurbench.methods._networks.network import ANSWERED_TOGETHER, Net, losses
from torch import Tensor

# Of the loss of the best answer that looks at nothing: what counts as a gain, and what as a clear one.
LEAST, CLEAR = 0.01, 0.05


def constant_output(known: Examples) -> Tensor:
    """The output, [K] or [K, Q], that fits the answers of `known` best wherever it is given.

    Symbols and flags: the logits of their frequencies. Numbers: their mean or quantiles; in forecasting 0,
    which is the naive forecast that the network corrects.
    """
    task = known.task
    tail = (len(task.quantiles),) if task.quantiles else ()
    if task.kind == "forecasting":
        return torch.zeros(task.y.size, *tail, device="cpu")
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


@dataclass(frozen=True)
class Gain:
    """How much lower a network's loss is than the best constant output's, per step, on the same examples.

    error: the standard error of `mean`, from the paired differences of the examples; nan for a single one.
    """

    constant_loss: float
    mean: float
    error: float

    @property
    def learned(self) -> bool:
        """Whether the gain is at least 1 % of the loss and, under 5 %, above twice its standard error.

        The weights were the best of many looks at these examples, so a small gain is found in noise too. A
        clear one stands: a dozen examples cannot show it beyond two errors, and it is there nonetheless.
        """
        clear = self.mean >= CLEAR * self.constant_loss or not self.mean <= 2 * self.error
        return self.mean >= LEAST * self.constant_loss and clear


def gain_of(net: Net, known: Examples, asked: Examples) -> Gain:
    """The gain of `net` on `asked` over the constant output that fits `known` best."""
    constant = constant_output(known).to(net.device)
    constant_losses: list[Tensor] = []
    network_losses: list[Tensor] = []
    steps: list[Tensor] = []
    net.eval()
    with torch.no_grad():
        for chosen in in_order(asked.lengths, ANSWERED_TOGETHER):
            batch = asked.batch(chosen).to(net.device)
            flat = constant.expand(*batch.mask.shape, *constant.shape)
            for sums, output in ((constant_losses, flat), (network_losses, net(batch))):
                each = losses(asked.task, output.flatten(0, 1), batch.y.flatten(0, 1))
                sums.append(each.view(batch.mask.shape).masked_fill(~batch.mask, 0.0).sum(dim=1))
            steps.append(batch.mask.sum(dim=1))
    base, network_loss, count = (
        torch.cat(part).double().cpu().numpy() for part in (constant_losses, network_losses, steps)
    )
    mean = float((base - network_loss).sum() / count.sum())
    n, spread = len(count), base - network_loss - mean * count
    error = float(np.sqrt((spread**2).sum() * n / (n - 1)) / count.sum()) if n > 1 else float("nan")
    return Gain(float(base.sum() / count.sum()), mean, error)
