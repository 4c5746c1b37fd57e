"""Quantile regression: against linear programming and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from recurbench.methods._quantile_regression import fit_quantiles, pinball, uncrossed
from sklearn.linear_model import QuantileRegressor

LEVELS = (0.1, 0.5, 0.9)


def lagged(count: int = 300, lags: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Lags of one series whose noise grows with its level."""
    rng = np.random.default_rng(0)
    x = np.zeros(count + lags)
    for t in range(1, len(x)):
        x[t] = 0.7 * x[t - 1] + (1 + 0.5 * abs(x[t - 1])) * rng.normal()
    return np.stack([x[k : k + count] for k in range(lags)], axis=1), x[lags:]


def test_the_lines_are_those_of_statsmodels() -> None:
    rows, answers = lagged()
    lines = fit_quantiles(rows, answers, LEVELS, 0.0)
    for i, level in enumerate(LEVELS):
        wanted = sm.QuantReg(answers, sm.add_constant(rows)).fit(level).params
        assert lines.level[i] == pytest.approx(wanted[0], abs=0.02)
        assert lines.weights[:, i] == pytest.approx(wanted[1:], abs=0.02)


@pytest.mark.parametrize(("count", "lags"), [(60, 4), (800, 24)])
def test_the_loss_is_the_smallest_there_is(count: int, lags: int) -> None:
    rows, answers = lagged(count, lags)
    losses = pinball(answers[:, None] - fit_quantiles(rows, answers, LEVELS, 0.0)(rows), LEVELS).mean(axis=0)
    for level, loss in zip(LEVELS, losses, strict=True):
        exact = QuantileRegressor(quantile=level, alpha=0, solver="highs").fit(rows, answers)
        assert loss == pytest.approx(pinball(answers - exact.predict(rows), [level]).mean(), rel=1e-3)


def test_a_unit_changes_nothing_and_a_shift_only_the_constant() -> None:
    rows, answers = lagged()
    plain = fit_quantiles(rows, answers, LEVELS, 1e-3)
    moved = fit_quantiles(rows, 1e6 * answers - 50, LEVELS, 1e-3)
    assert np.allclose(moved.weights, 1e6 * plain.weights, rtol=1e-6)
    assert np.allclose(moved.level, 1e6 * plain.level - 50, rtol=1e-6)


def test_the_larger_the_penalty_the_smaller_the_weights() -> None:
    rows, answers = lagged()
    sizes = [np.abs(fit_quantiles(rows, answers, LEVELS, share).weights).sum() for share in (0, 0.1, 100)]
    assert sizes[0] > sizes[1] > 10 * sizes[2]
    still = fit_quantiles(rows, answers, LEVELS, 1e6)
    assert still.level == pytest.approx(np.quantile(answers, LEVELS), abs=0.1)


def test_answers_that_are_all_alike_are_the_constant() -> None:
    lines = fit_quantiles(np.ones((5, 2)), np.full(5, 3.0), LEVELS, 0.1)
    assert np.array_equal(lines(np.ones((2, 2))), np.full((2, 3), 3.0))


def test_quantiles_that_cross_are_sorted_whatever_the_order_of_their_levels() -> None:
    assert uncrossed(np.array([[3.0, 1, 2]]), (0.1, 0.5, 0.9)).tolist() == [[1, 2, 3]]
    assert uncrossed(np.array([[3.0, 1, 2]]), (0.9, 0.1, 0.5)).tolist() == [[3, 1, 2]]
