"""Features of the spectrum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from recurbench import Split, Task, Values
from recurbench.methods import fourier as fo


def wave(frequency: float, steps: int, phase: float = 0.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(steps) + phase)[:, None]


def parts(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Complex spectrum without the mean, its frequencies and shares of power."""
    waves = np.fft.rfft(x - x.mean(axis=0), axis=0)[1:] / len(x)
    power = np.abs(waves) ** 2
    return waves, np.fft.rfftfreq(len(x))[1:], power / power.sum(axis=0)


@settings(max_examples=60, deadline=None)
@given(
    arrays(
        np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(-1e6, 1e6, width=32)
    )
)
def test_every_series_is_described_by_as_many_finite_numbers(x: np.ndarray) -> None:
    x.flags.writeable = False
    described = fo.describe(x)
    assert described.shape == (len(fo.describe(np.zeros((50, x.shape[1])))),)
    assert np.isfinite(described).all()


def test_a_cosine_is_found_at_its_place_with_half_its_amplitude() -> None:
    waves, _, _ = parts(6 * wave(3 / 50, 50, np.pi / 2))
    real, imaginary, amplitude = fo.harmonics(waves).reshape(3, fo.HARMONICS)
    assert np.allclose(real, 3.0 * (np.arange(1, 11) == 3))
    assert np.allclose(imaginary, 0, atol=1e-12)
    assert np.allclose(amplitude, np.abs(real), atol=1e-12)


def test_the_strongest_peaks_come_first_with_their_shares() -> None:
    _, frequency, share = parts(2 * wave(0.1, 200) + wave(0.3, 200))
    first, second, _, most, less, _ = fo.peaks(frequency, share)[:, 0]
    assert (first, second) == (pytest.approx(0.1), pytest.approx(0.3))
    assert (most, less) == (pytest.approx(0.8), pytest.approx(0.2))


def test_bands_hold_all_of_the_power() -> None:
    _, frequency, share = parts(np.random.default_rng(0).normal(size=(300, 2)))
    banded = fo.bands(frequency, share)
    assert np.allclose(banded.sum(axis=0), 1)
    # White noise fills bands by their width: the uppermost is half of all frequencies.
    assert banded[-1] == pytest.approx(0.5, abs=0.12)


def test_entropy_is_0_for_a_line_and_1_for_a_flat_spectrum() -> None:
    _, frequency, share = parts(wave(0.25, 64))
    assert fo.shape(frequency, share)[:, 0] == pytest.approx([0.25, 0, 0.25, 0], abs=1e-6)
    flat = np.full((32, 1), 1 / 32)
    assert fo.shape(np.linspace(0.1, 0.5, 32), flat)[3, 0] == pytest.approx(1)


def test_a_frequency_is_described_alike_at_any_length() -> None:
    short, long = parts(wave(0.125, 64)), parts(wave(0.125, 512))
    assert np.allclose(fo.bands(*short[1:]), fo.bands(*long[1:]))
    assert np.allclose(fo.peaks(*short[1:])[0], fo.peaks(*long[1:])[0])


@pytest.mark.parametrize("make", [fo.fourier_ridge, fo.fourier_forest])
def test_pitch_tells_two_classes_apart_at_an_unseen_length(make: object) -> None:
    rng = np.random.default_rng(1)

    def draw(label: int, steps: int) -> np.ndarray:
        return wave((0.11, 0.3)[label], steps, rng.uniform(0, 6)) + 0.3 * rng.normal(size=(steps, 1))

    labels = [0, 1] * 15
    task = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    train = Split([draw(c, int(rng.integers(40, 60))) for c in labels], [np.array([c]) for c in labels])
    chances = make(task, train)(Split([draw(c, 120) for c in labels]))  # type: ignore[operator]
    assert np.mean([p.argmax() == c for p, c in zip(chances, labels, strict=True)]) == 1
