"""The Lorenz system seen through one of its three coordinates, in noise."""

from __future__ import annotations

import numpy as np
from recurbench import Problem, dataset
from recurbench.datasets._chaos import Asked, chaotic
from recurbench.task import Array

SAMPLE = 0.03  # units of time
PER_SAMPLE = 6  # Runge-Kutta steps
WASHOUT = 300  # samples


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
    """Say the clean x `horizon` samples ahead from noisy x alone; y and z stay hidden.

    Lorenz (1963), sigma = 10, rho = 28, beta = 8 / 3, sampled every .03 units of time.
    """
    asked = Asked(horizon, noise, length, (n_train, n_valid, n_test))

    def solve(rngs: list[np.random.Generator], counts: list[int], samples: int) -> list[Array]:
        starts = [
            rng.uniform((-15, -20, 5), (15, 20, 45), (n, 3)) for rng, n in zip(rngs, counts, strict=True)
        ]
        x = paths(np.concatenate(starts), WASHOUT + samples)[:, WASHOUT:, 0]
        return np.split(x, np.cumsum(counts)[:-1])

    description = (
        f"x of the Lorenz system every {SAMPLE} units by the classic Runge-Kutta method in steps of "
        f"{SAMPLE / PER_SAMPLE:g}, after {WASHOUT} samples"
    )
    return chaotic(solve, asked, seed, description)


def paths(start: Array, samples: int, per_sample: int = PER_SAMPLE) -> Array:
    """From states [n, 3] those at the next sample times: [n, samples, 3].

    Half the step changes no value by 1e-4 within 20 samples on the attractor, where values reach 50.
    """
    step = SAMPLE / per_sample
    state = start.T.copy()
    states = np.empty((samples, *state.shape))
    for sample in range(samples):
        for _ in range(per_sample):
            one = _slope(state)
            two = _slope(state + step / 2 * one)
            three = _slope(state + step / 2 * two)
            state = state + step / 6 * (one + 2 * two + 2 * three + _slope(state + step * three))
        states[sample] = state
    return states.transpose(2, 0, 1)


def _slope(state: Array) -> Array:
    x, y, z = state
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
