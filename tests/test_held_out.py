"""Held-out errors, and what intervals made from them cover on test."""

import numpy as np
import pytest
from recurbench.forecasting.held_out import (
    HeldOut,
    coverage_text,
    errors,
    few_text,
    middle,
    rolling_coverage,
    validation_coverage,
)
from recurbench.task import Split, Task, Values

TASK = Task("forecasting", x=Values(1), y=Values(1), length="fixed", steps=2)


def column(*values):
    return np.array(values, dtype=float)[:, None]


def made(validation, test, at=(-30,), test_at=(-10, -9)):
    """Errors of two steps, the same at both."""
    both = [np.repeat(np.array(each, dtype=float)[:, None, None], 2, axis=1) for each in (validation, test)]
    return HeldOut(*both, np.array(at), np.array(test_at), np.full((len(test), 1), 10.0))


def test_errors_are_those_of_the_mean_over_seeds_on_the_scale_of_the_history():
    split = Split([column(0, 2, 4), column(0, 2, 4)], [column(5, 6), column(5)])
    seeds = [[column(5, 5), column(3, 3)], [column(3, 3), column(3, 3)]]
    found = errors(TASK, split, seeds)
    assert found[0, :, 0].tolist() == [0.5, 1.0]
    assert found[1, 0, 0] == 1.0
    assert np.isnan(found[1, 1, 0])
    assert errors(TASK, split, []).shape == (0, 2, 1)


def test_of_quantiles_the_median_is_the_forecast():
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=2, quantiles=(0.1, 0.5, 0.9))
    answer = np.arange(6.0).reshape(2, 1, 3)
    assert middle(task, answer).tolist() == [[1.0], [4.0]]


def test_an_error_counts_from_the_step_at_which_its_true_value_is_known():
    found = made([1], [2, 3])
    assert found.known_at(-20)[:, 0, 0].tolist() == [1]
    assert found.known_at(-9)[:, 0, 0].tolist() == [1, 2]
    assert np.isnan(found.known_at(-9)[1, 1, 0])
    assert len(found.known_at(-40)) == 0


def test_coverage_is_measured_from_validation_alone_and_from_what_was_known():
    found = made([1], [0.5, 3], test_at=(-10, -5))
    alone, rolling = validation_coverage(found, 0.8), rolling_coverage(found, 0.8)
    assert (alone.inside, alone.values, alone.width) == (2, 4, 20.0)
    assert (rolling.inside, rolling.values) == (2, 4)
    grown = rolling_coverage(made([1], [4, 3], test_at=(-10, -5)), 0.8)
    assert grown.inside == 2
    assert grown.width == pytest.approx((20 + 80) / 2)


def test_without_errors_nothing_is_measured_and_this_is_said():
    empty = made([], [1], at=(), test_at=(-10,))
    assert validation_coverage(empty, 0.8) is None
    assert rolling_coverage(empty, 0.8) is None
    assert "not measured" in coverage_text(empty, 0.8)
    later = made([], [1, 2], at=(), test_at=(-10, -5))
    assert rolling_coverage(later, 0.8).values == 2
    assert "alone" not in coverage_text(later, 0.8)


def test_few_forecasts_are_said_with_the_number_that_is_needed():
    assert few_text(np.ones((4, 2, 1)), 0.8) == ""
    assert "rest on 3 held-out forecasts; 4 are needed" in few_text(np.ones((3, 2, 1)), 0.8)
    assert "none" in few_text(np.ones((0, 2, 1)), 0.8)
