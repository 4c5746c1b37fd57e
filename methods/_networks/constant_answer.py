"""The loss of the best constant answer: a network that does not beat it has learned nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from recurbench.methods._networks.examples import Examples, in_order
from recurbench.methods._networks.network import ANSWERED_TOGETHER, Net, losses
from torch import Tensor

# Shares of the loss of the best constant answer: what counts as a gain, and what as a clear gain.
LEAST, CLEAR = 0.01, 0.05


def constant_output(train_examples: Examples) -> Tensor:
    """The constant output with the lowest loss on the examples `train_examples`.

    For symbols and flags it is the logits of their frequencies, for numbers their mean or quantiles. In
    forecasting it is 0: a network whose output is 0 answers with the naive forecast.

    Returns
    -------
    Tensor [K] or [K, Q]
    """
    task = train_examples.task
    tail = (len(task.quantiles),) if task.quantiles else ()
    if task.kind == "forecasting":
        return torch.zeros(task.y.size, *tail, device="cpu")
    together = np.concatenate(list(train_examples.y))
    if task.y.symbols:
        size = task.y.size + (task.length == "free")
        # Half an occurrence more of each: a symbol that train lacks is rare, not impossible (Jeffreys).
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
    """How much lower the loss of a network is than that of the best constant answer.

    Attributes
    ----------
    constant_loss : float
        Loss of the best constant answer, per step.
    mean : float
        `constant_loss` minus the loss of the network on the same examples, per step.
    error : float
        Standard error of `mean`, from the paired differences of the examples; nan for a single example.
    """

    constant_loss: float
    mean: float
    error: float

    @property
    def learned(self) -> bool:
        """Whether the network has learned anything.

        The gain must be at least 1 % of the constant loss, and a gain under 5 % must exceed two standard
        errors. The weights were chosen on these examples, so noise alone gives small gains. A gain of 5 % is
        accepted without the test, because a dozen examples have too large a standard error to pass it.
        """
        clear = self.mean >= CLEAR * self.constant_loss or not self.mean <= 2 * self.error
        return self.mean >= LEAST * self.constant_loss and clear


def gain_of(net: Net, train_examples: Examples, check_examples: Examples) -> Gain:
    """Compare a network with the best constant answer.

    Parameters
    ----------
    net : Net
        The trained network.
    train_examples : Examples
        Training examples; the constant answer is fitted to them.
    check_examples : Examples
        The check part; both losses are computed on it.
    """
    constant = constant_output(train_examples).to(net.device)
    constant_losses: list[Tensor] = []
    network_losses: list[Tensor] = []
    steps: list[Tensor] = []
    net.eval()
    with torch.no_grad():
        for chosen in in_order(check_examples.lengths, ANSWERED_TOGETHER):
            batch = check_examples.batch(chosen).to(net.device)
            flat = constant.expand(*batch.mask.shape, *constant.shape)
            for sums, output in ((constant_losses, flat), (network_losses, net(batch))):
                each = losses(check_examples.task, output.flatten(0, 1), batch.y.flatten(0, 1))
                sums.append(each.view(batch.mask.shape).masked_fill(~batch.mask, 0.0).sum(dim=1))
            steps.append(batch.mask.sum(dim=1))
    base, network_loss, count = (
        torch.cat(part).double().cpu().numpy() for part in (constant_losses, network_losses, steps)
    )
    mean = float((base - network_loss).sum() / count.sum())
    n, spread = len(count), base - network_loss - mean * count
    error = float(np.sqrt((spread**2).sum() * n / (n - 1)) / count.sum()) if n > 1 else float("nan")
    return Gain(float(base.sum() / count.sum()), mean, error)
