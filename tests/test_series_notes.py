"""Notes of one model per series: bounded in size, exact in what they count."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods._series_notes import REASONS, SERIES, SeriesNotes, summary
from recurbench.methods.theta import theta
from recurbench.running.outcome import noted

TASK = Task("forecasting", Values(1), Values(1), "fixed", 3, 4)


def split(constant: int, varying: int) -> Split:
    rng = np.random.default_rng(0)
    x = [np.full((20, 1), 7.0) for _ in range(constant)]
    x += [10 + rng.standard_normal((20, 1)).cumsum(axis=0) for _ in range(varying)]
    names = [f"series number {i}" for i in range(len(x))]
    return Split(x, [one[-3:] for one in x], series=names)


def size(count: int) -> int:
    predict = theta(TASK, split(count // 2, count - count // 2))
    predict(split(count // 2, count - count // 2))
    return len(json.dumps(noted(predict.notes)))


def test_the_notes_of_ten_times_as_many_series_are_as_long() -> None:
    assert size(400) < 1.05 * size(40)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 3))
def test_every_answer_of_the_naive_forecast_is_counted_once(constant: int, varying: int, times: int) -> None:
    asked = split(constant, varying)
    predict = theta(TASK, asked)
    for _ in range(times):
        predict(asked)
    assert predict.notes["fallback_count"] == constant
    assert predict.notes["count"] == constant + varying
    assert len(predict.notes["fallbacks"]) == min(constant, REASONS)
    assert len(predict.notes["series"]) == min(constant + varying, SERIES)


def test_few_series_need_no_summary() -> None:
    assert "summary" not in theta(TASK, split(1, SERIES - 1)).notes
    assert "summary" in theta(TASK, split(1, SERIES)).notes


def test_numbers_have_their_range_and_words_their_counts() -> None:
    rows = [{"a": 3, "log": True, "form": "AN", "tried": {}}, {"a": 1, "log": False, "form": "AN"}, {"a": 8}]
    found = summary(rows)
    assert found == {"a": [1, 3, 8], "log": {"true": 1, "false": 1}, "form": {"AN": 2}}


def test_notes_are_a_plain_dict_in_a_row_of_a_run() -> None:
    notes = SeriesNotes()
    notes.add("a", [{"alpha": 0.5}])
    notes.summarise()
    assert noted(notes) == {
        "series": {"a": [{"alpha": 0.5}]},
        "count": 1,
        "fallbacks": [],
        "fallback_count": 0,
    }


def test_a_series_that_is_constant_in_train_is_fitted_once_its_history_varies() -> None:
    rng = np.random.default_rng(0)
    constant = np.full((20, 1), 7.0)
    later = np.concatenate([constant, constant[:3], 7 + rng.standard_normal((20, 1)).cumsum(axis=0)])
    predict = theta(TASK, Split([constant], [constant[:3]], series=["a"]))
    answers = predict(Split([later], [later[:3]], series=["a"]))
    alone = theta(TASK, Split([later[:-3]], [later[-3:]], series=["b"]))(
        Split([later], [later[:3]], series=["b"])
    )
    assert predict.notes["fallback_count"] == 0
    np.testing.assert_allclose(answers[0], alone[0])
    predict(Split([constant], [constant[:3]], series=["a"]))
    assert predict.notes["fallback_count"] == 1
