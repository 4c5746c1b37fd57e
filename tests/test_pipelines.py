"""Forecasters that others trained, through the interface of Chronos-Bolt's pipeline."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_bolt
import torch
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values, from_pipeline
from recurbench.methods._pipelines import Levels

TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def question(steps=3, channels=1, quantiles=(), covariates=0):
    x = Values(channels + covariates)
    return Task("forecasting", x, Values(channels), "fixed", steps, 4, quantiles)


class Line:
    """Quantiles of the uniform distribution from the last value to one above it; it notes what is asked."""

    model_context_length = 10

    def __init__(self, quantiles=None):
        self.asked = []
        if quantiles is not None:
            self.quantiles = quantiles

    def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=None):
        self.asked.append((inputs, prediction_length, quantile_levels))
        last = torch.stack([one[~one.isnan()][-1] for one in inputs])[:, None, None]
        levels = torch.tensor(quantile_levels)[None, None, :]
        found = (last + levels).expand(-1, prediction_length, -1)
        return found, last[..., 0].expand(-1, prediction_length) + 0.7


def answers(task, pipeline, series, **words):
    return from_pipeline(task, pipeline, standardise=False, **words)(Split(series))


SERIES = [np.arange(6.0)[:, None], np.arange(30.0)[:, None] ** 2]


def test_the_median_is_the_point_forecast_and_the_mean_where_it_is_asked_for():
    median = answers(question(), Line(), SERIES)
    assert [one.shape for one in median] == [(3, 1), (3, 1)]
    np.testing.assert_allclose([one[0, 0] for one in median], [5.5, 841.5], rtol=1e-6)
    mean = answers(question(), Line(), SERIES, point="mean")
    np.testing.assert_allclose([one[2, 0] for one in mean], [5.7, 841.7], rtol=1e-6)


def test_levels_are_answered_in_the_order_of_the_task():
    pipeline = Line(TENTHS)
    (one, _) = answers(question(quantiles=(0.9, 0.5, 0.1)), pipeline, SERIES)
    np.testing.assert_allclose(one[1, 0], [5.9, 5.5, 5.1], rtol=1e-6)
    assert pipeline.asked[0][2] == [0.1, 0.5, 0.9]


def test_a_level_that_the_model_does_not_have_is_interpolated():
    pipeline = Line([0.1, 0.5, 0.9])
    (one, _) = answers(question(quantiles=(0.2, 0.5, 0.75)), pipeline, SERIES)
    np.testing.assert_allclose(one[0, 0], [5.2, 5.5, 5.75], rtol=1e-6)
    assert pipeline.asked[0][2] == [0.1, 0.5, 0.9]


def test_beyond_its_levels_the_outermost_quantile_is_the_answer_and_a_warning_says_so():
    predict = from_pipeline(question(quantiles=(0.025, 0.5, 0.975)), Line(TENTHS), standardise=False)
    with pytest.warns(UserWarning, match=r"0\.025, 0\.975 lie beyond those of the model \(0\.1 to 0\.9\)"):
        (one,) = predict(Split(SERIES[:1]))
    np.testing.assert_allclose(one[0, 0], [5.1, 5.5, 5.9], rtol=1e-6)
    assert predict.notes["levels_beyond_the_model"] == [0.025, 0.975]


@given(
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6, unique=True),
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9, unique=True),
)
def test_weights_are_those_of_linear_interpolation(wanted, known):
    known = sorted(round(level, 3) for level in known)
    levels = Levels.of(wanted, list(dict.fromkeys(known)))
    values = np.sort(np.random.default_rng(0).normal(size=len(levels.asked)))
    expected = np.interp(wanted, levels.asked, values)
    np.testing.assert_allclose(values @ levels.weights, expected, atol=1e-6)
    for level in wanted:
        outside = not levels.asked[0] - 1e-9 <= level <= levels.asked[-1] + 1e-9
        assert (level in levels.beyond) == outside


def test_0_3_and_0_1_plus_0_2_are_one_level():
    levels = Levels.of((0.1 + 0.2, 0.5), TENTHS)
    assert levels.asked == (0.3, 0.5)
    np.testing.assert_array_equal(levels.weights, np.eye(2))


def test_quantiles_that_cross_are_put_in_order():
    class Crossing(Line):
        def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=None):
            found, mean = super().predict_quantiles(inputs, prediction_length, quantile_levels)
            return found.flip(-1), mean

    (one, _) = answers(question(quantiles=(0.1, 0.5, 0.9)), Crossing(), SERIES)
    np.testing.assert_allclose(one[0, 0], [5.1, 5.5, 5.9], rtol=1e-6)


def test_the_last_part_of_a_history_that_is_too_long_is_read():
    pipeline = Line()
    answers(question(), pipeline, SERIES)
    assert [len(one) for one in pipeline.asked[0][0]] == [6, 10]
    assert pipeline.asked[0][0][1][0] == 400.0
    shorter = Line()
    predict = from_pipeline(question(), shorter, context=4, standardise=False)
    predict(Split(SERIES))
    assert [len(one) for one in shorter.asked[0][0]] == [4, 4]
    assert predict.notes == {"context": 4, "follows_shift": False}


def test_missing_values_are_passed_as_nan_and_an_empty_history_is_refused():
    holed = np.array([1.0, np.nan, np.inf, 4.0])[:, None]
    pipeline = Line()
    (one,) = answers(question(), pipeline, [holed])
    assert pipeline.asked[0][0][0].isnan().tolist() == [False, True, True, False]
    assert one[0, 0] == 4.5
    for series in (np.full((3, 1), np.nan), np.r_[1.0, np.full(20, np.nan)][:, None]):
        with pytest.raises(ValueError, match=r"holds no finite value in the .* steps that the model reads"):
            answers(question(), Line(), [series])


def test_every_channel_is_a_series_of_its_own_and_covariates_are_not_read():
    pipeline = Line()
    x = np.arange(18.0).reshape(6, 3)
    (one,) = answers(question(channels=2, covariates=1), pipeline, [x])
    np.testing.assert_allclose(one[0], [15.5, 16.5])
    assert len(pipeline.asked[0][0]) == 2


def test_series_are_asked_for_in_batches_and_answered_in_their_order():
    series = [np.arange(length, dtype=float)[:, None] for length in (9, 3, 7, 5, 4)]
    pipeline = Line()
    found = answers(question(), pipeline, series, batch=2)
    assert [len(inputs) for inputs, _, _ in pipeline.asked] == [2, 2, 1]
    np.testing.assert_allclose([one[0, 0] for one in found], [8.5, 2.5, 6.5, 4.5, 3.5])


def test_a_history_is_standardised_unless_the_model_reads_values_as_they_are():
    pipeline = Line()
    big = 1e9 + np.array([0.0, 1.0, 2.0, 1.0])[:, None]
    (one,) = from_pipeline(question(), pipeline)(Split([big]))
    (given,), _, _ = pipeline.asked[0]
    assert abs(float(given.mean())) < 1e-6
    assert float(given.std(unbiased=False)) == pytest.approx(1.0)
    assert one[0, 0] == pytest.approx(1e9 + 1 + 0.5 * big.std(), abs=1e-5)


def test_a_history_of_one_value_is_continued_without_the_model():
    pipeline = Line()
    found = from_pipeline(question(quantiles=(0.1, 0.5, 0.9)), pipeline)(Split([np.full((5, 1), 3.2)]))
    np.testing.assert_array_equal(found[0], np.full((3, 1, 3), 3.2))
    assert pipeline.asked == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda q, m: q, "answered Tensor, wanted a pair: quantiles"),
        (
            lambda q, m: (q.swapaxes(1, 2), m),
            r"quantiles \[series, steps, levels\] of shape \(2, 1, 3\), wanted \(2, 3, 1\); put its axes",
        ),
        (lambda q, m: (q[:1], m), r"of shape \(1, 3, 1\), wanted \(2, 3, 1\)"),
        (lambda q, m: (q * torch.nan, m), "hold NaN or infinite values"),
    ],
)
def test_an_answer_of_another_form_is_refused_in_words(made, words):
    class Wrong(Line):
        def predict_quantiles(self, *args, **kwargs):
            return made(*super().predict_quantiles(*args, **kwargs))

    with pytest.raises(ValueError, match=words):
        answers(question(), Wrong(), SERIES)


def test_a_mean_of_another_form_is_refused_where_it_is_asked_for():
    class Wrong(Line):
        def predict_quantiles(self, *args, **kwargs):
            quantiles, _ = super().predict_quantiles(*args, **kwargs)
            return quantiles, quantiles

    answers(question(), Wrong(), SERIES)
    with pytest.raises(ValueError, match=r"means \[series, steps\] of shape \(2, 3, 1\), wanted \(2, 3\)"):
        answers(question(), Wrong(), SERIES, point="mean")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (Line, "must be an object, got the class Line; load it from its weights first"),
        (object(), "object has no method predict_quantiles.*; wrap it in a class that has one"),
        (Line([0.1, 1.0]), "quantile levels of the model must lie between 0 and 1"),
        (Line([]), "quantile levels of the model must lie between 0 and 1"),
    ],
)
def test_what_is_no_pipeline_is_refused_in_words(thing, words):
    with pytest.raises(ValueError, match=words):
        from_pipeline(question(), thing)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"point": "mode"}, "point must be median or mean, got 'mode'"),
        ({"context": 0}, "context must be at least 1, got 0"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
    ],
)
def test_settings_out_of_range_are_refused(setting, words):
    with pytest.raises(ValueError, match=words):
        from_pipeline(question(), Line(), **setting)


def test_other_tasks_are_not_supported():
    classes = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    with pytest.raises(Unsupported, match="forecasts numbers"):
        from_pipeline(classes, Line())


def test_a_model_trained_on_generated_series_is_better_than_the_last_value_and_its_quantiles_cover():
    pipeline = tiny_bolt.TinyBoltPipeline.from_pretrained(tiny_bolt.checkpoint())
    series = tiny_bolt.generated(200, 56, seed=10**6).numpy().astype(float)
    history, target = series[:, :48], series[:, 48:]
    predict = from_pipeline(question(steps=8, quantiles=(0.1, 0.5, 0.9)), pipeline)
    low, middle, high = np.moveaxis([one[:, 0] for one in predict(Split(list(history[..., None])))], 2, 0)
    error, naive = np.abs(middle - target).mean(), np.abs(history[:, -1:] - target).mean()
    assert error < 0.8 * naive
    assert 0.65 < np.mean((low <= target) & (target <= high)) < 0.92
    assert predict.notes == {"parameters": 7176, "context": 48}
