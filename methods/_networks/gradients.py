"""How far back a network's state feels its input: the gradient over lag."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from recurbench.methods._networks.network import Body, fixed_rng
from torch import Tensor, nn

COTANGENTS = 8  # random directions; slopes over 55 lags move by about .01 between sets of them
NEAREST, FARTHEST = 5, 59  # lags the slope is fitted over


def gradient_by_lag(body: Body, x: Tensor, lengths: Tensor) -> list[float]:
    """J(k), k = 0, 1, ...: the mean size of d h_T / d x_{T-k}, for the state at each sequence's last step T.

    x [B, T, inputs]. The size is the Frobenius norm, estimated from vector-Jacobian products with the same
    few random directions every time; the mean is over the sequences longer than k. The body is asked as when
    answering, in double precision, and left as it is.
    """
    assert isinstance(body, nn.Module)
    asked = copy.deepcopy(body).double().eval()
    # Whatever else is around: the directions are always the same, and so is what a body may draw.
    # cuDNN's loops have no gradient when answering.
    with fixed_rng(0), torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        given = x.detach().double().requires_grad_()
        row = torch.arange(len(x), device=x.device)
        last = asked.step_states(given, lengths)[row, lengths - 1]
        squares = torch.zeros(x.shape[:2], dtype=torch.float64, device=x.device)
        for i in range(COTANGENTS):
            drawn = torch.randn(last.shape[1], dtype=torch.float64, device="cpu")
            direction = drawn.to(x.device).expand_as(last)
            (grad,) = torch.autograd.grad(last, given, direction, retain_graph=i + 1 < COTANGENTS)
            squares += grad.square().sum(dim=2)
    sizes = (squares / COTANGENTS).sqrt()
    lags = lengths[:, None] - 1 - torch.arange(x.shape[1], device=lengths.device)
    return [float(sizes[lags == k].mean()) for k in range(int(lengths.max()))]


def slope(sizes: list[float], nearest: int = NEAREST, farthest: int = FARTHEST) -> float:
    """d ln J / dk, fitted over the lags `nearest` to `farthest`; -inf where nothing arrives at some of them.

    ln 2 over its size is the number of steps after which a gradient is halved. ValueError where `sizes` are
    too few.
    """
    if len(sizes) <= farthest:
        raise ValueError(f"the slope needs lags up to {farthest}, but there are {len(sizes)}")
    if not all(size > 0 for size in sizes[nearest : farthest + 1]):
        return -math.inf
    lags = np.arange(nearest, farthest + 1)
    return float(np.polyfit(lags, np.log(sizes[nearest : farthest + 1]), 1)[0])
