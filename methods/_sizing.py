"""Bodies of a given size: the width asked for, or the one that meets a number of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from recurbench.methods._decoder import network
from recurbench.methods._examples import Coding
from recurbench.methods._matching import matched_width
from recurbench.methods._network import Answering, Body, Net
from recurbench.methods._settings import Decoding

B = TypeVar("B", bound=Body)


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
