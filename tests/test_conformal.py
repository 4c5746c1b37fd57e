"""Conformal intervals: the rank, few errors, several series, and their coverage in simulations."""

import numpy as np
import pytest
from recurbench.forecasting.conformal import half_widths, known_forecasts, needed, scale_of


def test_the_number_of_errors_needed_is_that_of_the_rank():
    assert (needed(0.8), needed(0.9), needed(0.95)) == (4, 9, 19)


def test_the_half_width_is_the_error_with_the_finite_sample_rank():
    errors = np.arange(1.0, 100.0)[:, None, None] * np.array([1, -1])[np.arange(99) % 2][:, None, None]
    assert half_widths(errors, 0.8).values.tolist() == [[80.0]]
    assert half_widths(errors, 0.95).values.tolist() == [[95.0]]


def test_with_too_few_errors_the_widest_stands_for_the_quantile():
    errors = np.array([1.0, -3.0, 2.0])[:, None, None]
    found = half_widths(errors, 0.95)
    assert found.few
    assert found.values.tolist() == [[3.0]]


def test_steps_with_few_errors_use_their_neighbours_and_never_narrow_again():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(5, 12, 1)) * np.linspace(1, 3, 12)[:, None]
    values = half_widths(errors, 0.8).values[:, 0]
    assert (np.diff(values) >= 0).all()
    assert values[0] < np.abs(errors).max()


def test_a_step_that_no_forecast_has_takes_the_nearest_errors():
    errors = np.full((30, 3, 1), np.nan)
    errors[:, :2] = 1.0
    assert half_widths(errors, 0.8).values[:, 0].tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(half_widths(np.empty((0, 3, 1)), 0.8).values).all()


def test_a_forecast_without_any_true_value_does_not_count():
    errors = np.ones((20, 3, 1))
    assert not half_widths(errors, 0.95).few
    errors[5:] = np.nan
    errors[4, 1:] = np.nan
    assert known_forecasts(errors) == 5
    assert half_widths(errors, 0.95).few


def test_a_level_outside_0_and_1_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        half_widths(np.ones((3, 1, 1)), 95)


def test_the_scale_is_the_seasonal_change_and_never_0():
    season = np.tile([0.0, 5.0, 1.0, 7.0], 6)[:, None]
    assert scale_of(season + np.arange(24)[:, None], 4).tolist() == [4.0]
    assert scale_of(season, 4).tolist() == [scale_of(season, 1)[0]]
    assert scale_of(np.ones((9, 1)), 4).tolist() == [1.0]


@pytest.mark.long
@pytest.mark.parametrize("memory", [0.0, 0.9])
@pytest.mark.parametrize("origins", [8, 23])
def test_the_coverage_is_near_the_level(origins, memory):
    """Errors of an AR(1) process at 12 steps: held-out origins, and one new origin per draw."""
    rng = np.random.default_rng(7)
    shares = {0.8: [], 0.95: []}
    for _ in range(60):
        shocks = rng.normal(size=(origins + 1, 12))
        errors = np.zeros_like(shocks)
        for step in range(12):
            errors[:, step] = shocks[:, step] + (memory * errors[:, step - 1] if step else 0)
        for level, found in shares.items():
            widths = half_widths(errors[:-1, :, None], level).values[:, 0]
            found.append(np.mean(np.abs(errors[-1]) <= widths))
    assert np.mean(shares[0.8]) == pytest.approx(0.8, abs=0.09)
    assert np.mean(shares[0.95]) == pytest.approx(0.95, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("origins", [6, 13, 40])
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 1.0])
def test_the_coverage_in_many_draws(origins, memory):
    rng = np.random.default_rng(11)
    inside = np.zeros(2)
    for _ in range(1000):
        shocks = rng.normal(size=(origins + 1, 12))
        errors = np.zeros_like(shocks)
        for step in range(12):
            errors[:, step] = shocks[:, step] + (memory * errors[:, step - 1] if step else 0)
        for place, level in enumerate((0.8, 0.95)):
            widths = half_widths(errors[:-1, :, None], level).values[:, 0]
            inside[place] += np.sum(np.abs(errors[-1]) <= widths)
    shares = inside / (1000 * 12)
    assert shares[0] == pytest.approx(0.8, abs=0.04)
    assert 0.92 < shares[1] < 0.98
