"""Division, spread and interpolation at their edges."""

from __future__ import annotations

import numpy as np
from recurbench.task.arithmetic import divide, of_length, resample, spread, standardised


def test_interpolation_keeps_the_ends_and_a_line() -> None:
    line = np.linspace(0, 1, 7)[:, None]
    assert np.allclose(resample(line, 19), np.linspace(0, 1, 19)[:, None])
    assert resample(line, 3)[:, 0].tolist() == [0, 0.5, 1]
    assert np.array_equal(resample(np.array([[3.0]]), 4), np.full((4, 1), 3.0))


def test_rounding_is_not_movement() -> None:
    assert spread(np.full((10, 1), 0.1) + 1e-17 * np.arange(10)[:, None]) == 0
    assert spread(np.array([[1e6], [1e6 + 1]])) == 0.5


def test_dividing_by_nothing_gives_0() -> None:
    assert np.array_equal(divide(np.array([[1, 2], [0, 4]]), np.array([0, 2])), [[0, 1], [0, 2]])


def test_a_sequence_is_cut_or_followed_by_zeros() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert of_length(x, 3).tolist() == [[1, 2], [3, 4], [0, 0]]
    assert of_length(x, 1).tolist() == [[1, 2]]


def test_a_constant_channel_is_scaled_to_nothing() -> None:
    found = standardised(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]))
    assert np.allclose(found[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)])
    assert found[:, 1].tolist() == [0, 0, 0]
    assert standardised(np.array([[7.0]])).tolist() == [[0]]
