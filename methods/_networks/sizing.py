"""Networks of a given size: a given width, or a given number of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from recurbench.methods._networks.decoder import decoder_network
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import Body, Net, ReadoutNet
from recurbench.methods._settings import Decoding
from torch import nn

B = TypeVar("B", bound=Body)
WIDEST = 4096
TOLERANCE = 0.1  # a comparison of networks says little if one of them is much larger


def sized(
    coding: Coding,
    build: Callable[[int], B],
    width: int,
    parameters: int,
    decoding: Decoding | None = None,
) -> B:
    """Build a body of a given width, or of the width that gives a number of parameters.

    Parameters
    ----------
    coding : Coding
        Of the task.
    build : callable
        Makes a body of a width. It must not read values from tensors, because it is also called on torch's
        meta device, where tensors have none.
    width : int
        Used if `parameters` is 0.
    parameters : int
        The wanted number of trainable parameters, with readout or decoder; reached within 10 %.
    decoding : Decoding or None
        None: the default.

    Raises
    ------
    ValueError
        If `parameters` is negative, or no width comes within 10 %.
    """
    if parameters < 0:
        raise ValueError(f"parameters must be 0 (the width decides) or more, got {parameters}")

    def full_net(each: int) -> Net:
        body = build(each)
        return decoder_network(coding.task, body, coding, decoding or Decoding()) or ReadoutNet(
            coding.task, body, coding.extras
        )

    return build(matched_width(full_net, parameters) if parameters else width)


def matched_width(build: Callable[[int], nn.Module], parameters: int) -> int:
    """The width whose network has the number of parameters nearest to `parameters`.

    Networks are built on torch's meta device, so no random numbers are drawn.

    Parameters
    ----------
    build : callable
        Makes the whole network of a width.
    parameters : int
        The wanted number of trainable parameters.

    Raises
    ------
    ValueError
        If no width comes within 10 %.
    """
    low, high = 1, WIDEST
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if parameter_count(build, middle) < parameters else (low, middle)
    width = min((max(low - 1, 1), low), key=lambda w: abs(parameter_count(build, w) - parameters))
    nearest = parameter_count(build, width)
    if abs(nearest - parameters) > TOLERANCE * parameters:
        raise ValueError(
            f"no width gives {parameters} parameters within 10 %; the nearest, {width}, gives {nearest}: "
            "set parameters to another number"
        )
    return width


def parameter_count(build: Callable[[int], nn.Module], width: int) -> int:
    """The number of trainable parameters of the network of this width."""
    with torch.device("meta"):
        return sum(p.numel() for p in build(width).parameters() if p.requires_grad)
