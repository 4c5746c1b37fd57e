from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods.theta import theta

M4 = Path(__file__).parents[2] / "shared" / "data" / "forecasting" / "m4"


def task(steps: int = 6, period: int | None = None, quantiles: tuple[float, ...] = ()) -> Task:
    return Task("forecasting", Values(1), Values(1), "fixed", steps, period, quantiles)


def train(series: np.ndarray, steps: int) -> Split:
    return Split([series[:-steps, None]], [series[-steps:, None]], series=["a"])


def asked(series: np.ndarray, name: str = "a") -> Split:
    return Split([series[:, None]], series=[name])


def rows(name: str) -> dict[str, np.ndarray]:
    with (M4 / name).open() as file:
        return {
            row[0]: np.array([float(v) for v in row[1:] if v not in ("", "NA")])
            for row in list(csv.reader(file))[1:]
        }


def test_a_constant_series_is_forecast_as_that_constant():
    series = np.full(30, 4.0)
    assert theta(task(), train(series, 6))(asked(series))[0].ravel().tolist() == [4.0] * 6


def test_a_straight_line_is_continued_at_half_its_slope():
    # The doubled line is flat only in its trend: SES follows it to the last point, the other half goes on.
    series = 10 + 2 * np.arange(40.0)
    answer = theta(task(), train(series, 6))(asked(series))[0].ravel()
    np.testing.assert_allclose(np.diff(answer), 1.0, rtol=1e-6)
    np.testing.assert_allclose(answer[0], series[-1] + 1, atol=0.01)


def test_a_multiplicative_season_comes_back_in_the_right_phase():
    pattern = np.array([0.5, 1.0, 1.5, 1.0])
    series = 100 * np.tile(pattern, 12)[:46]
    answer = theta(task(6, 4), train(series, 6))(asked(series))[0].ravel()
    np.testing.assert_allclose(answer, 100 * pattern[[2, 3, 0, 1, 2, 3]], rtol=1e-3)


def test_values_below_zero_take_additive_indices():
    series = np.tile([-3.0, 0.0, 3.0, 0.0], 12)
    answer = theta(task(4, 4), train(series, 4))(asked(series))[0].ravel()
    np.testing.assert_allclose(answer, [-3, 0, 3, 0], atol=1e-3)


def test_the_weight_is_not_fitted_again_at_a_later_origin():
    series = np.cumsum(np.random.default_rng(0).normal(size=80)) + 50
    predict = theta(task(), train(series[:60], 6))
    before = predict.notes["series"]["a"][0]["alpha"]
    predict(asked(series))
    assert predict.notes["series"]["a"][0]["alpha"] == before


def test_quantiles_are_ordered_around_the_point_forecast():
    series = np.cumsum(np.random.default_rng(1).normal(size=80)) + 50
    point = theta(task(), train(series, 6))(asked(series))[0]
    lines = theta(task(quantiles=(0.1, 0.5, 0.9)), train(series, 6))(asked(series))[0]
    assert lines.shape == (6, 1, 3)
    np.testing.assert_allclose(lines[:, :, 1], point)
    assert (np.diff(lines, axis=2) > 0).all()


@pytest.mark.skipif(not M4.exists(), reason="the M4 hourly series are not on this machine")
def test_theta_reaches_the_published_m4_hourly_scores():
    series, truth = rows("Hourly-train.csv"), rows("Hourly-test.csv")
    known = Split(
        [s[:-48, None] for s in series.values()],
        [s[-48:, None] for s in series.values()],
        series=list(series),
    )
    answers = theta(task(48, 24), known)(Split([s[:, None] for s in series.values()], series=list(series)))
    smape, mase = [], []
    for (name, history), answer in zip(series.items(), answers, strict=True):
        y, f = truth[name], answer[:, 0]
        smape.append(np.mean(200 * np.abs(y - f) / (np.abs(y) + np.abs(f))))
        mase.append(np.abs(y - f).mean() / np.abs(history[24:] - history[:-24]).mean())
    # "Evaluation and Ranks.xlsx" of the competition: 18.138 and 2.455.
    assert np.mean(smape) == pytest.approx(18.138, abs=0.005)
    assert np.mean(mase) == pytest.approx(2.455, abs=0.002)
