"""The training windows of all series, what is held out of them, and the fallback of a few windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lag_series import ONE, TWO, cut, walk
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._lag_table import FEW, Repeated, learn_table, unpooled
from recurbench.methods.deepar import deepar
from recurbench.methods.gbm_lags import gbm_lags
from recurbench.methods.lag_regressions import quantile_lags, ridge_lags


def test_no_window_reads_another_series_or_what_comes_after_its_answers() -> None:
    series = [walk(30, seed=k) + 1000 * k for k in range(3)]
    table = learn_table(ONE, cut(*series), 8, 1000)
    level = np.round(table.every.mean / 1000)
    assert sorted(np.unique(level)) == [0, 1, 2]
    assert np.abs(table.every.forecast(table.every.answers) - 1000 * level[:, None]).max() < 60


def test_other_origins_of_a_series_add_no_windows() -> None:
    x = walk(40)
    several = Split([x[:20], x[:37], x[:30]], [x[20:23], x[37:], x[30:33]], series=("a", "a", "a"))
    once, more = (learn_table(ONE, train, 8, 1000) for train in (cut(x), several))
    assert np.array_equal(once.every.scaled, more.every.scaled)
    assert np.array_equal(once.late.answers, more.late.answers)


def test_of_series_too_short_to_be_divided_every_fourth_is_held_out() -> None:
    series = [walk(12, seed=k) + 1000 * k for k in range(8)]
    table = learn_table(ONE, cut(*series), 8, 1000)
    held, fitted = (set(np.round(part.mean / 1000)) for part in (table.late, table.early))
    assert held == {3, 7}
    assert fitted == {0, 1, 2, 4, 5, 6}
    assert "whole series, one in four" in table.notes["chosen_on"]
    three = learn_table(ONE, cut(*series[:3]), 8, 1000)
    assert len(three.late) == 0
    assert three.notes["chosen_on"].startswith("nothing")


def test_both_targets_of_a_series_are_held_out_together() -> None:
    table = learn_table(TWO, cut(*(walk(12, 4, seed=k) + 1000 * k for k in range(4)), task=TWO), 8, 1000)
    assert set(np.round(table.late.mean / 1000)) == {3}


def test_one_series_long_enough_is_divided_and_no_whole_series_is_held_out() -> None:
    table = learn_table(ONE, cut(walk(60), *(walk(12, seed=k) for k in range(1, 9))), 8, 1000)
    assert table.notes["chosen_on"].startswith("the last quarter")


def test_too_many_windows_are_drawn_with_a_seed() -> None:
    tables = [learn_table(ONE, cut(walk(200)), 8, 50, seed) for seed in (0, 0, 1)]
    assert [len(each.every) for each in tables] == [50, 50, 50]
    assert tables[0].notes["windows_possible"] == 200 - 3 - 8 + 1
    assert np.array_equal(tables[0].every.scaled, tables[1].every.scaled)
    assert not np.array_equal(tables[0].every.scaled, tables[2].every.scaled)


def test_targets_come_back_in_their_places() -> None:
    found = unpooled(TWO, np.arange(12.0).reshape(4, 3))
    assert [each.tolist() for each in found] == [
        [[0, 3], [1, 4], [2, 5]],
        [[6, 9], [7, 10], [8, 11]],
    ]


def test_what_cannot_be_forecast_is_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="longest training series has 2 steps, too few for a horizon of 3"):
        learn_table(ONE, Split([walk(1)], [walk(1)]), 0, 100)
    with pytest.raises(Unsupported, match="training part has no examples"):
        learn_table(ONE, Split([]), 0, 100)
    letters = Task("forecasting", Values(3, symbols=True), Values(3, symbols=True), "fixed")
    with pytest.raises(Unsupported, match="forecasts numbers, not symbols"):
        learn_table(letters, Split([np.array([0, 1])], [np.array([1])]), 0, 100)


def test_the_last_season_is_repeated_with_the_quantiles_of_a_random_walk() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=2, quantiles=(0.1, 0.5, 0.9))
    (answer,) = Repeated(task, {}, 0)(Split([np.array([[1.0], [5.0], [3.0], [5.0], [np.nan]])]))
    # Missing is what came a season before: 3. Errors of the seasonal naive forecast: 2, 0, 0.
    assert answer[:, 0, 1].tolist() == [5.0, 3.0, 5.0]
    width = 2 * 1.2815515655 * np.sqrt(4 / 3) * np.sqrt([1, 1, 2])
    assert answer[:, 0, 2] - answer[:, 0, 0] == pytest.approx(width)


@pytest.mark.parametrize("method", [ridge_lags, quantile_lags, gbm_lags, deepar], ids=lambda m: m.__name__)
def test_a_few_windows_give_the_last_season_and_intervals_that_are_not_empty(method: Any) -> None:
    x, levels = walk(11), (0.1, 0.5, 0.9)
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=4, quantiles=levels)
    predict = method(task, cut(x))
    assert f"at least {FEW} are needed" in predict.notes["fallback"]
    (answer,) = predict(Split([x]))
    assert answer[:, 0, 1].tolist() == x[7:10, 0].tolist()
    assert (np.diff(answer[:, 0]) > 0).all()
