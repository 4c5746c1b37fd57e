"""Neighbours for many windows against a search for each window."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._warping_path import narrowest
from recurbench.methods._warping_windows import neighbours_by_radius
from recursion import plain_distances, plain_dtw


def walks(rng: np.random.Generator, count: int, lengths: tuple[int, int], channels: int) -> list[np.ndarray]:
    """Random walks, some of them rounded so that distances are equal; the last is a copy of the first."""
    digits = int(rng.integers(0, 4))
    sizes = rng.integers(lengths[0], lengths[1] + 1, count)
    made = [np.round(rng.normal(size=(size, channels)).cumsum(axis=0), digits) for size in sizes]
    return [*made[:-1], made[0].copy()]


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 7),
    st.sampled_from([(1, 1), (2, 2), (12, 12), (18, 18), (1, 12)]),
    st.integers(1, 2),
    st.booleans(),
    st.integers(1, 2),
)
def test_the_neighbours_in_every_window_are_those_of_brute_force(
    seed: int, count: int, lengths: tuple[int, int], channels: int, together: bool, threads: int
) -> None:
    rng = np.random.default_rng(seed)
    series = walks(rng, count, lengths, channels)
    k = int(rng.integers(1, min(count, 4)))
    radii = sorted({int(radius) for radius in rng.integers(0, lengths[1] + 1, 6)})
    found = neighbours_by_radius(series, radii, k, together, threads)
    assert found.indices.shape == (len(radii), count, k)
    for radius, indices in zip(radii, found.indices, strict=True):
        for i, x in enumerate(series):
            far = plain_distances(x, series, radius, together)
            far[i] = np.inf
            assert indices[i].tolist() == np.argsort(far, kind="stable")[:k].tolist()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 15), st.integers(1, 15), st.integers(1, 2), st.integers(0, 15)
)
def test_the_narrowest_band_is_the_first_one_with_the_same_distance(
    seed: int, n: int, m: int, channels: int, radius: int
) -> None:
    rng = np.random.default_rng(seed)
    digits = int(rng.integers(0, 3))
    x, y = (np.round(rng.normal(size=(size, channels)), digits) for size in (n, m))
    distance = plain_dtw(x, y, radius)
    wanted = next(each for each in range(radius + 1) if plain_dtw(x, y, each) == distance)
    assert narrowest(x, y, radius, distance) == narrowest(x, y, radius, np.inf) == wanted


def test_few_searches_are_needed_where_paths_stay_near_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    series = list(np.sin(np.linspace(0, 9, 60) + rng.uniform(0, 0.4, 12)[:, None])[:, :, None])
    found = neighbours_by_radius(series, list(range(61)))
    assert 12 <= found.searches < 12 * 61 / 4
