"""The particle filter of lorenz: exact on linear systems, convergent on the Lorenz system."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets._particles import Model, forecasts
from recurbench.datasets.lorenz import PARTICLES, lorenz, paths, system
from recurbench.metrics import score

SD = 0.8
TURN = 0.95 * np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
SMALL = {"n_train": 1, "n_valid": 1, "n_test": 3, "length": 50}


def kalman(x: np.ndarray, noise: float, horizon: int) -> np.ndarray:
    """Exact forecasts of the first coordinate of a turning state, from a standard normal start."""
    mean, variance, found = np.zeros(2), np.eye(2), []
    for step, value in enumerate(x):
        if step:
            mean, variance = TURN @ mean, TURN @ variance @ TURN.T + noise**2 * np.eye(2)
        gain = variance[:, 0] / (variance[0, 0] + SD**2)
        mean, variance = mean + gain * (value - mean[0]), variance - np.outer(gain, variance[0])
        found.append((np.linalg.matrix_power(TURN, horizon) @ mean)[0])
    return np.array(found)


def turning(noise: float, particles: int) -> Model:
    def move(state, rng):
        return np.einsum("ij,jsm->ism", TURN, state) + noise * rng.standard_normal(state.shape)

    return Model(np.random.default_rng(7).standard_normal((2, particles)), move, SD)


def observed(noise: float, count: int = 6, steps: int = 30) -> np.ndarray:
    rng = np.random.default_rng(1)
    state, found = rng.standard_normal((count, 2)), []
    for _ in range(steps):
        found.append(state[:, 0] + SD * rng.standard_normal(count))
        state = state @ TURN.T + noise * rng.standard_normal((count, 2))
    return np.stack(found, axis=1)


# Without noise of its own the system is deterministic, as the Lorenz system is.
@pytest.mark.parametrize("noise", [0.5, 0.0])
@pytest.mark.parametrize("horizon", [0, 2])
def test_on_a_linear_gaussian_system_the_filter_converges_to_that_of_kalman(noise, horizon):
    x = observed(noise)
    exact = np.stack([kalman(each, noise, horizon) for each in x])
    off = [
        np.sqrt(((forecasts(x, turning(noise, size), horizon, 3) - exact) ** 2).mean())
        for size in (100, 1600, 6400)
    ]
    assert off[0] > off[1] > off[2]
    assert off[2] < 0.04 * exact.std() + 0.01


def test_the_forecasts_of_a_series_do_not_depend_on_the_others_and_never_on_the_future():
    x = 8 * np.random.default_rng(0).standard_normal((25, 12))
    model = system(2.0, 200)
    together = forecasts(x, model, 3, 5)
    assert np.array_equal(together, forecasts(x, model, 3, 5))
    assert np.allclose(together[21:], forecasts(x[21:], model, 3, 5), rtol=1e-6)
    assert np.allclose(together[:, :7], forecasts(x[:, :7], model, 3, 5), rtol=1e-6)


@pytest.mark.long
def test_more_particles_than_the_data_set_uses_change_its_best_score_little():
    rng = np.random.default_rng(4)
    clean = paths(rng.uniform((-15, -20, 5), (15, 20, 45), (60, 3)), 405)[:, 300:, 0]
    x, ahead = clean[:, :100] + 2.4 * rng.standard_normal((60, 100)), clean[:, 5:]
    errors = {
        size: ((forecasts(x, system(2.4, size), 5, 1) - ahead) ** 2).mean() / clean.var()
        for size in (250, PARTICLES, 2 * PARTICLES)
    }
    assert errors[250] > errors[PARTICLES] + 0.003
    assert errors[PARTICLES] == pytest.approx(errors[2 * PARTICLES], abs=0.002)


def test_the_oracle_scores_the_best_level_which_no_error_does_not():
    problem = lorenz(**SMALL)
    assert score(problem.task, problem.test, problem.oracle).values["mse"] == pytest.approx(
        problem.about.best
    )
    assert 0 < problem.about.best < problem.about.memoryless / 2
    assert problem.about.version == "2"
    assert "until 2026-11-30 skill 1 stood for no error" in problem.about.protocol


def test_with_little_noise_the_best_is_unknown_as_before():
    about = lorenz(noise=0.05, **SMALL).about
    assert about.best is None
    assert about.version == "1"
