"""Every series of a training part once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._whole_series import whole_series
from recurbench.methods.analog import analog
from recurbench.methods.gaussian_ar import gaussian_ar
from recurbench.methods.lag_regressions import ridge_lags
from recurbench.methods.linear_forecasts import dlinear, nlinear
from recurbench.methods.sparse_ode import sparse_ode

ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3)


def origins(values: np.ndarray, *ends: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [values[:end] for end in ends], [values[end : end + 3] for end in ends]


def test_of_several_origins_of_a_series_the_last_one_stays() -> None:
    a, b = (np.random.default_rng(seed).normal(size=(30, 1)) for seed in (0, 1))
    x, y = origins(a, 10, 20, 15)
    more_x, more_y = origins(b, 12)
    found = whole_series(ONE, Split(x + more_x, y + more_y, series=("a", "a", "a", "b")))
    assert [len(each) for each in found.x] == [20, 12]
    assert found.x[0] is x[1]
    assert found.series == ("a", "b")


def test_an_example_that_is_no_earlier_origin_stays_although_it_has_the_same_name() -> None:
    a = np.random.default_rng(0).normal(size=(30, 1))
    x, y = origins(a, 10, 20)
    assert len(whole_series(ONE, Split([x[0] + 1, x[1]], y, series=("a", "a")))) == 2
    assert len(whole_series(ONE, Split(x, [y[0] + 1, y[1]], series=("a", "a")))) == 2


def test_windows_of_one_length_all_stay_but_a_window_that_is_given_twice_stays_once() -> None:
    a = np.random.default_rng(0).normal(size=(60, 1))
    x, y = [a[i : i + 8] for i in range(40)], [a[i + 8 : i + 11] for i in range(40)]
    assert len(whole_series(ONE, Split([*x, x[3]], [*y, y[3]], series=("a",) * 41))) == 40


def test_a_missing_first_step_hides_no_earlier_origin() -> None:
    a = np.random.default_rng(0).normal(size=(30, 1))
    a[0] = np.nan
    x, y = origins(a, 10, 20)
    assert len(whole_series(ONE, Split(x, y, series=("a", "a")))) == 1


@pytest.mark.parametrize("method", [analog, gaussian_ar, nlinear, dlinear, sparse_ode, ridge_lags])
def test_earlier_origins_of_a_training_series_change_no_pooled_forecast(method: Callable[..., Any]) -> None:
    t = np.arange(64.0)[:, None]
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 64, 1))
    a, b = np.sin(t / 3) + noise[0], 3 + np.cos(t / 4) + noise[1]
    x, y = origins(a, 60)
    more_x, more_y = origins(b, 60)
    earlier_x, earlier_y = origins(a, 40, 50)
    once = Split(x + more_x, y + more_y, series=("a", "b"))
    often = Split(x + more_x + earlier_x, y + more_y + earlier_y, series=("a", "b", "a", "a"))
    asked = Split([a, b], series=("a", "b"))
    for one, other in zip(method(ONE, once)(asked), method(ONE, often)(asked), strict=True):
        np.testing.assert_array_equal(one, other)
