"""Features of the wavelet transform."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from recurbench import Split, Task, Values
from recurbench.methods import wavelet as wa

HEAD = 2 + wa.COARSE  # mean, deviation and course of what is left
EACH = 6  # numbers per level


def levels_of(described: np.ndarray) -> np.ndarray:
    """[levels, 6] of a series with one channel."""
    return described[HEAD:].reshape(-1, EACH)


@settings(max_examples=60, deadline=None)
@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(-1e6, 1e6, width=32)
    )
)
def test_every_series_is_described_by_as_many_finite_numbers(x: np.ndarray) -> None:
    x.flags.writeable = False
    described = wa.describe(x)
    assert described.shape == (len(wa.describe(np.zeros((500, x.shape[1])))),)
    assert np.isfinite(described).all()


@pytest.mark.parametrize("steps", [1, 3, 24, 500])
def test_a_constant_has_its_height_and_no_detail(steps: int) -> None:
    described = wa.describe(np.full((steps, 1), 0.1))
    assert described[0] == pytest.approx(0.1)
    assert described[1] == 0
    assert (levels_of(described) == 0).all()


def test_levels_a_short_series_does_not_reach_hold_zeros() -> None:
    levels = levels_of(wa.describe(np.random.default_rng(0).normal(size=(24, 1))))
    assert (levels[:3, 0] > 0).all()
    assert (levels[3:] == 0).all()


def test_haar_energies_are_those_worked_by_hand() -> None:
    # Pairs (1, 3) and (5, 9): details -2/sqrt(2) and -4/sqrt(2), so energy 2 + 8 = 10 over 4 steps.
    levels = levels_of(wa.describe(np.array([[1.0], [3], [5], [9]]), "haar", 1))
    assert levels[0, 0] == pytest.approx(np.log1p(10 / 4))
    # What is left: 4/sqrt(2) and 14/sqrt(2), around its mean 2 * (5/sqrt(2))**2 = 25.
    assert levels[0, 1] == pytest.approx(10 / 35)
    assert levels[0, 3] == pytest.approx(4 / np.sqrt(2))


def test_fast_movement_is_in_the_first_level_and_slow_movement_is_not() -> None:
    time = np.arange(256)
    fast = levels_of(wa.describe(np.cos(np.pi * time)[:, None]))[:, 1]
    slow = levels_of(wa.describe(np.sin(2 * np.pi * time / 100)[:, None]))[:, 1]
    assert fast[0] > 0.95
    assert slow[0] < 0.01


@pytest.mark.parametrize("make", [wa.wavelet_ridge, wa.wavelet_forest])
def test_roughness_is_regressed_at_an_unseen_length(make: object) -> None:
    rng = np.random.default_rng(1)

    def draw(size: float, steps: int) -> np.ndarray:
        return np.cumsum(rng.normal(size=(steps, 1)), axis=0) / 10 + size * rng.normal(size=(steps, 1))

    sizes = rng.uniform(0.2, 2, 60)
    task = Task("regression", Values(1), Values(1), "fixed")
    train = Split([draw(s, int(rng.integers(80, 120))) for s in sizes], [np.array([[s]]) for s in sizes])
    asked = Split([draw(s, 200) for s in sizes])
    answers = np.concatenate(make(task, train)(asked))[:, 0]  # type: ignore[operator]
    assert np.corrcoef(answers, sizes)[0, 1] > 0.95
