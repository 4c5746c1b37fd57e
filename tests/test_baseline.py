from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from m4_hourly import M4, SEASON, STEPS, hourly, points, scores
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.baseline import drift, last_value, mean, most_common, naive2, seasonal_naive


def forecasting(steps: int = 4, period: int | None = None, quantiles: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps, period, quantiles)


def history(*values: float) -> Split:
    return Split([np.array(values)[:, None]])


def forecast(method, task: Task, *values: float) -> np.ndarray:
    train = Split([np.ones((5, 1))], [np.ones((task.steps, 1))])
    return method(task, train)(history(*values))[0]


def test_most_common_answers_with_the_training_frequencies_of_every_class():
    task = Task("classification", Values(1), Values(3, symbols=True), "fixed")
    train = Split([np.zeros((4, 1))] * 4, [np.array([k]) for k in (0, 0, 0, 1)])
    (answer,) = most_common(task, train)(Split([np.ones((9, 1))]))
    assert answer.tolist() == [[0.75, 0.25, 0.0]]


def test_most_common_labels_every_step_of_a_sequence_of_any_length():
    task = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same")
    train = Split([np.array([0, 1, 1]), np.array([0])], [np.array([1, 1, 0]), np.array([1])])
    answers = most_common(task, train)(Split([np.array([0]), np.array([0, 1, 0, 0, 1])]))
    assert [a.shape for a in answers] == [(1, 2), (5, 2)]
    np.testing.assert_allclose(answers[1], [[0.25, 0.75]] * 5)


def translated(*answers: list[int]) -> Split:
    return Split([np.array([0])] * len(answers), [np.array(y, dtype=np.int64) for y in answers])


def test_most_common_says_the_most_frequent_whole_answer_and_the_first_of_equally_frequent_ones():
    task = Task("translation", Values(2, symbols=True), Values(3, symbols=True), "free")
    asked = Split([np.array([1]), np.array([0, 1])])
    predict = most_common(task, translated([2], [0, 1], [1, 2], [0, 1]))
    answers = predict(asked)
    assert [a.tolist() for a in answers] == [[0, 1], [0, 1]]
    answers[0][:] = 2
    assert predict(asked)[0].tolist() == [0, 1]
    assert most_common(task, translated([2, 2], [1]))(asked)[0].tolist() == [2, 2]
    empty = most_common(task, translated([], [], [1]))(asked)[0]
    assert (empty.dtype, empty.shape) == (np.int64, (0,))
    with pytest.raises(ValueError, match="train has none"):
        most_common(task, Split([]))


def test_mean_generates_the_mean_path_of_train():
    task = Task("generation", Values(2), Values(1), "fixed", 3)
    paths = [np.array([[0.0], [1.0], [2.0]]), np.array([[2.0], [5.0], [4.0]])]
    predict = mean(task, Split([np.zeros((1, 2))] * 2, paths))
    assert predict(Split([np.ones((1, 2))]))[0].tolist() == [[1.0], [3.0], [3.0]]


def test_mean_averages_each_step_over_the_answers_that_reach_so_far():
    task = Task("generation", Values(2), Values(1), "fixed", 4)
    paths = [np.array([[0.0], [4.0], [9.0]]), np.array([[2.0]])]
    predict = mean(task, Split([np.zeros((1, 2))] * 2, paths))
    assert predict(Split([np.ones((1, 2))]))[0].ravel().tolist() == [1, 4, 9, 9]


def test_mean_has_no_end_for_numbers_of_free_length():
    task = Task("generation", Values(2), Values(1), "free")
    with pytest.raises(Unsupported, match="free length"):
        mean(task, Split([np.zeros((1, 2))], [np.zeros((2, 1))]))


def test_most_common_refuses_numbers_and_mean_refuses_symbols():
    numbers = Task("labelling", Values(1), Values(1), "same")
    symbols = Task("labelling", Values(1), Values(2, symbols=True), "same")
    with pytest.raises(Unsupported, match="for numbers use mean"):
        most_common(numbers, Split([np.ones((2, 1))], [np.ones((2, 1))]))
    with pytest.raises(Unsupported, match="for symbols use most-common"):
        mean(symbols, Split([np.ones((2, 1))], [np.array([0, 1])]))


def test_mean_answers_a_regression_with_the_mean_of_the_training_answers():
    task = Task("regression", Values(1), Values(2), "fixed")
    train = Split([np.zeros((3, 1))] * 2, [np.array([[1.0, 10.0]]), np.array([[3.0, 30.0]])])
    assert mean(task, train)(Split([np.zeros((7, 1))]))[0].tolist() == [[2.0, 20.0]]


def test_mean_labels_every_step_with_the_mean_over_all_training_steps():
    task = Task("labelling", Values(1), Values(1), "same")
    train = Split([np.zeros((3, 1)), np.zeros((1, 1))], [np.array([[1.0], [2.0], [3.0]]), np.array([[6.0]])])
    assert mean(task, train)(Split([np.zeros((2, 1))]))[0].tolist() == [[3.0], [3.0]]


def test_mean_forecasts_the_mean_of_the_examples_own_history():
    assert forecast(mean, forecasting(2), 1, 2, 6).ravel().tolist() == [3, 3]


def test_the_last_value_is_carried_on():
    assert forecast(last_value, forecasting(3), 1, 2, 6).ravel().tolist() == [6, 6, 6]


def test_seasonal_naive_repeats_the_last_season_and_falls_back_to_the_last_value():
    task = forecasting(5, period=3)
    assert forecast(seasonal_naive, task, 9, 1, 2, 3).ravel().tolist() == [1, 2, 3, 1, 2]
    assert forecast(seasonal_naive, task, 1, 2).ravel().tolist() == [2] * 5


def test_naive2_gives_the_last_value_the_season_of_each_step():
    season = np.array([0.5, 1.0, 1.5, 1.0])
    answer = forecast(naive2, forecasting(5, 4), *(8 * np.tile(season, 6)[:-1]))
    np.testing.assert_allclose(answer[:, 0], 8 * np.array([1.0, 0.5, 1.0, 1.5, 1.0]))


def test_naive2_adds_the_season_where_values_are_not_positive():
    season = np.array([-3.0, 0.0, 3.0, 0.0])
    answer = forecast(naive2, forecasting(5, 4), *np.tile(season, 6)[:-1])
    np.testing.assert_allclose(answer[:, 0], [0, -3, 0, 3, 0], atol=1e-12)


def test_naive2_is_the_last_value_without_a_season():
    assert forecast(naive2, forecasting(2, 4), 1, 5, 2, 8, 4).ravel().tolist() == [4, 4]
    assert forecast(naive2, forecasting(2), *range(12)).ravel().tolist() == [11, 11]


@pytest.mark.skipif(not M4.exists(), reason="the M4 hourly series are not on this machine")
def test_naive2_equals_the_m4_organisers_forecasts_and_scores_on_every_hourly_series():
    series, published = hourly("train"), points("Naive2")
    asked = Split([s[:, None] for s in series.values()], series=list(series))
    answers = naive2(forecasting(STEPS, SEASON), asked)(asked)
    found = {name: answer[:, 0] for name, answer in zip(series, answers, strict=True)}
    for name, forecasts in found.items():
        np.testing.assert_allclose(forecasts, published[name], rtol=1e-6)
    # "Evaluation and Ranks.xlsx" of the competition.
    np.testing.assert_allclose(scores(found), (18.383, 2.395), atol=5.1e-4)


def test_drift_continues_the_line_through_first_and_last_value():
    assert forecast(drift, forecasting(3), 1, 7, 5).ravel().tolist() == [7, 9, 11]
    assert forecast(drift, forecasting(3), 4).ravel().tolist() == [4, 4, 4]


def test_a_missing_value_takes_the_one_a_season_earlier_or_the_last_observed():
    assert forecast(last_value, forecasting(2), 1, 2, np.nan).ravel().tolist() == [2, 2]
    task = forecasting(3, period=3)
    assert forecast(seasonal_naive, task, 1, 2, 3, 4, np.nan, 6).ravel().tolist() == [4, 2, 6]
    assert forecast(last_value, forecasting(1), np.nan, 5).ravel().tolist() == [5]


def test_a_history_without_any_value_is_refused_in_words():
    with pytest.raises(ValueError, match="no finite value"):
        forecast(last_value, forecasting(), np.nan, np.nan)


def test_naive_quantiles_widen_with_the_root_of_the_horizon():
    task = forecasting(4, quantiles=(0.1, 0.5, 0.9))
    answer = forecast(last_value, task, 0, 1, 0, 1)
    assert answer.shape == (4, 1, 3)
    np.testing.assert_allclose(answer[:, 0, 1], 1)
    # 1.2815515655446004 is the .9 quantile of the standard normal; every step had an error of 1.
    np.testing.assert_allclose(answer[:, 0, 2] - 1, 1.2815515655446004 * np.sqrt([1, 2, 3, 4]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(1, 9), st.integers(1, 12))
def test_every_baseline_gives_finite_answers_and_leaves_the_history_alone(values, period, steps):
    task = forecasting(steps, period, (0.1, 0.5, 0.9))
    for method in (mean, last_value, seasonal_naive, drift):
        example = history(*values)
        before = example.x[0].copy()
        train = Split([np.ones((5, 1))], [np.ones((steps, 1))])
        (answer,) = method(task, train)(example)
        assert answer.shape == (steps, 1, 3)
        assert np.isfinite(answer).all()
        assert (np.diff(answer, axis=2) >= 0).all()
        np.testing.assert_array_equal(example.x[0], before)
