"""What methods note of themselves: a plugin may write anything under a name that the page reads."""

from __future__ import annotations

import math
from typing import Any


def numbers(value: Any) -> list[float]:
    """A noted list of numbers, NaN where null stands or what is too large; empty where it is no such list."""
    if not isinstance(value, list | tuple):
        return []
    found = [math.nan if each is None else real(each) for each in value]
    return [] if None in found else [each for each in found if each is not None]


def real(value: Any) -> float | None:
    """A noted number, NaN where it is not finite; None where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of any size may be noted
        return math.nan
    return number if math.isfinite(number) else math.nan
