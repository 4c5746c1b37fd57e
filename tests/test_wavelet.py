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


def scales_of(x: np.ndarray, scalogram: str) -> np.ndarray:
    """[scales, 4] of a series with one channel: log energy, mean and largest size, entropy."""
    plain = len(wa.describe(x))
    return wa.describe(x, scalogram=scalogram)[plain:].reshape(len(wa.SCALES), 4)


def ricker(t: np.ndarray) -> np.ndarray:
    return 2 / (np.sqrt(3) * np.pi**0.25) * (1 - t**2) * np.exp(-(t**2) / 2)


def morlet(t: np.ndarray) -> np.ndarray:
    return np.cos(5 * t) * np.exp(-(t**2) / 2)


@pytest.mark.parametrize(("name", "mother"), [("ricker", ricker), ("morlet", morlet)])
def test_a_scalogram_is_the_sum_of_products_with_the_scaled_wavelet(name: str, mother: object) -> None:
    rng = np.random.default_rng(5)
    x = np.cumsum(rng.normal(size=(200, 1)), axis=0)
    centred = x[:, 0] - x.mean()
    steps = np.arange(200)
    found = scales_of(x, name)
    for k in (6, 8):  # scales 16 and 32; at smaller ones PyWavelets samples the wavelet coarsely
        scale = wa.SCALES[k]
        each = [centred @ mother((steps - b) / scale) / np.sqrt(scale) for b in steps]  # type: ignore[operator]
        energy = np.square(each)
        share = energy / energy.sum()
        assert found[k, 0] == pytest.approx(np.log1p(energy.sum() / 200), rel=0.05)
        assert found[k, 1] == pytest.approx(np.abs(each).mean(), rel=0.05)
        assert found[k, 2] == pytest.approx(np.abs(each).max(), rel=0.05)
        assert found[k, 3] == pytest.approx(-(share * np.log(share)).sum() / np.log(200), rel=0.02)


def test_the_scale_of_a_wave_has_the_most_energy() -> None:
    time = np.arange(512)
    for k in (4, 9):
        # A Morlet wavelet of scale s has its period at 2 pi s / 5.
        wave = np.sin(2 * np.pi * time / (2 * np.pi * wa.SCALES[k] / 5))[:, None]
        assert scales_of(wave, "morlet")[:, 0].argmax() == k


@pytest.mark.parametrize(("steps", "scales"), [(1, 0), (63, 0), (64, 7), (1000, 14)])
def test_a_scalogram_begins_at_64_steps_and_ends_at_a_quarter_of_the_series(steps: int, scales: int) -> None:
    found = scales_of(np.random.default_rng(6).normal(size=(steps, 1)), "ricker")
    assert (found[:scales] > 0).all()
    assert (found[scales:] == 0).all()


def test_a_constant_has_an_empty_scalogram_and_two_channels_have_one_each() -> None:
    assert (scales_of(np.full((80, 1), 0.1), "morlet") == 0).all()
    x = np.random.default_rng(7).normal(size=(80, 2))
    both = wa.describe_scalogram(x, "mexh")
    np.testing.assert_allclose(both[:, 1], wa.describe_scalogram(x[:, 1:], "mexh")[:, 0])


def test_without_a_scalogram_the_features_are_as_before() -> None:
    x = np.random.default_rng(8).normal(size=(80, 1))
    np.testing.assert_array_equal(wa.describe(x, scalogram="morlet")[: len(wa.describe(x))], wa.describe(x))


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
