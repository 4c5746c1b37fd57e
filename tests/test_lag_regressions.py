"""Ridge and quantile regression on lags, against scikit-learn and statsmodels, and what both must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods._lag_table import learn_table
from recurbench.methods.lag_regressions import quantile_lags, ridge_lags, ridge_lines
from sklearn.linear_model import Ridge

LEVELS = (0.1, 0.5, 0.9)
POINTS = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=4)
ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=4, quantiles=LEVELS)

both = pytest.mark.parametrize("method", [ridge_lags, quantile_lags], ids=lambda method: method.__name__)


def walk(steps: int = 200, channels: int = 1, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(steps, channels)).cumsum(axis=0)


def autoregression(steps: int, seed: int) -> Any:
    noise, x = np.random.default_rng(seed).normal(size=steps + 50), np.zeros(steps + 50)
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + noise[t]
    return x[50:, None]


def cut(*series: Any, steps: int = 3) -> Split:
    return Split([x[:-steps] for x in series], [x[-steps:] for x in series], series=tuple(range(len(series))))


def test_the_ridge_is_that_of_scikit_learn() -> None:
    table = learn_table(POINTS, cut(walk()), 12, 1000)
    rows, answers = table.every.row(1, table.frame.columns(1)), table.every.answers[:, 1]
    for share, lines in zip((1e-3, 1.0), ridge_lines(rows, answers, (1e-3, 1.0)), strict=True):
        centred = rows - rows.mean(axis=0)
        model = Ridge(alpha=share * (centred**2).sum() / rows.shape[1]).fit(rows, answers)
        assert lines(rows)[:, 0] == pytest.approx(model.predict(rows), abs=1e-8)


def test_the_forecast_of_ridge_lags_is_that_of_scikit_learn_on_the_same_rows() -> None:
    x = walk()
    predict = ridge_lags(POINTS, cut(x), context=12)
    table = learn_table(POINTS, cut(x), 12, 1000)
    asked = x[:150]
    seen = asked[-12:, 0]
    for step in range(3):
        columns = table.frame.columns(step)
        rows = table.every.row(step, columns)
        alpha = predict.notes["penalty"] * ((rows - rows.mean(axis=0)) ** 2).sum() / rows.shape[1]
        model = Ridge(alpha=alpha).fit(rows, table.every.answers[:, step])
        scaled = (seen - seen.mean()) / seen.std()
        wanted = asked[150 - 4 + step, 0] + seen.std() * model.predict(scaled[columns][None])[0]
        assert predict(Split([asked]))[0][step, 0] == pytest.approx(wanted, abs=1e-4)


def test_the_lines_of_quantile_lags_are_those_of_statsmodels_on_one_series() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=1, quantiles=LEVELS)
    train = cut(autoregression(400, 0), steps=1)
    predict = quantile_lags(task, train, context=4)
    table = learn_table(task, train, 4, 10_000)
    # Four lags that sum to 0, because a window is centred: the last three are enough for statsmodels.
    rows, answers = table.every.row(0, [-4, -3, -2, -1]), table.every.answers[:, 0]
    for i, level in enumerate(LEVELS):
        model = sm.QuantReg(answers, sm.add_constant(rows[:, 1:])).fit(level)
        loss = np.maximum(level * model.resid, (level - 1) * model.resid).mean()
        error = answers - predict.maps[0](rows)[:, i]
        ours = np.maximum(level * error, (level - 1) * error).mean()
        assert ours == pytest.approx(loss, rel=0.01)


@both
@settings(max_examples=8)
@given(factor=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 50))
def test_forecasts_follow_the_unit_and_the_shift(
    method: Callable[..., Any], factor: float, shift: float, seed: int
) -> None:
    x, other = walk(40, seed=seed), walk(30, seed=seed + 1)
    plain = method(ONE, cut(x, other))(Split([x[:35]]))[0]
    moved = method(ONE, cut(factor * x + shift, factor * other + shift))(Split([factor * x[:35] + shift]))[0]
    assert np.allclose(moved, factor * plain + shift, atol=1e-3 * factor * x[:35].std())


@both
def test_quantiles_cover_what_they_say_on_a_series_never_seen(method: Callable[..., Any]) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, quantiles=LEVELS)
    predict = method(task, cut(*(autoregression(150, k) for k in range(10))))
    test = autoregression(2000, 99)
    origins = range(100, 1900, 7)
    answers = np.array(predict(Split([test[:o] for o in origins])))[:, :, 0]
    truth = np.array([test[o : o + 3, 0] for o in origins])
    below = (truth[..., None] < answers).mean(axis=0)
    assert below == pytest.approx(np.tile(LEVELS, (3, 1)), abs=0.09)
    # 80 % of a step are within 2.56 standard deviations of its noise; a window is scaled by itself, so wider.
    width = (answers[:, 0, 2] - answers[:, 0, 0]).mean()
    assert 2.4 < width < 3.3


def test_pooling_helps_where_each_series_is_short() -> None:
    series = [autoregression(24, k) for k in range(60)]
    test, truth = Split([x[:-3] for x in series]), np.array([x[-3:] for x in series])

    def error(predictions: list[Any]) -> float:
        return float(np.abs(np.array(predictions) - truth).mean())

    train = [cut(x[:-3]) for x in series]
    together = error(ridge_lags(POINTS, cut(*(x[:-3] for x in series)))(test))
    alone = error([ridge_lags(POINTS, t)(test.take([i]))[0] for i, t in enumerate(train)])
    assert together < 0.95 * alone


@both
def test_quantiles_never_cross_and_a_constant_series_stays(method: Callable[..., Any]) -> None:
    answers = method(ONE, cut(walk(60), np.full((60, 1), 0.1)))(
        Split([walk(30, seed=3), np.full((9, 1), 0.1)])
    )
    assert (np.diff(answers[0], axis=-1) >= 0).all()
    assert np.allclose(answers[1], 0.1, atol=1e-12)
    still = method(ONE, cut(np.full((60, 1), 0.1)))
    assert "fallback" in still.notes
    assert still(Split([walk(9)]))[0].shape == (3, 1, 3)


def test_a_covariate_known_ahead_explains_what_it_causes() -> None:
    task = Task("forecasting", Values(2), Values(1), "fixed", steps=3)
    rng = np.random.default_rng(0)
    flag = rng.normal(size=(300, 1))
    x = np.concatenate([5 * flag + 0.1 * rng.normal(size=(300, 1)), flag], axis=1)
    train = Split([x[:200]], [x[200:203, :1]], [x[200:203, 1:]])
    origins = range(210, 297)
    test = Split([x[:o] for o in origins], ahead=[x[o : o + 3, 1:] for o in origins])
    truth = np.array([x[o : o + 3, :1] for o in origins])
    with_it = np.abs(np.array(ridge_lags(task, train)(test)) - truth).mean()
    hidden = Split([a[:, :1] for a in train.x], train.y)
    without = np.array(ridge_lags(POINTS, hidden)(Split([a[:, :1] for a in test.x])))
    assert with_it < 0.2 * np.abs(without - truth).mean()


@both
def test_levels_in_another_order_get_their_own_quantiles(method: Callable[..., Any]) -> None:
    backwards = replace(ONE, quantiles=LEVELS[::-1])
    up, down = (method(task, cut(walk(60)))(Split([walk(30, seed=3)]))[0] for task in (ONE, backwards))
    assert np.allclose(up, down[..., ::-1])
