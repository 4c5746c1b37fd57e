"""Forecasts in another unit: closed forms follow to a millionth, and odd series of every sort follow too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from recurbench.contract.subject import Subject, ask
from recurbench.contract.toy_problems import Tiny, tinies
from recurbench.contract.units import in_unit, with_covariates
from recurbench.registry import discover
from recurbench.task import Split, Task, Values

CLOSED = [
    *("seasonal-naive", "last-value", "drift", "mean", "decomposition", "gaussian-ar", "analog"),
    *("nlinear", "dlinear", "time-domain-ridge", "fourier-ridge", "wavelet-ridge", "esn"),
]
CHEAP = [*CLOSED, "theta", "fourier-forest", "wavelet-forest", "time-domain-forest"]
STEPS, LENGTH = 6, 60
METHODS = discover().methods


def deviation(name: str, tiny: Tiny, k: float, c: float = 0.0) -> float:
    """Of forecasts in the unit y * k + c, in standard deviations of the first history."""
    subject, other = Subject(METHODS[name], "forecasting"), in_unit(tiny, k, c)
    answers = ask(tiny.task, subject.fit(tiny), tiny.test)
    moved = ask(tiny.task, subject.fit(other), other.test)
    unit = tiny.test.x[0][:, : tiny.task.y.size].std()
    return max(float(np.abs(a - (b - c) / k).max()) / unit for a, b in zip(answers, moved, strict=True))


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_form_follows_a_unit_to_a_millionth(name: str) -> None:
    for tiny in tinies("forecasting"):
        assert deviation(name, tiny, 1e-6) < 1e-6
        assert deviation(name, tiny, 1e6) < 1e-6
        below = in_unit(tiny, 1.0, -20.0)
        assert deviation(name, below, 1.0, -1e4) < 1e-6


def of_numbers(values: np.ndarray) -> Tiny:
    """One series to forecast, asked at two origins."""
    column = values[:, None]

    def split(*ends: int) -> Split:
        return Split(
            [column[:end] for end in ends], [column[end : end + STEPS] for end in ends], (), [0] * len(ends)
        )

    task = Task("forecasting", Values(1), Values(1), "fixed", STEPS, 12)
    first, later = split(LENGTH), split(LENGTH + STEPS, LENGTH + 2 * STEPS)
    return Tiny("a series", task, first, first, later, later, later)


TIME = np.arange(LENGTH + 3 * STEPS)
ODD: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "counts": lambda rng: rng.poisson(3 + 2 * np.sin(2 * np.pi * TIME / 12)).astype(float),
    "mostly zero": lambda rng: rng.poisson(0.4, len(TIME)).astype(float),
    "far from zero": lambda rng: 1e5 + rng.normal(size=len(TIME)),
    "a season without noise": lambda rng: np.tile(rng.normal(size=12).round(1), 7)[: len(TIME)],
    "a line": lambda _: 5 + 0.7 * TIME,
}


@pytest.mark.parametrize("series", ODD)
@pytest.mark.parametrize("name", CHEAP)
def test_series_with_ties_and_without_noise_follow_too(name: str, series: str) -> None:
    tiny = of_numbers(ODD[series](np.random.default_rng(3)))
    assert deviation(name, tiny, 2.0**-20) == 0
    assert deviation(name, tiny, 1e-3) < 1e-3
    assert deviation(name, tiny, 3.7e8) < 1e-3


def test_another_unit_is_the_same_problem_told_otherwise() -> None:
    tiny = tinies("forecasting")[-1]
    told, covariates = in_unit(tiny, 2.0, 3.0), with_covariates(tiny, 5.0)
    np.testing.assert_array_equal(told.train.x[0][:, 0], tiny.train.x[0][:, 0] * 2 + 3)
    np.testing.assert_array_equal(told.train.y[0], tiny.train.y[0] * 2 + 3)
    np.testing.assert_array_equal(told.train.x[0][:, 1:], tiny.train.x[0][:, 1:])
    np.testing.assert_array_equal(told.test.ahead[0], tiny.test.ahead[0])
    np.testing.assert_array_equal(covariates.test.ahead[0], tiny.test.ahead[0] * 5)
    np.testing.assert_array_equal(covariates.train.x[0][:, 0], tiny.train.x[0][:, 0])


def test_what_a_network_notes_of_its_training_has_no_unit() -> None:
    tiny = tinies("forecasting")[0]
    subject = Subject(METHODS["mlp"], "forecasting")
    told = [subject.fit(in_unit(tiny, k, c)).notes for k, c in ((1.0, 0.0), (1024.0, 0.0), (3e-7, -2e-5))]
    for name in ("learned", "check_loss", "trivial_loss", "gain_error", "steps", "curve", "reference"):
        assert told[0][name] == told[1][name]
    for name in ("check_loss", "trivial_loss", "gain_error"):
        assert told[0][name] == pytest.approx(told[2][name], abs=2e-6)
    assert told[0]["learned"] == told[2]["learned"]
