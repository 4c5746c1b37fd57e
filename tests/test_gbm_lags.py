"""Boosted trees on lags: what they learn, their quantiles, and what they must satisfy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods import gbm_lags as module
from recurbench.methods._lag_table import learn_table
from recurbench.methods.gbm_lags import best_rounds, gbm_lags, repeated_steps, squared, stepped_row
from recurbench.methods.lag_regressions import ridge_lags

LEVELS = (0.1, 0.5, 0.9)
ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=2, period=4, quantiles=LEVELS)
POINTS = Task("forecasting", Values(1), Values(1), "fixed", steps=2, period=4)


def threshold(steps: int, seed: int) -> Any:
    """A series whose next value depends on the sign of the last one: no linear map forecasts it."""
    noise, x = np.random.default_rng(seed).normal(size=steps), np.zeros(steps)
    for t in range(1, steps):
        x[t] = (
            (-0.9 if x[t - 1] > 0 else 0.9) * abs(x[t - 1]) + (0.5 if x[t - 1] > 0 else -1) + 0.3 * noise[t]
        )
    return x[:, None]


def cut(*series: Any, steps: int = 2) -> Split:
    return Split([x[:-steps] for x in series], [x[-steps:] for x in series], series=tuple(range(len(series))))


def pinball(answers: Any, truth: Any) -> float:
    error = truth[..., None] - answers
    return float(np.maximum(np.array(LEVELS) * error, (np.array(LEVELS) - 1) * error).mean())


@pytest.mark.long
def test_trees_beat_the_linear_map_where_the_map_is_not_linear() -> None:
    train = cut(*(threshold(150, k) for k in range(8)))
    test = threshold(1000, 99)
    origins = range(100, 990, 9)
    asked, truth = Split([test[:o] for o in origins]), np.array([test[o : o + 2] for o in origins])
    trees, line = (np.array(m(asked)) for m in (gbm_lags(ONE, train), ridge_lags(ONE, train)))
    assert (np.diff(trees, axis=-1) >= 0).all()
    assert pinball(trees, truth) < pinball(line, truth)
    inside = (truth > trees[..., 0]) & (truth < trees[..., 2])
    assert 0.65 < inside.mean() < 0.92


@settings(max_examples=5)
@given(factor=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
def test_forecasts_follow_the_unit_and_the_shift(factor: float, shift: float) -> None:
    x = threshold(60, 0)
    plain = gbm_lags(POINTS, cut(x), rounds=5)(Split([x[:40]]))[0]
    moved = gbm_lags(POINTS, cut(factor * x + shift), rounds=5)(Split([factor * x[:40] + shift]))[0]
    assert np.allclose(moved, factor * plain + shift, atol=1e-3 * factor * x.std())


def test_one_model_serves_all_steps_and_its_last_feature_is_the_step() -> None:
    table = learn_table(POINTS, cut(threshold(60, 0)), 8, 1000)
    rows = [stepped_row(table.every, step) for step in range(2)]
    assert rows[0].shape == rows[1].shape
    assert [set(row[:, -1]) for row in rows] == [{0.0}, {1.0}]
    # The column before is the value that the forecast starts from, one season before.
    assert np.array_equal(rows[1][:, -2], table.every.scaled[:, -3])


def test_too_many_rows_are_drawn_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = learn_table(POINTS, cut(threshold(60, 0)), 8, 1000)
    rows, answers = repeated_steps(table.every, np.random.default_rng(0))
    assert len(rows) == len(answers) == 2 * len(table.every)
    monkeypatch.setattr(module, "ROWS", 30)
    some = repeated_steps(table.every, np.random.default_rng(0))[0]
    assert len(some) == 30
    assert len(np.unique(some, axis=0)) == 30


def test_the_rounds_are_those_with_the_smallest_loss() -> None:
    errors = [3.0, 2.0, 1.0, *[1.5] * 30, 0.0]
    staged = (np.full(4, e) for e in errors)
    assert best_rounds(staged, np.zeros(4), squared) == 3


def test_constant_series_are_repeated() -> None:
    predict = gbm_lags(ONE, cut(np.full((60, 1), 0.1)))
    assert "fallback" in predict.notes
    assert np.allclose(predict(Split([np.full((9, 1), 0.1)]))[0], 0.1, atol=1e-12)
