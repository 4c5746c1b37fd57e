"""Bodies of a given size: the width asked for, or the one that meets a number of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from recurbench.methods._examples import Coding
from recurbench.methods._matching import matched_width
from recurbench.methods._network import Answering, Body

B = TypeVar("B", bound=Body)


def sized(coding: Coding, build: Callable[[int], B], width: int, parameters: int) -> B:
    """`build(width)`; `parameters` above 0: the body that has as many as that together with its readout.

    Within 10 %, or ValueError. `build` is tried on torch's meta device, where tensors have a shape and no
    values: it may not read numbers from them.
    """
    if parameters < 0:
        raise ValueError(f"parameters must be 0 (as the width has it) or more, got {parameters}")
    if parameters and coding.task.length == "free":
        raise ValueError(
            f"parameters = {parameters} is met by a body and its direct readout; an answer of free length "
            "has a decoder besides: leave it 0 and set the width"
        )
    if parameters:
        width = matched_width(lambda each: Answering(coding.task, build(each), coding.extras), parameters)
    return build(width)
