"""The distance of one pair of series, diagonal by diagonal."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._warping_diagonals import ACROSS, NARROWER, set_edges, warp_alone
from recursion import plain_dtw


def alone(x: np.ndarray, y: np.ndarray, radius: int, limit: float) -> tuple[float, int]:
    edges = np.empty((2, ACROSS))
    set_edges(edges, radius)
    # What stands in the memory before must not matter.
    padded, cells = np.full((2, len(x) + ACROSS), np.nan), np.full((2, ACROSS), np.nan)
    return warp_alone(x, y, radius, limit, np.zeros(len(x) + 1), edges, padded, cells)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(0, NARROWER - 1))
def test_a_distance_is_the_plain_recursion_bit_for_bit(seed: int, n: int, radius: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    true = plain_dtw(x[:, None], y[:, None], radius)
    assert alone(x, y, radius, np.inf)[0] == true
    assert alone(x, y, radius, true)[0] == true
    assert alone(x, y, radius, 0.99 * true)[0] >= true


def test_a_limit_that_cannot_be_kept_ends_early() -> None:
    far, visited = alone(np.zeros(400), np.ones(400), 3, 5.0)
    assert np.isinf(far)
    assert 0 < visited < 7 * 400 / 10
