"""Notes that methods write about themselves, checked: a plugin can write anything under these names."""

from __future__ import annotations

import math
from typing import Any


def numbers(value: Any) -> list[float]:
    """A noted list of numbers, NaN for null and for numbers too large; empty for anything else."""
    if not isinstance(value, list | tuple):
        return []
    found = [math.nan if each is None else real(each) for each in value]
    return [] if None in found else [each for each in found if each is not None]


def real(value: Any) -> float | None:
    """A noted number, NaN if it is not finite; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of any size may be noted
        return math.nan
    return number if math.isfinite(number) else math.nan
