from __future__ import annotations

import json

import numpy as np
import pytest
from aeon.datasets import load_airline
from recurbench import Split, Task, Values
from recurbench.methods._standard import settled
from recurbench.methods._state_smoothing import DAMPED, continued, smooth
from recurbench.methods.ets import _estimate, _forms, _name, ets
from statsmodels.tsa.exponential_smoothing.ets import ETSModel


def airline() -> np.ndarray:
    return np.asarray(load_airline(), dtype=np.float64)


def task(steps: int = 6, period: int | None = None) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps, period)


def train(series: np.ndarray, steps: int = 6) -> Split:
    return Split([series[:-steps, None]], [series[-steps:, None]], series=["a"])


def asked(series: np.ndarray) -> Split:
    return Split([series[:, None]], series=["a"])


def test_the_airline_series_gets_a_multiplicative_season():
    y = airline()
    predict = ets(task(12, 12), train(y[:132], 12))
    notes = predict.notes["series"]["a"][0]
    assert notes["form"][0] == notes["form"][-1] == "M"
    assert notes["aicc"] == min(notes["tried"].values())
    answer = predict(asked(y[:132]))[0][:, 0]
    naive = np.abs(y[120:132] - y[132:]).mean()
    assert np.abs(answer - y[132:]).mean() < naive
    assert json.dumps(predict.notes)


def test_a_later_origin_is_smoothed_with_the_parameters_fitted_before():
    y = airline()
    predict = ets(task(12, 12), train(y[:108], 12))
    form = predict.notes["series"]["a"][0]["form"]
    assert form == "MAM"
    how = {"error": "mul", "trend": "add", "seasonal": "mul", "seasonal_periods": 12}
    # A form that multiplies keeps its zero: the unit is the standard deviation.
    unit = y[:108].std()
    fitted = ETSModel(settled(y[:108] / unit), **how).fit(disp=False, maxiter=1000)
    expected = unit * ETSModel(settled(y[:132] / unit), **how).smooth(fitted.params).forecast(12)
    np.testing.assert_allclose(predict(asked(y[:132]))[0][:, 0], expected, rtol=5e-3)


@pytest.mark.parametrize("form", _forms(True, True), ids=_name)
def test_every_form_is_at_least_as_likely_as_the_one_of_statsmodels(form):
    error, trend, seasonal = form
    y = airline()[:96] / airline()[:96].std()
    y = settled(y - y.mean() if error == "add" else y)
    weights, state, _ = _estimate(y, form, task(12, 12))
    how = {
        "error": error,
        "trend": "add" if trend else None,
        "damped_trend": trend == DAMPED,
        "seasonal": error if seasonal else None,
        "seasonal_periods": 12 if seasonal else None,
    }
    other = ETSModel(y, **how).fit(disp=False)
    season = 12 if seasonal else 1
    later = state.copy()
    loss = smooth(y, error == "mul", season, weights, later)
    assert -loss >= other.llf - 0.01
    # And with our parameters statsmodels has the same likelihood and the same forecast.
    level, *rest = np.split(state, [1, 2])
    given = [
        weights[0],
        *weights[1:2][: trend > 0],
        *weights[2:3][:seasonal],
        *weights[3:][: trend == DAMPED],
    ]
    given += [*level, *rest[0][: trend > 0], *(rest[1][::-1] if seasonal else ())]
    same = ETSModel(y, **how).smooth(np.array(given))
    assert -loss == pytest.approx(same.llf, rel=1e-6)
    ours = continued(later, len(y), error == "mul", season, weights, 12)
    np.testing.assert_allclose(ours, same.forecast(12), rtol=1e-5)


def test_a_straight_line_is_continued():
    series = 5 + 2 * np.arange(40.0) + 0.01 * np.random.default_rng(0).normal(size=40)
    answer = ets(task(), train(series))(asked(series))[0].ravel()
    np.testing.assert_allclose(answer, 5 + 2 * np.arange(40, 46), atol=0.5)


def test_a_constant_series_is_forecast_as_that_constant():
    predict = ets(task(), train(np.full(30, 3.0)))
    assert predict(asked(np.full(36, 3.0)))[0].ravel().tolist() == [3.0] * 6
    assert "constant" in predict.notes["fallbacks"][0]


def test_a_long_period_is_taken_out_by_classical_indices():
    t = np.arange(260)
    y = 20 + 5 * np.sin(2 * np.pi * t / 52) + 0.1 * np.random.default_rng(0).normal(size=260)
    predict = ets(task(20, 52), train(y[:240], 20))
    assert predict.notes["series"]["a"][0]["classical_indices"]
    assert np.abs(predict(asked(y[:240]))[0][:, 0] - y[240:]).max() < 1.5


@pytest.mark.parametrize("length", [1, 2, 5, 30])
def test_a_short_history_of_a_fitted_series_has_a_finite_answer(length):
    y = airline()
    (answer,) = ets(task(12, 12), train(y[:96], 12))(asked(y[:length]))
    assert answer.shape == (12, 1)
    assert np.isfinite(answer).all()


def test_values_below_zero_leave_additive_forms_only():
    series = np.random.default_rng(0).normal(size=60)
    tried = ets(task(), train(series)).notes["series"]["a"][0]["tried"]
    assert {form[0] for form in tried} == {"A"}


def test_a_history_that_turns_negative_is_fitted_anew_or_answered_naively():
    y = airline()
    turned = y[:108].copy()
    turned[-1] = -5.0
    predict = ets(task(12, 12), train(y[:96], 12))
    answer = predict(asked(turned))[0]
    assert np.isfinite(answer).all()
    assert "positive" in predict.notes["fallbacks"][0]


def test_the_unit_decides_neither_form_nor_forecast():
    y = airline()[:60]
    one = ets(task(6, 12), train(y))
    for unit in (1e-5, 1000.0):
        other = ets(task(6, 12), train(y * unit))
        assert other.notes["series"]["a"][0]["form"] == one.notes["series"]["a"][0]["form"]
        np.testing.assert_allclose(other(asked(y * unit))[0] / unit, one(asked(y))[0], atol=1e-3 * y.std())


def test_an_additive_form_follows_a_shift():
    y = np.random.default_rng(0).normal(size=40).cumsum() - 30
    one, other = ets(task(), train(y)), ets(task(), train(y - 1e5))
    np.testing.assert_allclose(other(asked(y - 1e5))[0] + 1e5, one(asked(y))[0], atol=1e-3 * y.std())
