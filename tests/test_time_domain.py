"""What is read off a curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from recurbench import Split, Task, Values
from recurbench.methods import time_domain as td

matrices = arrays(
    np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(-1e6, 1e6, width=32)
)


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_every_series_is_described_by_as_many_finite_numbers(x: np.ndarray) -> None:
    described = td.describe(x)
    assert described.shape == (len(td.describe(np.zeros((50, x.shape[1])))),)
    assert np.isfinite(described).all()


@settings(max_examples=30, deadline=None)
@given(matrices)
def test_the_series_is_left_as_it_was(x: np.ndarray) -> None:
    before = x.copy()
    x.flags.writeable = False
    td.describe(x)
    assert np.array_equal(x, before)


def test_a_ramp_has_its_slope_and_its_change() -> None:
    change, size, largest, deviation, bend, slope = td.movement(3 * np.arange(10.0)[:, None])
    assert np.allclose([change, size, largest, slope], 3)
    assert np.allclose([deviation, bend], 0)


def test_a_sine_crosses_its_mean_twice_a_period() -> None:
    wave = np.sin(2 * np.pi * (np.arange(100) + 0.5) / 20)[:, None]
    assert td.crossings(wave)[td.LEVELS.index(0.0)] == pytest.approx(9 / 100)


def test_a_box_is_as_wide_as_it_is() -> None:
    box = np.zeros((20, 1))
    box[5:9] = 1
    shape = (box - box.mean()) / box.std()
    above, longest, below, peak = td.widths(shape)[:, 0]
    assert (above, longest, peak) == (0.2, 0.2, 0.2)
    assert below == 11 / 20


def test_extrema_are_counted_and_placed() -> None:
    x = np.array([0.0, 2, 0, 5, 0, -3, 0])[:, None]
    top, low, maxima, minima, height, depth = td.extrema(x)[:, 0]
    assert (top, low) == (3 / 6, 5 / 6)
    assert (maxima, minima) == (2 / 7, 2 / 7)
    assert (height, depth) == (3.5, -1.5)


def test_autocorrelation_is_that_of_the_definition() -> None:
    x = np.random.default_rng(0).normal(size=(60, 1))
    shape = (x - x.mean()) / x.std()
    centred = (x - x.mean())[:, 0]
    assert td.autocorrelation(shape, 3)[0] == pytest.approx(centred[3:] @ centred[:-3] / (centred @ centred))
    assert td.autocorrelation(shape, 200)[0] == 0


def test_stretches_hold_the_course_of_the_series() -> None:
    assert np.allclose(td.parts(np.repeat(np.arange(8.0), 5)[:, None])[:, 0], np.arange(8))
    assert np.allclose(td.parts(np.array([[2.0]])), 2)


@pytest.mark.parametrize("make", [td.time_domain_ridge, td.time_domain_forest])
def test_width_tells_two_classes_apart_at_any_length(make: object) -> None:
    rng = np.random.default_rng(1)

    def draw(label: int, steps: int) -> np.ndarray:
        x = 0.1 * rng.normal(size=(steps, 1))
        start = int(rng.integers(0, steps // 3))
        x[start : start + steps // (8 if label else 2)] += 1
        return x

    labels = [0, 1] * 20
    x = [draw(c, int(rng.integers(30, 60))) for c in labels]
    task = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    predict = make(task, Split(x, [np.array([c]) for c in labels]))  # type: ignore[operator]
    chances = predict(Split([draw(c, 90) for c in labels]))
    assert np.mean([p.argmax() == c for p, c in zip(chances, labels, strict=True)]) > 0.9


def test_symbols_are_described_one_by_one() -> None:
    task = Task("classification", Values(3, symbols=True), Values(2, symbols=True), "fixed")
    x = [np.array([0, 1, 0, 1]), np.array([2, 2]), np.array([0, 1, 1]), np.array([2, 2, 2, 1])]
    train = Split(x, [np.array([0]), np.array([1])] * 2)
    chances = td.time_domain_ridge(task, train)(train.blind())
    assert [int(p.argmax()) for p in chances] == [0, 1, 0, 1]
