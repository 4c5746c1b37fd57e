"""The likelihood of exponential smoothing in state space form, and its maximum; compiled on import.

All functions have fixed signatures, so that numba compiles them (or loads them from its cache) when this
module is imported. Then no fit pays for it.

Equations of Hyndman, Koehler, Snyder and Grose (2002), International Journal of Forecasting 18: error and
season are both additive or both multiplicative, the trend is none, additive or damped.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NONE, LINEAR, DAMPED = 0, 1, 2  # kinds of trend
LOW, HIGH = 1e-4, 0.9999  # of the smoothing parameters
LEAST_DAMPING, MOST_DAMPING = 0.8, 0.98
IMPOSSIBLE = 1e100  # in place of the negative log-likelihood where a mean is not positive
ITERATIONS = 200
STEP = 1e-6  # of a finite difference
ENOUGH = 1e-7  # an iteration that gains less log-likelihood is the last one


@numba.njit("float64(float64[::1], boolean, int64, float64[::1], float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def smooth(history: Floats, multiplicative: bool, season: int, weights: Floats, state: Floats) -> float:
    """Run through a history, and return the negative log-likelihood at the best variance.

    Parameters
    ----------
    history : array [T]
    multiplicative : bool
        Whether error and season are multiplicative.
    season : int
        Steps of the season; 1 without one.
    weights : array [4]
        alpha, beta, gamma and phi; a form without a trend has beta 0 and slope 0.
    state : array [2 + season]
        Level, slope, and the season of the steps 0, 1, ...; overwritten by the state after the history, in
        which entry 2 + t % season belongs to step t.
    """
    n = len(history)
    alpha, beta, gamma, phi = weights
    level, slope = state[0], state[1]
    squares, logs = 0.0, 0.0
    phase = 0
    for t in range(n):
        base = level + phi * slope
        index = state[2 + phase]
        if multiplicative:
            mean = base * index
            if mean <= 0.0 or base <= 0.0:
                return IMPOSSIBLE
            error = (history[t] - mean) / mean
            logs += np.log(mean)
            level = base * (1.0 + alpha * error)
            slope = phi * slope + beta * base * error
            state[2 + phase] = index * (1.0 + gamma * error)
        else:
            error = history[t] - base - index
            level = base + alpha * error
            slope = phi * slope + beta * error
            state[2 + phase] = index + gamma * error
        squares += error * error
        phase += 1
        if phase == season:
            phase = 0
    state[0], state[1] = level, slope
    likelihood = 0.5 * n * (np.log(max(squares / n, 1e-300)) + 1.0 + np.log(2.0 * np.pi)) + logs
    return likelihood if np.isfinite(likelihood) else IMPOSSIBLE


@numba.njit("void(float64[::1], boolean, int64, int64, float64[::1], float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def unpack(
    free: Floats, multiplicative: bool, trend: int, season: int, weights: Floats, state: Floats
) -> None:
    """Write unbounded numbers as smoothing parameters [4] and first state [2 + season].

    `free` holds the logits of alpha, beta / alpha, gamma / (1 - alpha) and the share of phi in its range,
    then the level, the slope and all but the last index of the season; what a form does not have is left
    out. The last index makes the sum of the season 0, or its mean 1.
    """
    place = 1
    weights[0] = LOW + (HIGH - LOW) / (1.0 + np.exp(-free[0]))
    weights[1], weights[2], weights[3] = 0.0, 0.0, 1.0
    if trend != NONE:
        weights[1] = weights[0] * (LOW + (HIGH - LOW) / (1.0 + np.exp(-free[place])))
        place += 1
    if season > 1:
        weights[2] = (1.0 - weights[0]) * (LOW + (HIGH - LOW) / (1.0 + np.exp(-free[place])))
        place += 1
    if trend == DAMPED:
        weights[3] = LEAST_DAMPING + (MOST_DAMPING - LEAST_DAMPING) / (1.0 + np.exp(-free[place]))
        place += 1
    state[0] = free[place]
    place += 1
    state[1] = 0.0
    if trend != NONE:
        state[1] = free[place]
        place += 1
    last = float(season) if multiplicative else 0.0
    for phase in range(season - 1):
        state[2 + phase] = free[place + phase]
        last -= free[place + phase]
    state[1 + season] = last


@numba.njit(
    "float64(float64[::1], float64[::1], boolean, int64, int64, float64[::1], float64[::1])", cache=True
)  # type: ignore[untyped-decorator]
def _loss(
    free: Floats,
    history: Floats,
    multiplicative: bool,
    trend: int,
    season: int,
    weights: Floats,
    state: Floats,
) -> float:
    unpack(free, multiplicative, trend, season, weights, state)
    found: float = smooth(history, multiplicative, season, weights, state)
    return found


@numba.njit("void(float64[:, ::1], float64[::1], float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def _update(inverse: Floats, moved: Floats, change: Floats) -> None:
    """The BFGS update of an inverse Hessian, after a move; the identity if the loss is not convex."""
    size = len(moved)
    along = 0.0
    for i in range(size):
        along += moved[i] * change[i]
    turned = np.zeros(size)
    curve = 0.0
    for i in range(size):
        for j in range(size):
            turned[i] += inverse[i, j] * change[j]
        curve += change[i] * turned[i]
    for i in range(size):
        for j in range(size):
            if along > 1e-12:
                inverse[i, j] += (1.0 + curve / along) / along * moved[i] * moved[j]
                inverse[i, j] -= (turned[i] * moved[j] + moved[i] * turned[j]) / along
            else:
                inverse[i, j] = 1.0 if i == j else 0.0


@numba.njit("float64(float64[:, ::1], float64[::1], float64[::1])", cache=True)  # type: ignore[untyped-decorator]
def _direct(inverse: Floats, slope: Floats, direction: Floats) -> float:
    """Write the direction of the next move, and return the fall of the loss along it."""
    fall = 0.0
    for i in range(len(slope)):
        direction[i] = 0.0
        for j in range(len(slope)):
            direction[i] -= inverse[i, j] * slope[j]
        fall += direction[i] * slope[i]
    if not fall < 0.0:
        fall = 0.0
        for i in range(len(slope)):
            direction[i] = -slope[i]
            fall -= slope[i] * slope[i]
            for j in range(len(slope)):
                inverse[i, j] = 1.0 if i == j else 0.0
    return fall


@numba.njit("float64(float64[::1], float64[::1], boolean, int64, int64)", cache=True)  # type: ignore[untyped-decorator]
def maximise(free: Floats, history: Floats, multiplicative: bool, trend: int, season: int) -> float:
    """Improve `free` in place by BFGS with finite differences; return the negative log-likelihood."""
    size = len(free)
    weights, state = np.empty(4), np.empty(2 + season)
    slope, change, trial = np.zeros(size), np.zeros(size), np.zeros(size)
    moved, direction = np.zeros(size), np.zeros(size)
    inverse = np.zeros((size, size))
    value = _loss(free, history, multiplicative, trend, season, weights, state)
    idle = 0
    for count in range(ITERATIONS):
        for i in range(size):
            kept, step = free[i], STEP * (1.0 + abs(free[i]))
            free[i] = kept + step
            now = (_loss(free, history, multiplicative, trend, season, weights, state) - value) / step
            free[i] = kept
            change[i] = now - slope[i]
            slope[i] = now
        if count > 0:
            _update(inverse, moved, change)
        fall = _direct(inverse, slope, direction)
        largest = 1e-300
        for i in range(size):
            largest = max(largest, abs(direction[i]))
        # The first direction is a plain gradient, and no step should change a logit by more than 2.
        length, best = min(1.0, 2.0 / largest), value
        for _ in range(30):
            for i in range(size):
                trial[i] = free[i] + length * direction[i]
            best = _loss(trial, history, multiplicative, trend, season, weights, state)
            if best <= value + 1e-4 * length * fall:
                break
            length *= 0.4
        gain = value - best
        idle = idle + 1 if not gain >= ENOUGH else 0
        for i in range(size):
            # Where nothing was gained the next step starts from the plain gradient.
            moved[i] = trial[i] - free[i] if gain > 0.0 else 0.0
            free[i] += moved[i]
        value = min(value, best)
        if idle > 1:
            break
    return float(value)


@numba.njit("float64[::1](float64[::1], int64, boolean, int64, float64[::1], int64)", cache=True)  # type: ignore[untyped-decorator]
def continued(
    state: Floats, seen: int, multiplicative: bool, season: int, weights: Floats, steps: int
) -> Floats:
    """The forecast [steps] from the state after `seen` steps of history."""
    answer = np.empty(steps)
    slope, level = state[1], state[0]
    for k in range(steps):
        slope *= weights[3]
        level += slope
        index = state[2 + (seen + k) % season]
        answer[k] = level * index if multiplicative else level + index
    return answer
