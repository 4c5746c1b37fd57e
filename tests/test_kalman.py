"""The Kalman filter against statsmodels' exact diffuse filter and a case worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.methods._kalman import ahead, run
from statsmodels.tsa.statespace.structural import UnobservedComponents

# Variances of noise, level and slope.
SETS = [(0.5, 0.4, 0.1), (0.05, 0.9, 0.05), (0.9, 0.0999, 0.0001)]
# Where values are missing: none; inside; at the start and between the values that give the first states.
GAPS = [(), (10, 11, 30), (0, 1, 3, 4, 20)]


def walk(gaps: tuple[int, ...] = (), seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.cumsum(0.2 + np.cumsum(rng.normal(size=60)) / 10) + rng.normal(size=60)
    values[list(gaps)] = np.nan
    return values


def oracle(values: np.ndarray, variances: tuple[float, ...], sloped: bool) -> UnobservedComponents:
    model = UnobservedComponents(values, "lltrend" if sloped else "llevel", use_exact_diffuse=True)
    return model.smooth(variances if sloped else variances[:2])


def given(variances: tuple[float, ...], sloped: bool) -> tuple[float, ...]:
    return variances if sloped else (*variances[:2], 0.0)


@pytest.mark.parametrize("sloped", [False, True])
@pytest.mark.parametrize("gaps", GAPS)
@pytest.mark.parametrize("variances", SETS)
def test_forecasts_and_their_variances_equal_those_of_statsmodels(variances, gaps, sloped):
    values, out, own = walk(gaps), np.zeros(6), given(variances, sloped)
    run(values, *own, sloped, out)
    middle, variance = ahead(out, *own, 12)
    other = oracle(values, variances, sloped).get_forecast(12)
    np.testing.assert_allclose(middle, other.predicted_mean, rtol=1e-7)
    np.testing.assert_allclose(variance, other.var_pred_mean, rtol=1e-7)


@pytest.mark.parametrize("sloped", [False, True])
@pytest.mark.parametrize("gaps", GAPS)
def test_the_likelihood_differs_between_variances_as_in_statsmodels(gaps, sloped):
    values = walk(gaps)
    ours, others = [], []
    for variances in SETS:
        out, own = np.zeros(6), given(variances, sloped)
        ours.append(run(values, *own, sloped, out))
        # At the concentrated unit both are the same likelihood.
        others.append(-2 * oracle(values, tuple(v * out[5] for v in variances), sloped).llf)
    np.testing.assert_allclose(np.diff(ours), np.diff(others), rtol=1e-6)


def test_a_level_without_noise_is_the_last_value():
    out = np.zeros(6)
    run(np.array([3.0, 5.0, 4.0]), 0.0, 1.0, 0.0, False, out)
    middle, variance = ahead(out, 0.0, 1.0, 0.0, 3)
    assert middle.tolist() == [4.0] * 3
    assert variance.tolist() == [1.0, 2.0, 3.0]
    assert out[5] == pytest.approx((2**2 + 1) / 2)  # the mean of the squared changes


def test_a_level_that_never_moves_is_the_mean():
    values, out = np.array([3.0, 5.0, np.nan, 4.0, 8.0]), np.zeros(6)
    run(values, 1.0, 0.0, 0.0, False, out)
    middle, variance = ahead(out, 1.0, 0.0, 0.0, 1)
    np.testing.assert_allclose(middle, [5.0])
    np.testing.assert_allclose(variance, [1 + 1 / 4])


def test_a_trend_that_never_moves_is_the_regression_line():
    t = np.array([0, 1, 3, 4, 6])
    values = np.full(7, np.nan)
    values[t] = [1.0, 2.5, 4.0, 4.5, 8.0]
    out = np.zeros(6)
    run(values, 1.0, 0.0, 0.0, True, out)
    middle, _ = ahead(out, 1.0, 0.0, 0.0, 5)
    np.testing.assert_allclose(middle, np.polyval(np.polyfit(t, values[t], 1), np.arange(7, 12)))
