"""Dynamic time warping (DTW): distances from one series to many, and the width of the band."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from aeon.distances import dtw_distance
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def band_radius(window: float | None, length: int) -> int | None:
    """How many steps a match may lie off the diagonal.

    Parameters
    ----------
    window : float, int or None
        A share of the length, rounded up as in the published results of the UCR archive (other libraries
        round differently); a number of steps; or None for no band.
    length : int
        Steps of the series.

    Returns
    -------
    int or None
        None if there is no band, or it allows every match.

    Raises
    ------
    ValueError
        If the window is no share, no number of steps and not None.
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
    # The small number keeps .1 * 150 = 15.000000000000002 from becoming 16.
    radius = window if isinstance(window, int) else math.ceil(window * length - 1e-9)
    return None if radius >= length - 1 else radius


def warping_distances(x: Floats, known: Sequence[Floats], radius: int | None = None) -> Floats:
    """Squared DTW distances from x to each of `known`; all channels share one warping path.

    Parameters
    ----------
    x : array [channels, T]
    known : sequence of arrays [channels, T]
    radius : int or None
        Width of the band in steps; see `band_radius`.

    Raises
    ------
    ValueError
        If there is a band and the lengths differ: there is no agreed definition for this case.
    """
    if radius is None:
        return np.array([dtw_distance(x, other) for other in known])
    length = x.shape[1]
    if any(other.shape[1] != length for other in known):
        raise ValueError(
            f"a band of {radius} steps needs series of one length, {length}; leave the window at None"
        )
    # aeon takes a share of the length and rounds down; half a step more makes it exact.
    share = (radius + 0.5) / length
    return np.array([dtw_distance(x, other, window=share) for other in known])
