"""Bands of series and lower bounds of their DTW distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._warping_bounds import apart_and_outside, ends, outside, outside_range, pack
from recursion import plain_dtw
from scipy.ndimage import maximum_filter1d, minimum_filter1d


@pytest.mark.parametrize("radius", [0, 1, 2, 3, 7, 8, 29, 30, 100])
@pytest.mark.parametrize("lengths", [(30, 30), (1, 1), (30, 11)])
def test_a_band_holds_the_extremes_around_each_step(radius: int, lengths: tuple[int, int]) -> None:
    rng = np.random.default_rng(radius)
    series = [rng.normal(size=(length, 2)) for length in lengths]
    packed = pack(series, radius)
    for i, one in enumerate(series):
        part = slice(packed.starts[i] * 2, packed.starts[i + 1] * 2)
        wide = 2 * radius + 1
        assert packed.values[part].tolist() == one.ravel().tolist()
        assert (
            packed.upper[part].tolist()
            == maximum_filter1d(one, wide, axis=0, mode="nearest").ravel().tolist()
        )
        assert (
            packed.lower[part].tolist()
            == minimum_filter1d(one, wide, axis=0, mode="nearest").ravel().tolist()
        )
        assert (packed.most[i] == one.max(axis=0)).all()
        assert (packed.least[i] == one.min(axis=0)).all()
    assert packed.length == (lengths[0] if len(set(lengths)) == 1 else 0)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(0, 20), st.integers(1, 3))
def test_no_bound_exceeds_the_distance(seed: int, length: int, radius: int, channels: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, length, channels)).cumsum(axis=1)
    packed = pack([x, y], radius)
    upper, lower = packed.upper[: x.size], packed.lower[: x.size]
    distance = plain_dtw(x, y, radius) * (1 + 1e-9)
    far, bound = apart_and_outside(x.ravel(), y.ravel(), upper, lower)
    assert bound <= distance <= far * (1 + 1e-8)
    assert far == pytest.approx(((x - y) ** 2).sum())
    assert bound == pytest.approx(outside(y.ravel(), upper, lower))
    assert outside_range(y.ravel(), packed.most[0], packed.least[0]) <= bound * (1 + 1e-9)
    assert ends(x.ravel(), y.ravel(), channels) <= distance


def test_the_match_of_two_single_steps_counts_once() -> None:
    assert ends(np.array([1.0]), np.array([3.0]), 1) == 4
    assert ends(np.array([1.0]), np.array([3.0, 2.0]), 1) == 5
