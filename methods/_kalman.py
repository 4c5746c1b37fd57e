"""The Kalman filter of a local level with or without a slope, with exact diffuse first states.

Everything is compiled when the module is imported, so that no fit pays for it.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@numba.njit("float64(float64[::1], float64, float64, float64, b1, float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def run(values: Floats, noise: float, level: float, slope: float, sloped: bool, out: Floats) -> float:
    """Filter a series [T] with missing values (NaN), which are skipped.

    The model is y = m + e, m' = m + s + u, s' = s + v (Durbin and Koopman 2012, section 3.2). Nothing is
    known about the first states: the first value, or the first two with a slope, give the states exactly and
    have no likelihood of their own (section 5.2).

    Parameters
    ----------
    values : array [T]
        At least one value, or two with a slope, is not missing.
    noise, level, slope : float
        Variances of e, u and v, all in one unit that is estimated.
    sloped : bool
        Whether there is a slope.
    out : array [6]
        Filled with the predicted m and s one step after the series, their variances and covariance (m, ms,
        s), and that unit.

    Returns
    -------
    float
        -2 log likelihood without constants, with the unit at its best value (concentrated).
    """
    m, s, mm, ms, ss = 0.0, 0.0, 0.0, 0.0, 0.0
    known, gap = 0, 0  # values that gave the first states; steps since the last of them
    wanted = 2 if sloped else 1
    squares, logs, count = 0.0, 0.0, 0
    for t in range(len(values)):
        y = values[t]
        seen = not np.isnan(y)
        gap += 1
        if known < wanted:
            if not seen:
                continue
            if known == 1:
                # y2 - y1 over the gap, and the variance of what this tells about the slope after it.
                s = (y - m) / gap
                ms = noise / gap
                ss = (2.0 * noise + gap * level) / gap**2 + slope * (gap + 1.0) * (2.0 * gap + 1.0) / (
                    6.0 * gap
                )
            m, mm = y, noise
            known, gap = known + 1, 0
            if known < wanted:
                continue
        elif seen:
            error, f = y - m, mm + noise
            squares += error * error / f
            logs += np.log(f)
            count += 1
            k, g = mm / f, ms / f
            m, s = m + k * error, s + g * error
            # In this order, because each uses the old values of those after it.
            ss -= g * ms
            ms -= k * ms
            mm -= k * mm
        m += s
        mm += 2.0 * ms + ss + level
        ms += ss
        ss += slope
    unit = squares / count if count > 0 else 0.0
    out[0], out[1], out[2], out[3], out[4], out[5] = m, s, mm, ms, ss, unit
    return float(count * np.log(max(unit, 1e-300)) + logs)


def ahead(out: Floats, noise: float, level: float, slope: float, steps: int) -> tuple[Floats, Floats]:
    """Mean and variance [steps] of the next values, from what `run` found; variances in its unit."""
    m, s, mm, ms, ss, _ = out
    h = np.arange(float(steps))
    # After h more steps: m + h s, with h noises of the level and the sums of the noises of the slope.
    grown = h * level + slope * (h - 1) * h * (2 * h - 1) / 6
    return m + h * s, mm + 2 * h * ms + h**2 * ss + grown + noise
