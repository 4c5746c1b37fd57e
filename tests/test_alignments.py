"""The path of dynamic time warping that a picture draws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from aeon.distances import dtw_distance
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.reports.figures.alignments import alignment_path


def drawn(seed: int, one: int, other: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((channels, one)), rng.standard_normal((channels, other))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 25), st.integers(1, 3))
def test_the_path_is_whole_its_cost_is_its_distance(seed: int, n: int, m: int, channels: int) -> None:
    one, other = drawn(seed, n, m, channels)
    path, distance = alignment_path(one, other)
    assert (path[0], path[-1]) == ((0, 0), (n - 1, m - 1))
    assert {(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(path)} <= {(0, 1), (1, 0), (1, 1)}
    cost = sum(((one[:, i] - other[:, j]) ** 2).sum() for i, j in path)
    assert distance == pytest.approx(cost)
    assert distance == pytest.approx(dtw_distance(one, other))


@given(st.integers(0, 10_000), st.integers(2, 25), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_a_band_is_kept(seed: int, n: int, radius: int) -> None:
    one, other = drawn(seed, n, n, 1)
    path, distance = alignment_path(one, other, radius)
    assert max(abs(i - j) for i, j in path) <= radius
    assert distance >= alignment_path(one, other)[1] - 1e-12
    if radius == 0:
        assert distance == pytest.approx(((one - other) ** 2).sum())


def test_a_series_lies_on_itself_step_by_step() -> None:
    one, _ = drawn(0, 9, 9, 2)
    assert alignment_path(one, one) == ([(i, i) for i in range(9)], 0.0)
