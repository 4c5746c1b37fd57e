"""The Mackey-Glass equation: a chaotic series, which without noise a window determines."""

from __future__ import annotations

import numpy as np
from recurbench import Problem, dataset
from recurbench.datasets._chaos import Asked, chaotic
from recurbench.task import Array

PER_UNIT = 10  # Runge-Kutta steps in one unit of time, which is one sample
WASHOUT = 300  # units


@dataset("mackey-glass", kind="labelling")
def mackey_glass(
    *,
    tau: int = 17,
    horizon: int = 15,
    noise: float = 0.1,
    length: int = 200,
    n_train: int = 50,
    n_valid: int = 50,
    n_test: int = 100,
    seed: int = 0,
) -> Problem:
    """Forecast the chaotic Mackey-Glass series (1977) at every step, from noisy observations.

    x' = .2 x(t-tau) / (1 + x(t-tau)^10) - .1 x; a sample every unit of time. The answer is x without noise.

    Parameters
    ----------
    tau : int
        Delay, in units of time.
    horizon : int
        Samples ahead.
    noise : float
        Standard deviation of the noise, divided by that of x.
    length : int
        Samples of a series.
    n_train, n_valid, n_test : int
        Series in each part.
    seed : int
    """
    if tau < 2:
        raise ValueError(f"mackey-glass needs tau >= 2, got {tau}")
    asked = Asked(horizon, noise, length, (n_train, n_valid, n_test))

    def solve(rngs: list[np.random.Generator], counts: list[int], samples: int) -> list[Array]:
        start = np.concatenate([rng.uniform(0.5, 1.5, n) for rng, n in zip(rngs, counts, strict=True)])
        return np.split(paths(start, tau, WASHOUT + samples)[:, WASHOUT:], np.cumsum(counts)[:-1])

    description = (
        f"Mackey-Glass with tau {tau} by the classic Runge-Kutta method in steps of {1 / PER_UNIT:g}, from "
        f"constant histories, after {WASHOUT} units"
    )
    return chaotic(solve, asked, seed, description)


def paths(start: Array, tau: int, samples: int, per_unit: int = PER_UNIT) -> Array:
    """Integrate from constant histories [n] and return the values at the next units of time: [n, samples].

    Values between steps of the past are interpolated by cubics. Half the step changes values by less than
    2e-5 within 50 units.
    """
    step, delay = 1 / per_unit, tau * per_unit
    past = np.tile(start, (delay + 1 + samples * per_unit, 1))
    for now in range(delay, len(past) - 1):
        old = now - delay
        first, last = past[old], past[old + 1]
        half = first if old == 0 else (9 * (first + last) - past[old - 1] - past[old + 2]) / 16
        come = [_fed(each) for each in (first, half, last)]
        x = past[now]
        one = come[0] - 0.1 * x
        two = come[1] - 0.1 * (x + step / 2 * one)
        three = come[1] - 0.1 * (x + step / 2 * two)
        four = come[2] - 0.1 * (x + step * three)
        past[now + 1] = x + step / 6 * (one + 2 * two + 2 * three + four)
    return past[delay + per_unit :: per_unit].T


def _fed(old: Array) -> Array:
    # Products, because the rounding of a power may depend on the number of series.
    square = old * old
    fourth = square * square
    fed: Array = 0.2 * old / (1 + fourth * fourth * square)
    return fed
