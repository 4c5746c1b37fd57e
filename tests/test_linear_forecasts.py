"""NLinear and DLinear: what they solve, on which windows, and the published level on ETTh1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.datasets.ett import ett
from recurbench.methods import _linear_maps, linear_forecasts
from recurbench.methods._history import context_steps
from recurbench.methods._linear_maps import (
    centre_spread,
    latest,
    moments,
    ridge_map,
    squared_errors,
    training_rows,
    trend_map,
)
from recurbench.methods.linear_forecasts import dlinear, nlinear

ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=12)
TWO = Task("forecasting", Values(3), Values(2), "fixed", steps=3)

both = pytest.mark.parametrize("method", [nlinear, dlinear], ids=lambda method: method.__name__)


def walk(steps: int = 200, channels: int = 1, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(steps, channels)).cumsum(axis=0)


def cut(x: Any, task: Task = ONE) -> Split:
    return Split([x[: -task.steps]], [x[-task.steps :, : task.y.size]], series=("a",))


@both
def test_what_follows_from_the_last_steps_is_forecast_as_it_comes(method: Callable[..., Any]) -> None:
    t = np.arange(260)
    x = (5 + np.sin(2 * np.pi * t / 12) + 0.5 * np.cos(2 * np.pi * t / 7))[:, None]
    # Whole periods of both waves, so that the level of each history is the same.
    predict = method(ONE, cut(x[:168]), lookback=24)
    assert np.abs(predict(Split([x[:252]]))[0] - x[252:255]).max() < 1e-3


@both
def test_the_map_is_that_of_least_squares_where_the_penalty_is_small(
    method: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_forecasts, "PENALTIES", (1e-6,))
    x = walk()
    predict = method(ONE, cut(x), lookback=4, **({"kernel": 3} if method is dlinear else {}))
    rows = np.array(training_rows(ONE, cut(x), 4))[..., 0]
    assert len(rows) == 200 - 4 - 3 + 1
    seen = np.insert(rows[:, :4], 4, 1.0, axis=1)
    if method is nlinear:
        plain = np.insert(rows[:, :3] - rows[:, 3:4], 3, 1.0, axis=1)
        wanted = rows[:, 3:4] + plain @ np.linalg.lstsq(plain, rows[:, 4:] - rows[:, 3:4])[0]
    else:
        wanted = seen @ np.linalg.lstsq(seen, rows[:, 4:])[0]
    error = np.abs(seen @ predict.weights - wanted).max()
    assert error < 0.05 * rows.std()


def test_sums_of_products_know_the_errors_of_every_window() -> None:
    rows = training_rows(ONE, cut(walk()), 4)
    sums = moments(rows, np.eye(8), 4)
    weights = ridge_map(sums, 3, 1e-6)
    table = np.insert(np.array(rows)[..., 0], 4, 1.0, axis=1)
    errors = table[:, 5:] - table[:, :5] @ weights
    assert np.allclose(squared_errors(sums, weights), (errors**2).sum(axis=0))
    assert np.allclose(errors.mean(axis=0), 0, atol=1e-8)  # the level is not shrunk


def test_the_more_noise_the_stronger_the_penalty_that_is_chosen() -> None:
    t = np.arange(150)
    noise = np.random.default_rng(0).normal(size=150)
    wave = np.sin(2 * np.pi * t / 12)
    chosen = [dlinear(ONE, cut((wave + sd * noise)[:, None])).notes["penalty"] for sd in (0.01, 3.0)]
    assert chosen[0] < chosen[1]


def test_trend_and_rest_are_a_moving_average_with_repeated_ends_and_what_it_leaves() -> None:
    x = walk(9)[:, 0]
    for kernel in (1, 4, 5, 25):
        before = (kernel - 1) // 2
        padded = np.concatenate([[x[0]] * before, x, [x[-1]] * (kernel - 1 - before)])
        assert np.allclose(x @ trend_map(9, kernel), [padded[t : t + kernel].mean() for t in range(9)])


@both
def test_a_forecast_moves_and_stretches_with_its_series(method: Callable[..., Any]) -> None:
    predict = method(ONE, cut(walk()))
    x = walk(60, seed=1)
    plain, moved = predict(Split([x]))[0], predict(Split([1000 + 50 * x]))[0]
    assert np.allclose(moved, 1000 + 50 * plain)


@both
def test_a_constant_series_is_forecast_as_that_constant(method: Callable[..., Any]) -> None:
    train = Split([np.full((60, 1), 0.1), walk(60)], [np.full((3, 1), 0.1), walk(63)[60:]], series=("a", "b"))
    assert np.allclose(method(ONE, train)(train)[0], 0.1, atol=1e-12)


@both
def test_channels_are_forecast_by_one_map_each_by_itself_without_covariates(
    method: Callable[..., Any],
) -> None:
    predict = method(TWO, cut(walk(100, 3), TWO))
    x = walk(50, 3, seed=1)
    changed = x.copy()
    changed[:, 1:] += 5 * walk(50, 2, seed=2)
    assert np.array_equal(predict(Split([x]))[0][:, 0], predict(Split([changed]))[0][:, 0])
    swapped = x[:, [1, 0, 2]]
    assert np.allclose(predict(Split([x]))[0], predict(Split([swapped]))[0][:, [1, 0]])
    assert predict.notes["covariates"] == "not looked at"


@both
def test_a_short_history_is_filled_up_in_front(method: Callable[..., Any]) -> None:
    predict = method(ONE, cut(walk()), lookback=20)
    assert np.allclose(latest(np.array([[3.0], [1.0]]), 4)[:, 0], [3, 3, 3, 1])
    assert all(np.isfinite(a).all() for a in predict(Split([np.array([[3.0]]), walk(5)])))


@both
def test_the_lookback_is_the_one_asked_for_or_the_networks(method: Callable[..., Any]) -> None:
    train = cut(walk())
    assert method(ONE, train, lookback=7).notes["lookback"] == 7
    assert method(ONE, train).notes["lookback"] == context_steps(ONE, train)
    with pytest.raises(ValueError, match="lookback must be a number of steps, or 0 for the rule, got -1"):
        method(ONE, train, lookback=-1)


def test_a_lookback_of_one_step_is_the_naive_forecast_with_a_drift() -> None:
    x = walk()
    last = Split([x])
    moves = [np.diff(a) for a in nlinear(ONE, cut(x + np.arange(200)[:, None]), lookback=1)(last)[0].T]
    assert np.allclose(nlinear(ONE, cut(x), lookback=1)(last)[0], x[-1], atol=0.5)
    assert min(moves[0]) > 0


def test_a_great_many_windows_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_linear_maps, "ROWS", 50)
    assert len(training_rows(TWO, cut(walk(300, 3), TWO), 10)) in range(20, 26)


def test_series_of_any_length_teach_together() -> None:
    train = Split([walk(50), walk(8, seed=1)], [walk(3), walk(3)], series=("a", "b"))
    rows = training_rows(ONE, train, 20)
    assert {len(row) for row in rows} == {23}
    # The short series has less than half of the lookback: it would teach the filling.
    assert nlinear(ONE, train, lookback=20).notes["windows"] == len(rows) == 50 - 20 + 1
    assert nlinear(ONE, train, lookback=16).notes["windows"] == (50 - 16 + 1) + 1
    single = Split([walk(2)], [walk(3)])
    assert nlinear(ONE, single).notes["penalty"] == "infinite"


@both
def test_quantiles_spread_around_the_forecast_and_cover(method: Callable[..., Any]) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, quantiles=(0.1, 0.5, 0.9))
    x = walk(400)
    predict = method(task, cut(x[:200], task))
    origins = range(210, 390)
    answers = np.array(predict(Split([x[:o] for o in origins])))
    truth = np.array([x[o : o + 3] for o in origins])
    assert answers.shape == (180, 3, 1, 3)
    assert (np.diff(answers, axis=-1) > 0).all()
    inside = (truth > answers[..., 0]) & (truth < answers[..., 2])
    assert 0.65 < inside.mean() < 0.95
    assert np.allclose(answers[..., 1], method(ONE, cut(x[:200]), lookback=24)(Split([x[:210]]))[0], atol=50)


@both
def test_what_cannot_be_forecast_is_refused_in_words(method: Callable[..., Any]) -> None:
    hole = walk()
    hole[3] = np.nan
    with pytest.raises(ValueError, match=r"x of example 0 holds 1 missing .* fill them first"):
        method(ONE, cut(hole))
    with pytest.raises(ValueError, match="x of example 0 holds 1 missing"):
        method(ONE, cut(walk()))(Split([hole]))
    letters = Task("forecasting", Values(3, symbols=True), Values(3, symbols=True), "fixed")
    with pytest.raises(Unsupported, match="forecasts numbers, not symbols"):
        method(letters, Split([np.array([0, 1])], [np.array([1])]))
    with pytest.raises(Unsupported, match="training part has no examples"):
        method(ONE, Split([]))
    with pytest.raises(Unsupported, match="longest training series has 2 steps, too few for a horizon of 3"):
        method(ONE, Split([walk(1)], [walk(1)]))


@both
def test_of_short_series_that_wander_the_forecast_is_hardly_worse_than_the_last_value(
    method: Callable[..., Any],
) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=6)
    ours, naive = [], []
    for seed in range(40):
        x = walk(int(16 + seed % 30), seed=seed)
        known, truth = x[:-6], x[-6:]
        answer = method(task, cut(known, task))(Split([known]))[0]
        ours.append(np.abs(answer - truth).mean())
        naive.append(np.abs(known[-1] - truth).mean())
    assert np.mean(ours) < 1.1 * np.mean(naive)


@both
def test_earlier_examples_of_a_series_teach_nothing_new(method: Callable[..., Any]) -> None:
    x = walk(90) + np.sin(np.arange(90.0))[:, None]
    one = cut(x)
    three = Split([x[:60], x[:87], x[:70]], [x[60:63], x[87:], x[70:73]], series=("a", "a", "a"))
    first, second = method(ONE, one), method(ONE, three)
    assert first.notes == second.notes
    assert np.array_equal(first.weights, second.weights)


@both
def test_without_a_part_to_hold_out_the_last_season_is_repeated(method: Callable[..., Any]) -> None:
    x = walk(7)
    predict = method(ONE, cut(x))
    assert predict.notes["weight"] == 0
    assert "too short" in predict.notes["weight_chosen_on"]
    long = walk(30, seed=1)
    assert np.array_equal(predict(Split([long]))[0], long[-12:-9])


@both
def test_the_return_to_the_mean_of_a_short_series_is_not_learned(method: Callable[..., Any]) -> None:
    """Every series has a slope of its own, so its level says nothing of the next steps; its moves do."""
    rng, t = np.random.default_rng(0), np.arange(72.0)
    slopes, phases = rng.normal(size=(60, 1)), rng.uniform(0, 12, (60, 1))
    noise = 0.1 * rng.normal(size=(60, 72))
    values = slopes * t + 5 * np.sin(2 * np.pi * (t + phases) / 12) + noise
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=6, period=12)
    series = [each[:, None] for each in values]
    train = Split([x[:60] for x in series], [x[60:66] for x in series], series=list(range(60)))
    predict = method(task, train, lookback=24)
    answers = predict(Split([x[:66] for x in series], series=list(range(60))))
    error = np.mean([np.abs(a - x[66:]).mean() for a, x in zip(answers, series, strict=True)])
    seasonal = np.mean([np.abs(x[54:60] - x[66:]).mean() for x in series])
    assert predict.notes["weight"] == 1
    assert error < 0.25 * seasonal


@both
def test_where_hardly_a_window_is_held_out_half_of_the_map_is_used(method: Callable[..., Any]) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=6)
    x = 3.0 * np.arange(18.0)[:, None] + np.random.default_rng(0).normal(size=(18, 1))
    predict = method(task, cut(x, task))
    assert (predict.notes["reference"], predict.notes["weight"]) == ("last", 0.5)
    (answer,) = predict(Split([x]))
    np.testing.assert_allclose(answer, (predict.mapped(x) + x[-1]) / 2)


@both
def test_a_constant_start_of_a_series_teaches_nothing(method: Callable[..., Any]) -> None:
    x = walk(60)
    rows = training_rows(ONE, cut(np.concatenate([np.full((60, 1), x[0, 0]), x])), 5)
    assert len(rows) == 120 - 5 - 3 + 1 - 57
    started = np.concatenate([np.full((60, 1), x[0, 0]), x + 5 * np.arange(60)[:, None]])
    assert np.isfinite(method(ONE, cut(started))(Split([started]))[0]).all()


@pytest.mark.parametrize("start", [0, 200])
def test_the_quantiles_of_the_naive_forecast_are_as_wide_as_its_errors(start: int) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, quantiles=(0.1, 0.5, 0.9))
    x = np.concatenate([np.zeros((start, 1)), walk(600)])
    predict = nlinear(task, cut(x[: start + 300], task))
    assert predict.notes["weight"] == 0
    origins = range(start + 300, start + 590)
    answers = np.array(predict(Split([x[:o] for o in origins])))
    truth = np.array([x[o : o + 3] for o in origins])
    inside = (truth > answers[..., 0]) & (truth < answers[..., 2])
    assert 0.7 < inside.mean() < 0.98


def test_a_kernel_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel must be at least 1 step, got 0"):
        dlinear(ONE, cut(walk()), kernel=0)


def test_a_channel_that_only_rounds_does_not_move() -> None:
    history = np.full((50, 1), 0.1)
    history[::3] += 1e-17
    assert centre_spread(history)[1].tolist() == [0.0]


@pytest.mark.parametrize(("method", "published"), [(nlinear, 0.374), (dlinear, 0.375)])
def test_the_published_error_on_etth1_is_met(real: Any, method: Callable[..., Any], published: float) -> None:
    problem = ett(horizon=96, origins=300)
    answers = method(problem.task, problem.train, lookback=336)(problem.test)
    mse = np.mean((np.array(answers) - np.array(problem.test.y)) ** 2)
    assert abs(mse - published) < 0.01
