"""CPU times in words."""

import pytest
from recurbench.durations import spelled


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 CPU-s"),
        (0.0312, "0.031 CPU-s"),
        (14.51, "15 CPU-s"),
        (1114, "1100 CPU-s"),
        (9000, "2.5 CPU-hours"),
    ],
)
def test_an_estimate_is_spelled_in_two_digits(seconds, words):
    assert spelled(seconds) == words
