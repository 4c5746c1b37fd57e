from __future__ import annotations

import json

import numpy as np
import pytest
from aeon.datasets import load_airline
from recurbench import Split, Task, Values
from recurbench.methods._held_out import ORIGINS
from recurbench.methods.decomposition import decomposition
from statsmodels.nonparametric.smoothers_lowess import lowess


def task(steps: int = 6, period: int | None = None, quantiles: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps, period, quantiles)


def train(series: np.ndarray, steps: int = 6) -> Split:
    return Split([series[:-steps, None]], [series[-steps:, None]], series=["a"])


def asked(series: np.ndarray) -> Split:
    return Split([series[:, None]], series=["a"])


def test_trend_and_season_are_added_back_in_phase():
    t = np.arange(72)
    series = 3 + 0.5 * t + 4 * np.cos(2 * np.pi * t / 6)
    predict = decomposition(task(12, 6), train(series[:60], 12), transform="none")
    np.testing.assert_allclose(predict(asked(series[:60]))[0][:, 0], series[60:], atol=0.3)
    notes = predict.notes["series"]["a"][0]
    assert notes["components"] == ["trend", "season", "remainder"]
    assert notes["damping"] == 1.0
    assert json.dumps(predict.notes)


def test_an_autoregressive_remainder_fades_towards_the_trend():
    rng = np.random.default_rng(0)
    series = np.zeros(400)
    for t in range(1, 400):
        series[t] = 0.6 * series[t - 1] + rng.normal()
    weights = decomposition(task(20), train(series, 20)).notes["series"]["a"][0]["remainder_weights"]
    assert 0.3 < weights[0] < 0.8


def test_without_a_period_there_is_no_season():
    series = np.cumsum(np.random.default_rng(0).normal(size=80))
    notes = decomposition(task(), train(series)).notes["series"]["a"][0]
    assert notes["components"] == ["trend", "remainder"]


def test_the_airline_series_is_decomposed_in_logarithms_and_beats_the_last_season():
    y = np.asarray(load_airline(), dtype=np.float64)
    predict = decomposition(task(12, 12), train(y[:108], 12))
    assert predict.notes["series"]["a"][0]["transform"] == "log"
    answer = predict(asked(y[:132]))[0][:, 0]
    assert np.abs(answer - y[132:]).mean() < 0.6 * np.abs(y[120:132] - y[132:]).mean()


def test_a_constant_series_is_forecast_as_that_constant():
    predict = decomposition(task(6, 4), train(np.full(40, 2.0)))
    assert predict(asked(np.full(46, 2.0)))[0].ravel().tolist() == [2.0] * 6


@pytest.mark.parametrize("length", [1, 3, 4, 9, 25])
def test_a_short_history_has_a_finite_answer(length):
    y = np.asarray(load_airline(), dtype=np.float64)
    (answer,) = decomposition(task(12, 12), train(y, 12))(asked(y[:length]))
    assert answer.shape == (12, 1)
    assert np.isfinite(answer).all()


def test_points_are_answered_where_quantiles_are_asked_also_by_the_fallback():
    question = task(6, None, (0.1, 0.5, 0.9))
    predict = decomposition(question, train(np.cumsum(np.ones(40))))
    assert predict(asked(np.arange(40.0)))[0].shape == (6, 1)
    assert predict(asked(np.arange(2.0)))[0].shape == (6, 1)


def test_the_same_history_is_smoothed_once_whatever_is_tried_on_it(monkeypatch):
    seen = []

    def counted(history, *rest, **how):
        seen.append(len(history))
        return lowess(history, *rest, **how)

    monkeypatch.setattr("recurbench.methods.decomposition.lowess", counted)
    decomposition(task(6), train(np.cumsum(np.random.default_rng(0).normal(size=80))))
    assert len(seen) == len(set(seen)) == ORIGINS + 1


@pytest.mark.parametrize("period", [None, 4])
def test_of_series_that_wander_the_forecast_is_near_the_naive_one(period):
    series = wandering(30, 160)
    ours, naive = errors(series, task(13, period))
    assert ours < 1.06 * naive


def test_noise_around_a_level_is_given_no_season():
    rng = np.random.default_rng(2)
    series = [100 + rng.normal(size=60) for _ in range(10)]
    predicts = [decomposition(task(12, 12), train(y, 12)) for y in series]
    none = [p.notes["series"]["a"][0]["components"] == ["trend", "remainder"] for p in predicts]
    assert sum(none) >= 7
    ours, seasonal = errors([np.append(y, 100 + rng.normal(size=12)) for y in series], task(12, 12))
    assert ours < 0.9 * seasonal


def wandering(count: int, steps: int) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [1000 * np.exp(0.04 * rng.standard_t(4, steps).cumsum()) for _ in range(count)]


def errors(series: list[np.ndarray], question: Task) -> tuple[float, float]:
    """The mean relative error of `decomposition` and of the (seasonal) naive forecast on the last horizon."""
    h, ours, naive = question.steps, [], []
    for y in series:
        known, truth = y[:-h], y[-h:]
        answer = decomposition(question, train(known, h))(asked(known))[0][:, 0]
        ours.append(np.abs(answer / truth - 1).mean())
        naive.append(np.abs(np.resize(known[-question.season :], h) / truth - 1).mean())
    return float(np.mean(ours)), float(np.mean(naive))
