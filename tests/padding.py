"""What every body of a network must keep, whatever it is made of."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def assert_padding_is_unseen(body: Any, inputs: int, *, along: bool = True, whole: bool = True) -> None:
    """States and gradients of sequences padded with anything are those of each sequence alone."""
    body = body.double()
    generator = torch.Generator().manual_seed(0)
    lengths = torch.tensor([1, 2, 5, 9, 13])
    x = torch.randn(len(lengths), 13, inputs, dtype=torch.float64, generator=generator)
    gone = (torch.arange(13) >= lengths[:, None])[..., None]
    gradients = []
    for pad in (0.0, 1e3):
        padded = x.masked_fill(gone, pad)
        total = torch.zeros(())
        if along:
            states = body.step_states(padded, lengths)
            for i, length in enumerate(lengths.tolist()):
                alone = body.step_states(x[i : i + 1, :length], lengths[i : i + 1])[0]
                assert torch.allclose(states[i, :length], alone, atol=1e-9, rtol=0)
                total = total + (states[i, :length] ** 2).sum()
        if whole:
            states = body.sequence_state(padded, lengths)
            for i, length in enumerate(lengths.tolist()):
                alone = body.sequence_state(x[i : i + 1, :length], lengths[i : i + 1])[0]
                assert torch.allclose(states[i], alone, atol=1e-9, rtol=0)
            total = total + (states**2).sum()
        body.zero_grad()
        total.backward()
        gradients.append(torch.cat([p.grad.ravel() for p in body.parameters()]))
    assert torch.allclose(*gradients, atol=1e-9, rtol=1e-9)


def seen_from(output: Tensor, x: Tensor) -> list[int]:
    """Steps of the one sequence `x` [1, T, C] that `output` depends on."""
    (grad,) = torch.autograd.grad(output.sum(), x)
    return [int(i) for i in grad[0].abs().sum(dim=1).nonzero().ravel()]
