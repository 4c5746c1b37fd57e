"""As many parameters as asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.methods._matching import counted, matched_width
from torch import nn


def gru(width):
    return nn.GRU(3, width)


@given(st.integers(600, 200_000))
def test_the_width_is_the_nearest_and_within_ten_per_cent(parameters):
    width = matched_width(gru, parameters)
    own, *others = (abs(counted(gru, w) - parameters) for w in (width, max(width - 1, 1), width + 1))
    assert own <= min(others)
    assert own <= 0.1 * parameters


def test_the_count_is_that_of_the_formula():
    # Three gates, each with U [width, inputs], W [width, width] and two biases.
    assert counted(gru, 10) == 3 * (10 * 3 + 10 * 10 + 10 + 10)


def test_what_cannot_be_met_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="within 10 % of 5 parameters; the nearest, 1, has 18"):
        matched_width(gru, 5)
