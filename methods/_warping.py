"""Dynamic time warping (DTW): the width of the band."""

from __future__ import annotations

import math


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
