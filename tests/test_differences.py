"""Paired differences: p values beside those of scipy, and how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.reports.statistics.differences import LEAST, Difference, constant, of_draws, of_values
from recurbench.reports.statistics.draws import Draw
from scipy.stats import ttest_1samp, ttest_rel


def draw(one: np.ndarray, other: np.ndarray) -> Draw:
    """Scores as they are, an example being a unit: [n] or [n, S]."""
    one, other = (side.reshape(len(side), -1).astype(float) for side in (one, other))
    n = len(one)
    return Draw(constant(n, 1.0), constant(n, 0.0), constant(n, 1.0), one, other, np.arange(n))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 9999))
def test_over_many_units_p_and_interval_are_those_of_a_paired_t_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.normal(0.3, 1, 120), rng.normal(0, 1, 120)
    found, theirs = of_draws([draw(one, other)]), ttest_rel(one, other)
    assert found.value == pytest.approx(np.mean(one - other))
    assert found.p == pytest.approx(theirs.pvalue, rel=0.35, abs=0.01)
    low, high = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.05), pytest.approx(high, abs=0.05))


def test_over_seeds_alone_p_is_that_of_t_over_the_seeds() -> None:
    values = [0.1, 0.3, 0.2, 0.25, 0.15, 0.05, 0.3, 0.12]
    assert of_values(values).p == pytest.approx(max(ttest_1samp(values, 0).pvalue, 2 / 2**8))


@pytest.mark.parametrize("sign", [1, -1])
def test_against_a_margin_p_is_twice_the_one_sided_one_of_scipy(sign: int) -> None:
    values = [sign * value for value in (0.1, 0.3, 0.2, 0.25, 0.15, 0.05, 0.3, 0.12)]
    side = "greater" if sign > 0 else "less"
    theirs = ttest_1samp(values, sign * 0.1, alternative=side).pvalue
    assert of_values(values, margin=0.1).p == pytest.approx(2 * theirs)
    assert of_values(values, margin=0.2).p == 1.0


def test_a_shift_of_exactly_the_margin_is_not_beyond_it() -> None:
    # .3 - .1 is not .2 to the last bit.
    assert of_draws([draw(np.full(12, 0.3), np.full(12, 0.1))], margin=0.2).p == 1.0
    assert of_draws([draw(np.full(12, 0.3), np.full(12, 0.1))], margin=0.19).p == 2.0**-11


def test_no_p_is_under_what_the_signs_of_the_units_that_differ_can_give() -> None:
    other = np.zeros(40)
    one = other.copy()
    one[:LEAST] = 1.0
    found = of_draws([draw(one, other)])
    assert found.changed == LEAST
    assert found.p == pytest.approx(max(found.smallest_p, found.p or 0))
    one[LEAST - 1] = 0.0
    assert of_draws([draw(one, other)]).p is None


def test_a_shift_without_spread_has_the_smallest_p_of_its_units() -> None:
    found = of_draws([draw(np.full(12, 0.5), np.full(12, 0.25))])
    assert found == Difference(0.25, pytest.approx(0.25), pytest.approx(0.25), 2.0**-11, 12, 12)


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_loss_of_the_margin_itself_is_called_worse_no_oftener_than_said(seeds: int) -> None:
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(200):
        one, other = rng.normal(size=(2, 25, seeds))
        found = of_draws([draw(one - 0.5, other)], margin=0.5)
        wrong += found.value < 0 and found.p is not None and found.p < 0.05
    # On one side alone: half of .062 and more, and two standard errors.
    assert wrong <= 0.06 * 200


@pytest.mark.parametrize("seeds", [1, 2])
def test_two_equal_methods_are_told_apart_no_oftener_than_said(seeds: int) -> None:
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(200):
        one, other = rng.normal(size=(2, 25, seeds))
        p = of_draws([draw(one, other)]).p
        wrong += p is not None and p < 0.05
    # Two standard errors of a share of .062 and more.
    assert wrong <= 0.1 * 200
