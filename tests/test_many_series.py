"""Many series with shared dynamics: the best forecast is exact, and sharing is what makes it possible."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.many_series import LEVEL, PERIOD, _Process, many_series
from recurbench.methods.baseline import seasonal_naive
from recurbench.methods.lag_regressions import ridge_lags
from recurbench.methods.theta import theta
from recurbench.metrics import score
from statsmodels.tsa.arima_process import arma_acovf

PHI = (0.5, 0.3)


def process(spread: float = 0.5) -> _Process:
    return _Process(np.linspace(-2, 2, PERIOD), PHI, spread)


def test_every_series_is_asked_at_its_own_later_origins_and_trained_on_before():
    problem = many_series(n_series=3)
    assert (len(problem.train), len(problem.valid), len(problem.test)) == (3, 6, 6)
    assert [len(x) for x in problem.test.x] == [30, 42] * 3
    assert problem.test.series == tuple(f"series {i}" for i in (0, 0, 1, 1, 2, 2))
    for i in range(3):
        past = np.concatenate([problem.train.x[i], problem.train.y[i]])
        for split in (problem.valid, problem.test):
            assert np.array_equal(split.x[2 * i], past)
            assert np.array_equal(split.x[2 * i + 1], np.concatenate([past, split.y[2 * i]]))
    assert not np.isin(problem.valid.y[0], problem.test.y[0]).any()


def test_the_autocovariances_are_those_of_statsmodels():
    wanted = arma_acovf([1, -PHI[0], -PHI[1]], [1], nobs=30)
    assert process().autocovariance(30) == pytest.approx(wanted)


def test_series_have_the_covariance_that_the_best_forecast_is_made_with():
    made, rng = process(), np.random.default_rng(0)
    drawn = np.array(
        [
            made.extend(
                LEVEL * rng.standard_normal(), 1 + 0.5 * rng.standard_normal(), np.empty((0, 1)), 20, rng
            )
            for _ in range(4000)
        ]
    )[:, :, 0]
    # A later part continues the errors of the part before.
    longer = np.array([made.extend(0.0, 1.0, rows[:, None] * 0, 1, rng) for rows in drawn[:2]])
    assert longer.shape == (2, 21, 1)
    assert np.abs(np.cov(drawn.T) - made.covariance(20)).max() < 2.5
    assert np.abs(drawn.mean(axis=0) - made.pattern[np.arange(20) % PERIOD]).max() < 0.4


def test_a_part_that_continues_a_series_has_the_dynamics_of_the_series():
    made = _Process(np.zeros(PERIOD), (0.9, 0.0), 0.0)
    rng = np.random.default_rng(1)
    rows = np.full((5, 1), 100.0)
    following = [made.extend(0.0, 1.0, rows, 1, rng)[-1, 0] for _ in range(2000)]
    assert np.mean(following) == pytest.approx(90, abs=0.2)
    assert np.std(following) == pytest.approx(1, abs=0.1)


def test_without_a_level_and_a_season_the_best_forecast_is_that_of_the_autoregression(monkeypatch):
    monkeypatch.setattr("recurbench.datasets.many_series.LEVEL", 0.0)
    made = _Process(np.zeros(PERIOD), PHI, 0.0)
    history = np.random.default_rng(0).standard_normal((15, 1))
    one = PHI[0] * history[-1, 0] + PHI[1] * history[-2, 0]
    two = PHI[0] * one + PHI[1] * history[-1, 0]
    assert made.expected(history, 2)[:, 0] == pytest.approx([one, two])
    assert made.expected(history, 2, window=2)[:, 0] == pytest.approx([one, two])


def test_the_shown_metric_of_the_oracle_is_the_best_level_and_no_window_beats_it():
    problem = many_series(n_series=200)
    about = problem.about
    shown = score(problem.task, problem.test, problem.oracle).values["mase"]
    assert shown == pytest.approx(about.best)
    assert about.best < about.memoryless < about.constant
    shares = about.headroom
    assert 0 < shares["window_4"] < shares["window_16"] < 1
    assert shares["alone"] < 0.95


def test_no_linear_change_of_the_oracle_by_what_is_known_improves_it():
    problem = many_series(n_series=600, origins=1)
    errors = np.array([(y - f)[:, 0] for y, f in zip(problem.test.y, problem.oracle, strict=True)])
    known = np.array([x[:, 0] for x in problem.test.x])
    known = np.insert(known, 0, 1.0, axis=1)
    half = len(known) // 2
    weights = np.linalg.lstsq(known[:half], errors[:half], rcond=None)[0]
    changed = errors[half:] - known[half:] @ weights
    assert (errors[half:] ** 2).mean() < (changed**2).mean()


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_map_that_is_shared_by_the_series_gains_over_methods_of_one_series(seed):
    problem = many_series(seed=seed)
    found = {
        name: score(problem.task, problem.test, fit(problem.task, problem.train)(problem.test)).values["mase"]
        for name, fit in (("alone", seasonal_naive), ("line", theta), ("pooled", ridge_lags))
    }
    assert problem.about.best < found["pooled"] < 0.97 * min(found["alone"], found["line"])


def test_draws_are_repeatable():
    one, same, other = many_series(), many_series(), many_series(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(one.test.x, same.test.x, strict=True))
    assert not np.array_equal(one.test.y[0], other.test.y[0])


@pytest.mark.parametrize(
    ("dials", "words"),
    [
        ({"phi1": 0.8}, "needs a stationary autoregression .*phi1=0.8"),
        ({"phi2": -1.0}, "needs a stationary autoregression .*phi2=-1"),
        ({"season": -1.0}, "no negative deviations, got .*season=-1"),
        ({"length": 13}, "length >= horizon"),
        ({"n_series": 0}, "at least one series"),
    ],
)
def test_impossible_dials_are_refused(dials, words):
    with pytest.raises(ValueError, match=words):
        many_series(**dials)
