"""A regressor on lags, against the sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._lag_regression import LagRegression
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.tree import DecisionTreeRegressor


def task(steps: int = 3, channels: int = 1, extra: int = 0, period: int | None = None) -> Task:
    return Task("forecasting", Values(channels + extra), Values(channels), "fixed", steps, period)


def train(*series: np.ndarray, steps: int = 3) -> Split:
    return Split([y[:-steps] for y in series], [y[-steps:] for y in series], series=range(len(series)))


def wave(n: int, level: float = 0.0) -> np.ndarray:
    return (level + np.sin(0.7 * np.arange(n)))[:, None]


def test_a_wave_obeys_a_line_in_its_last_values_and_is_continued() -> None:
    predict = LagRegression(task(), train(wave(200)), LinearRegression(), 8)
    answer = predict(Split([wave(150)]))[0]
    np.testing.assert_allclose(answer, wave(153)[150:], atol=0.02)
    assert predict.notes["lags"] == 8
    assert predict.notes["windows"] == 192


def test_the_windows_of_all_series_teach_one_regressor() -> None:
    predict = LagRegression(task(), train(wave(60), wave(40, 5.0)), Ridge(), 6)
    assert predict.notes["windows"] == 54 + 34
    alone = LagRegression(task(), train(wave(60)), Ridge(), 6)
    assert not np.allclose(predict(Split([wave(30)]))[0], alone(Split([wave(30)]))[0], atol=1e-9)


def test_origins_of_one_series_are_not_learned_twice() -> None:
    y = wave(60)
    twice = Split([y[:50], y[:57]], [y[50:53], y[57:60]], series=["a", "a"])
    assert LagRegression(task(), twice, Ridge(), 6).notes["windows"] == 54


def test_a_covariate_known_ahead_moves_the_forecast() -> None:
    rng = np.random.default_rng(0)
    known = rng.normal(size=(303, 1))
    y = 3 * known + 0.01 * rng.normal(size=(303, 1))
    x = np.concatenate([y, known], axis=1)
    given = Split([x[:297]], [y[297:300]], [known[297:300]])
    predict = LagRegression(task(extra=1), given, LinearRegression(), 2)
    asked = Split([x[:300]], ahead=[known[300:303]])
    other = Split([x[:300]], ahead=[known[300:303] + 1])
    assert (predict(other)[0] - predict(asked)[0] > 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(-20, 20), st.integers(0, 2**32 - 1))
def test_a_unit_that_is_a_power_of_two_changes_no_digit(power: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=(40, 1)).cumsum(axis=0)
    unit = 2.0**power
    tree = DecisionTreeRegressor(random_state=0)
    plain = LagRegression(task(), train(y), tree)(Split([y]))[0]
    np.testing.assert_array_equal(
        LagRegression(task(), train(y * unit), tree)(Split([y * unit]))[0], plain * unit
    )


def test_a_history_shorter_than_the_window_is_extended_backwards() -> None:
    predict = LagRegression(task(), train(wave(60, 2.0)), Ridge(), 6)
    short = np.array([[2.0], [2.5]])
    long = np.array([[2.0]] * 5 + [[2.5]])
    np.testing.assert_array_equal(predict(Split([short]))[0], predict(Split([long]))[0])


def test_the_last_value_is_the_forecast_where_nothing_can_be_learned() -> None:
    predict = LagRegression(task(), train(np.full((20, 1), 4.0)), Ridge())
    assert predict(Split([np.full((9, 1), 7.0)]))[0].tolist() == [[7.0]] * 3
    assert predict.notes["windows"] == 0


def test_the_window_is_a_season_or_a_horizon_and_at_most_half_the_series() -> None:
    assert LagRegression(task(period=12), train(wave(60)), Ridge()).notes["lags"] == 12
    assert LagRegression(task(), train(wave(60)), Ridge()).notes["lags"] == 3
    assert LagRegression(task(period=52), train(wave(60)), Ridge()).notes["lags"] == 30


def test_channels_are_forecast_by_the_same_regressor_in_their_own_places() -> None:
    both = np.concatenate([wave(80), 10 + 2 * wave(80)], axis=1)
    predict = LagRegression(task(channels=2), train(both), LinearRegression(), 8)
    answer = predict(Split([both[:70], both[:60]]))
    np.testing.assert_allclose(answer[1], both[60:63], atol=0.1)
    np.testing.assert_allclose(answer[0], both[70:73], atol=0.1)


def test_no_examples_have_no_answers() -> None:
    assert LagRegression(task(), train(wave(20)), Ridge())(Split([])) == []


def test_symbols_and_a_window_of_nothing_are_refused() -> None:
    symbols = Task("forecasting", Values(3, symbols=True), Values(3, symbols=True), "fixed", 3)
    with pytest.raises(Unsupported, match="numbers, not symbols"):
        LagRegression(symbols, train(wave(20)), Ridge())
    with pytest.raises(ValueError, match="lags must be at least 1, got 0"):
        LagRegression(task(), train(wave(20)), Ridge(), 0)
