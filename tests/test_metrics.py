"""The metrics against scikit-learn, against hand-worked values, and what must not change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from recurbench.metrics import (
    METRICS,
    by_position,
    edit_distance,
    mase,
    pinball,
    point,
    score,
    smape,
    unscaled,
    weighted,
)
from recurbench.task import Array, Split, Task, Values
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_squared_error,
    r2_score,
)

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")
TAGS = Task("labelling", Values(1), Values(3, symbols=True), "same")
FLAGS = Task("labelling", Values(1), Values(2, flags=True), "same")
NUMBERS = Task("regression", Values(1), Values(2), "fixed", steps=3)
WORDS = Task("translation", Values(4, symbols=True), Values(4, symbols=True), "free")
# These are no weighted means over the examples.
WHOLE = {"r2", "rmse", "auroc", "calibration_error"}
seeds = st.integers(0, 10_000)


def forecasting(steps: int = 2, period: int | None = None, levels: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps=steps, period=period, quantiles=levels)


def column(*values: float) -> Array:
    return np.array(values, dtype=float)[:, None]


def drawn(task: Task, seed: int, chances: bool = True) -> tuple[Split, list[Array]]:
    """A dozen random examples of a task, with random answers."""
    rng = np.random.default_rng(seed)
    k = task.y.size
    x, y, answers = [], [], []
    for _ in range(12):
        steps = int(rng.integers(1, 6)) if task.length != "fixed" else task.steps
        x.append(np.cumsum(rng.normal(size=(steps if task.length == "same" else 9, 1)), axis=0))
        if task.y.symbols:
            y.append(rng.integers(k, size=steps))
            answers.append(rng.dirichlet(np.ones(k), size=steps) if chances else rng.integers(k, size=steps))
        elif task.y.flags:
            y.append(rng.integers(2, size=(steps, k)).astype(float))
            answers.append(rng.uniform(size=(steps, k)))
        else:
            y.append(rng.normal(size=(steps, k)))
            answers.append(rng.normal(size=(steps, k)))
    return Split(x, y, series=rng.integers(5, size=12).tolist()), answers


EVERY = [
    pytest.param(CLASSES, True, id="chances of classes"),
    pytest.param(CLASSES, False, id="classes"),
    pytest.param(TAGS, True, id="chances of tags"),
    pytest.param(TAGS, False, id="tags"),
    pytest.param(FLAGS, True, id="flags"),
    pytest.param(NUMBERS, True, id="numbers"),
    pytest.param(forecasting(3, 2), True, id="forecasts"),
    pytest.param(WORDS, False, id="sequences"),
]


# NaN is no score


def planted(arrays: list[Array], seed: int, value: float) -> list[Array]:
    """The arrays as floats, with `value` at one place of one of them."""
    rng = np.random.default_rng(seed)
    found = [np.array(array, dtype=float) for array in arrays]
    i = int(rng.integers(len(found)))
    found[i].flat[int(rng.integers(found[i].size))] = value
    return found


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("task", "chances"), [*EVERY, pytest.param(forecasting(3, 2, (0.1, 0.5, 0.9)), True)]
)
@given(seed=seeds)
def test_no_metric_scores_answers_or_truths_that_are_no_numbers(
    task: Task, chances: bool, value: float, seed: int
) -> None:
    split, answers = drawn(task, seed, chances)
    score(task, split, answers)
    with pytest.raises(ValueError, match=r"^answer \d+ holds NaN, infinite or masked values"):
        score(task, split, planted(answers, seed, value))
    if task.kind == "forecasting" and np.isnan(value):
        return  # such a step is not scored
    with pytest.raises(ValueError, match=r"^true answer \d+ holds NaN"):
        score(task, replace(split, y=planted(list(split.y), seed, value)), answers)


@given(seed=seeds)
def test_a_step_of_a_forecast_without_a_true_value_counts_in_no_metric(seed: int) -> None:
    task = forecasting(3, 2, (0.1, 0.5, 0.9))
    split, answers = drawn(task, seed, True)
    quantiles = [np.sort(answer[:, :, None] + [-1.0, 0.0, 1.0], axis=2) for answer in answers]
    gaps = replace(split, y=planted(list(split.y), seed, np.nan))
    moved = [np.where(np.isnan(y)[..., None], 99.0, a) for a, y in zip(quantiles, gaps.y, strict=True)]
    assert score(task, gaps, quantiles).values == score(task, gaps, moved).values
    assert score(task, gaps, quantiles).values != score(task, split, moved).values


def test_a_mask_does_not_leave_steps_out_of_a_score() -> None:
    split, answers = drawn(NUMBERS, 0)
    hidden = [np.ma.array(answer, mask=False) for answer in answers]
    hidden[3].mask[0] = True
    with pytest.raises(ValueError, match=r"^answer 0 holds NaN, infinite or masked values"):
        score(NUMBERS, split, hidden)


def test_log_likelihoods_that_are_nan_have_no_cross_entropy() -> None:
    split = Split([np.array([1])] * 2, [np.array([1]), np.array([2])])
    terms = [np.log([0.5, 0.5]), np.array([np.nan, -1.0])]
    with pytest.raises(ValueError, match=r"^log-likelihood 1 holds NaN"):
        score(WORDS, split, list(split.y), terms)


@given(seeds, st.sampled_from(["smape", "mase", "pinball"]), st.booleans())
def test_an_error_measure_of_nan_is_nan(seed: int, name: str, of_truth: bool) -> None:
    rng = np.random.default_rng(seed)
    task = forecasting(4, 2, (0.1, 0.5, 0.9))
    forecast, truth = rng.normal(size=(4, 1)), rng.normal(size=(4, 1)) * rng.integers(2)
    (truth if of_truth else forecast)[int(rng.integers(4))] = np.nan
    found = {
        "smape": lambda: smape(forecast, truth),
        "mase": lambda: mase(forecast, truth, rng.normal(size=(9, 1)), 2),
        "pinball": lambda: pinball(task, forecast, truth),
    }[name]()
    assert np.isnan(found)


def test_a_weight_that_is_nan_makes_the_mean_nan() -> None:
    assert np.isnan(weighted(np.array([1.0, 2.0]), np.array([1.0, np.nan])))


def test_right_symbols_by_position_are_not_counted_of_chances_that_are_nan() -> None:
    split = Split([np.zeros((2, 1))], [np.array([0, 1])])
    with pytest.raises(ValueError, match="answer 0 holds NaN"):
        by_position(split, [np.array([[np.nan, 0.1, 0.1], [0.1, 0.8, 0.1]])])


# Against scikit-learn


@pytest.mark.parametrize("seed", range(3))
def test_class_scores_equal_scikit_learn(seed: int) -> None:
    split, answers = drawn(CLASSES, seed)
    truth, chances = np.concatenate(split.y), np.concatenate(answers)
    got = score(CLASSES, split, answers).values
    assert got["log_loss"] == pytest.approx(log_loss(truth, chances, labels=[0, 1, 2]))
    assert got["accuracy"] == pytest.approx(accuracy_score(truth, chances.argmax(axis=1)))
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, chances.argmax(axis=1)))


@pytest.mark.parametrize("seed", range(3))
def test_label_scores_equal_scikit_learn_over_all_steps(seed: int) -> None:
    split, answers = drawn(TAGS, seed)
    truth, chances = np.concatenate(split.y), np.concatenate(answers)
    got = score(TAGS, split, answers).values
    assert got["accuracy"] == pytest.approx(accuracy_score(truth, chances.argmax(axis=1)))
    assert got["cross_entropy"] == pytest.approx(log_loss(truth, chances, labels=[0, 1, 2]))


@pytest.mark.parametrize("seed", range(3))
def test_flag_loss_is_the_sum_over_flags_of_scikit_learns_log_loss(seed: int) -> None:
    split, answers = drawn(FLAGS, seed)
    truth, chances = np.concatenate(split.y), np.concatenate(answers)
    wanted = sum(log_loss(truth[:, k], chances[:, k], labels=[0, 1]) for k in range(2))
    assert score(FLAGS, split, answers).values["flag_loss"] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(3))
def test_number_scores_equal_scikit_learn(seed: int) -> None:
    split, answers = drawn(NUMBERS, seed)
    truth, guess = np.concatenate(split.y), np.concatenate(answers)
    got = score(NUMBERS, split, answers).values
    assert got["mse"] == pytest.approx(mean_squared_error(truth, guess))
    assert got["mae"] == pytest.approx(mean_absolute_error(truth, guess))
    assert got["r2"] == pytest.approx(r2_score(truth, guess))


def test_the_weighted_quantile_loss_is_twice_the_pinball_loss_over_the_size_of_the_answers() -> None:
    rng = np.random.default_rng(0)
    levels = (0.1, 0.5, 0.9)
    x, y = [rng.normal(size=(5, 1))] * 6, [rng.normal(size=(2, 1)) for _ in range(6)]
    answers = [np.sort(rng.normal(size=(2, 1, 3)), axis=2) for _ in range(6)]
    got = score(forecasting(levels=levels), Split(x, y), answers).values
    truth, quantiles = np.concatenate(y).ravel(), np.concatenate(answers)[:, 0]
    losses = [mean_pinball_loss(truth, quantiles[:, i], alpha=q) for i, q in enumerate(levels)]
    assert got["wql"] == pytest.approx(2 * np.mean(losses) / np.abs(truth).mean())
    assert got["coverage_80"] == pytest.approx(
        np.mean((quantiles[:, 0] <= truth) & (truth <= quantiles[:, 2]))
    )


# Worked by hand


def test_mase_divides_by_the_in_sample_seasonal_naive_error() -> None:
    history = column(1, 2, 3, 6)
    # Seasonal differences at lag 2: 2 and 4, so the scale is 3; the errors are 3 and 0.
    assert mase(column(4, 5), column(7, 5), history, 2) == pytest.approx(0.5)
    # At lag 1: 1, 1 and 3, so the scale is 5/3.
    assert mase(column(4, 5), column(7, 5), history, 1) == pytest.approx(1.5 / (5 / 3))


def test_mase_is_the_mean_over_the_channels_of_each_in_its_own_scale() -> None:
    history = np.array([[0.0, 0.0], [1.0, 10.0]])
    assert mase(np.zeros((1, 2)), np.array([[2.0, 40.0]]), history, 1) == pytest.approx((2 + 4) / 2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("history", "season"), [(column(1, 1, 1), 1), (column(1, 2), 2), (column(1), 1)])
def test_mase_is_undefined_on_a_still_history_or_one_no_longer_than_a_season(
    history: Array, season: int
) -> None:
    assert np.isnan(mase(column(1), column(0), history, season))


def test_smape_is_the_mean_of_200_times_the_difference_over_the_sum() -> None:
    # 200 * 1 / 3 and 200 * 2 / 6.
    assert smape(column(1, 4), column(2, 2)) == pytest.approx(200 / 3)
    assert smape(column(1, 0), column(-1, 0)) == pytest.approx(100)
    assert smape(column(0), column(0)) == 0


def test_forecasts_are_averaged_over_origins_and_then_over_series() -> None:
    history = column(0, 1, 2)  # scale 1: a unit of error is a unit of MASE
    truths = [column(3, 3)] * 4
    answers = [column(3 + error, 3 + error) for error in (1, 2, 3, 8)]
    split = Split([history] * 4, truths, series=["a", "a", "a", "b"])
    got = score(forecasting(), split, answers).values
    assert got["mase"] == pytest.approx((2 + 8) / 2)
    assert got["mae"] == pytest.approx((2 + 8) / 2)
    assert got["mse"] == pytest.approx(((1 + 4 + 9) / 3 + 64) / 2)
    assert got["smape"] == pytest.approx((np.mean([200 / 7, 400 / 8, 600 / 9]) + 1600 / 14) / 2)


def test_a_series_weighs_the_same_though_some_of_its_origins_have_no_mase() -> None:
    still, moving = column(1, 1, 1), column(0, 1, 2)
    split = Split([still, moving, moving], [column(0, 0)] * 3, series=["a", "a", "b"])
    got = score(forecasting(), split, [column(9, 9), column(1, 1), column(3, 3)])
    assert got.values["mase"] == pytest.approx((1 + 3) / 2)
    assert got.values["mae"] == pytest.approx(((9 + 1) / 2 + 3) / 2)
    assert got.values["mase_undefined"] == 1


def test_a_mase_defined_nowhere_is_not_a_number() -> None:
    got = score(forecasting(), Split([column(1, 1)], [column(0, 0)]), [column(9, 9)]).values
    assert np.isnan(got["mase"])
    assert got["mae"] == 9


def test_an_answer_is_cut_to_the_steps_the_example_has() -> None:
    split = Split([column(0, 1, 2)], [column(5)])
    assert score(forecasting(3), split, [column(4, 100, 100)]).values["mae"] == 1


def test_the_season_of_the_task_scales_its_mase() -> None:
    split = Split([column(0, 5, 1, 6)], [column(3, 3)])
    answers = [column(2, 2)]
    assert score(forecasting(2, period=2), split, answers).values["mase"] == pytest.approx(1)
    assert score(forecasting(2), split, answers).values["mase"] == pytest.approx(3 / 14)


def test_quantiles_are_judged_as_a_point_by_their_median() -> None:
    task = forecasting(2, levels=(0.1, 0.5, 0.9))
    answer = np.array([[[0.0, 4.0, 9.0]], [[0.0, 5.0, 9.0]]])
    assert point(task, answer).ravel().tolist() == [4, 5]
    got = score(task, Split([column(0, 1)], [column(5, 10)]), [answer]).values
    assert got["mae"] == pytest.approx(3)
    assert got["coverage_80"] == 0.5
    # Twice the mean over three levels of .1 * 5 + .5 * 1 + .1 * 4 at 5 and .1 * 10 + .5 * 5 + .9 * 1 at 10.
    assert got["wql"] == pytest.approx(2 * (0.5 + 0.5 + 0.4 + 1 + 2.5 + 0.9) / 3 / 15)


def test_a_point_answer_has_no_intervals_and_counts_at_every_level() -> None:
    got = score(forecasting(levels=(0.1, 0.5, 0.9)), Split([column(0, 1)], [column(5, 5)]), [column(4, 4)])
    assert not {"coverage_80", "interval_score_80"} & set(got.values)
    # Over the levels the loss 2 q |y - f| of a forecast that is too low has the mean |y - f|.
    assert got.values["wql"] == pytest.approx(2 / 10)


def test_rmse_is_the_root_over_the_origins_of_a_series_and_then_the_mean_over_series() -> None:
    truths = [column(3, 3)] * 4
    answers = [column(3 + error, 3 + error) for error in (1, 2, 3, 8)]
    split = Split([column(0, 1, 2)] * 4, truths, series=["a", "a", "a", "b"])
    got = score(forecasting(), split, answers)
    assert got.values["rmse"] == pytest.approx((np.sqrt((1 + 4 + 9) / 3) + 8) / 2)
    assert "rmse" not in got.units


@pytest.mark.parametrize("task", [CLASSES, TAGS, NUMBERS, forecasting(3, 2)], ids=lambda task: task.kind)
@pytest.mark.parametrize("count", [11, 13])
def test_answers_to_some_of_the_examples_have_no_score(task: Task, count: int) -> None:
    split, answers = drawn(task, 0)
    with pytest.raises(ValueError, match=rf"^{count} answers for 12 examples, wanted one for each; answer"):
        score(task, split, [*answers, answers[0]][:count])


@given(seed=seeds, size=st.integers(1, 12))
def test_windows_weigh_by_their_number_whatever_batches_they_come_in(seed: int, size: int) -> None:
    task = forecasting(3, 2, (0.1, 0.5, 0.9))
    split, points = drawn(task, seed)
    split = replace(split, series=["one"] * len(split))
    answers = [np.sort(answer[..., None] + np.array([-1.0, 0.0, 1.0]), axis=-1) for answer in points]
    whole = score(task, split, answers).values
    batches = [range(start, min(start + size, 12)) for start in range(0, 12, size)]
    parts = [score(task, split.take([*batch]), [answers[i] for i in batch]).values for batch in batches]
    counts = [len(batch) for batch in batches]
    for name in ("mae", "mse", "mase", "rmsse", "smape", "pinball", "interval_score_80", "coverage_80"):
        assert np.average([part[name] for part in parts], weights=counts) == pytest.approx(whole[name])
    squares = np.average([part["rmse"] ** 2 for part in parts], weights=counts)
    assert np.sqrt(squares) == pytest.approx(whole["rmse"])


def test_a_long_sequence_weighs_as_many_steps_as_it_has() -> None:
    split = Split([np.zeros((1, 1)), np.zeros((3, 1))], [np.array([1]), np.array([1, 0, 0])])
    got = score(TAGS, split, [np.array([1]), np.array([1, 0, 2])]).values
    assert got["accuracy"] == 0.75
    assert got["last_step_accuracy"] == 0.5


def test_a_score_by_position_counts_only_the_sequences_that_reach_it() -> None:
    split = Split([np.zeros((1, 1)), np.zeros((3, 1))], [np.array([1]), np.array([1, 0, 0])])
    answers = [np.array([0, 0]), np.array([[0.1, 0.9], [0.1, 0.9], [0.9, 0.1]])]
    assert by_position(split, answers).tolist() == [0.5, 0.0, 1.0]


def test_a_single_bare_class_means_that_no_log_loss_is_given() -> None:
    split, answers = drawn(CLASSES, 0)
    mixed = [np.array([0]), *answers[1:]]
    assert set(score(CLASSES, split, mixed).values) == {"accuracy", "balanced_accuracy"}


@pytest.mark.parametrize(("dtype", "eps"), [(np.float64, 2**-52), (np.float32, 2**-23), (np.float16, 2**-10)])
def test_a_chance_of_0_for_the_truth_costs_what_its_own_rounding_hides(dtype: Any, eps: float) -> None:
    split = Split([np.zeros((1, 1))], [np.array([2])])
    got = score(CLASSES, split, [np.array([[1, 0, 0]], dtype=dtype)]).values
    assert got["log_loss"] == pytest.approx(-np.log(eps))
    flags = score(FLAGS, Split([np.zeros((1, 1))], [np.ones((1, 2))]), [np.zeros((1, 2), dtype=dtype)])
    assert flags.values["flag_loss"] == pytest.approx(-2 * np.log(eps))


def test_r2_is_1_for_the_truth_0_for_its_mean_and_undefined_for_a_still_channel() -> None:
    truth = [column(1), column(3)]
    task = Task("regression", Values(1), Values(1), "fixed")
    split = Split([np.zeros((1, 1))] * 2, truth)
    assert score(task, split, truth).values["r2"] == 1
    assert score(task, split, [column(2)] * 2).values["r2"] == 0
    still = Split([np.zeros((1, 1))] * 2, [column(2)] * 2)
    assert np.isnan(score(task, still, truth).values["r2"])


def test_sequences_are_scored_by_edits_per_true_symbol_and_whole_matches() -> None:
    split = Split([np.array([0])] * 3, [np.array([1, 2, 3]), np.array([1, 2]), np.array([1])])
    answers = [np.array([1, 3]), np.array([1, 2]), np.array([1, 1, 1])]
    got = score(WORDS, split, answers).values
    assert got["token_error_rate"] == pytest.approx((1 / 3 + 0 + 2) / 3)
    assert got["exact_match"] == pytest.approx(1 / 3)


def test_cross_entropy_of_free_answers_is_the_mean_over_all_true_symbols_and_ends() -> None:
    split = Split([np.array([0])] * 2, [np.array([1, 2, 3]), np.array([], dtype=int)])
    terms = [np.log([0.5, 0.25, 0.5, 0.125]), np.log([0.5])]
    scores = score(WORDS, split, list(split.y), terms)
    assert scores.weights["cross_entropy"].tolist() == [4, 1]
    assert scores.units["cross_entropy"] == pytest.approx(np.log(2) * np.array([7 / 4, 1]))
    # 1 + 2 + 1 + 3 + 1 bits over five symbols and ends.
    assert scores.values["cross_entropy"] == pytest.approx(np.log(2) * 8 / 5)
    assert (scores.values["token_error_rate"], scores.values["exact_match"]) == (0, 1)


def test_free_answers_without_likelihoods_have_no_cross_entropy_and_rounding_is_no_gain() -> None:
    split = Split([np.array([0])], [np.array([1])])
    assert set(score(WORDS, split, list(split.y)).values) == {"token_error_rate", "exact_match"}
    told = [np.array([1e-7, 1e-7], dtype=np.float32)]
    assert score(WORDS, split, list(split.y), told).values["cross_entropy"] == 0


@given(seeds)
def test_the_cross_entropy_of_free_answers_has_units_whose_weighted_mean_it_is(seed: int) -> None:
    split, answers = drawn(WORDS, seed, chances=False)
    rng = np.random.default_rng(seed)
    terms = [-rng.exponential(size=len(y) + 1) for y in split.y]
    scores = score(WORDS, split, answers, terms)
    assert scores.values["cross_entropy"] == pytest.approx(-np.concatenate(terms).mean())
    units, weights = scores.units["cross_entropy"], scores.weights["cross_entropy"]
    assert scores.values["cross_entropy"] == pytest.approx((units * weights).sum() / weights.sum())


def test_the_edit_distance_from_kitten_to_sitting_is_3() -> None:
    one, other = (np.frombuffer(word, dtype=np.uint8) for word in (b"kitten", b"sitting"))
    assert edit_distance(one, other) == 3


# What must hold for any answers


@pytest.mark.parametrize(("task", "chances"), EVERY)
@given(seed=seeds)
def test_the_weighted_mean_of_the_examples_is_the_value(task: Task, chances: bool, seed: int) -> None:
    scores = score(task, *drawn(task, seed, chances))
    assert set(scores.units) == set(scores.weights) == set(scores.values) - WHOLE
    for name, units in scores.units.items():
        assert units.shape == scores.weights[name].shape == (12,)
        mean = (units * scores.weights[name]).sum() / scores.weights[name].sum()
        assert scores.values[name] == pytest.approx(mean)


@pytest.mark.parametrize(("task", "chances"), EVERY)
@given(seed=seeds)
def test_the_order_of_the_examples_does_not_matter(task: Task, chances: bool, seed: int) -> None:
    split, answers = drawn(task, seed, chances)
    order = np.random.default_rng(seed).permutation(12)
    scores, other = score(task, split, answers), score(task, split.take(order), [answers[i] for i in order])
    assert other.values == pytest.approx(scores.values)
    for name, units in scores.units.items():
        assert other.units[name] == pytest.approx(units[order])


@pytest.mark.parametrize(("task", "chances"), EVERY)
@given(seed=seeds)
def test_every_score_lies_in_its_range(task: Task, chances: bool, seed: int) -> None:
    for name, value in score(task, *drawn(task, seed, chances)).values.items():
        assert name in METRICS
        if METRICS[name].higher_is_better:
            assert value <= 1
        if name != "r2":
            assert value >= 0


@pytest.mark.parametrize(("task", "chances"), EVERY)
@given(seed=seeds)
def test_no_answer_beats_the_truth(task: Task, chances: bool, seed: int) -> None:
    split, answers = drawn(task, seed, chances)
    truth: Sequence[Array] = split.y
    if task.y.symbols and chances:
        truth = [task.y.encode(y) for y in split.y]
    best = score(task, split, truth).values
    for name, value in score(task, split, answers).values.items():
        metric = METRICS[name]
        assert best[name] == pytest.approx(1.0 if metric.higher_is_better else 0.0, abs=1e-12)
        assert value <= best[name] if metric.higher_is_better else value >= best[name] - 1e-12


# What a score of numbers becomes when everything is told as y * k + c.
UNCHANGED = {"mase", "rmsse", "mase_undefined", "r2", "coverage_80"}
UNCHANGED_BY_FACTORS = {"smape", "wql"}
POWER = {"mae": 1, "rmse": 1, "pinball": 1, "interval_score_80": 1, "mse": 2}


def in_unit(items: Sequence[Array], k: float, c: float) -> list[Array]:
    return [k * item + c for item in items]


@pytest.mark.parametrize("levels", [(), (0.1, 0.5, 0.9)], ids=["points", "quantiles"])
@pytest.mark.parametrize("kind", ["forecasting", "regression"])
@given(seed=seeds, power=st.integers(-30, 30), factor=st.floats(1, 10), level=st.floats(-1000, 1000))
def test_every_score_of_numbers_follows_the_unit_as_its_name_says(
    kind: str, levels: tuple[float, ...], seed: int, power: int, factor: float, level: float
) -> None:
    task = forecasting(3, 2, levels) if kind == "forecasting" else NUMBERS
    split, answers = drawn(task, seed)
    if levels and kind == "forecasting":
        answers = [np.sort(answer[..., None] + np.array([-1.0, 0.0, 1.0]), axis=-1) for answer in answers]
    k = factor * 10.0**power
    for c in (0.0, level * k):
        other = Split(in_unit(split.x, k, c), in_unit(split.y, k, c), series=split.series)
        before, after = score(task, split, answers).values, score(task, other, in_unit(answers, k, c)).values
        assert before.keys() == after.keys()
        for name, value in before.items():
            assert name in UNCHANGED | UNCHANGED_BY_FACTORS | POWER.keys(), f"{name}: say how it follows"
            if c and name in UNCHANGED_BY_FACTORS:
                continue
            wanted = value * k ** POWER.get(name, 0)
            assert after[name] == pytest.approx(wanted, rel=1e-6, abs=1e-6 * k ** POWER.get(name, 0))


@pytest.mark.parametrize("value", [0.1, 0.3, 1.0, 7.7])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 3.7, 1e9])
def test_r2_is_undefined_on_answers_that_stand_still_in_every_unit(value: float, unit: float) -> None:
    # The mean of three times .1 is not .1, and what is left is no variance.
    still = [np.full((3, 2), value * unit)] * 4
    split = Split([np.zeros((3, 1))] * 4, still)
    assert np.isnan(score(NUMBERS, split, [y + unit for y in still]).values["r2"])


VALUES = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=6)


@given(VALUES)
def test_smape_lies_in_0_to_200_and_does_not_ask_which_is_the_truth(pairs: list[tuple[float, float]]) -> None:
    one, other = (column(*(pair[k] for pair in pairs)) for k in (0, 1))
    assert 0 <= smape(one, other) <= 200 + 1e-9
    assert smape(one, other) == smape(other, one)
    assert smape(one, one) == 0


@given(VALUES, st.floats(0.001, 1000))
def test_smape_does_not_depend_on_the_unit(pairs: list[tuple[float, float]], unit: float) -> None:
    one, other = (column(*(pair[k] for pair in pairs)) for k in (0, 1))
    assume(all(abs(value) > 1e-200 or value == 0 for pair in pairs for value in pair))
    assert smape(unit * one, unit * other) == pytest.approx(smape(one, other))


WORD = st.lists(st.integers(0, 2), max_size=7)


def slow_distance(one: list[int], other: list[int]) -> int:
    """As Levenshtein wrote it."""
    if not one or not other:
        return len(one) + len(other)
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    table[:, 0], table[0] = np.arange(len(one) + 1), np.arange(len(other) + 1)
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b))
    return int(table[-1, -1])


@given(WORD, WORD)
def test_the_edit_distance_equals_the_table_filled_cell_by_cell(one: list[int], other: list[int]) -> None:
    assert edit_distance(np.array(one), np.array(other)) == slow_distance(one, other)


def test_a_mean_leaves_out_what_is_undefined_or_weighs_nothing() -> None:
    values = np.array([1.0, np.nan, 3.0, 100.0])
    assert weighted(values, np.array([1.0, 5.0, 3.0, 0.0])) == 2.5
    assert np.isnan(weighted(np.array([np.nan]), np.ones(1)))


# Names


def test_a_metric_knows_its_name_and_direction() -> None:
    assert all(metric.name == name and metric.description for name, metric in METRICS.items())
    assert {name for name, metric in METRICS.items() if metric.arrow == "↑"} == {
        "accuracy",
        "balanced_accuracy",
        "last_step_accuracy",
        "r2",
        "exact_match",
        "auroc",
    }
    # Coverage can be too low and too high.
    assert METRICS["coverage_80"].arrow == "→ 0.80"
    assert METRICS["interval_score_80"].arrow == "↓"


def test_the_pinball_loss_is_that_of_scikit_learn() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, quantiles=(0.1, 0.5, 0.9))
    truth, answer = np.array([[1.0], [2.0], [4.0]]), np.array([[[0.5, 1.5, 2.0]], [[1, 2, 3]], [[0, 1, 3.5]]])
    got = score(task, Split([np.zeros((5, 1))], [truth]), [answer])
    losses = [mean_pinball_loss(truth, answer[:, :, i], alpha=q) for i, q in enumerate(task.quantiles)]
    assert got.values["pinball"] == pytest.approx(2 * np.mean(losses))
    points = score(task, Split([np.zeros((5, 1))], [truth]), [answer[:, :, 1]])
    assert points.values["pinball"] == pytest.approx(np.abs(truth - answer[:, :, 1]).mean())


@given(
    histories=st.lists(
        st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 1.0, np.nan])), min_size=1, max_size=12),
        min_size=1,
        max_size=4,
    ),
    season=st.integers(1, 4),
    targets=st.integers(1, 2),
)
def test_an_example_is_without_a_scale_just_where_mase_is_undefined(
    histories: list[list[tuple[int, float]]], season: int, targets: int
) -> None:
    task = Task("forecasting", Values(2), Values(targets), "fixed", period=season)
    x = [np.array(history, dtype=float) for history in histories]
    split = Split(x, [np.ones((1, targets))] * len(x))
    found = [mase(np.zeros((1, targets)), y, h[:, :targets], season) for h, y in zip(x, split.y, strict=True)]
    assert sum(unscaled(task, split).values()) == int(np.isnan(found).sum())


@pytest.mark.parametrize(
    ("history", "cause"),
    [
        (np.zeros(30), {"constant": 1}),
        (np.tile(np.arange(4.0), 8), {"seasonal": 1}),
        (np.arange(4.0), {"short": 1}),
        (np.append(np.arange(30.0), np.nan), {"gaps": 1}),
        (np.append(np.zeros(300), 1.0), {}),
        (np.arange(30.0), {}),
    ],
)
def test_why_mase_has_no_scale_is_told_apart(history: Array, cause: dict[str, int]) -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", period=4)
    assert unscaled(task, Split([history[:, None]], [np.zeros((1, 1))])) == cause
