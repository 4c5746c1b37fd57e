"""The Lorenz system, of which one of three coordinates is observed in noise."""

from __future__ import annotations

import numpy as np
from recurbench import Problem, dataset
from recurbench.datasets._chaos import Asked, chaotic
from recurbench.datasets._particles import Model, forecasts
from recurbench.task import Array

SAMPLE = 0.03  # units of time
PER_SAMPLE = 6  # Runge-Kutta steps
WASHOUT = 300  # samples
# The filter that gives the best forecasts: particles, and Runge-Kutta steps in a sample. Its random numbers
# depend on no seed.
PARTICLES, COARSE, STREAM = 2000, 2, 981
# With less noise the filter would need more particles, and skill 1 stands for no error.
LEAST_NOISE = 0.1
BOX = ((-15, -20, 5), (15, 20, 45))  # where paths start


@dataset("lorenz", kind="labelling")
def lorenz(
    *,
    horizon: int = 5,
    noise: float = 0.3,
    length: int = 200,
    n_train: int = 50,
    n_valid: int = 50,
    n_test: int = 100,
    seed: int = 0,
) -> Problem:
    """Forecast one coordinate of the chaotic Lorenz system (1963) at every step, from noisy observations.

    sigma = 10, rho = 28, beta = 8 / 3; a sample every .03 units of time. The answer is x without noise.
    With noise of .1 or more the best score is that of a particle filter that knows the equations.

    Parameters
    ----------
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
    asked = Asked(horizon, noise, length, (n_train, n_valid, n_test))

    def solve(rngs: list[np.random.Generator], counts: list[int], samples: int) -> list[Array]:
        starts = [rng.uniform(*BOX, (n, 3)) for rng, n in zip(rngs, counts, strict=True)]
        x = paths(np.concatenate(starts), WASHOUT + samples)[:, WASHOUT:, 0]
        return np.split(x, np.cumsum(counts)[:-1])

    description = (
        f"x of the Lorenz system every {SAMPLE} units by the classic Runge-Kutta method in steps of "
        f"{SAMPLE / PER_SAMPLE:g}, after {WASHOUT} samples"
    )

    def best(x: Array, level: float, spread: float) -> Array:
        ahead = forecasts(level + spread * x, system(noise * spread), horizon, STREAM)
        scaled: Array = (ahead - level) / spread
        return scaled

    return chaotic(solve, asked, seed, description, best if noise >= LEAST_NOISE else None)


def system(sd: float, particles: int = PARTICLES) -> Model:
    """The Lorenz system for the particle filter, with noise of standard deviation `sd` on x."""
    start = np.random.default_rng(STREAM).uniform(*BOX, (particles, 3))

    def move(state: Array, _rng: np.random.Generator) -> Array:
        return _sampled(state, COARSE)

    return Model(paths(start, WASHOUT)[:, -1].T.copy(), move, sd)


def paths(start: Array, samples: int, per_sample: int = PER_SAMPLE) -> Array:
    """Integrate from states [n, 3] and return the states at the next samples: [n, samples, 3].

    Half the step changes values by less than 1e-4 within 20 samples on the attractor, where values reach 50.
    """
    state = start.T.copy()
    states = np.empty((samples, *state.shape))
    for sample in range(samples):
        states[sample] = state = _sampled(state, per_sample)
    return states.transpose(2, 0, 1)


def _sampled(state: Array, per_sample: int) -> Array:
    """The states [3, ...] one sample later."""
    step = SAMPLE / per_sample
    for _ in range(per_sample):
        one = _slope(state)
        two = _slope(state + step / 2 * one)
        three = _slope(state + step / 2 * two)
        state = state + step / 6 * (one + 2 * two + 2 * three + _slope(state + step * three))
    return state


def _slope(state: Array) -> Array:
    x, y, z = state
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
