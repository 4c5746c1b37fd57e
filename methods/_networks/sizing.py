"""Networks of a given size: of a given width, or of the width nearest to a number of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from recurbench.methods._networks.decoder import network
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import Answering, Body, Net
from recurbench.methods._settings import Decoding
from torch import nn

B = TypeVar("B", bound=Body)
WIDEST = 4096
TOLERANCE = 0.1  # a contrast of networks means little where one of them is much larger


def sized(
    coding: Coding,
    build: Callable[[int], B],
    width: int,
    parameters: int,
    decoding: Decoding | None = None,
) -> B:
    """`build(width)`; `parameters` above 0: the body that has as many as that with its readout or decoder.

    Within 10 %, or ValueError. `build` is tried on torch's meta device, where tensors have a shape and no
    values: it may not read numbers from them.
    """
    if parameters < 0:
        raise ValueError(f"parameters must be 0 (as the width has it) or more, got {parameters}")

    def whole(each: int) -> Net:
        body = build(each)
        return network(coding.task, body, coding, decoding or Decoding()) or Answering(
            coding.task, body, coding.extras
        )

    return build(matched_width(whole, parameters) if parameters else width)


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
