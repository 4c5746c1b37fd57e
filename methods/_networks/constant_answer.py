"""The loss of the best constant answer: a network that does not beat it has learned nothing."""

from __future__ import annotations

import numpy as np
import torch
from recurbench.methods._networks.blend import Blend
from recurbench.methods._networks.examples import Examples, in_order
from recurbench.methods._networks.gain import Gain
from recurbench.methods._networks.network import ANSWERED_TOGETHER, Net, losses
from torch import Tensor


def constant_output(train_examples: Examples) -> Tensor:
    """The constant output with the lowest loss on the examples `train_examples`.

    For symbols and flags it is the logits of their frequencies, for numbers their mean or quantiles. In
    forecasting it is 0: a network whose output is 0 answers with the reference that it corrects. Quantiles
    of a forecast are those of the errors of the reference at each step.

    Returns
    -------
    Tensor [K], [K, Q], or [S, K, Q] for the quantiles of a forecast
    """
    task = train_examples.task
    if task.kind == "forecasting":
        if not task.quantiles:
            return torch.zeros(task.y.size, device="cpu")
        errors = np.stack(list(train_examples.y))
        return torch.from_numpy(
            np.moveaxis(np.quantile(errors, task.quantiles, axis=0), 0, -1).copy()
        ).float()
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


def blend_of(train_examples: Examples) -> Blend:
    """The blend of weight 1, with the output that stands for the reference."""
    if train_examples.task.kind != "forecasting":
        return Blend()
    return Blend(reference=constant_output(train_examples).double().numpy())


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
    tail = 2 if train_examples.task.quantiles else 1
    constant_losses: list[Tensor] = []
    network_losses: list[Tensor] = []
    steps: list[Tensor] = []
    net.eval()
    with torch.no_grad():
        for chosen in in_order(check_examples.lengths, ANSWERED_TOGETHER):
            batch = check_examples.batch(chosen).to(net.device)
            flat = constant.expand(*batch.mask.shape, *constant.shape[constant.ndim - tail :])
            for sums, output in ((constant_losses, flat), (network_losses, net(batch))):
                each = losses(check_examples.task, output.flatten(0, 1), batch.y.flatten(0, 1))
                sums.append(each.view(batch.mask.shape).masked_fill(~batch.mask, 0.0).sum(dim=1))
            steps.append(batch.mask.sum(dim=1))
    base, network_loss, count = (
        torch.cat(part).double().cpu().numpy() for part in (constant_losses, network_losses, steps)
    )
    return Gain.of(base, network_loss, count)
