"""The search for nearest neighbours under dynamic time warping against brute force, tslearn and aeon."""

from __future__ import annotations

import numpy as np
import pytest
from aeon.distances import dtw_pairwise_distance
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._warping_search import WarpingSearch
from recursion import plain_distances
from tslearn.metrics import cdist_dtw


def walks(
    rng: np.random.Generator, count: int, lengths: tuple[int, int], channels: int = 1
) -> list[np.ndarray]:
    """Random walks, some of them rounded so that distances are equal."""
    sizes = rng.integers(lengths[0], lengths[1] + 1, count)
    digits = int(rng.integers(0, 4))
    return [np.round(rng.normal(size=(size, channels)).cumsum(axis=0), digits) for size in sizes]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 30),
    st.sampled_from([(1, 1), (2, 2), (9, 9), (20, 20), (1, 14)]),
    st.integers(1, 3),
    st.one_of(st.none(), st.integers(0, 20)),
    st.booleans(),
)
def test_the_neighbours_are_those_of_brute_force_bit_for_bit(
    seed: int, count: int, lengths: tuple[int, int], channels: int, radius: int | None, together: bool
) -> None:
    rng = np.random.default_rng(seed)
    known = walks(rng, count, lengths, channels)
    # An exact copy: its distance is 0, and of two copies the first is the neighbour.
    known[-1] = known[0].copy()
    asked = [*walks(rng, 2, lengths, channels), known[0].copy()]
    k = int(rng.integers(1, min(count, 4) + 1))
    found = WarpingSearch(known, radius, together).nearest(asked, k)
    for x, indices, distances in zip(asked, found.indices, found.distances, strict=True):
        far = plain_distances(x, known, 99 if radius is None else radius, together)
        nearest = np.argsort(far, kind="stable")[:k]
        assert indices.tolist() == nearest.tolist()
        assert distances.tolist() == far[nearest].tolist()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_a_series_that_is_left_out_is_no_neighbour(seed: int, radius: int) -> None:
    rng = np.random.default_rng(seed)
    known = walks(rng, 12, (15, 15))
    found = WarpingSearch(known, radius).nearest(known, left_out=np.arange(12))
    for i, x in enumerate(known):
        far = plain_distances(x, known, radius, True)
        far[i] = np.inf
        assert found.indices[i, 0] == int(far.argmin())


@pytest.mark.parametrize("radius", [0, 3, 12, 60])
def test_tslearn_and_aeon_find_the_same_neighbours(radius: int) -> None:
    rng = np.random.default_rng(0)
    known, asked = rng.normal(size=(2, 40, 60)).cumsum(axis=2)
    found = WarpingSearch(list(known[:, :, None]), radius).nearest(list(asked[:, :, None]))
    band = {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": radius}
    assert (found.indices[:, 0] == cdist_dtw(asked, known, **band).argmin(axis=1)).all()
    far = dtw_pairwise_distance(asked, known, window=min(1.0, (radius + 0.5) / 60))
    assert (found.indices[:, 0] == far.argmin(axis=1)).all()
    assert found.distances[:, 0] == pytest.approx(far.min(axis=1))


def test_unequal_lengths_in_a_window_are_matched_as_in_tslearn() -> None:
    rng = np.random.default_rng(3)
    known, asked = (
        [rng.normal(size=(n, 2)).cumsum(axis=0) for n in rng.integers(5, 40, 30)] for _ in range(2)
    )
    found = WarpingSearch(known, 4).nearest(asked, k=3)
    far = np.stack(
        [cdist_dtw([x], known, global_constraint="sakoe_chiba", sakoe_chiba_radius=4)[0] for x in asked]
    )
    assert found.indices.tolist() == np.argsort(far, axis=1, kind="stable")[:, :3].tolist()


def test_two_threads_find_what_one_finds() -> None:
    rng = np.random.default_rng(4)
    known, asked = (list(rng.normal(size=(25, 50, 1)).cumsum(axis=1)) for _ in range(2))
    search = WarpingSearch(known, 5)
    one, two = search.nearest(asked, k=2), search.nearest(asked, k=2, threads=2)
    assert one.indices.tolist() == two.indices.tolist()
    assert one.distances.tolist() == two.distances.tolist()
    assert one.cells == two.cells


def test_most_cells_are_left_out_where_series_are_smooth() -> None:
    rng = np.random.default_rng(5)
    waves = np.sin(np.linspace(0, 12, 120) + rng.uniform(0, 6, 60)[:, None])[:, :, None]
    found = WarpingSearch(list(waves[:30]), 12).nearest(list(waves[30:]))
    inside = sum(min(120, i + 13) - max(0, i - 12) for i in range(120))
    assert 0 < found.cells < inside * 30 * 30 / 3


def test_nothing_asked_is_answered_with_nothing() -> None:
    found = WarpingSearch([np.zeros((3, 1))]).nearest([])
    assert (found.indices.shape, found.cells) == ((0, 1), 0)


def test_values_whose_squares_overflow_still_have_a_first_neighbour() -> None:
    known = [np.full((4, 1), 1e200), np.full((4, 1), -1e200)]
    found = WarpingSearch(known).nearest([np.zeros((4, 1))], k=2)
    assert found.indices.tolist() == [[0, 1]]
