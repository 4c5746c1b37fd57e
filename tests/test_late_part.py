"""The last part of every series."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, Values
from recurbench.methods._networks.late_part import late_part

TASK = Task("forecasting", Values(1), Values(1), "fixed", steps=3)


def one(length: int) -> tuple[np.ndarray, np.ndarray]:
    values = np.arange(float(length))[:, None]
    return values[:-3], values[-3:]


def test_the_late_answers_begin_where_the_early_series_ends() -> None:
    x, y = one(30)
    early, late = late_part(TASK, Split([x], [y], series=("a",)))
    assert np.concatenate([early.x[0], early.y[0]])[:, 0].tolist() == list(range(20))
    assert [each[0, 0] for each in late.y] == list(range(20, 28))
    assert all(len(each) >= 20 for each in late.x)


def test_a_series_of_less_than_two_horizons_and_two_steps_stays_whole() -> None:
    (x, y), (long_x, long_y) = one(7), one(30)
    early, late = late_part(TASK, Split([x, long_x], [y, long_y], series=("a", "b")))
    assert [len(each) for each in early.x] == [4, 17]
    assert {len(each) >= 20 for each in late.x} == {True}
    assert len(late_part(TASK, Split([x], [y], series=("a",)))[1]) == 0
    short, held = late_part(TASK, Split(*([each] for each in one(8)), series=("a",)))
    assert (len(short.x[0]), len(held)) == (2, 1)
