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
    widened,
)
from scipy import stats

VALUES = st.lists(st.integers(-200, 200), min_size=1, max_size=9).map(lambda v: np.array(v) / 100)


def drawn(seed: int, n: int, shift: float = 0.1) -> Floats:
    return shift + 0.2 * np.random.default_rng(seed).standard_normal(n)


def by_flips(values: Floats) -> float:
    """The share of all assignments of signs whose sum is at least as large; rounding counts against it."""
    signs = np.array(list(product([1, -1], repeat=len(values))))
    return float((signs @ values >= values.sum() - 1e-12).mean())


def p_above(values: Floats, c: float, both: bool) -> float:
    """The largest one-sided p against "the mean is at most c", by definition and by scipy."""
    worse = min(values.min(), -1.0) if both else values.min()
    found = [by_flips(values - c), by_flips(np.append(values, worse) - c)]
    if not both and len(values) > 1 and values.std():
        found.append(float(stats.ttest_1samp(values, c, alternative="greater").pvalue))
    return 1.0 if not both and len(values) < 2 else max(found)


@pytest.mark.parametrize("c", [-0.05, 0.0, 0.05])
def test_signs_are_counted_as_scipy_counts_them(c: float) -> None:
    values = drawn(1, 8) - c
    found = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="greater"
    )
    assert by_flips(values) == pytest.approx(found.pvalue, rel=1e-9)


@pytest.mark.parametrize(("n", "level"), [(8, 0.99), (10, 0.9), (10, 0.99), (12, 0.995)])
def test_the_interval_is_that_of_scipy_where_t_is_the_wider(n: int, level: float) -> None:
    values = np.where(np.arange(n) % 2, 1.0, -1.0)
    by_t = stats.t.interval(level, n - 1, values.mean(), stats.sem(values))
    assert Mean(values).interval(level) == pytest.approx(by_t, rel=1e-9)


def test_the_interval_is_little_wider_than_that_of_scipy_on_normal_values() -> None:
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
    low, high = Mean(values, both).interval(level)
    assert (p_above(values, c, both) <= (1 - level) / 2 + 1e-12) == (c < low)
    assert (p_above(-values, -c, both) <= (1 - level) / 2 + 1e-12) == (c > high)


@given(VALUES, st.booleans())
def test_the_other_side_is_the_mirror(values: Floats, both: bool) -> None:
    low, high = Mean(values, both).interval(0.9)
    assert Mean(-values, both).interval(0.9) == pytest.approx((-high, -low))
    assert low <= values.mean() + 1e-12
    assert high >= values.mean() - 1e-12


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
    assert Mean(np.ones(n)).interval(0.95) == (-math.inf, math.inf)
    assert Mean(np.ones(n), bimodal=True).interval(0.95) == (-math.inf, math.inf)


def test_values_without_spread_have_an_interval_without_width() -> None:
    assert Mean(np.full(10, 0.3)).interval(0.99) == pytest.approx((0.3, 0.3))


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


@pytest.mark.parametrize("n", [2, 5, 14, 15, 20])
def test_there_are_bounds_up_to_the_level_of_the_smallest_p_of_so_many_flips(n: int) -> None:
    smallest = 2.0 ** (1 - min(n, EXACT))
    assert Mean(np.full(n, 0.5)).interval(1 - smallest) == pytest.approx((0.5, 0.5))
    assert Mean(np.full(n, 0.5)).interval(1 - smallest / 2) == (-math.inf, math.inf)


def test_widened_values_have_the_error_of_the_corrected_resampled_t_test() -> None:
    values, ratio = drawn(6, 10), 0.25
    error = math.sqrt((1 / 10 + ratio) * values.var(ddof=1))
    ours = widened(values, ratio)
    assert ours.mean() == pytest.approx(values.mean())
    assert stats.sem(ours) == pytest.approx(error)
    assert Mean(values, shared=ratio).interval(0.9) == Mean(ours).interval(0.9)
    assert widened(values, 0.0) is values


def test_solved_and_lost_pairs_together_are_bimodal() -> None:
    assert bimodal(np.array([0.0, 1.0]))
    assert bimodal(np.array([0.5, 0.9]))
    assert not bimodal(np.array([0.51, 1.0]))
    assert not bimodal(np.array([0.0, 0.89]))
    assert not bimodal(np.array([]))


def test_all_or_nothing_results_do_not_rule_out_the_loss_no_pair_showed() -> None:
    same = np.zeros(20)
    assert Mean(same).interval(0.999) == (0.0, 0.0)
    assert Mean(same, bimodal=True).interval(0.5)[1] > 0.05
    assert Mean(np.ones(20), bimodal=True).interval(0.999)[0] > 0.05
