"""Division, spread and interpolation at their edges."""

from __future__ import annotations

import numpy as np
from recurbench.task.arithmetic import divide, resample, spread


def test_interpolation_keeps_the_ends_and_a_line() -> None:
    line = np.linspace(0, 1, 7)[:, None]
    assert np.allclose(resample(line, 19), np.linspace(0, 1, 19)[:, None])
    assert np.array_equal(resample(np.array([[3.0]]), 4), np.full((4, 1), 3.0))


def test_rounding_is_not_movement() -> None:
    assert spread(np.full((10, 1), 0.1) + 1e-17 * np.arange(10)[:, None]) == 0
    assert spread(np.array([[1e6], [1e6 + 1]])) == 0.5


def test_dividing_by_nothing_gives_0() -> None:
    assert np.array_equal(divide(np.array([[1, 2], [0, 4]]), np.array([0, 2])), [[0, 1], [0, 2]])
