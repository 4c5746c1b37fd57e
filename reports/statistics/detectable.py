"""Which difference of skill a planned test part can detect, from losses on the validation part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from recurbench.reports.statistics.constants import LEAST_UNITS, MARGIN
from recurbench.reports.statistics.long_run import (
    MOST_COSINES,
    Floats,
    Origins,
    half_width,
    ratio_of_means,
    variance_of_mean,
)
from recurbench.reports.statistics.origin_layout import origins_needed

LEAST_VALIDATION = 4  # validation windows; with fewer their spread says too little


@dataclass(frozen=True)
class Detectable:
    """What a test part can detect, for two methods that differ as much as two cheap ones.

    half: half the width of the interval of the difference of skill at the planned origins; None if the test
    part is too small for a verdict. enough: the fewest origins at the same distance with which the half-width
    is within the margin; None if more than `MANY` would be needed.
    """

    origins: Origins
    half: float | None
    enough: Origins | None


MANY = 100_000


def detectable(
    one: Floats, other: Floats, reference: Floats, seen: Origins, planned: Origins
) -> Detectable | None:
    """The difference of skill that the planned test origins can detect.

    Parameters
    ----------
    one, other, reference : array [n]
        Losses of two methods and of the reference at the validation origins, in the order of time.
    seen, planned : Origins
        The validation origins and the test origins.

    Returns
    -------
    Detectable or None
        None if there are fewer than LEAST_VALIDATION validation windows, or the reference has no error.

    Notes
    -----
    The variance of a mean falls as the span grows. The one of the validation part, over all cosines that it
    allows, times its windows, stands for the variance of one window of the test part.
    """
    if seen.windows < LEAST_VALIDATION or not reference.mean() > 0:
        return None
    _, influence = ratio_of_means(other - one, reference)
    of_window = float(variance_of_mean(influence, seen.cosines)) * seen.windows

    def half(origins: Origins) -> float:
        variance = np.array(of_window / origins.windows)
        return float(half_width(variance, min(MOST_COSINES, origins.windows // 2)))

    now = half(planned) if planned.windows >= LEAST_UNITS else None
    return Detectable(planned, now, _enough(half, planned))


def _enough(half: Callable[[Origins], float], planned: Origins) -> Origins | None:
    """The fewest origins whose half-width is within the margin, by bisection: it falls with their number."""
    low, high = origins_needed(planned).count, MANY
    if half(replace(planned, count=high)) > MARGIN:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if half(replace(planned, count=middle)) <= MARGIN else (middle + 1, high)
    return replace(planned, count=low)
