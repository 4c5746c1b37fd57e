"""Random changes of the training examples of a batch."""

from __future__ import annotations

from dataclasses import replace

import torch
from recurbench.methods._networks.examples import Batch
from recurbench.task import Task
from torch import Tensor

JITTER = 0.03  # standard deviation of the noise; inputs have about 1 (Iwana and Uchida 2021)
WINDOW = 0.1  # share of the steps that is warped (Le Guennec, Malinowski and Tavenard 2016)
SPEEDS = (0.5, 2.0)  # of a warped window: its steps take twice or half as long


def augmented(task: Task, batch: Batch, how: str) -> Batch:
    """Change the inputs of a training batch at random; the answers stay.

    Parameters
    ----------
    task : Task
        Only series of numbers with one label or number each are changed.
    batch : Batch
    how : str
        "none", "jitter" (noise on every value), or "warp": a window of a tenth of the steps becomes half or
        twice as long, and the series is brought back to its number of steps.

    Returns
    -------
    Batch
        Padding stays zero. Random numbers come from torch's global generator on the CPU.
    """
    if how == "none" or task.x.symbols or task.kind not in ("classification", "regression"):
        return batch
    there = (torch.arange(batch.x.shape[1], device=batch.x.device) < batch.lengths[:, None])[..., None]
    if how == "jitter":
        x = batch.x + JITTER * torch.randn(batch.x.shape, device="cpu").to(batch.x)
    else:
        x = interpolated(batch.x, warped_places(batch.lengths, batch.x.shape[1]).to(batch.x))
    return replace(batch, x=x.masked_fill(~there, 0.0))


def warped_places(lengths: Tensor, steps: int) -> Tensor:
    """Where each step of a warped series is read from.

    Parameters
    ----------
    lengths : Tensor [B]
    steps : int
        Steps of the padded batch.

    Returns
    -------
    Tensor [B, steps]
        From 0 to length - 1, never falling; the first and the last step stay.
    """
    last = (lengths.cpu() - 1)[:, None].double()
    draws = torch.rand(2, len(lengths), 1, dtype=torch.float64, device="cpu")
    width = WINDOW * last
    start = draws[0] * (last - width)
    speed = torch.tensor(SPEEDS, dtype=torch.float64, device="cpu")[(draws[1] * len(SPEEDS)).long()]
    stretched = width / speed
    # Places on the warped time axis, evenly spread, and then back to the axis of the series.
    share = torch.arange(steps, device="cpu") / last.clamp(min=1.0)
    at = share.clamp(max=1.0) * (last - width + stretched)
    inside = (at - start).clamp(min=0.0).minimum(stretched)
    return (at - inside + inside * speed).minimum(last)


def interpolated(x: Tensor, places: Tensor) -> Tensor:
    """The values of `x` [B, T, C] at fractional steps `places` [B, S], linearly interpolated: [B, S, C]."""
    before = places.long().clamp(max=max(x.shape[1] - 2, 0))
    after = (before + 1).clamp(max=x.shape[1] - 1)
    share = (places - before)[..., None]

    def values(at: Tensor) -> Tensor:
        return x.gather(1, at[..., None].expand(-1, -1, x.shape[2]))

    return values(before) * (1 - share) + values(after) * share
