"""Local level and local trend: how well they are estimated, missing values, and forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods.structural import local_level, local_trend
from statsmodels.tsa.statespace.structural import UnobservedComponents

both = pytest.mark.parametrize("method", [local_level, local_trend], ids=lambda method: method.__name__)


def task(steps: int = 8, period: int | None = None, quantiles: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps, period, quantiles)


def fitted(method, series: np.ndarray, one: Task):
    train = Split([series[: -one.steps, None]], [series[-one.steps :, None]], series=["a"])
    return method(one, train)


def answer(method, series: np.ndarray, one: Task) -> np.ndarray:
    return fitted(method, series, one)(Split([series[:, None]], series=["a"]))[0][:, 0]


def drawn(level: float, slope: float, seed: int = 0, steps: int = 150) -> np.ndarray:
    rng = np.random.default_rng(seed)
    slopes = np.cumsum(slope * rng.normal(size=steps))
    return 50 + np.cumsum(slopes + level * rng.normal(size=steps)) + rng.normal(size=steps)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("method", "model", "slope"), [(local_level, "llevel", 0.0), (local_trend, "lltrend", 0.3)]
)
def test_the_likelihood_is_at_least_that_of_statsmodels(method, model, slope, seed):
    series = drawn(0.7, slope, seed)
    (note,) = fitted(method, series, task()).notes["series"]["a"]
    oracle = UnobservedComponents(series, model, use_exact_diffuse=True)
    # Variances are told in the unit of the values that the model saw.
    unit = note["told_in"] * note["scale"]
    names = ("noise", "level", "slope")
    ours = [note[f"{name}_variance"] * unit**2 for name in names if f"{name}_variance" in note]
    assert oracle.loglike(ours) >= oracle.fit(disp=False).llf - 0.01


@both
def test_missing_values_are_skipped(method):
    series = drawn(0.7, 0.1)
    series[[20, 21, 50, 120]] = np.nan
    model = "llevel" if method is local_level else "lltrend"
    (note,) = fitted(method, series, task()).notes["series"]["a"]
    unit = note["told_in"] * note["scale"]
    names = ("noise", "level", "slope")
    ours = [note[f"{name}_variance"] * unit**2 for name in names if f"{name}_variance" in note]
    oracle = UnobservedComponents(series, model, use_exact_diffuse=True).smooth(ours)
    np.testing.assert_allclose(answer(method, series, task()), oracle.forecast(8), atol=1e-3)


@both
def test_a_gap_that_is_filled_in_would_give_another_answer(method):
    series = drawn(0.7, 0.1)
    gappy, filled = series.copy(), series.copy()
    gappy[-20:-10] = np.nan
    filled[-20:-10] = series[-21]
    one = task()
    assert np.abs(answer(method, gappy, one) - answer(method, filled, one)).max() > 1e-3


@both
def test_quantiles_are_ordered_around_the_point_forecast_and_widen(method):
    series = drawn(0.7, 0.1, 4)
    lines = answer(method, series, task(quantiles=(0.1, 0.5, 0.9)))
    np.testing.assert_allclose(lines[:, 1], answer(method, series, task()))
    assert (np.diff(lines, axis=1) > 0).all()
    assert (np.diff(lines[:, 2] - lines[:, 0]) >= 0).all()


def test_intervals_hold_as_many_values_as_they_say():
    inside = []
    for seed in range(150):
        series = drawn(0.7, 0.0, seed, 128)
        one = task(quantiles=(0.1, 0.5, 0.9))
        lines = answer(local_level, series[:120], one)
        inside.append((lines[:, 0] <= series[120:]) & (series[120:] <= lines[:, 2]))
    # 80 % of values; the standard error over 150 series with dependent errors is about .025.
    assert np.mean(inside) == pytest.approx(0.8, abs=0.075)


def test_a_local_trend_continues_a_straight_line():
    series = 10 + 2 * np.arange(40.0)
    np.testing.assert_allclose(answer(local_trend, series, task()), 10 + 2 * np.arange(40.0, 48), rtol=1e-4)


@both
def test_a_season_comes_back_in_the_right_phase_across_a_gap(method):
    pattern = np.array([0.5, 1.0, 1.5, 1.0])
    series = 100 * np.tile(pattern, 12)[:46]
    series[20:22] = np.nan
    wanted = 100 * np.tile(pattern, 14)[46:54]
    np.testing.assert_allclose(answer(method, series, task(8, 4)), wanted, rtol=1e-3)


@both
def test_too_few_values_give_the_naive_forecast_and_a_note(method):
    series = np.array([1.0, np.nan, 4.0])
    predict = fitted(method, series, task(1))
    assert predict(Split([series[:, None]], series=["a"]))[0].ravel().tolist() == [4.0]
    assert "steps with a value, the series has 2" in predict.notes["fallbacks"][0]
