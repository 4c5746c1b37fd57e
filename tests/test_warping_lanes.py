"""Distances of several series side by side."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._warping_lanes import LANES, warp
from recursion import plain_dtw


def side_by_side(x: np.ndarray, others: np.ndarray, radius: int, limit: float) -> tuple[np.ndarray, int]:
    n, m = len(x), others.shape[1]
    before, behind = radius + max(n - m, 0), radius + max(m - n, 0)
    # What stands in the memory before must not matter.
    cells, distances = np.full((2, m + 1, LANES), np.nan), np.full(LANES, np.nan)
    lanes = np.ascontiguousarray(others.transpose(1, 2, 0))
    limits, rest = np.full(LANES, limit), np.zeros((m + 1, LANES))
    visited = warp(x, lanes, before, behind, limits, rest, cells, distances)
    return distances, visited


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 18), st.integers(1, 18), st.integers(1, 3), st.integers(0, 18)
)
def test_every_lane_is_the_plain_recursion_bit_for_bit(
    seed: int, n: int, m: int, channels: int, radius: int
) -> None:
    rng = np.random.default_rng(seed)
    x, others = rng.normal(size=(n, channels)), rng.normal(size=(LANES, m, channels))
    true = np.array([plain_dtw(x, other, radius) for other in others])
    assert side_by_side(x, others, radius, np.inf)[0].tolist() == true.tolist()
    limit = float(rng.choice(true))
    bounded, _ = side_by_side(x, others, radius, limit)
    assert bounded[true <= limit].tolist() == true[true <= limit].tolist()
    assert (bounded[true > limit] > limit).all()


def test_a_limit_that_nothing_keeps_ends_after_the_first_row() -> None:
    x = np.zeros((30, 1))
    distances, visited = side_by_side(x, np.ones((LANES, 30, 1)), 3, 0.5)
    assert np.isinf(distances).all()
    assert visited < 10
