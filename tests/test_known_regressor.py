"""The generator with a covariate known ahead: the oracle is exact, and the covariate is what matters."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.known_regressor import known_regressor
from recurbench.metrics import score


def test_shapes_are_those_of_a_forecasting_task_with_one_known_covariate():
    problem = known_regressor()
    assert (len(problem.train), len(problem.valid), len(problem.test)) == (8, 40, 40)
    assert problem.train.x[0].shape == (108, 2)
    assert [len(x) for x in problem.test.x[:5]] == [120, 132, 144, 156, 168]
    for split in (problem.train, problem.valid, problem.test):
        for x, y, ahead, time in zip(split.x, split.y, split.ahead, split.time, strict=True):
            assert y.shape == ahead.shape == (12, 1)
            assert len(time) == len(x) + 12


def test_ahead_continues_the_covariate_of_the_past():
    test = known_regressor().test
    assert test.series[0] == test.series[1]
    assert np.array_equal(test.x[1][120:, 1:], test.ahead[0])
    assert np.array_equal(test.x[1][120:, :1], test.y[0])


def test_valid_and_test_are_different_futures_of_the_same_past():
    problem = known_regressor()
    known = np.concatenate([problem.train.x[0], np.hstack([problem.train.y[0], problem.train.ahead[0]])])
    for split in (problem.valid, problem.test):
        assert np.array_equal(split.x[0], known)
    assert not np.isin(problem.valid.y[0], problem.test.y[0]).any()


def test_the_shown_metric_of_the_oracle_is_the_best_level():
    problem = known_regressor()
    shown = score(problem.task, problem.test, problem.oracle).values["mase"]
    assert shown == pytest.approx(problem.about.best)
    about = problem.about
    assert about.best < about.memoryless < about.constant


def test_the_errors_of_the_oracle_have_the_variance_of_the_theory():
    problem = known_regressor(n_series=60, origins=20, horizon=3, sd=0.5)
    errors = np.stack([y - f for y, f in zip(problem.test.y, problem.oracle, strict=True)])[:, :, 0]
    exact = 0.25 * np.cumsum(0.7 ** (2 * np.arange(3)))
    assert errors.var(axis=0) == pytest.approx(exact, rel=0.15)
    assert np.abs(errors.mean(axis=0)).max() < 0.06


def test_no_linear_change_of_the_oracle_by_what_is_known_improves_it():
    problem = known_regressor(n_series=60, origins=20, horizon=1)
    errors = np.array([(y - f)[0, 0] for y, f in zip(problem.test.y, problem.oracle, strict=True)])
    rows = zip(problem.test.x, problem.test.ahead, strict=True)
    known = np.array([[*x[-3:].ravel(), ahead[0, 0]] for x, ahead in rows])
    known -= known.mean(axis=0)
    explained = known @ np.linalg.lstsq(known, errors, rcond=None)[0]
    assert explained.var() / errors.var() < 0.03


def test_ignoring_the_known_covariate_loses_nearly_all_headroom():
    assert known_regressor().about.headroom["without_ahead"] < 0.2
    assert known_regressor(beta=0.0).about.headroom["without_ahead"] == pytest.approx(1.0)


def test_draws_are_repeatable():
    one, same, other = known_regressor(), known_regressor(), known_regressor(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(one.test.x, same.test.x, strict=True))
    assert not np.array_equal(one.test.y[0], other.test.y[0])


def test_impossible_dials_are_refused():
    with pytest.raises(ValueError, match=r"-1 < phi < 1.*phi=1\.0"):
        known_regressor(phi=1.0)
    with pytest.raises(ValueError, match="length >= horizon"):
        known_regressor(length=5)
