"""Dynamic time warping: distances from one series to many, and the width of the band."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from aeon.distances import dtw_distance
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def band_radius(window: float | None, length: int) -> int | None:
    """Steps a match may lie off the diagonal: a share of the length (rounded up) or a number of steps.

    Rounding up is what the published errors with a learned window were made with; other libraries round
    down or off. None, and a band that holds the whole square, is None.
    """
    if window is None:
        return None
    in_steps = isinstance(window, int) and not isinstance(window, bool)
    if not in_steps and not (isinstance(window, float) and 0.0 <= window <= 1.0):
        raise ValueError(
            f"window must be None, a share from 0. to 1. or a whole number of steps, got {window!r}"
        )
    if window < 0:
        raise ValueError(f"window must not be negative, got {window}; give 0 or more steps, or None")
    # The small step down keeps .1 * 150 = 15.000000000000002 at 15.
    radius = window if isinstance(window, int) else math.ceil(window * length - 1e-9)
    return None if radius >= length - 1 else radius


def warping_distances(x: Floats, known: Sequence[Floats], radius: int | None = None) -> Floats:
    """Squared DTW distance from x to each of `known`, all [channels, T], channels warped together.

    With a radius every series must have the length of x: between unequal lengths a band has no agreed
    meaning.
    """
    if radius is None:
        return np.array([dtw_distance(x, other) for other in known])
    length = x.shape[1]
    if any(other.shape[1] != length for other in known):
        raise ValueError(
            f"a band of {radius} steps needs series of one length, {length}; leave the window at None"
        )
    # aeon takes a share and rounds it down: half a step more makes it exact.
    share = (radius + 0.5) / length
    return np.array([dtw_distance(x, other, window=share) for other in known])
