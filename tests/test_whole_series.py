"""Every series of a training part once."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, Values
from recurbench.methods._whole_series import whole_series

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
    assert len(set(found.series)) == 2


def test_an_example_that_is_no_earlier_origin_stays_although_it_has_the_same_name() -> None:
    a = np.random.default_rng(0).normal(size=(30, 1))
    x, y = origins(a, 10, 20)
    assert len(whole_series(ONE, Split([x[0] + 1, x[1]], y, series=("a", "a")))) == 2
    assert len(whole_series(ONE, Split(x, [y[0] + 1, y[1]], series=("a", "a")))) == 2
