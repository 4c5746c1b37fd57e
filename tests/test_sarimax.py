from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from aeon.datasets import load_airline
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._seasonal import differences, kpss, seasonal_strength, wants_log
from recurbench.methods.sarimax import sarimax
from statsmodels.datasets import nile
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.stattools import kpss as reference_kpss

AIRLINE = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1)}


def airline() -> np.ndarray:
    return np.asarray(load_airline(), dtype=np.float64)


def task(steps: int = 12, period: int | None = 12, quantiles: tuple[float, ...] = (), width: int = 1) -> Task:
    return Task("forecasting", Values(width), Values(1), "fixed", steps, period, quantiles)


def train(series: np.ndarray, steps: int = 12) -> Split:
    return Split([series[:-steps, None]], [series[-steps:, None]], series=["a"])


def asked(*histories: np.ndarray) -> Split:
    return Split([h[:, None] for h in histories], series=["a"] * len(histories))


def first_note(predict) -> dict:
    return predict.notes["series"]["a"][0]


def test_the_airline_model_reaches_its_known_likelihood_and_coefficients():
    notes = first_note(sarimax(task(), train(airline()), transform="log", **AIRLINE))
    # Of the series in its own spread: one term of the density for each of 131 differenced steps.
    likely = notes["log_likelihood"] - 131 * np.log(notes["told_in"])
    assert likely == pytest.approx(244.6966, abs=1e-3)
    assert notes["seasonal_order"] == (0, 1, 1, 12)


def test_the_airline_series_is_given_a_logarithm_and_one_difference_of_each_sort():
    notes = first_note(sarimax(task(), train(airline())))
    assert notes["transform"] == "log"
    assert (notes["order"][1], notes["seasonal_order"][1]) == (1, 1)
    assert "(0, 1, 1)(0, 1, 1, 12)" in notes["tried"]
    assert len(notes["tried"]) <= 8


def test_a_later_origin_is_filtered_with_the_parameters_fitted_before():
    y = airline()
    predict = sarimax(task(), train(y[:108]), transform="log", **AIRLINE)
    fitted = SARIMAX(np.log(y[:108]), order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)).fit(disp=False)
    expected = np.exp(fitted.append(np.log(y[108:132])).forecast(12))
    np.testing.assert_allclose(predict(asked(y[:132]))[0][:, 0], expected, rtol=2e-3)


def test_an_answer_depends_on_its_own_history_alone():
    y = airline()
    predict = sarimax(task(), train(y[:108]), **AIRLINE)
    together = predict(asked(y[:108], y[:120], y[:132]))
    np.testing.assert_array_equal(predict(asked(y[:120]))[0], together[1])


def test_quantiles_are_ordered_around_the_median():
    y = airline()
    levels = (0.1, 0.5, 0.9)
    point = sarimax(task(), train(y), **AIRLINE)(asked(y))[0]
    lines = sarimax(task(quantiles=levels), train(y), **AIRLINE)(asked(y))[0]
    assert lines.shape == (12, 1, 3)
    np.testing.assert_allclose(lines[:, :, 1], point)
    assert (np.diff(lines, axis=2) > 0).all()


def test_a_covariate_known_in_advance_is_a_regressor():
    rng = np.random.default_rng(0)
    z = rng.normal(size=140)
    y = 5 + 3 * z + 0.1 * rng.normal(size=140)
    x = np.column_stack([y, z])
    known = Split([x[:120]], [y[120:130, None]], ahead=[z[120:130, None]], series=["a"])
    predict = sarimax(task(10, None, width=2), known)
    later = Split([x[:130]], ahead=[z[130:140, None]], series=["a"])
    assert first_note(predict)["known_covariates"] == 1
    assert np.abs(predict(later)[0][:, 0] - y[130:]).max() < 0.5


def test_a_long_period_is_carried_by_fourier_regressors():
    t = np.arange(300)
    y = 10 + 5 * np.sin(2 * np.pi * t / 52) + 0.2 * np.random.default_rng(0).normal(size=300)
    predict = sarimax(task(20, 52), train(y[:260], 20))
    notes = first_note(predict)
    assert notes["fourier_pairs"] >= 1
    assert notes["seasonal_order"] == (0, 0, 0, 0)
    assert np.abs(predict(asked(y[:280]))[0][:, 0] - y[280:]).max() < 1.5


def test_a_series_unknown_to_training_is_fitted_on_its_own_history():
    y = airline()
    predict = sarimax(task(), train(np.random.default_rng(0).normal(size=60)), **AIRLINE)
    (answer,) = predict(Split([y[:132, None]], series=["new"]))
    assert np.abs(answer[:, 0] / y[132:] - 1).mean() < 0.1


@pytest.mark.parametrize("length", [1, 2, 12, 13, 14])
def test_a_history_too_short_for_the_differences_is_answered_naively_and_noted(length):
    y = airline()
    predict = sarimax(task(), train(y), **AIRLINE)
    (answer,) = predict(asked(y[:length]))
    assert np.isfinite(answer).all()
    if length <= 13:
        assert "differences" in predict.notes["fallbacks"][0]


def test_a_constant_series_is_forecast_as_that_constant_with_the_reason():
    predict = sarimax(task(), train(np.full(60, 7.0)))
    assert set(predict(asked(np.full(72, 7.0)))[0].ravel()) == {7.0}
    assert predict.notes["fallbacks"] == ["series a: the series is constant"]


def test_a_missing_value_is_bridged_and_an_empty_history_refused():
    y = airline()
    y[100] = np.nan
    assert np.isfinite(sarimax(task(), train(y), **AIRLINE)(asked(y))[0]).all()
    with pytest.raises(ValueError, match="no finite value"):
        sarimax(task(), train(np.full(60, np.nan)))


def test_every_target_channel_has_a_model_of_its_own():
    y = airline()
    both = np.column_stack([y, -y])
    question = Task("forecasting", Values(2), Values(2), "fixed", 12, 12)
    predict = sarimax(question, Split([both[:120]], [both[120:132]], series=["a"]), **AIRLINE)
    answer = predict(Split([both[:132]], series=["a"]))[0]
    assert answer.shape == (12, 2)
    assert (answer[:, 0] > 300).all()
    assert (answer[:, 1] < -300).all()


def test_symbols_and_impossible_orders_are_refused_in_words():
    symbols = Task("forecasting", Values(2, symbols=True), Values(2, symbols=True), "fixed", 3)
    with pytest.raises(Unsupported, match="numbers"):
        sarimax(symbols, Split([np.array([0, 1])], [np.array([0, 1, 0])]))
    with pytest.raises(ValueError, match="three counts"):
        sarimax(task(), train(airline()), order=(1, 1))
    with pytest.raises(ValueError, match="without order"):
        sarimax(task(), train(airline()), seasonal_order=(0, 1, 1))
    with pytest.raises(ValueError, match="auto, log or none"):
        sarimax(task(), train(airline()), transform="box-cox")


def test_notes_can_be_written_as_json():
    assert json.dumps(sarimax(task(), train(airline()), **AIRLINE).notes)


def test_kpss_equals_statsmodels_and_finds_the_order_of_integration():
    y = nile.load_pandas().data["volume"].to_numpy()
    lags = int(3 * np.sqrt(len(y)) / 13)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the p-value lies outside the printed table
        expected = reference_kpss(y, regression="c", nlags=lags)[0]
    assert kpss(y) == pytest.approx(expected, rel=1e-12)
    noise = np.random.default_rng(0).normal(size=200)
    assert [differences(s, 2) for s in (noise, np.cumsum(noise), np.cumsum(np.cumsum(noise)))] == [0, 1, 2]


def test_seasonal_strength_is_near_one_for_a_pattern_and_small_for_noise():
    noise = np.random.default_rng(0).normal(size=144)
    assert seasonal_strength(np.log(airline()), 12) > 0.9
    assert seasonal_strength(noise, 12) < 0.64
    assert seasonal_strength(noise, 1) == 0.0


def test_only_a_spread_that_grows_with_the_level_asks_for_a_logarithm():
    y = airline()
    assert wants_log(y, 12)
    assert not wants_log(np.log(y), 12)
    assert not wants_log(y - 200, 12)
    assert not wants_log(np.linspace(1, 9, 120) + np.tile([0.1, -0.1], 60), 2)


@pytest.mark.parametrize("transform", ["none", "log"])
def test_the_unit_decides_neither_orders_nor_forecast(transform):
    y = airline()[:72]
    one = sarimax(task(), train(y), transform=transform)
    other = sarimax(task(), train(y * 1e-5), transform=transform)
    assert first_note(other)["order"] == first_note(one)["order"]
    np.testing.assert_allclose(other(asked(y * 1e-5))[0] / 1e-5, one(asked(y))[0], atol=1e-3 * y.std())
