"""The two heads: chances, numbers and forecasts from features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._tabular import forest, logistic, ridge
from recurbench.task.arithmetic import Floats


def means(x: Floats) -> Floats:
    return np.concatenate([x.mean(axis=0), x.std(axis=0), x[-1]])


def classes(sizes: list[int], rng: np.random.Generator, k: int | None = None) -> tuple[Task, Split]:
    """Noise around the label; `sizes[c]` examples of class c."""
    labels = [c for c, size in enumerate(sizes) for _ in range(size)]
    x = [c + 0.3 * rng.normal(size=(int(rng.integers(5, 12)), 1)) for c in labels]
    task = Task("classification", Values(1), Values(k or len(sizes), symbols=True), "fixed")
    return task, Split(x, [np.array([c]) for c in labels])


def series(values: Floats, steps: int, period: int | None = None, known: int = 0, targets: int = 1) -> Any:
    """The task of forecasting the last `steps` of values [N, channels], and that one example."""
    end = len(values) - steps
    ahead = [values[end:, values.shape[1] - known :]] if known else []
    task = Task("forecasting", Values(values.shape[1]), Values(targets), "fixed", steps=steps, period=period)
    return task, Split([values[:end]], [values[end:, :targets]], ahead)


HEADS = [ridge, lambda task, train, describe: forest(task, train, describe, 40, 0)]
both = pytest.mark.parametrize("head", HEADS, ids=["ridge", "forest"])


@both
def test_a_class_missing_in_train_still_gets_a_chance(head: Any) -> None:
    task, train = classes([8, 0, 8], np.random.default_rng(0))
    chances = np.concatenate(head(task, train, means)(train.blind()))
    assert chances.shape == (16, 3)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()
    assert (chances.argmax(axis=1) == np.concatenate(train.y)).mean() == 1


@both
@pytest.mark.parametrize("sizes", [[1, 1], [1, 1, 1, 1, 1], [1, 0], [3, 0, 0]])
def test_one_example_per_class_or_a_single_class_is_answered(head: Any, sizes: list[int]) -> None:
    task, train = classes(sizes, np.random.default_rng(1))
    chances = np.concatenate(head(task, train, means)(train.blind()))
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()


def test_a_logistic_regression_answers_classes_and_refuses_numbers() -> None:
    task, train = classes([8, 0, 8], np.random.default_rng(0))
    chances = np.concatenate(logistic(task, train, means)(train.blind()))
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()
    assert (chances.argmax(axis=1) == np.concatenate(train.y)).all()
    number = Task("regression", Values(1), Values(1), "fixed")
    with pytest.raises(Unsupported, match="answers with classes"):
        logistic(number, train, means)


def test_labels_without_relation_to_x_get_chances_near_their_shares() -> None:
    rng = np.random.default_rng(2)
    task, train = classes([40, 40], rng)
    shuffled = Split([rng.normal(size=(20, 1)) for _ in range(80)], train.y)
    chances = np.concatenate(ridge(task, shuffled, means)(shuffled.blind()))
    assert np.abs(chances - 0.5).max() < 0.35


@both
def test_numbers_are_answered_in_the_form_of_the_task(head: Any) -> None:
    rng = np.random.default_rng(5)
    x = [rng.normal(size=(int(rng.integers(1, 9)), 2)) for _ in range(60)]
    task = Task("regression", Values(2), Values(2), "fixed")
    train = Split(x, [np.array([[v[:, 0].mean(), 3 * v[-1, 1]]]) for v in x])
    answers = head(task, train, means)(train.blind())
    assert [a.shape for a in answers] == [(1, 2)] * 60
    error = np.mean((np.stack(answers) - np.stack(train.y)) ** 2)
    assert error < 0.3 * np.stack(train.y).var()


@both
def test_an_answer_depends_on_its_own_example_alone(head: Any) -> None:
    task, train = classes([9, 9, 9], np.random.default_rng(6))
    predict = head(task, train, means)
    together = predict(train.blind())
    for i in range(len(train)):
        assert np.array_equal(predict(train.take([i]).copy().blind())[0], together[i])


def test_a_forest_repeats_with_its_seed() -> None:
    task, train = classes([9, 9], np.random.default_rng(7))
    first, again, other = (np.stack(forest(task, train, means, 20, s)(train.blind())) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@both
def test_missing_values_are_refused_in_words(head: Any) -> None:
    task, train = classes([3, 3], np.random.default_rng(8))
    broken = train.copy()
    broken.x[2][1, 0] = np.nan
    with pytest.raises(Unsupported, match="example 2 has 1 missing"):
        head(task, broken, means)
    with pytest.raises(Unsupported, match="example 2 has 1 missing"):
        head(task, train, means)(broken.blind())


@both
def test_missing_answers_of_train_are_refused_in_words(head: Any) -> None:
    task = Task("regression", Values(1), Values(1), "fixed")
    numbers = Split([np.ones((4, 1)), np.zeros((4, 1))], [np.ones((1, 1)), np.full((1, 1), np.nan)])
    with pytest.raises(Unsupported, match="answer of example 1 has 1 missing"):
        head(task, numbers, means)
    forecast, train = series(np.append(np.arange(30.0), np.nan)[:, None], 3)
    with pytest.raises(Unsupported, match="answer of example 0 has 1 missing"):
        head(forecast, train, means)


@both
def test_missing_covariates_known_ahead_are_refused_in_words(head: Any) -> None:
    values = np.random.default_rng(11).normal(size=(40, 2))
    task, train = series(values, 3, known=1)
    asked = Split(train.x, [], [np.full((3, 1), np.nan)])
    with pytest.raises(Unsupported, match="known ahead of example 0 has 3 missing"):
        head(task, train, means)(asked)


@both
def test_an_aligned_answer_is_unsupported(head: Any) -> None:
    task = Task("labelling", Values(1), Values(2, symbols=True), "same")
    with pytest.raises(Unsupported):
        head(task, Split([np.zeros((3, 1))], [np.zeros(3, int)]), means)


@both
@pytest.mark.parametrize("period", [None, 4])
def test_a_constant_series_is_forecast_as_that_constant(head: Any, period: int | None) -> None:
    task, train = series(np.full((40, 1), 7.3), 5, period)
    assert np.array_equal(head(task, train, means)(train.blind())[0], np.full((5, 1), 7.3))


def test_an_exact_season_on_a_line_is_continued() -> None:
    time = np.arange(120.0)
    values = (0.3 * time + np.tile([0.0, 5.0, -2.0, 1.0], 30))[:, None]
    task, train = series(values[:112], 8, 4)
    later = Split([values[:112]], [values[112:]])
    assert np.abs(ridge(task, train, means)(later.blind())[0] - values[112:]).max() < 0.1


@both
def test_a_forecast_moves_with_the_level_and_unit_of_the_series(head: Any) -> None:
    rng = np.random.default_rng(9)
    values = np.cumsum(rng.normal(size=(90, 1)), axis=0)
    task, train = series(values, 3)
    predict = head(task, train, means)
    moved = Split([1000 + 64 * train.x[0]])
    assert np.allclose(predict(moved)[0], 1000 + 64 * predict(train.blind())[0])


def test_a_covariate_known_ahead_is_used_and_only_where_it_is_known() -> None:
    rng = np.random.default_rng(10)
    cause = rng.normal(size=(300, 1))
    values = np.hstack([5 + 2 * cause + 0.1 * rng.normal(size=(300, 1)), cause])
    task, train = series(values[:280], 4, known=1)
    asked = Split([values[:280]], [], [values[280:284, 1:]])
    error = np.abs(ridge(task, train, means)(asked)[0] - values[280:284, :1]).mean()
    blind_task, blind_train = series(values[:280], 4)
    blind = np.abs(
        ridge(blind_task, blind_train, means)(Split([values[:280]]))[0] - values[280:284, :1]
    ).mean()
    assert error < 0.4
    assert error < 0.4 * blind


@both
@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("history", [1, 2, 5, 30])
def test_short_histories_many_targets_and_past_covariates_are_forecast(
    head: Any, history: int, steps: int
) -> None:
    values = np.random.default_rng(11).normal(size=(history + steps, 3))
    task, train = series(values, steps, 12, targets=2)
    predict = head(task, train, means)
    for asked in (train.blind(), Split([values[:1]]), Split([values])):
        answer = predict(asked)[0]
        assert answer.shape == (steps, 2)
        assert np.isfinite(answer).all()


def test_series_too_short_for_the_horizon_are_refused_in_words() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=5)
    with pytest.raises(ValueError, match="5 steps to forecast"):
        ridge(task, Split([np.zeros((1, 1))], [np.zeros((2, 1))]), means)


def test_the_number_of_windows_is_bounded() -> None:
    values = np.random.default_rng(12).normal(size=(4000, 1))
    task, train = series(values, 2)
    assert 400 < ridge(task, train, means).notes["windows"] <= 620
