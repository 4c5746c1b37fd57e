"""The selective scan and its gradient, against loops."""

from __future__ import annotations

import pytest
import torch
from recurbench.methods._networks.selective_scan import selective_scan
from torch import Tensor


def step_by_step(x: Tensor, size: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """Number by number, for each example, channel and state."""
    rows = []
    for b in range(len(x)):
        channels = []
        for d in range(x.shape[2]):
            h, read = [torch.zeros((), dtype=x.dtype)] * A.shape[1], []
            for t in range(x.shape[1]):
                for n in range(A.shape[1]):
                    h[n] = torch.exp(size[b, t, d] * A[d, n]) * h[n] + size[b, t, d] * x[b, t, d] * B[b, t, n]
                read.append(torch.stack([C[b, t, n] * h[n] for n in range(A.shape[1])]).sum())
            channels.append(torch.stack(read))
        rows.append(torch.stack(channels, dim=1))
    return torch.stack(rows)


def drawn(batch: int, steps: int, channels: int, states: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=generator)

    made = [
        normal(batch, steps, channels),
        torch.exp(normal(batch, steps, channels) - 1),
        -torch.exp(normal(channels, states)),
        normal(batch, steps, states),
        normal(batch, steps, states),
    ]
    return [each.requires_grad_() for each in made]


@pytest.mark.parametrize(("steps", "states"), [(1, 2), (2, 1), (13, 3)])
def test_the_scan_and_its_gradient_are_those_of_the_loop(steps: int, states: int) -> None:
    given = drawn(2, steps, 3, states)
    weight = torch.randn(2, steps, 3, dtype=torch.float64)
    found = []
    for scan in (selective_scan, step_by_step):
        read = scan(*given)
        found.append((read, *torch.autograd.grad((read * weight).square().sum(), given)))
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-12, rtol=1e-10)


def test_the_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(selective_scan, drawn(2, 4, 3, 2))


def test_large_steps_forget_all_and_do_not_overflow() -> None:
    x, size, A, B, C = (each.detach().float() for each in drawn(2, 200, 3, 4))
    read = selective_scan(x, size + 1e4, A, B, C)
    own = (size + 1e4) * x * (B * C).sum(dim=-1, keepdim=True)
    assert torch.allclose(read, own, rtol=1e-4, atol=0.5)


def test_an_example_is_computed_as_if_it_were_alone() -> None:
    x, size, A, B, C = drawn(5, 30, 3, 4)
    together = selective_scan(x, size, A, B, C)
    alone = selective_scan(x[3:4], size[3:4], A, B[3:4], C[3:4])
    assert torch.allclose(together[3:4], alone, atol=1e-14)
