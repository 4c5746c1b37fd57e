import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods.analog import analog as fit_analog
from recurbench.methods.analog import (
    average_future,
    candidate_widths,
    level_of,
    may_meet,
    squared_distances,
)


def task(steps, period=None, channels=1):
    return Task("forecasting", Values(channels), Values(channels), "fixed", steps=steps, period=period)


def ask(values, steps, **names):
    """Train on all but the last `steps` values and forecast those; returns forecast and truth."""
    values = values.reshape(len(values), -1)
    known, truth = values[:-steps], values[-steps:]
    question = task(steps, channels=values.shape[1], **names)
    train = Split([known[:-steps]], [known[-steps:]], series=["s"])
    return fit_analog(question, train)(Split([known], series=["s"]))[0], truth


def logistic(count):
    x = np.empty(count)
    x[0] = 0.3
    for t in range(1, count):
        x[t] = 3.9 * x[t - 1] * (1 - x[t - 1])
    return x


def test_a_constant_series_is_forecast_as_that_constant():
    forecast, truth = ask(np.full(40, 7.0), 3)
    np.testing.assert_allclose(forecast, truth)


def test_a_pattern_that_repeats_is_continued():
    forecast, truth = ask(np.tile([1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 0.0], 20), 6)
    np.testing.assert_allclose(forecast, truth, atol=1e-6)


def test_chaos_without_noise_is_forecast_far_better_than_by_its_mean():
    forecast, truth = ask(logistic(3_000), 3)
    assert np.abs(forecast - truth).max() < 0.03


def test_a_trend_makes_it_look_relative_to_a_level():
    t = np.arange(200.0)
    values = 0.5 * t + np.tile([0.0, 3.0, 1.0, -2.0], 50)
    forecast, truth = ask(values, 4, period=4)
    np.testing.assert_allclose(forecast, truth, atol=1e-6)


def test_a_swelling_season_is_rescaled():
    t = np.arange(240)
    values = np.exp(0.01 * t) * (10.0 + 3.0 * np.sin(2 * np.pi * t / 12))
    forecast, truth = ask(values, 12, period=12)
    assert np.abs(forecast / truth - 1).max() < 0.02


def test_several_channels_are_forecast_together():
    angle = np.arange(400) * 0.3
    forecast, truth = ask(np.column_stack([np.sin(angle), np.cos(2 * angle)]), 5)
    assert forecast.shape == (5, 2)
    assert np.abs(forecast - truth).max() < 0.15


def test_the_delay_window_spans_a_season():
    assert candidate_widths(12, 200, 12) == [12, 24]
    assert candidate_widths(1, 100, 5)[0] == 1


def test_the_window_leaves_room_in_a_short_series():
    assert max(candidate_widths(1, 20, 5)) <= 5
    assert candidate_widths(12, 20, 5) == [5]


@given(st.integers(-40, 40), st.integers(1, 10), st.integers(1, 10))
def test_neighbours_share_no_step_of_their_windows_and_never_hold_the_answer(gap, width, steps):
    if not may_meet(np.array([gap]), width, steps)[0]:
        return
    asked, answer = set(range(1 - width, 1)), set(range(1, steps + 1))
    window, future = set(range(gap + 1 - width, gap + 1)), set(range(gap + 1, gap + steps + 1))
    assert not window & asked
    assert not (window | future) & answer


def test_the_average_goes_wholly_to_an_exact_match():
    futures = np.array([[1.0, 2.0], [50.0, 60.0]])
    np.testing.assert_allclose(average_future(np.array([0.0, 4.0]), futures), [1.0, 2.0])


def test_the_weights_are_those_of_simplex_projection():
    got = average_future(np.array([1.0, 4.0, np.inf]), np.array([[0.0], [1.0], [9.0]]))
    assert got[0] == pytest.approx(np.exp(-2) / (np.exp(-1) + np.exp(-2)))


@given(st.integers(0, 1_000))
def test_distances_equal_the_plain_definition(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    plain = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(squared_distances(a, b), plain, atol=1e-10)


def test_a_still_window_keeps_a_usable_scale():
    for values in (np.zeros((1, 4, 1)), np.full((1, 4, 1), 5.0)):
        _, scale = level_of(values, "standard", np.array([2.0]))
        assert (scale > 0).all()


def test_the_own_past_after_training_is_used():
    rng = np.random.default_rng(0)
    train = Split([rng.normal(size=(60, 1))], [rng.normal(size=(3, 1))], series=["noise"])
    pattern = np.tile([100.0, 140.0, 90.0, 120.0, 60.0], 12)[:, None]
    predict = fit_analog(task(3), train, dimension=4, neighbours=2, level="absolute")
    forecast = predict(Split([pattern], series=["new"]))[0]
    np.testing.assert_allclose(forecast[:, 0], [100, 140, 90], atol=1e-6)


def test_a_series_never_stands_in_the_library_twice():
    values = np.sin(np.arange(80.0))[:, None]
    train = Split([values[:60]], [values[60:63]], series=["s"])
    predict = fit_analog(task(3), train, dimension=4)
    known, new = (predict._seen(values - predict.centre, name) for name in ("s", "other"))
    assert len(known.end) == 80 - 4 - 4 + 1
    assert len(new.end) == len(known.end) + 63 - 4 - 3 + 1


def test_a_training_series_of_the_same_name_but_other_values_stays_in_the_library():
    values = np.sin(np.arange(80.0))[:, None]
    train = Split([values[:60]], [values[60:63]], series=[0])
    predict = fit_analog(task(3), train, dimension=4)
    assert len(predict._seen(values + 1.0, 0).end) == len(predict._seen(values + 1.0, 1).end)


def test_an_example_is_answered_alike_alone_and_among_others():
    values = logistic(300)[:, None]
    train = Split([values[:200]], [values[200:204]], series=["s"])
    test = Split([values[:k] for k in (210, 250, 290)], series=["s"] * 3)
    predict = fit_analog(task(4), train)
    together = predict(test)
    for i in range(3):
        np.testing.assert_array_equal(predict(test.take([i]))[0], together[i])


def test_a_history_of_one_step_is_answered():
    values = logistic(100)[:, None]
    predict = fit_analog(task(4), Split([values[:90]], [values[90:94]]))
    assert np.isfinite(predict(Split([values[:1]], series=["new"]))[0]).all()


def test_a_training_series_too_short_for_any_analogue_repeats_the_past():
    predict = fit_analog(task(4, period=3), Split([np.array([[1.0], [2.0], [3.0]])], [np.zeros((4, 1))]))
    forecast = predict(Split([np.array([[5.0], [6.0], [7.0]])], series=["new"]))[0]
    assert forecast.shape == (4, 1)
    assert np.isfinite(forecast).all()


def test_missing_values_and_unknown_levels_are_refused_in_words():
    values = logistic(60)[:, None]
    train = Split([values[:50]], [values[50:53]])
    with pytest.raises(ValueError, match="level must be one of absolute"):
        fit_analog(task(3), train, level="log")
    with pytest.raises(ValueError, match="1 of 3 are missing"):
        fit_analog(task(3), train)(Split([np.array([[1.0], [np.nan], [2.0]])]))


def test_a_level_far_from_zero_hides_no_neighbour():
    values = np.random.default_rng(2).normal(size=(70, 1)) + np.sin(np.arange(70) / 2)[:, None]
    answers = []
    for level in (0.0, 1e5):
        train = Split([values[:60] + level], [values[60:63] + level], series=["s"])
        answers.append(fit_analog(task(3), train)(Split([values[:66] + level], series=["s"]))[0] - level)
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-6)
