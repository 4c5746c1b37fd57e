"""The selective scan of Mamba, a recurrence that is linear in its state, with a gradient written by hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def selective_scan(x: Tensor, size: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """Compute h_t = exp(size_t A) h_{t-1} + size_t x_t B_t and y_t = C_t . h_t, from h_0 = 0.

    Every channel of x has N states of its own; B_t and C_t are shared by all channels. It is a loop over the
    steps, in which a step is a few operations on all channels and states. Only the states are stored for the
    gradient; exp(size_t A) is computed again.

    Parameters
    ----------
    x, size : Tensor [batch, T, channels]
        Inputs and step sizes.
    A : Tensor [channels, N]
    B, C : Tensor [batch, T, N]

    Returns
    -------
    Tensor [batch, T, channels]
    """
    read: Tensor = _Scan.apply(x, size, A, B, C)  # type: ignore[no-untyped-call]
    return read


class _Scan(torch.autograd.Function):
    """The axes are steps, states, examples and channels here: a sum over states adds contiguous rows."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, size: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
        x, size = x.transpose(0, 1).contiguous(), size.transpose(0, 1).contiguous()
        B, C = (each.permute(1, 2, 0)[..., None].contiguous() for each in (B, C))
        a = A.T[:, None].contiguous()
        driven, read = size * x, torch.empty_like(x)
        states = x.new_empty(len(x), len(a), *x.shape[1:])
        kept, product = torch.empty_like(states[0]), torch.empty_like(states[0])
        for t in range(len(x)):
            torch.mul(driven[t], B[t], out=states[t])
            if t:
                torch.mul(size[t], a, out=kept).exp_()
                states[t].addcmul_(kept, states[t - 1])
            torch.sum(torch.mul(states[t], C[t], out=product), 0, out=read[t])
        ctx.save_for_backward(x, size, a, B, C, states)
        return read.transpose(0, 1)

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, ...]:
        x, size, a, B, C, states = ctx.saved_tensors
        read = above[0].transpose(0, 1).contiguous()
        driven = size * x
        by_driven, by_size = torch.empty_like(x), torch.zeros_like(x)
        by_B, by_C = torch.empty_like(B), torch.empty_like(C)
        by_a, grad = torch.zeros_like(states[0]), torch.zeros_like(states[0])
        kept, product = torch.empty_like(grad), torch.empty_like(grad)
        for t in range(len(x) - 1, -1, -1):
            torch.sum(torch.mul(states[t], read[t], out=product), -1, keepdim=True, out=by_C[t])
            grad.addcmul_(read[t], C[t])  # the gradient of states[t], through y_t and the later states
            torch.sum(torch.mul(grad, B[t], out=product), 0, out=by_driven[t])
            torch.sum(torch.mul(grad, driven[t], out=product), -1, keepdim=True, out=by_B[t])
            if t:
                grad.mul_(torch.mul(size[t], a, out=kept).exp_())
                torch.mul(grad, states[t - 1], out=product)  # the gradient of size_t A
                by_a.addcmul_(product, size[t])
                torch.sum(product.mul_(a), 0, out=by_size[t])
        by_x, by_size = by_driven * size, by_size + by_driven * x
        return (
            by_x.transpose(0, 1),
            by_size.transpose(0, 1),
            by_a.sum(1).T,
            by_B.squeeze(-1).permute(2, 0, 1),
            by_C.squeeze(-1).permute(2, 0, 1),
        )
