"""The question and its examples: what is refused, views, windows and hold-out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.task import (
    CHECK_ORIGINS,
    CHECK_SHARE,
    KINDS,
    Rolling,
    Split,
    Task,
    Values,
    check_origins,
    holdout,
    least_steps,
    spare_steps,
    windows,
)

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")


def forecasting(steps: int = 2, period: int | None = None, targets: int = 1, channels: int = 1) -> Task:
    return Task("forecasting", Values(channels), Values(targets), "fixed", steps=steps, period=period)


def series(*lengths: int, steps: int = 2, known: int = 0, channels: int = 1) -> Split:
    """One example per series; every value tells its series and its time: 1000 * series + time."""
    x, y, ahead, time = [], [], [], []
    for i, length in enumerate(lengths):
        values = 1000.0 * i + np.arange(length + steps)[:, None] + np.zeros(channels)
        x.append(values[:length])
        y.append(values[length:, :1])
        time.append(np.arange(length + steps) + 0.5)
        if known:
            ahead.append(values[length:, channels - known :])
    return Split(x, y, ahead, [f"s{i}" for i in range(len(lengths))], time)


def labelled(labels: list[int], groups: Any = None) -> Split:
    """One example per label, numbered in its x."""
    x = [np.array([[float(i)]]) for i in range(len(labels))]
    return Split(x, [np.array([label]) for label in labels], series=() if groups is None else groups)


def numbers(split: Split) -> list[int]:
    return [int(x[0, 0]) for x in split.x]


# What is refused


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Values(0), "numbers need size at least 1, got 0"),
        (lambda: Values(1, symbols=True), "symbols need size at least 2, got 1"),
        (lambda: Values(2, names=("a",)), "size 2 need 2 names, got 1"),
        (
            lambda: Task("guessing", Values(1), Values(1), "fixed"),
            "unknown task kind 'guessing'; known: class",
        ),
        (lambda: Task("regression", Values(1), Values(1), "long"), "fixed, same or free, got 'long'"),
        (
            lambda: Task("regression", Values(1), Values(1), "fixed", steps=0),
            "steps must be at least 1, got 0",
        ),
        (lambda: forecasting(period=0), "period must be at least 1 or None, got 0"),
        (
            lambda: Task("regression", Values(1), Values(1), "fixed", quantiles=(0.1, 0.9)),
            r"must contain \.5, got \(0\.1, 0\.9\)",
        ),
        (lambda: Split([np.zeros(1)], y=[np.zeros(1)] * 2), r"Split\.y has 2 entries for 1 examples in x"),
        (lambda: Split([np.zeros(1)], ahead=[np.zeros(1)] * 2), r"Split\.ahead has 2 entries"),
        (lambda: Split([np.zeros(1)], series="ab"), r"Split\.series has 2 entries"),
        (lambda: Split([np.zeros(1)], time=[np.zeros(1)] * 2), r"Split\.time has 2 entries"),
        (lambda: labelled([0, 1]).take(np.array([True, False])), "wants indices, got a mask"),
        (lambda: windows(CLASSES, labelled([0])), "needs a forecasting task, got classification"),
        (lambda: windows(forecasting(), series(5), stride=0), "at least 1, got 0 and 1"),
        (lambda: windows(forecasting(), series(5), shortest=0), "at least 1, got 1 and 0"),
        (lambda: Values(3, symbols=True).encode(np.array([0, 3])), r"must be 0\.\.2, got 0\.\.3"),
        (lambda: Values(3, symbols=True).encode(np.array([-1])), r"must be 0\.\.2, got -1\.\.-1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_value_seen(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_task(kind: str) -> None:
    assert Task(kind, Values(1), Values(1), "same").kind == kind


def test_the_season_is_1_where_there_is_none() -> None:
    assert (forecasting().season, forecasting(period=12).season) == (1, 12)


# Values


def test_symbols_are_encoded_one_hot_and_numbers_as_they_are() -> None:
    coded = Values(3, symbols=True).encode(np.array([2, 0]))
    assert np.array_equal(coded, [[0, 0, 1], [1, 0, 0]])
    assert coded.dtype == np.float64
    same = Values(2).encode(np.array([[1, 2]], dtype=np.int8))
    assert same.dtype == np.float64
    assert same.tolist() == [[1, 2]]


def test_no_symbols_are_encoded_as_no_rows() -> None:
    assert Values(3, symbols=True).encode(np.array([], dtype=int)).shape == (0, 3)


@given(st.integers(2, 6).flatmap(lambda k: st.tuples(st.just(k), st.lists(st.integers(0, k - 1)))))
def test_a_one_hot_code_is_undone_by_its_largest_place(drawn: tuple[int, list[int]]) -> None:
    size, codes = drawn
    coded = Values(size, symbols=True).encode(np.array(codes, dtype=int))
    assert coded.sum() == len(codes)
    assert coded.argmax(axis=1).tolist() == codes


# Split


def test_examples_without_names_are_each_a_series_of_their_own() -> None:
    assert tuple(labelled([0, 1, 1]).series) == (0, 1, 2)


def test_the_series_may_be_an_array() -> None:
    split = labelled([0, 1], np.array(["a", "b"]))
    assert list(split.take([1]).series) == ["b"]


def test_blind_drops_the_answers_and_keeps_everything_else() -> None:
    split = series(5, 6, known=1, channels=2)
    blind = split.blind()
    assert blind.y == ()
    for name in ("x", "ahead", "series", "time"):
        assert getattr(blind, name) is getattr(split, name)


def test_take_follows_the_order_asked_for_and_shares_memory() -> None:
    split = series(5, 6, 7, known=1, channels=2)
    taken = split.take(np.array([2, 0, 2]))
    for name in ("x", "y", "ahead", "series", "time"):
        whole, part = getattr(split, name), getattr(taken, name)
        assert [item is whole[i] for item, i in zip(part, (2, 0, 2), strict=True)] == [True] * 3


def test_take_leaves_out_what_the_split_has_nothing_of() -> None:
    taken = labelled([0, 1]).blind().take([1])
    assert (taken.y, taken.ahead, taken.time) == ((), (), ())
    assert len(labelled([0, 1]).take([])) == 0


def test_a_copy_is_equal_and_shares_no_memory() -> None:
    split = series(5, 6, known=1, channels=2)
    copy = split.copy()
    assert list(copy.series) == list(split.series)
    for name in ("x", "y", "ahead", "time"):
        for one, other in zip(getattr(copy, name), getattr(split, name), strict=True):
            assert np.array_equal(one, other)
            assert not np.shares_memory(one, other)


# Windows


@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=3),
    steps=st.integers(1, 4),
    stride=st.integers(1, 5),
    shortest=st.integers(1, 5),
    known=st.integers(0, 1),
)
def test_every_window_is_a_prefix_with_the_steps_that_follow_it(
    lengths: list[int], steps: int, stride: int, shortest: int, known: int
) -> None:
    split = series(*lengths, steps=steps, known=known, channels=2)
    cut = windows(forecasting(steps, channels=2), split, stride, shortest)
    origins: dict[Any, list[int]] = {}
    for i, name in enumerate(cut.series):
        number = int(name[1:])
        origin = len(cut.x[i])
        origins.setdefault(number, []).append(origin)
        assert np.array_equal(cut.x[i], split.x[number][:origin])
        assert np.shares_memory(cut.x[i], split.x[number])
        assert np.array_equal(cut.y[i][:, 0], 1000 * number + origin + np.arange(steps))
        assert np.array_equal(cut.time[i], split.time[number][: origin + steps])
        assert not known or np.array_equal(cut.ahead[i], cut.y[i])
    for number, length in enumerate(lengths):
        assert origins.get(number, []) == [
            o for o in range(shortest, length + 1) if (length - o) % stride == 0
        ]


def test_an_example_with_fewer_answers_than_steps_is_cut_where_all_steps_are_there() -> None:
    split = Split([np.arange(5.0)[:, None]], [np.array([[5.0]])])
    cut = windows(forecasting(steps=3), split, stride=10)
    assert (len(cut.x[0]), cut.y[0].ravel().tolist()) == (3, [3, 4, 5])


def test_an_example_with_more_answers_than_steps_keeps_its_own_origin() -> None:
    split = Split([np.arange(3.0)[:, None]], [np.arange(3.0, 7.0)[:, None]])
    cut = windows(forecasting(steps=1), split, stride=10)
    assert (len(cut.x), len(cut.x[0]), cut.y[0].tolist()) == (1, 3, [[3]])


def test_only_the_channels_to_forecast_are_answers_and_only_the_last_are_known_ahead() -> None:
    history = np.arange(12.0).reshape(4, 3)
    split = Split([history], [np.array([[12.0]])], [np.array([[14.0]])])
    cut = windows(forecasting(steps=1, channels=3), split)
    assert [y.ravel().tolist() for y in cut.y] == [[3], [6], [9], [12]]
    assert [a.ravel().tolist() for a in cut.ahead] == [[5], [8], [11], [14]]


# Hold-out of forecasting examples


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    steps=st.integers(1, 4),
    period=st.none() | st.integers(1, 6),
)
def test_no_fitted_value_lies_where_an_answer_is_checked(
    lengths: list[int], steps: int, period: int | None
) -> None:
    task, split = forecasting(steps, period), series(*lengths, steps=steps)
    fit, check = holdout(task, split, 0)
    assert list(fit.series) == list(split.series)
    for i, name in enumerate(fit.series):
        origins = [len(x) for x, other in zip(check.x, check.series, strict=True) if other == name]
        end = len(fit.x[i]) + len(fit.y[i])
        answers = [len(y) for y, other in zip(check.y, check.series, strict=True) if other == name]
        if origins:
            assert end == min(origins)
            assert [*origins[1:], lengths[i] + steps] == [
                o + n for o, n in zip(origins, answers, strict=True)
            ]
            assert answers == [steps] * len(origins) or (len(answers) == 1 and steps <= 2 * answers[0])
            assert len(fit.x[i]) >= 2 * max(task.season, steps)
        else:
            assert end == lengths[i] + steps
    assert len(check) <= CHECK_ORIGINS * len(lengths)


@given(
    length=st.integers(1, 60),
    steps=st.integers(1, 7),
    period=st.none() | st.integers(1, 9),
    channels=st.integers(1, 2),
)
def test_a_check_part_is_the_longest_that_leaves_enough_to_fit_on(
    length: int, steps: int, period: int | None, channels: int
) -> None:
    task, split = (
        forecasting(steps, period, channels=channels),
        series(length, steps=steps, channels=channels),
    )
    spare = length + steps - steps - 2 * max(task.season, steps)
    least = steps if channels > 1 else -(-steps // 2)
    _, check = holdout(task, split, 0)
    whole = [steps] * min(CHECK_ORIGINS, max(spare, 0) // steps)
    assert [len(y) for y in check.y] == (whole or ([spare] if spare >= least else []))
    assert (spare_steps(task, split, 0), least_steps(task, split, 0)) == (spare, least)


def test_a_shorter_check_part_has_the_true_values_and_stamps_for_every_step_asked() -> None:
    # 25 steps of history, a season of 6: one origin of 3 of 4 steps is left beside 12 + 4 to fit on.
    task, split = forecasting(4, period=6), series(15, steps=4)
    fit, check = holdout(task, split, 0)
    assert (fit.x[0].ravel().tolist(), fit.y[0].ravel().tolist()) == (list(range(12)), [12, 13, 14, 15])
    assert (check.x[0].ravel().tolist(), check.y[0].ravel().tolist()) == (list(range(16)), [16, 17, 18])
    assert check.time[0].tolist() == [step + 0.5 for step in range(20)]
    assert fit.time[0].tolist() == [step + 0.5 for step in range(16)]


def test_stamps_beyond_the_end_go_on_as_far_apart_as_the_last_two() -> None:
    days = np.datetime64("2024-01-01", "us") + np.arange(19) * np.timedelta64(1, "D")
    split = replace(series(15, steps=4), time=[days])
    _, check = holdout(forecasting(4, period=6), split, 0)
    assert check.time[0].dtype == days.dtype
    assert (np.diff(check.time[0]) == np.timedelta64(1, "D")).all()


def test_an_answer_of_more_steps_than_are_asked_is_checked_as_far_as_it_is_asked() -> None:
    split = Split([np.arange(15.0)[:, None]], [np.arange(15.0, 25.0)[:, None]])
    fit, check = holdout(forecasting(4, period=6), split, 0)
    assert check.y[0].ravel().tolist() == [16, 17, 18]
    assert fit.y[0].ravel().tolist() == [12, 13, 14, 15]


def test_a_series_with_covariates_keeps_the_whole_horizon() -> None:
    for known in (0, 1):
        fit, check = holdout(
            forecasting(4, period=6, channels=2), series(15, steps=4, known=known, channels=2), 0
        )
        assert (len(check), len(fit.x[0])) == (0, 15)


def test_a_long_series_is_asked_again_at_three_origins_a_horizon_apart() -> None:
    fit, check = holdout(forecasting(2), series(20), 0)
    assert [len(x) for x in check.x] == [16, 18, 20]
    assert (len(fit.x[0]), fit.y[0].ravel().tolist()) == (14, [14, 15])


def test_more_origins_are_taken_where_the_problem_asks_for_them() -> None:
    rolling = Rolling(horizons=3, divisor=2)
    fit, check = holdout(forecasting(4), series(40, steps=4), 0, rolling)
    assert [len(x) for x in check.x] == [32, 34, 36, 38, 40]
    # The answer that is fitted on ends where the first checked one begins.
    assert (len(fit.x[0]), fit.y[0].ravel().tolist()) == (28, [28, 29, 30, 31])
    assert check_origins(forecasting(4), series(40, steps=4), 0, rolling) == (5, 4)


def test_the_validation_part_takes_no_more_than_its_share_but_always_one_horizon() -> None:
    task = forecasting(4)
    assert check_origins(task, series(40, steps=4), 0, Rolling(20, 1, 0.5)) == (5, 4)
    assert check_origins(task, series(40, steps=4), 0, Rolling(20, 1, 0.01)) == (1, 4)
    assert check_origins(task, series(9, steps=4), 0, Rolling(20, 1, 0.5)) == (0, 0)


def test_a_series_too_short_to_hold_out_is_fitted_whole() -> None:
    fit, check = holdout(forecasting(2, period=6), series(12, 14), 0)
    assert [len(x) for x in fit.x] == [12, 12]
    assert [len(x) for x in check.x] == [14]


def test_what_is_known_ahead_and_the_times_are_held_out_with_their_examples() -> None:
    fit, check = holdout(forecasting(2, channels=2), series(20, known=1, channels=2), 0)
    for part in (fit, check):
        for x, y, ahead, time in zip(part.x, part.y, part.ahead, part.time, strict=True):
            assert np.array_equal(ahead, y)
            assert len(time) == len(x) + len(y)


# Hold-out of groups

GROUPED = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=40)


@given(GROUPED, st.integers(0, 100))
def test_whole_groups_go_to_one_side_and_nothing_is_lost(drawn: list[tuple[int, int]], seed: int) -> None:
    labels, groups = ([pair[k] for pair in drawn] for k in (0, 1))
    split = labelled(labels, groups)
    fit, check = holdout(CLASSES, split, seed)
    assert not set(fit.series) & set(check.series)
    assert sorted(numbers(fit) + numbers(check)) == list(range(len(split)))
    assert numbers(fit) == sorted(numbers(fit))
    for part in (fit, check):
        assert [int(y[0]) for y in part.y] == [labels[i] for i in numbers(part)]


@given(GROUPED, st.integers(0, 100))
def test_a_class_that_one_group_holds_stays_in_the_fit_part(drawn: list[tuple[int, int]], seed: int) -> None:
    labels, groups = ([pair[k] for pair in drawn] for k in (0, 1))
    fit, _ = holdout(CLASSES, labelled(labels, groups), seed)
    holders = Counter(label for label, _ in set(drawn))
    alone = {label for label, count in holders.items() if count == 1}
    assert alone <= {int(y[0]) for y in fit.y}


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.integers(0, 100))
def test_every_class_gives_a_quarter_of_its_groups(sizes: list[int], seed: int) -> None:
    split = labelled([label for label, size in enumerate(sizes) for _ in range(size)])
    _, check = holdout(CLASSES, split, seed)
    got = Counter(int(y[0]) for y in check.y)
    for label, size in enumerate(sizes):
        assert got[label] == (max(1, round(CHECK_SHARE * size)) if size > 1 else 0)


@given(GROUPED, st.integers(0, 100))
def test_the_seed_decides_the_cut(drawn: list[tuple[int, int]], seed: int) -> None:
    split = labelled(*([pair[k] for pair in drawn] for k in (0, 1)))
    once, again = (holdout(CLASSES, split, seed) for _ in range(2))
    assert [numbers(part) for part in once] == [numbers(part) for part in again]


def test_another_seed_cuts_elsewhere() -> None:
    split = labelled([0, 1] * 20)
    assert len({tuple(numbers(holdout(CLASSES, split, seed)[1])) for seed in range(5)}) == 5


def test_answers_that_are_numbers_or_sequences_are_cut_without_strata() -> None:
    task = Task("labelling", Values(1), Values(2, symbols=True), "same")
    split = Split([np.zeros((3, 1))] * 8, [np.full(3, int(i == 0)) for i in range(8)])
    asked = {i for seed in range(20) for i in holdout(task, split, seed)[1].series}
    assert asked == set(range(8))


def test_one_group_leaves_nothing_to_check() -> None:
    fit, check = holdout(CLASSES, labelled([0, 1, 2], ["only"] * 3), 0)
    assert (len(fit), len(check)) == (3, 0)
