"""What would decide an open difference: the numbers of seeds, and the size of the test part."""

from __future__ import annotations

import math

import numpy as np
import pytest
from recurbench.reports.statistics.draws import Draw, measured
from recurbench.reports.statistics.more_seeds import needed, smallest_shown

RNG = np.random.default_rng(4)


def draw(lift: float, by_case: float, by_seed: float, cases: int = 400, seeds: int = 3) -> Draw:
    """A draw whose difference has this mean; by_seed: exactly this standard deviation over the seeds."""
    noise = by_case * RNG.standard_normal((cases, 1))
    shift = np.linspace(-1, 1, seeds) if seeds > 1 else np.zeros(1)
    shift *= by_seed / (shift.std(ddof=1) if seeds > 1 else 1)
    recurrent = lift + noise - noise.mean() + shift
    flat = np.ones(cases)
    return Draw(flat, 0 * flat, flat, recurrent, np.zeros((cases, seeds)), np.arange(cases))


def half_width(draws: list[Draw]) -> float:
    half = measured(draws)[1].half_width()
    assert half is not None
    return half


def test_a_difference_that_varies_over_seeds_alone_needs_more_of_them() -> None:
    found = needed([draw(0.0, 0.01, 0.03)])
    assert 3 < found.seeds <= 30
    assert half_width([draw(0.0, 0.01, 0.03)]) > 0.05
    assert half_width([draw(0.0, 0.01, 0.03, seeds=found.seeds)]) <= 0.05


def test_the_fewest_seeds_that_are_enough_are_named() -> None:
    few, many = needed([draw(0.0, 0.01, 0.025)]), needed([draw(0.0, 0.01, 0.05)])
    assert 3 < few.seeds < many.seeds


def test_a_difference_that_varies_over_cases_needs_a_larger_test_part() -> None:
    found = needed([draw(0.0, 1.5, 0.001)])
    assert found.seeds == 0
    half = half_width([draw(0.0, 1.5, 0.001)])
    assert found.times == pytest.approx((half / 0.05) ** 2, rel=0.15)


def test_where_every_seed_has_a_sample_of_its_own_more_seeds_are_more_cases_too() -> None:
    several = [draw(lift, 0.8, 0.0, seeds=1) for lift in (-0.02, 0.0, 0.02)]
    assert half_width(several) > 0.05
    found = needed(several)
    assert found.seeds > 3


def test_nothing_decides_a_difference_as_large_as_the_margin() -> None:
    found = needed([draw(0.05, 0.5, 0.02)])
    assert found.seeds == 0
    assert found.times > 1000 or math.isinf(found.times)


def test_the_smallest_difference_shown_is_half_the_interval_and_the_margin() -> None:
    assert smallest_shown(-0.03, 0.07) == pytest.approx(0.1)
