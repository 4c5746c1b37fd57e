"""Crossings planted along a dial are found where they are, with intervals that cover them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.crossover import LEAST_PAIRS, crossing

DIAL = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
TENS = np.array([1.0, 10.0, 100.0])


def pairs(mean: list[float], n: int = 10, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """[n, k]: a mean along the dial, noise by pair and value."""
    rng = np.random.default_rng(seed)
    return np.array(mean) + noise * rng.standard_normal((n, len(mean)))


@pytest.mark.parametrize(
    ("mean", "level", "at"),
    [
        ([0.4, 0.2, 0.1, -0.1, -0.2], 0.0, [3.5]),  # half way between .1 and -.1
        ([-0.3, -0.1, 0.3, 0.4, 0.5], 0.0, [2.25]),  # a quarter of the way from -.1 to .3
        ([0.4, 0.2, 0.1, -0.1, -0.2], 0.05, [3.25]),
        ([0.4, 0.2, 0.0, -0.1, -0.2], 0.0, [3.0]),  # on a value
        ([0.4, 0.0, 0.0, 0.0, -0.2], 0.0, [3.0]),  # the middle of a stretch
        ([0.1, -0.1, -0.2, -0.1, 0.1], 0.0, [1.5, 4.5]),
        ([0.4, 0.2, 0.0, 0.1, 0.2], 0.0, []),  # touches and turns back
        ([0.4, 0.3, 0.2, 0.1, 0.0], 0.0, []),  # reaches it and ends
        ([0.0, 0.0, 0.0, 0.0, 0.0], 0.0, []),
    ],
)
def test_a_crossing_lies_on_the_line_between_its_neighbours(
    mean: list[float], level: float, at: list[float]
) -> None:
    found = crossing(DIAL, pairs(mean), level)
    assert found.at == pytest.approx(at)
    # Pairs that all agree leave nothing to resample.
    assert (found.none, found.several) == (float(not at), float(len(at) > 1))
    if len(at) == 1 and 0.0 not in mean:
        assert (found.low, found.high) == pytest.approx((at[0], at[0]))


def test_a_dial_over_more_than_a_factor_of_ten_is_read_in_logarithms() -> None:
    assert crossing(TENS, pairs([0.1, -0.1, -0.2])).at == pytest.approx([math.sqrt(10)])
    assert crossing(np.array([0.0, 10.0, 100.0]), pairs([0.1, -0.1, -0.2])).at == pytest.approx([5.0])
    assert crossing(np.array([1.0, 5.0, 10.0]), pairs([0.1, -0.1, -0.2])).at == pytest.approx([3.0])


def test_a_wide_dial_stays_on_its_scale_where_an_end_of_it_is_not_held() -> None:
    held = crossing(np.array([1.0, 4.0, 9.0]), pairs([0.1, -0.1, -0.2]), log=True)
    assert held.at == pytest.approx([2.0])


def test_an_interval_on_a_log_dial_is_in_the_values_of_the_dial() -> None:
    found = crossing(TENS, pairs([0.4, 0.1, -0.2], noise=0.05))
    assert 10 < found.low < found.at[0] < found.high < 100


def test_the_interval_holds_the_planted_crossing_about_as_often_as_it_says() -> None:
    # 10 pairs, truth at 3.2; 200 draws have a standard error of .015 at .95.
    mean = [0.5 - 0.5 / 2.2 * (value - 1) for value in DIAL]
    held = sum(
        found.low <= 3.2 <= found.high
        for seed in range(200)
        for found in [crossing(DIAL, pairs(mean, noise=0.25, seed=seed), resamples=1000)]
    )
    assert 0.90 <= held / 200 <= 0.995


def test_a_shallow_crossing_is_said_to_lie_beyond_the_dial_perhaps() -> None:
    # Every pair is higher or lower along the whole dial.
    values = pairs([0.10, 0.08, 0.06, 0.03, -0.01]) + np.linspace(-0.15, 0.15, 10)[:, None]
    found = crossing(DIAL, values)
    assert found.at == pytest.approx([4.75])
    assert 1 < found.low < 4.75
    assert found.high == math.inf
    assert found.none > 0.05


def test_which_side_it_lies_on_is_told_where_nothing_crosses() -> None:
    above, below = (crossing(DIAL, pairs([sign * 0.4] * 5, noise=0.05)) for sign in (1, -1))
    assert (above.at, above.above, above.none) == ((), True, 1.0)
    assert (below.at, below.above, below.none) == ((), False, 1.0)
    assert math.isnan(above.low)


def test_several_crossings_are_all_told_and_have_no_interval() -> None:
    found = crossing(DIAL, pairs([0.3, -0.3, 0.3, -0.3, 0.3], noise=0.05))
    assert found.at == pytest.approx([1.5, 2.5, 3.5, 4.5], abs=0.15)
    assert math.isnan(found.low)
    assert found.several == 1.0


def test_a_resample_that_crosses_thrice_widens_the_interval_to_its_outer_ones() -> None:
    # The mean falls once, between 3 and 4; with more of the last three pairs it falls before 2, too.
    values = np.repeat([[0.3, 0.05, 0.05, -0.3, -0.3], [0.3, -0.1, 0.06, -0.3, -0.3]], [7, 3], axis=0)
    found = crossing(DIAL, values)
    assert found.at == pytest.approx([3 + 0.053 / 0.353])
    assert found.several > 0.1
    assert 1 < found.low < 2
    assert 3 < found.high < 4


def test_the_share_solved_crosses_a_half_where_it_is_planted() -> None:
    solved = np.zeros((10, 4))
    for value, count in enumerate((10, 8, 4, 0)):
        solved[:count, value] = 1.0
    found = crossing(np.array([2.0, 3.0, 5.0, 7.0]), solved, 0.5)
    assert found.at == pytest.approx([3 + 2 * 0.3 / 0.4])
    assert found.low < found.at[0] < found.high


def test_few_pairs_have_a_crossing_and_no_interval() -> None:
    few = crossing(DIAL, pairs([0.4, 0.2, 0.1, -0.1, -0.2], n=LEAST_PAIRS - 1))
    assert few.at == pytest.approx([3.5])
    assert all(map(math.isnan, (few.low, few.high, few.none, few.several)))


@pytest.mark.parametrize(
    ("dial", "values", "words"),
    [
        ([1.0, 2.0], np.zeros((10, 2)), "at least 3 ascending values, got .*1.0.*2.0"),
        ([1.0, 3.0, 2.0], np.zeros((10, 3)), "ascending"),
        ([1.0, 2.0, 3.0], np.full((10, 3), np.nan), "gaps; leave out the pairs or the settings"),
        ([1.0, 2.0, 3.0], np.zeros((10, 2)), r"\[pairs, 3\] wanted, got \(10, 2\)"),
        ([1.0, 2.0, 3.0], np.zeros((0, 3)), r"wanted, got \(0, 3\)"),
    ],
)
def test_what_cannot_cross_is_refused_in_words(dial: list[float], values: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        crossing(np.array(dial), values)


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(0, 3))
def test_the_crossing_moves_with_the_dial_and_not_with_the_scale_of_what_crosses(
    seed: int, scale: float, shift: float
) -> None:
    values = pairs([0.4, 0.2, 0.1, -0.1, -0.2], noise=0.2, seed=seed)
    one = crossing(DIAL, values, resamples=200)
    scaled = crossing(DIAL, scale * values, resamples=200)
    moved = crossing(DIAL + shift, values, resamples=200)
    assert scaled.at == pytest.approx(one.at)
    assert moved.at == pytest.approx([at + shift for at in one.at])
    assert (scaled.low, scaled.high) == pytest.approx((one.low, one.high), nan_ok=True)


@given(st.integers(0, 10_000))
def test_turning_the_dial_or_the_sign_around_turns_the_interval_around(seed: int) -> None:
    values = pairs([0.4, 0.2, 0.1, -0.1, -0.2], noise=0.2, seed=seed)
    one = crossing(DIAL, values, resamples=200)
    back = crossing(-DIAL[::-1], values[:, ::-1], resamples=200)
    other = crossing(DIAL, -values, resamples=200)
    assert other.at == pytest.approx(one.at)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), nan_ok=True)
    assert (back.none, back.several) == (one.none, one.several)
    if len(one.at) == 1:
        assert (-back.high, -back.low) == pytest.approx((one.low, one.high))


def test_the_same_pairs_give_the_same_interval() -> None:
    values = pairs([0.4, 0.2, 0.1, -0.1, -0.2], noise=0.2)
    assert crossing(DIAL, values) == crossing(DIAL, values)
