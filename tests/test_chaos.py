"""Mackey-Glass and Lorenz: paths against other solvers, scale, what is asked, bounds that are true."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split
from recurbench.datasets import lorenz as lorenz_module
from recurbench.datasets import mackey_glass as mackey_glass_module
from recurbench.datasets._chaos import bounds
from recurbench.datasets.lorenz import lorenz
from recurbench.datasets.mackey_glass import mackey_glass
from scipy.integrate import solve_ivp
from scipy.signal import lfilter

BOTH = [mackey_glass, lorenz]


def test_the_first_delay_of_mackey_glass_has_a_closed_form():
    # Up to its last step, whose interpolation meets the kink where the constant history ends.
    start = np.array([0.6, 1.2])
    found = mackey_glass_module.paths(start, 17, 16)
    level = 10 * 0.2 * start / (1 + start**10)
    times = np.arange(1, 17)
    exact = level[:, None] + (start - level)[:, None] * np.exp(-0.1 * times)
    assert np.abs(found - exact).max() < 1e-8


def test_later_delays_of_mackey_glass_agree_with_another_solver():
    def history(_time):
        return np.array([1.2])

    ends, values = 0, np.array([1.2])
    for _ in range(3):
        past = history

        def slope(time, x, past=past):
            old = past(time - 17)
            return 0.2 * old / (1 + old**10) - 0.1 * x

        solved = solve_ivp(
            slope,
            (ends, ends + 17),
            values,
            "DOP853",
            dense_output=True,
            rtol=1e-11,
            atol=1e-12,
            max_step=0.5,
        )
        history, values, ends = solved.sol, solved.y[:, -1], ends + 17
        found = mackey_glass_module.paths(np.array([1.2]), 17, ends)[0, -1]
        assert found == pytest.approx(values[0], abs=2e-5)


def test_lorenz_agrees_with_another_solver():
    start = np.array([[1.0, 2.0, 20.0], [-5.0, 3.0, 30.0]])
    found = lorenz_module.paths(start, 20)
    for one, path in zip(start, found, strict=True):
        exact = solve_ivp(
            lambda _t, s: [10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]],
            (0, 0.6),
            one,
            "DOP853",
            t_eval=0.03 * np.arange(1, 21),
            rtol=1e-11,
            atol=1e-11,
        ).y.T
        assert np.abs(path - exact).max() < 1e-4


def test_half_the_step_changes_as_little_as_is_said():
    start = np.random.default_rng(0).uniform(0.5, 1.5, 50)
    off = [mackey_glass_module.paths(start, 17, 50, n) for n in (10, 20)]
    assert np.abs(off[0] - off[1]).max() < 2e-5
    on = lorenz_module.paths(np.random.default_rng(0).uniform((-15, -20, 5), (15, 20, 45), (50, 3)), 300)[
        :, -1
    ]
    off = [lorenz_module.paths(on, 20, n) for n in (6, 12)]
    assert np.abs(off[0] - off[1]).max() < 1e-4


@pytest.mark.parametrize("build", BOTH)
def test_the_answer_is_the_clean_value_ahead(build):
    clean = build(noise=0.0, horizon=7, n_test=20)
    noisy = build(noise=0.5, horizon=7, n_test=20)
    assert clean.task.causal
    for x, y in zip(clean.test.x, clean.test.y, strict=True):
        assert x.shape == y.shape == (200, 1)
        assert np.array_equal(x[7:], y[:-7])
    added = np.concatenate(noisy.test.x) - np.concatenate(clean.test.x)
    assert added.std() == pytest.approx(0.5, abs=0.01)
    assert added.mean() == pytest.approx(0, abs=0.02)
    assert all(np.array_equal(a, b) for a, b in zip(clean.test.y, noisy.test.y, strict=True))


@pytest.mark.parametrize("build", BOTH)
def test_the_best_constant_errs_by_one_and_the_best_is_not_claimed_to_be_known(build):
    problem = build(n_train=1, n_valid=1, n_test=400, noise=0.05)
    answers = np.concatenate(problem.test.y)
    assert answers.mean() == pytest.approx(0, abs=0.06)
    assert answers.var() == pytest.approx(problem.about.constant, abs=0.05)
    assert problem.about.best is None
    assert not problem.oracle
    assert "exact best is unknown, so skill 1 stands for no error" in problem.about.protocol


@pytest.mark.long
def test_undisturbed_series_are_controls_and_noisy_ones_depend():
    roles = [build(noise=0.0, n_train=1, n_test=2).about.role for build in BOTH]
    assert roles == ["control", "control"]
    assert [build(n_train=1, n_test=2).about.role for build in BOTH] == ["crossover", "crossover"]
    about = mackey_glass(n_train=1).about
    assert about.headroom["window_16"] + about.headroom["window_16_error"] == pytest.approx(1)
    assert about.headroom == mackey_glass(n_train=1, seed=5).about.headroom
    assert 0 < about.memoryless < 1


def test_bounds_of_a_series_that_needs_its_last_value_alone():
    x = lfilter([1], [1, -0.8], np.random.default_rng(0).standard_normal((40, 600)))[:, 100:] * 0.6
    split = Split(list(x[:, :-1, None]), list(x[:, 1:, None]))
    memoryless, shares = bounds(split)
    assert memoryless == pytest.approx(0.36, abs=0.02)
    assert shares["window_16"] < 0.02


def test_bounds_of_a_series_that_needs_the_third_last_value():
    x = np.random.default_rng(1).standard_normal((40, 300))
    split = Split(list(x[:, 2:, None]), list(x[:, :-2, None]))
    memoryless, shares = bounds(split)
    assert memoryless == pytest.approx(1, abs=0.05)
    assert shares == pytest.approx({"window_4": 1, "window_16": 1, "window_16_error": 0})


@pytest.mark.long
@pytest.mark.parametrize("build", BOTH)
def test_draws_are_repeatable_and_independent(build):
    problem, again = build(n_test=10), build(n_test=10)
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], build(seed=1, n_test=10).test.x[0])
    # Chaos would blow up a last digit that hung on how many series stand side by side.
    smaller = build(n_train=3, n_valid=1, n_test=10)
    assert np.array_equal(smaller.test.x[0], problem.test.x[0])
    assert np.array_equal(smaller.test.y[-1], problem.test.y[-1])
    assert len({float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}) == 3


@pytest.mark.parametrize("build", BOTH)
@pytest.mark.parametrize(
    ("dials", "seen"),
    [({"horizon": 0}, "horizon=0"), ({"noise": -1}, "noise=-1"), ({"length": 9}, "length=9")],
)
def test_impossible_dials_are_refused(build, dials, seen):
    with pytest.raises(ValueError, match=f"horizon >= 1.* are needed.*{seen}"):
        build(**dials)


def test_an_impossible_delay_is_refused():
    with pytest.raises(ValueError, match="tau >= 2, got 1"):
        mackey_glass(tau=1)
