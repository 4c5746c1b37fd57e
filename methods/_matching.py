"""As many parameters as asked for: the width at which a network comes nearest to a given count."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

WIDEST = 4096
TOLERANCE = 0.1  # a contrast of networks means little where one of them is much larger


def matched_width(build: Callable[[int], nn.Module], parameters: int) -> int:
    """The width whose network, as `build` makes it, has nearest to `parameters` parameters.

    The networks are built without memory (torch's meta device), so nothing is drawn. ValueError where no
    width comes within 10 %.
    """
    low, high = 1, WIDEST
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if counted(build, middle) < parameters else (low, middle)
    width = min((max(low - 1, 1), low), key=lambda w: abs(counted(build, w) - parameters))
    found = counted(build, width)
    if abs(found - parameters) > TOLERANCE * parameters:
        raise ValueError(
            f"no width has within 10 % of {parameters} parameters; the nearest, {width}, has {found}: "
            "ask for another number"
        )
    return width


def counted(build: Callable[[int], nn.Module], width: int) -> int:
    """Trainable parameters of the network of this width."""
    with torch.device("meta"):
        return sum(p.numel() for p in build(width).parameters() if p.requires_grad)
