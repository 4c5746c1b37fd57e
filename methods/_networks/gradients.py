"""Gradients over lag: how strongly the state of a network depends on its input k steps before."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from recurbench.methods._networks.network import Body, fixed_rng
from torch import Tensor, nn

COTANGENTS = 8  # random directions; another set of them changes a slope over 55 lags by about .01
NEAREST, FARTHEST = 5, 59  # the lags that the slope is fitted over


def gradient_by_lag(body: Body, x: Tensor, lengths: Tensor) -> list[float]:
    """The mean norm of the gradient d h_T / d x_{T-k}, where T is the last step of a sequence.

    The Frobenius norm is estimated from vector-Jacobian products with COTANGENTS fixed random directions. The
    body is copied, and evaluated in double precision.

    Parameters
    ----------
    body : Body
    x : Tensor [B, T, inputs]
    lengths : Tensor [B]

    Returns
    -------
    list of float
        One value per lag k = 0, 1, ..., averaged over the sequences longer than k.
    """
    assert isinstance(body, nn.Module)
    asked = copy.deepcopy(body).double().eval()
    # A fixed seed: the random directions, and what a body may draw, are always the same. cuDNN gives no
    # gradient in evaluation mode.
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
    """The slope of the logarithm of the gradient norm over lag, per step.

    A gradient is halved every ln 2 / |slope| steps.

    Parameters
    ----------
    sizes : list of float
        The gradient norm at lags 0, 1, ...; see `gradient_by_lag`.
    nearest, farthest : int
        The lags that the line is fitted over.

    Returns
    -------
    float
        -inf if the norm is 0 at one of these lags.

    Raises
    ------
    ValueError
        If `sizes` ends before `farthest`.
    """
    if len(sizes) <= farthest:
        raise ValueError(f"the slope needs lags up to {farthest}, but there are {len(sizes)}")
    if not all(size > 0 for size in sizes[nearest : farthest + 1]):
        return -math.inf
    lags = np.arange(nearest, farthest + 1)
    return float(np.polyfit(lags, np.log(sizes[nearest : farthest + 1]), 1)[0])
