"""CPU times in words, everywhere in the same form."""

from __future__ import annotations

import math

HOURS = 7200.0  # seconds from which a time is given in hours


def spelled(seconds: float) -> str:
    """CPU time in two digits; an estimate is not more precise."""
    if seconds >= HOURS:
        return f"{two_digits(seconds / 3600)} CPU-hours"
    return f"{two_digits(seconds)} CPU-s"


def two_digits(value: float) -> str:
    """A number of at least 0, rounded to two digits."""
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{round(value, digits):.{max(digits, 0)}f}"
