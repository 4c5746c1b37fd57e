"""Exponential smoothing with additive errors: one pass over a series, and the search for its parameters.

Everything is compiled when the module is imported, so that no fit pays for it.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What is fitted, in the order of a vector of parameters: alpha, level; alpha, beta, level, slope; and alpha,
# beta, phi, level, slope.
SIMPLE, TREND, DAMPED = 0, 1, 2
# The limits of R's package forecast, for the weights and for the damping.
SMALLEST, LARGEST = 1e-4, 0.9999
LEAST_PHI, MOST_PHI = 0.8, 0.98
REGRESSED = 10  # values that give the first level and slope
EVALUATIONS = 2000
TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))
# Weights compared at once, and how often the grid is made finer: to 2e-5 in the end.
AT_ONCE, ROUNDS = 16, 5
LEAST_SHARE = 1e-150  # of the first level in a later one; far smaller numbers are slow
FORBIDDEN = 1e35  # the loss outside the limits


@numba.njit("float64(float64[::1], float64, float64, float64, float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def smooth(values: Floats, alpha: float, beta: float, phi: float, state: Floats) -> float:
    """Smooth a series [T]; `state` (level, slope) is replaced by the last one.

    Error correction form (Hyndman et al. 2008, section 2.5): the slope is corrected by beta times the error.

    Returns
    -------
    float
        The sum of the squared one-step errors.
    """
    level, slope, total = state[0], state[1], 0.0
    for t in range(len(values)):
        slope = phi * slope
        level = level + slope
        error = values[t] - level
        level += alpha * error
        slope += beta * error
        total += error * error
    state[0], state[1] = level, slope
    return float(total)


@numba.njit("float64(float64[::1], int64, float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def loss(values: Floats, form: int, params: Floats) -> float:
    """The sum of squared one-step errors of a form; FORBIDDEN for weights outside the limits."""
    alpha, beta, phi = params[0], 0.0, 1.0
    state = np.zeros(2)
    if not SMALLEST <= alpha <= LARGEST:
        return FORBIDDEN
    if form == SIMPLE:
        # The chain of dependent operations per step is half as long without a slope.
        level, total = params[1], 0.0
        for t in range(len(values)):
            error = values[t] - level
            level += alpha * error
            total += error * error
        return float(total)
    beta = params[1]
    # R also asks for beta <= (1 + phi)(2 - alpha), which these limits imply.
    if not SMALLEST <= beta <= alpha:
        return FORBIDDEN
    if form == DAMPED:
        phi = params[2]
        if not LEAST_PHI <= phi <= MOST_PHI:
            return FORBIDDEN
    state[0], state[1] = params[len(params) - 2], params[len(params) - 1]
    return float(smooth(values, alpha, beta, phi, state))


@numba.njit("float64[::1](float64[::1], int64, float64[::1], float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def search(values: Floats, form: int, start: Floats, steps: Floats) -> Floats:
    """The parameters of least loss, by the method of Nelder and Mead as Nash (1990, algorithm 19) has it.

    R's optim and its package forecast search so. There may be several minima; which one is found depends on
    `start` and on `steps`, by which the corners of the first simplex differ from it.
    """
    size = len(start)
    corners, worth = np.empty((size + 1, size)), np.empty(size + 1)
    for j in range(size + 1):
        corners[j] = start
        if j > 0:
            corners[j, j - 1] += steps[j - 1]
        worth[j] = loss(values, form, corners[j])
    close, tried = TOLERANCE * worth[0], size + 1
    middle = np.empty(size)
    while True:
        best, worst = np.argmin(worth), np.argmax(worth)
        if worth[worst] <= worth[best] + close or tried > EVALUATIONS:
            found_best: Floats = corners[best].copy()
            return found_best
        for i in range(size):
            middle[i] = (corners[:, i].sum() - corners[worst, i]) / size
        mirrored = 2.0 * middle - corners[worst]
        reached = loss(values, form, mirrored)
        tried += 2
        if reached < worth[best]:
            farther = 2.0 * mirrored - middle
            found = loss(values, form, farther)
            corners[worst] = farther if found < reached else mirrored
            worth[worst] = min(found, reached)
            continue
        better = reached < worth[worst]
        if better:
            corners[worst], worth[worst] = mirrored, reached
        # A reflection that is not the best is followed by a step towards the middle, also if it helped.
        nearer = 0.5 * (corners[worst] + middle)
        found = loss(values, form, nearer)
        if found < worth[worst]:
            corners[worst], worth[worst] = nearer, found
        elif not better:
            for j in range(size + 1):
                if j != best:
                    corners[j] = 0.5 * (corners[j] + corners[best])
                    worth[j] = loss(values, form, corners[j])
            tried += size


@numba.njit("float64[::1](float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def best_level(values: Floats) -> Floats:
    """The weight and the first level of least loss of the form SIMPLE, by a grid that gets finer.

    Errors are linear in the first level, so the best one for a weight is exact. All weights of a grid are
    compared in one pass over the series [T], which costs less than a search with a pass per weight.
    """
    low, high = SMALLEST, LARGEST
    alpha, level, share = np.empty(AT_ONCE), np.empty(AT_ONCE), np.empty(AT_ONCE)
    # Sums of squares and products of the errors from a first level of 0, and of what a level of 1 takes off.
    squares, cross, own = np.empty(AT_ONCE), np.empty(AT_ONCE), np.empty(AT_ONCE)
    found, least = np.empty(2), np.inf
    for _ in range(ROUNDS):
        width = (high - low) / (AT_ONCE - 1)
        for j in range(AT_ONCE):
            alpha[j], level[j], share[j] = low + width * j, 0.0, 1.0
            squares[j], cross[j], own[j] = 0.0, 0.0, 0.0
        for t in range(len(values)):
            for j in range(AT_ONCE):
                error = values[t] - level[j]
                level[j] += alpha[j] * error
                squares[j] += error * error
                cross[j] += error * share[j]
                own[j] += share[j] * share[j]
                share[j] = max(share[j] * (1.0 - alpha[j]), LEAST_SHARE)
        best = np.argmin(squares - cross * cross / own)
        total = squares[best] - cross[best] * cross[best] / own[best]
        if total < least:
            least, found[0], found[1] = total, alpha[best], cross[best] / own[best]
        low, high = max(alpha[best] - width, SMALLEST), min(alpha[best] + width, LARGEST)
    return found


def first_guess(values: Floats, form: int) -> Floats:
    """Where the search starts: R's first weights, and level and slope of a line through the first values."""
    first = values[:REGRESSED]
    alpha = 0.5 * (SMALLEST + LARGEST)
    if form == SIMPLE:
        return np.array([alpha, first.mean()])
    beta = SMALLEST + 0.1 * (alpha - SMALLEST)
    t = np.arange(len(first)) - (len(first) - 1) / 2
    slope = float(t @ first) / float(t @ t)
    level = float(first.mean()) - slope * (len(first) + 1) / 2
    phi = [LEAST_PHI + 0.99 * (MOST_PHI - LEAST_PHI)] if form == DAMPED else []
    return np.array([alpha, beta, *phi, level, slope])
