"""A series in its own spread: the same whatever its unit, and back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.methods._standard import GRID, Standard, settled

SERIES = 5 + np.cumsum(np.random.default_rng(0).uniform(0.1, 1.0, size=50))
FORMS = [{}, {"zero": True}, {"log": True}]


@pytest.mark.parametrize("form", FORMS)
@given(power=st.integers(-60, 60))
def test_a_power_of_two_changes_no_digit(form: dict[str, bool], power: int) -> None:
    unit = 2.0**power
    one, other = Standard.of(SERIES, **form), Standard.of(SERIES * unit, **form)
    np.testing.assert_array_equal(one(SERIES), other(SERIES * unit))
    answer = np.array([-0.5, 0.0, 2.5])
    np.testing.assert_array_equal(one.back(answer) * unit, other.back(answer))


@pytest.mark.parametrize("form", FORMS)
@given(unit=st.floats(1e-9, 1e9))
def test_what_a_model_sees_is_the_same_in_every_unit(form: dict[str, bool], unit: float) -> None:
    one, other = Standard.of(SERIES, **form), Standard.of(SERIES * unit, **form)
    np.testing.assert_allclose(one(SERIES), other(SERIES * unit), atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_a_series_comes_back_as_it_was(form: dict[str, bool]) -> None:
    standard = Standard.of(SERIES, **form)
    np.testing.assert_allclose(standard.back(standard(SERIES)), SERIES, rtol=1e-13)


def test_a_shift_is_lost_unless_the_zero_is_kept() -> None:
    far = SERIES - 1e4
    np.testing.assert_allclose(Standard.of(far)(far), Standard.of(SERIES)(SERIES), atol=1e-9)
    kept = Standard.of(SERIES, zero=True)
    assert kept(np.zeros(1)) == 0
    assert kept(SERIES).std() == pytest.approx(1.0)


def test_rounding_takes_the_last_digits_and_no_more() -> None:
    values = np.random.default_rng(1).normal(size=100)
    rounded = settled(values)
    assert np.abs(rounded - values).max() <= GRID / 2
    np.testing.assert_array_equal(settled(rounded), rounded)
    third = np.array([1 / 3])
    np.testing.assert_array_equal(settled(third), settled(third * 3.7 / 3.7 + 1e-15))
    huge = np.array([1e30])
    np.testing.assert_array_equal(settled(huge), huge)
