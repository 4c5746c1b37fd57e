"""Numbers as readers see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.text.numbers import two_digits


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *((0.0, "0"), (0.048, "0.048"), (0.5, "0.50"), (0.996, "1.0"), (1.04, "1.0"), (2.25, "2.2")),
        *((9.96, "10"), (12.4, "12"), (1234.0, "1,200"), (0.0000123, "0.000012")),
    ],
)
def test_a_ratio_has_two_digits_that_count(value: float, said: str) -> None:
    assert two_digits(value) == said


@given(st.floats(1e-9, 1e9))
def test_two_digits_are_within_a_twentieth_of_the_ratio(value: float) -> None:
    said = two_digits(value)
    assert "e" not in said
    assert float(said.replace(",", "")) == pytest.approx(value, rel=0.0501)
