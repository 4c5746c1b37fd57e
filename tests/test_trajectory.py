"""Trajectories against other solvers, conserved quantities and known periods."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.trajectory import SYSTEMS, trajectory
from recurbench.metrics import score
from scipy.integrate import odeint


def lorenz(state, _time):
    x, y, z = state
    return 10 * (y - x), x * (28 - z) - y, x * y - (8 / 3) * z


def test_the_lorenz_paths_are_those_of_another_solver():
    states = np.random.default_rng(0).uniform(-10, 20, size=(40, 3))
    paths = SYSTEMS["lorenz"].paths(states, 50)
    times = 0.03 * np.arange(51)
    for state, path in zip(states, paths, strict=True):
        other = odeint(lorenz, state, times, rtol=1e-12, atol=1e-12)
        assert np.abs(path - other[1:]).max() < 1e-5


def test_the_lorenz_system_stays_at_its_fixed_points():
    root = np.sqrt(8 / 3 * 27)
    states = np.array([[root, root, 27], [-root, -root, 27], [0, 0, 0]])
    paths = SYSTEMS["lorenz"].paths(states, 20)
    assert np.allclose(paths, states[:, None], atol=1e-6)


def test_prey_and_predators_keep_their_invariant():
    states = np.random.default_rng(0).uniform(1, 8, size=(50, 2))
    paths = np.concatenate([states[:, None], SYSTEMS["lotka-volterra"].paths(states, 50)], axis=1)
    prey, hunters = paths[..., 0], paths[..., 1]
    kept = 0.1 * prey - 0.4 * np.log(prey) + 0.4 * hunters - 1.1 * np.log(hunters)
    assert np.abs(kept - kept[:, :1]).max() < 1e-7
    assert np.ptp(prey, axis=1).max() > 1


def test_van_der_pols_cycle_has_its_known_amplitude_and_period():
    fine = SYSTEMS["van-der-pol"]
    path = fine.paths(np.array([[0.1, 0.0], [3.0, 3.0]]), 300)[:, 150:, 0]
    # The limit cycle of mu = 1: amplitude 2.00862, period 6.66329.
    assert np.abs(path).max() == pytest.approx(2.0086, abs=0.01)
    for one in path:
        up = np.flatnonzero((one[:-1] < 0) & (one[1:] >= 0))
        crossings = fine.dt * (up - one[up] / (one[up + 1] - one[up]))
        assert np.diff(crossings).mean() == pytest.approx(6.6633, abs=0.005)


@pytest.mark.parametrize("system", SYSTEMS)
def test_shapes_times_and_scaling(system):
    problem = trajectory(system=system, n_train=200, n_test=30)
    d = len(SYSTEMS[system].names)
    assert (problem.task.kind, problem.task.length, problem.task.steps) == ("generation", "fixed", 50)
    for split in (problem.train, problem.valid, problem.test):
        for x, y, time in zip(split.x, split.y, split.time, strict=True):
            assert (x.shape, y.shape, time.shape) == ((1, d), (50, d), (51,))
            assert np.diff(time) == pytest.approx(SYSTEMS[system].dt)
    rows = np.concatenate(problem.train.y)
    assert np.allclose(rows.mean(axis=0), 0)
    assert np.allclose(rows.std(axis=0), 1)


def test_the_answer_starts_one_step_after_the_question():
    long, short = trajectory(steps=40, n_train=50), trajectory(steps=1, n_train=50)
    # Scaling differs with the paths, and an affine map between the two takes it out.
    for ask in (lambda split: np.concatenate(split.x), lambda split: np.stack([y[0] for y in split.y])):
        one, other = ask(long.test), ask(short.test)
        for channel in range(3):
            slope, level = np.polyfit(one[:, channel], other[:, channel], 1)
            assert np.allclose(slope * one[:, channel] + level, other[:, channel], atol=1e-6)


def test_levels_are_the_mean_path_and_the_noise():
    problem = trajectory(system="van-der-pol", noise=0.3, n_test=400)
    mean_path = np.mean(problem.train.y, axis=0)
    constant = score(problem.task, problem.test, [mean_path] * 400).values["mse"]
    assert constant == pytest.approx(problem.about.constant)
    assert problem.about.best == pytest.approx(0.09)
    found = score(problem.task, problem.test, problem.oracle).values["mse"]
    assert found == pytest.approx(problem.about.best, rel=0.03)
    assert 0.8 < problem.about.constant - problem.about.best < 1.1


def test_without_noise_the_oracle_is_the_answer_and_noise_leaves_the_questions():
    clean, noisy = trajectory(), trajectory(noise=0.2)
    assert score(clean.task, clean.test, clean.oracle).values["mse"] == clean.about.best == 0
    assert all(np.array_equal(a, b) for a, b in zip(clean.test.x, noisy.test.x, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(clean.oracle, noisy.oracle, strict=True))
    added = np.stack(noisy.test.y) - np.stack(clean.test.y)
    assert added.std(axis=(0, 1)) == pytest.approx([0.2] * 3, rel=0.03)
    other = np.stack(noisy.valid.y) - np.stack(clean.valid.y)
    assert abs(np.corrcoef(added.ravel(), other.ravel())[0, 1]) < 0.05


def test_draws_are_repeatable_and_independent():
    problem, again, other = trajectory(), trajectory(), trajectory(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.y, again.train.y, strict=True))
    assert not np.array_equal(problem.test.x[0], other.test.x[0])
    firsts = {float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}
    assert len(firsts) == 3


@pytest.mark.parametrize(
    ("dials", "words"),
    [
        ({"system": "pendulum"}, "system lorenz, van-der-pol, lotka-volterra, got 'pendulum'"),
        ({"steps": 0}, "at least one step.*steps=0"),
        ({"noise": -0.1}, "noise >= 0.*noise=-0.1"),
        ({"noise": float("nan")}, "noise=nan"),
    ],
)
def test_impossible_dials_are_refused(dials, words):
    with pytest.raises(ValueError, match=words):
        trajectory(**dials)
