"""The long-run variance by cosines: against direct formulas, and how often its interval covers."""

import math

import numpy as np
import pytest
from recurbench.reports.statistics.long_run import (
    LEAST_COSINES,
    Origins,
    half_width,
    ratio_of_means,
    spread_of_mean,
    variance_of_mean,
)
from scipy.fft import dct
from scipy.signal import lfilter
from scipy.stats import sem
from scipy.stats import t as student


def test_the_variance_is_the_mean_of_the_first_squared_cosine_coefficients():
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    n, squares = len(values), []
    for j in (1, 2, 3):
        terms = [y * math.cos(math.pi * j * (t - 0.5) / n) for t, y in enumerate(values, start=1)]
        squares.append((math.sqrt(2 / n) * sum(terms)) ** 2)
    assert variance_of_mean(np.array(values), 3) == pytest.approx(sum(squares) / 3 / n)
    coefficients = dct(np.array(values), type=2, norm="ortho")[1:4]
    assert variance_of_mean(np.array(values), 3) == pytest.approx((coefficients**2).mean() / n)


def test_with_all_cosines_it_is_the_squared_standard_error_of_independent_values():
    values = np.random.default_rng(0).normal(size=(5, 30))
    assert variance_of_mean(values, 29) == pytest.approx(sem(values, axis=1) ** 2)


def test_a_level_changes_nothing_and_a_scale_its_square():
    values = np.random.default_rng(1).normal(size=40)
    assert variance_of_mean(values + 7.0, 5) == pytest.approx(variance_of_mean(values, 5))
    assert variance_of_mean(3 * values, 5) == pytest.approx(9 * variance_of_mean(values, 5))


@pytest.mark.parametrize("cosines", [0, 10])
def test_more_cosines_than_the_values_allow_are_refused(cosines):
    with pytest.raises(ValueError, match="cosines"):
        variance_of_mean(np.arange(10.0), cosines)


@pytest.mark.parametrize(
    ("count", "step", "horizon", "span", "windows", "cosines"),
    [
        (3, 12, 12, 36, 3, 1),
        (15, 6, 12, 96, 8, 4),
        (30, 12, 12, 360, 30, 8),
        (99, 1, 2, 100, 50, 8),
        (10, 24, 12, 228, 10, 5),
    ],
)
def test_the_span_sets_the_degrees_of_freedom(count, step, horizon, span, windows, cosines):
    origins = Origins(count, step, horizon)
    assert (origins.span, origins.windows, origins.cosines) == (span, windows, cosines)


def test_the_wider_of_two_intervals_is_taken():
    rng = np.random.default_rng(2)
    origins = Origins(60, 1, 1)
    chosen = set()
    for _ in range(20):
        values = rng.normal(size=60)
        variance, freedom = spread_of_mean(values, origins)
        widths = {count: half_width(variance_of_mean(values, count), count) for count in (LEAST_COSINES, 8)}
        assert half_width(np.array(variance), freedom) == pytest.approx(max(widths.values()))
        chosen.add(freedom)
    assert chosen == {LEAST_COSINES, 8}
    assert half_width(np.array(4.0), 8) == pytest.approx(2 * student.ppf(0.975, 8))


def test_the_influence_is_the_derivative_of_the_ratio_in_each_value():
    rng = np.random.default_rng(3)
    above, below = rng.normal(size=12), rng.uniform(1, 2, size=12)
    ratio, influence = ratio_of_means(above, below)
    assert ratio == pytest.approx(above.mean() / below.mean())
    assert influence.mean() == pytest.approx(0.0)
    small = 1e-6
    for i in range(12):
        weights = np.ones(12)
        weights[i] += small
        moved = (weights @ above) / (weights @ below)
        assert (moved - ratio) / small * 12 == pytest.approx(influence[i], abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("coefficient", [0.0, 0.5])
def test_intervals_of_overlapping_windows_cover_as_often_as_the_documentation_says(coefficient):
    rng = np.random.default_rng(4)
    horizon, step, span, draws = 12, 6, 240, 2000
    origins = Origins((span - horizon) // step + 1, step, horizon)
    series = lfilter([1.0], [1.0, -coefficient], rng.normal(size=(draws, 100 + span)), axis=1)[:, 100:]
    starts = np.arange(origins.count) * step
    values = np.stack([series[:, at : at + horizon].mean(axis=1) for at in starts], axis=1)
    inside = 0
    for own in values:
        inside += abs(own.mean()) <= half_width(*map(np.array, spread_of_mean(own, origins)))
    # A binomial of 2,000 at .95 falls below .935 twice in 1,000 times.
    assert inside / draws > 0.935
