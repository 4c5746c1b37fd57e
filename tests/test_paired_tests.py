"""What pairs say of a mean: against scipy, by inversion, and at the edges."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.paired_tests import (
    EXACT,
    Floats,
    Mean,
    _subset_means,
    _subsets,
    bimodal,
    p_by_t,
    smallest_p,
    widened,
)
from scipy import stats

VALUES = st.lists(st.integers(-200, 200), min_size=1, max_size=9).map(lambda v: np.array(v) / 100)


def drawn(seed: int, n: int, shift: float = 0.1) -> Floats:
    return shift + 0.2 * np.random.default_rng(seed).standard_normal(n)


def flips_by_scipy(values: Floats, c: float) -> float:
    """Every assignment of signs, as scipy counts them."""
    found = stats.permutation_test(
        (values - c,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="greater"
    )
    return float(found.pvalue)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("c", [-0.05, 0.0, 0.05])
def test_the_p_value_of_t_is_that_of_scipy(seed: int, c: float) -> None:
    values = drawn(seed, 8)
    want = stats.ttest_1samp(values, c, alternative="greater").pvalue
    assert p_by_t(values, c) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("c", [-0.05, 0.0, 0.05])
@pytest.mark.parametrize("both", [False, True])
def test_the_p_value_is_the_largest_that_scipy_gives(seed: int, c: float, both: bool) -> None:
    values = drawn(seed, 8)
    worse = min(values.min(), -1.0) if both else values.min()
    want = [flips_by_scipy(values, c), flips_by_scipy(np.append(values, worse), c)]
    if not both:
        want.append(stats.ttest_1samp(values, c, alternative="greater").pvalue)
    assert Mean(values, both).p_above(c) == pytest.approx(max(want), rel=1e-9)
    assert Mean(-values, both).p_below(-c) == pytest.approx(max(want), rel=1e-9)


def test_the_interval_is_that_of_scipy_where_t_is_the_wider() -> None:
    values = stats.norm.ppf((np.arange(20) + 0.5) / 20)
    low, high = Mean(values).interval(0.95)
    by_t = stats.t.interval(0.95, 19, values.mean(), stats.sem(values))
    assert low <= by_t[0] + 1e-12
    assert high >= by_t[1] - 1e-12
    assert high - low < 1.3 * (by_t[1] - by_t[0])


@given(VALUES, st.integers(-250, 250), st.sampled_from([0.5, 0.8, 0.9, 0.95]), st.booleans())
def test_the_interval_holds_what_the_tests_do_not_refuse(
    values: Floats, hundredths: int, level: float, both: bool
) -> None:
    # An irrational step aside, so that c lies on no subset mean.
    c = hundredths / 100 + 1e-6 * math.pi
    mean = Mean(values, both)
    low, high = mean.interval(level)
    assert (mean.p_above(c) <= (1 - level) / 2) == (c < low)
    assert (mean.p_below(c) <= (1 - level) / 2) == (c > high)


@given(VALUES, st.integers(-100, 100).map(lambda v: v / 100), st.booleans())
def test_the_other_side_is_the_mirror(values: Floats, c: float, both: bool) -> None:
    assert Mean(values, both).p_above(c) == pytest.approx(Mean(-values, both).p_below(-c))
    assert Mean(values, both).p_above(c) + Mean(values, both).p_below(c) >= 1 - 1e-12


@pytest.mark.parametrize("n", [6, 10, 16])
def test_the_interval_covers_the_mean_as_often_as_it_says(n: int) -> None:
    reports, level = 400, 0.9
    covered = 0
    for seed in range(reports):
        low, high = Mean(drawn(seed, n)).interval(level)
        covered += low <= 0.1 <= high
    assert covered / reports >= level - 3 * math.sqrt(level * (1 - level) / reports)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_pairs_bound_nothing(n: int) -> None:
    mean = Mean(np.ones(n))
    assert mean.interval(0.95) == (-math.inf, math.inf)
    assert mean.p_above(0.5) >= 2.0**-n
    assert mean.p_below(0.5) == pytest.approx(1.0)


def test_a_mean_on_the_bound_is_no_evidence_whatever_rounding_does() -> None:
    for n in range(1, 20):
        assert Mean(np.full(n, 0.05)).p_above(0.05) == 1.0
        assert Mean(np.full(n, 0.15 - 0.1)).p_below(0.05) == 1.0


def test_values_without_spread_are_judged_by_flips() -> None:
    mean = Mean(np.full(10, 0.3))
    assert mean.p_above(0.05) == 2.0**-10
    assert mean.interval(0.99) == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Mean(np.array([0.1, bad, 0.2]))


@pytest.mark.parametrize("n", [15, 16, 18])
def test_a_group_of_flips_comes_close_to_all_of_them(n: int) -> None:
    values = drawn(n, n)
    every = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
    means = np.sort(every @ values / every.sum(axis=1))
    for c in (0.0, 0.05, 0.1, 0.2):
        want = (1 + np.searchsorted(means, c, side="right")) / 2**n
        found = (1 + np.count_nonzero(_subset_means(values) <= c)) / 2**EXACT
        assert found == pytest.approx(want, abs=0.02)


@pytest.mark.parametrize("n", [15, 20, 31])
def test_the_flips_of_many_pairs_form_a_group_with_independent_signs(n: int) -> None:
    rows = [int("".join(map(str, row)), 2) for row in (_subsets(n) > 0).astype(int)]
    known = {0, *rows}
    assert len(known) == 2**EXACT
    assert all(a ^ b in known for a, b in product(rows[::997], rows[::1013]))
    signs = 1 - 2 * np.vstack([np.zeros(n), _subsets(n) > 0])
    np.testing.assert_array_equal(signs.T @ signs, 2**EXACT * np.eye(n))


def test_the_smallest_p_is_reached_and_never_undercut() -> None:
    assert [smallest_p(n) for n in (0, 1, 2, 5, 10)] == [1.0, 1.0, 0.5, 2 / 32, 2 / 1024]
    assert smallest_p(40) == smallest_p(EXACT)
    for n in (2, 5, 14, 15, 20):
        assert 2 * Mean(np.full(n, 0.5)).p_above(0.0) == smallest_p(n)


def test_widened_values_have_the_interval_of_the_corrected_resampled_t_test() -> None:
    values, ratio = drawn(6, 10), 0.25
    error = math.sqrt((1 / 10 + ratio) * values.var(ddof=1))
    ours = widened(values, ratio)
    assert ours.mean() == pytest.approx(values.mean())
    for c in (-0.2, 0.0, 0.3):
        assert p_by_t(ours, c) == pytest.approx(stats.t.sf((values.mean() - c) / error, 9))
    assert widened(values, 0.0) is values


def test_solved_and_lost_pairs_together_are_bimodal() -> None:
    assert bimodal(np.array([0.0, 1.0]))
    assert bimodal(np.array([0.5, 0.9]))
    assert not bimodal(np.array([0.51, 1.0]))
    assert not bimodal(np.array([0.0, 0.89]))
    assert not bimodal(np.array([]))


def test_all_or_nothing_results_do_not_rule_out_the_loss_no_pair_showed() -> None:
    same = np.zeros(20)
    assert 2 * Mean(same).p_below(0.05) < 0.001
    assert 2 * Mean(same, bimodal=True).p_below(0.05) > 0.5
    assert 2 * Mean(np.ones(20), bimodal=True).p_above(0.05) < 0.001
