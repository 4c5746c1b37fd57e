"""ARMA(1,1): the filter against plain Gaussian conditioning, levels against a table made elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.arma import arma, draw, filtered, levels, spread
from recurbench.metrics import score
from scipy.linalg import toeplitz
from scipy.signal import lfilter

# phi, theta: variance and the errors of the best AR(1), AR(5), AR(20), AR(50), by another implementation.
MEASURED = {
    (0.99, 0.5): (13.07, 1.231, 1.001, 1.000, 1.000),
    (0.99, 0.8): (2.81, 1.413, 1.035, 1.000, 1.000),
    (0.995, 0.95): (1.203, 1.152, 1.066, 1.009, 1.000),
    (0.999, 0.98): (1.181, 1.147, 1.080, 1.023, 1.005),
}


def covariance(phi: float, theta: float, steps: int) -> np.ndarray:
    """Of `steps` values: the autocovariances of an ARMA(1,1), or sums of shocks for the local level."""
    if phi == 1:
        shocks = (1 - theta) * np.tri(steps, k=-1) + np.eye(steps)
        return shocks @ shocks.T
    first = (1 - phi * theta) * (phi - theta) / (1 - phi**2)
    ahead = first * phi ** np.arange(steps - 1)
    return toeplitz([(1 - 2 * phi * theta + theta**2) / (1 - phi**2), *ahead])


def conditioned(x, seen, phi, theta, window) -> tuple[float, float]:
    """Mean and variance of the value after x given the seen ones among its last `window`."""
    full = covariance(phi, theta, len(x) + 1)
    kept = np.flatnonzero(seen & (np.arange(len(x)) >= len(x) - window))
    weights = np.linalg.solve(full[np.ix_(kept, kept)], full[kept, -1])
    return weights @ x[kept], full[-1, -1] - weights @ full[kept, -1]


@pytest.mark.parametrize(("phi", "theta"), [(0.99, 0.8), (0.5, -0.7), (-0.9, 0.3), (1, 0.8)])
@pytest.mark.parametrize("missing", [0.0, 0.4])
@pytest.mark.parametrize("window", [None, 1, 3, 12, 40])
def test_the_filter_is_gaussian_conditioning(phi, theta, missing, window):
    x, seen, _ = draw(phi, theta, missing, (3, 12), np.random.default_rng(0))
    means, variances = filtered(x, seen, phi, theta, window)
    for row in range(3):
        for t in range(12):
            past = x[row, : t + 1], seen[row, : t + 1]
            mean, variance = conditioned(*past, phi, theta, window or 12)
            assert means[row, t] == pytest.approx(mean, abs=1e-9)
            assert variances[row, t] == pytest.approx(variance, abs=1e-9)


@pytest.mark.parametrize("dials", MEASURED)
def test_levels_are_those_of_the_table(dials):
    variance, *errors = MEASURED[dials]
    assert 1 + spread(*dials, 1)[0] == pytest.approx(variance, abs=0.006)
    everything = np.ones((1, 400), dtype=bool)
    for window, error in zip((1, 5, 20, 50), errors, strict=True):
        _, variances = filtered(np.zeros((1, 400)), everything, *dials, window)
        assert variances[0, -1] == pytest.approx(error, abs=6e-4)


@pytest.mark.parametrize("window", [1, 4, 16])
def test_window_levels_are_met_by_least_squares_on_another_simulation(window):
    phi, theta = 0.999, 0.98
    noise = np.random.default_rng(1).standard_normal(420_000)
    x = lfilter([1, -theta], [1, -phi], noise)[20_000:]
    lags = np.lib.stride_tricks.sliding_window_view(x[:-1], window)
    left = np.linalg.lstsq(lags, x[window:], rcond=None)[1][0] / len(lags)
    _, variances = filtered(np.zeros((1, 100)), np.ones((1, 100), dtype=bool), phi, theta, window)
    assert left == pytest.approx(variances[0, -1], abs=0.008)


@pytest.mark.parametrize("dials", [{}, {"missing": 0.5}, {"phi": 1}, {"phi": 0.999, "theta": 0.95}])
def test_levels_are_what_such_answers_score(dials):
    problem = arma(**dials, n_train=1, n_valid=1, n_test=4000, length=60)
    about = problem.about
    truth = np.stack(problem.test.y)[:, :, 0]
    assert (truth**2).mean() == pytest.approx(about.constant, rel=0.05)
    x = np.stack(problem.test.x)
    seen = x[:, :, 1] == 1 if "missing" in dials else np.ones(truth.shape, dtype=bool)
    one, _ = filtered(x[:, :, 0], seen, dials.get("phi", 0.99), dials.get("theta", 0.8), 1)
    assert ((one - truth) ** 2).mean() == pytest.approx(about.memoryless, rel=0.03)
    values = score(problem.task, problem.test, problem.oracle).values
    assert values["mse"] == pytest.approx(about.best)
    expected = filtered(x[:, :, 0], seen, dials.get("phi", 0.99), dials.get("theta", 0.8))[1]
    assert about.best == pytest.approx(expected.mean(), rel=0.02)
    assert 1 <= expected.mean() < about.memoryless < about.constant


def test_a_draw_has_the_covariances_of_its_dials():
    x, seen, ahead = draw(0.9, -0.4, 0.0, (40_000, 4), np.random.default_rng(2))
    assert seen.all()
    found = np.cov(np.column_stack([x, ahead[:, -1]]).T)
    assert np.allclose(found, covariance(0.9, -0.4, 5), rtol=0.04)


def test_gaps_are_zero_and_said_so():
    problem = arma(missing=0.3, n_test=200)
    x = np.concatenate(problem.test.x)
    assert set(x[:, 1]) == {0, 1}
    assert x[:, 1].mean() == pytest.approx(0.7, abs=0.01)
    assert (x[x[:, 1] == 0, 0] == 0).all()
    for one, y in zip(problem.test.x, problem.test.y, strict=True):
        shown = one[1:, 1] == 1
        assert np.array_equal(one[1:, 0][shown], y[:-1, 0][shown])


def test_roles_and_headroom_follow_from_the_dials():
    # Without a moving average the last value has everything; with gaps it has not.
    assert levels(0.99, 0.0, 0.0, 200)[1] == {"window_4": 1.0, "window_16": 1.0}
    assert arma(theta=0, n_train=1).about.role == "control"
    assert arma(phi=0.999, theta=0.98, n_train=1).about.role == "crossover"
    gaps = arma(missing=0.5, n_train=1).about
    assert gaps.headroom["window_4"] < 0.8
    assert 0 < gaps.headroom["window_16_error"] < 1e-3
    assert arma(missing=0.5, n_train=1, seed=1).about.headroom == gaps.headroom


def test_the_oracle_is_causal():
    problem = arma(n_test=2)
    x = np.stack([x[:, 0] for x in problem.test.x])
    x[:, 100:] = 9
    again = filtered(x, np.ones(x.shape, dtype=bool), 0.99, 0.8)[0]
    assert np.array_equal(again[:, :100], np.stack(problem.oracle)[:, :100, 0])
    assert problem.task.causal


def test_draws_are_repeatable_and_independent():
    problem, again = arma(), arma()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], arma(seed=1).test.x[0])
    assert np.array_equal(arma(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    assert len({float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}) == 3


@pytest.mark.parametrize(
    ("dials", "words"),
    [
        ({"phi": 0.9}, r"no headroom: the variance is 1\.053 times that of the innovations, needed are 1\.1"),
        ({"phi": 0.8}, "no headroom: the variance is 1.000 times"),
        ({"phi": -1}, "-1 < phi <= 1.*phi=-1"),
        ({"theta": 1}, "-1 < theta < 1.*theta=1"),
        ({"missing": 1}, "0 <= missing < 1.*missing=1"),
        ({"length": 1}, "length >= 2.*length=1"),
    ],
)
def test_impossible_dials_are_refused(dials, words):
    with pytest.raises(ValueError, match=words):
        arma(**dials)
