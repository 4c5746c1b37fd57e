"""What would decide an open difference: the numbers of seeds, and the size of the test part."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.draws import Draw, Spread, measured
from recurbench.reports.statistics.more_seeds import Needed, enough, needed, smallest_shown

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
    assert half_width([draw(0.0, 1.5, 0.001)]) > 0.05
    assert half_width([draw(0.0, 1.5, 0.001, cases=round(400 * found.times))]) <= 0.05 * 1.1


def wider(spread: Spread, times: float, seeds: int = 3) -> float:
    """Half the interval of one test part with so many times the units and so many of 3 seeds."""
    assert spread.by_units is not None
    assert spread.by_seeds is not None
    by_seeds = spread.by_seeds * 3 / seeds
    units = round(spread.units * times)
    half = replace(
        spread, by_units=spread.by_units / times, by_seeds=by_seeds, units=units, repeats=seeds
    ).half_width()
    assert half is not None
    return half


def test_more_cases_leave_the_variance_over_seeds() -> None:
    spread = Spread(8e-4, 1e-4, 400, 3, 1)
    found = enough(spread, 0.05)
    assert found == Needed(0, 2)
    assert wider(spread, 1) > 0.05 >= wider(spread, 2)
    assert wider(spread, 1, 30) > 0.05


def test_no_number_of_cases_outweighs_a_large_variance_over_seeds() -> None:
    spread = Spread(6e-4, 6e-4, 400, 3, 1)
    assert wider(spread, 3) > 0.08
    assert all(wider(spread, times) > 0.05 for times in range(1, 101))
    assert all(wider(spread, 1, seeds) > 0.05 for seeds in (5, 7, 10, 15, 20, 30))
    found = enough(spread, 0.05)
    assert found.seeds > 3
    assert 2 <= found.times < math.inf
    assert wider(spread, found.times, found.seeds) <= 0.05


def test_seeds_alone_are_enough_where_more_cases_alone_are_not() -> None:
    spread = Spread(3e-4, 6e-4, 400, 3, 1)
    assert all(wider(spread, times) > 0.05 for times in range(1, 101))
    found = enough(spread, 0.05)
    assert (found.seeds > 3, found.times) == (True, 1)
    assert wider(spread, 1, found.seeds) <= 0.05


@given(st.floats(1e-6, 1e-2), st.floats(1e-6, 1e-2), st.floats(0.001, 0.05))
def test_what_is_named_is_enough(by_units: float, by_seeds: float, room: float) -> None:
    spread = Spread(by_units, by_seeds, 400, 3, 1)
    found = enough(spread, room)
    if math.isinf(found.times):
        assert wider(spread, 100, 30) > room
        assert wider(spread, 100) > room
    else:
        assert wider(spread, found.times, found.seeds or 3) <= room


def test_samples_with_more_cases_vary_less_by_what_stems_from_their_cases() -> None:
    alike = Spread(4e-3, 4e-3, 1200, 3, 3)  # samples vary as much as their cases make them
    assert enough(alike, 0.03).times > 1
    apart = replace(alike, by_units=1e-9)  # samples vary for another reason
    assert enough(apart, 0.015) == Needed(0, math.inf)


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
