"""How many steps a forecast reads, and what series of very different lengths teach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods._history import context_steps, full_windows, least_history
from recurbench.methods._networks.encoding import learn_coding, training_windows
from recurbench.methods.cnn import cnn
from recurbench.methods.linear_forecasts import dlinear, nlinear
from recurbench.methods.mlp import mlp
from recurbench.methods.recurrent import lstm
from recurbench.task import windows

ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3)
MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=12)
PLENTY = 10**6


def walks(*lengths: int) -> Split:
    rng = np.random.default_rng(0)
    whole = [rng.normal(size=(n + 3, 1)).cumsum(axis=0) for n in lengths]
    return Split([x[:-3] for x in whole], [x[-3:] for x in whole])


def ramps(*lengths: int) -> Split:
    """Each series rises by its own step: two values tell what follows, and one does not."""
    whole = [(1.0 + i % 7) * np.arange(n + 3.0)[:, None] for i, n in enumerate(lengths)]
    return Split([x[:-3] for x in whole], [x[-3:] for x in whole])


def test_the_context_follows_the_median_history_and_not_the_shortest() -> None:
    assert context_steps(ONE, walks(1, 40, 40)) == 20
    assert context_steps(ONE, walks(100)) == 24
    assert context_steps(MONTHS, walks(14)) == 12
    assert context_steps(MONTHS, walks(2, 14, 1000)) == 12


def test_a_series_that_is_too_short_for_a_window_gives_one_or_none() -> None:
    train = walks(4, 5, 9, 10, 12, 14, 30)
    assert least_history(train, 10) == [10, 5, 9, 10, 10, 10, 10]
    cut = full_windows(ONE, train, 10, PLENTY)
    seen = [[len(x) for x, name in zip(cut.x, cut.series, strict=True) if name == i] for i in range(7)]
    assert seen == [[], [5], [9], [10], [10, 11, 12], [*range(10, 15)], [*range(10, 31)]]


def test_a_context_beyond_the_median_history_leaves_windows_of_the_median_history() -> None:
    train = walks(9, 10, 12)
    assert least_history(train, 100) == [9, 10, 10]
    assert len(full_windows(ONE, train, 100, PLENTY)) == 1 + 1 + 3


@given(
    length=st.integers(1, 40), count=st.integers(1, 4), context=st.integers(1, 60), most=st.integers(1, 50)
)
def test_series_of_one_length_give_the_windows_of_the_task(
    length: int, count: int, context: int, most: int
) -> None:
    train = walks(*[length] * count)
    least = min(context, length)
    expected = windows(ONE, train, -(-count * (length - least + 1) // most), least)
    found = training_windows(ONE, train, context, most)
    assert [x.tolist() for x in found.x] == [x.tolist() for x in expected.x]
    assert [y.tolist() for y in found.y] == [y.tolist() for y in expected.y]
    assert tuple(found.series) == tuple(expected.series)


def test_windows_are_views_of_the_series() -> None:
    train = walks(5, 20, 30)
    cut = training_windows(ONE, train, 8)
    assert all(any(np.shares_memory(x, whole) for whole in train.x) for x in cut.x)


def test_a_short_history_is_filled_up_with_its_first_value_and_scaled_by_its_own_steps() -> None:
    coding, _ = learn_coding(ONE, walks(*[20] * 5), context=6, reference="last")
    short = np.array([[3.0], [5.0], [4.0]])
    (x,) = coding.examples(Split([short])).x
    assert x[:, 0] == pytest.approx([(v - 4) / short.std() for v in (3, 3, 3, 3, 5, 4)])


@pytest.mark.parametrize("fit", [mlp, cnn, lstm, nlinear, dlinear], ids=lambda fit: fit.__name__)
def test_one_short_series_does_not_take_the_history_from_all_others(fit: Callable[..., Any]) -> None:
    train = ramps(1, *[30] * 12)
    settings = {"lookback": 0} if fit in (nlinear, dlinear) else {"max_steps": 150}
    predict = fit(ONE, train, **settings)
    assert predict.notes.get("context", predict.notes.get("lookback")) == 15
    asked = Split([x.copy() for x in train.x[1:]])
    error = np.mean([np.abs(a - y).mean() for a, y in zip(predict(asked), train.y[1:], strict=True)])
    last = np.mean([np.abs(x[-1] - y).mean() for x, y in zip(train.x[1:], train.y[1:], strict=True)])
    assert error < last / 3
    # The short one teaches nothing and still has an answer.
    assert np.isfinite(predict(Split([train.x[0]]))[0]).all()
