"""The errors of forecasts against utilsforecast and scoringrules, and against what M4 published."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.datasets.m4 import m4
from recurbench.forecast_errors import bounds, interval_score, mase, owa, pinball, pooled, rmsse, smape
from recurbench.metrics import score
from recurbench.task import Split, Task, Values
from scipy.stats import norm
from shared_files import SHARED, real
from utilsforecast import losses

__all__ = ["real"]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
TASK = Task("forecasting", Values(1), Values(1), "fixed", steps=6, period=4, quantiles=LEVELS)
seeds = st.integers(0, 10_000)


def drawn(seed: int) -> tuple[Split, list[np.ndarray]]:
    """Five series with histories of unequal lengths, a forecast of each, and its quantiles in order."""
    rng = np.random.default_rng(seed)
    histories = [rng.normal(size=(int(rng.integers(6, 30)), 1)).cumsum(axis=0) + 20 for _ in range(5)]
    truths = [history[-1] + rng.normal(size=(6, 1)).cumsum(axis=0) for history in histories]
    spread = np.array([-2.0, -1.3, -0.7, 0.0, 0.7, 1.3, 2.0])
    answers = [y[:, :, None] + rng.normal(size=(6, 1, 1)) + spread for y in truths]
    return Split(histories, truths), answers


def frames(split: Split, answers: list[np.ndarray]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The forecasts, and the histories, as utilsforecast reads them."""
    pairs = enumerate(zip(split.y, answers, strict=True))
    forecasts = [
        {
            "unique_id": i,
            "ds": step,
            "y": float(y[step, 0]),
            "m": float(answer[step, 0, 3]),
            "m-lo-80": float(answer[step, 0, 1]),
            "m-hi-80": float(answer[step, 0, 5]),
            **{f"q{level}": float(answer[step, 0, k]) for k, level in enumerate(LEVELS)},
        }
        for i, (y, answer) in pairs
        for step in range(len(y))
    ]
    past = [
        {"unique_id": i, "ds": step - len(x), "y": float(x[step, 0])}
        for i, x in enumerate(split.x)
        for step in range(len(x))
    ]
    return pd.DataFrame(forecasts), pd.DataFrame(past)


@settings(max_examples=15)  # a data frame takes its time
@given(seeds)
def test_each_metric_of_every_series_is_that_of_utilsforecast(seed: int) -> None:
    split, answers = drawn(seed)
    forecasts, past = frames(split, answers)
    got = score(TASK, split, answers)
    quantiles = {"m": [f"q{level}" for level in LEVELS]}
    wanted = {
        "mase": losses.mase(forecasts, ["m"], 4, past),
        "rmsse": losses.rmsse(forecasts, ["m"], 4, past),
        "mae": losses.mae(forecasts, ["m"]),
        "mse": losses.mse(forecasts, ["m"]),
        "interval_score_80": losses.winkler_score(forecasts, ["m"], 80),
    }
    for name, table in wanted.items():
        assert got.units[name] == pytest.approx(table["m"].to_numpy(), rel=1e-9), name
    # It gives sMAPE from 0 to 1, and the pinball loss without the factor 2.
    assert got.units["smape"] == pytest.approx(200 * losses.smape(forecasts, ["m"])["m"].to_numpy())
    halves = losses.mqloss(forecasts, quantiles, np.array(LEVELS))["m"].to_numpy()
    assert got.units["pinball"] == pytest.approx(2 * halves)
    assert got.values["rmse"] == pytest.approx(losses.rmse(forecasts, ["m"])["m"].mean())
    assert got.values["coverage_80"] == pytest.approx(losses.coverage(forecasts, ["m"], 80)["m"].mean())


@settings(max_examples=15)
@given(seeds)
def test_the_weighted_quantile_loss_of_one_series_is_the_scaled_crps_of_utilsforecast(seed: int) -> None:
    split, answers = drawn(seed)
    forecasts, _ = frames(split, answers)
    table = losses.scaled_crps(forecasts, {"m": [f"q{level}" for level in LEVELS]}, np.array(LEVELS))
    for i, wanted in enumerate(table["m"]):
        found = pooled(TASK, [split.y[i]], [answers[i]])
        # It adds a rounding error to the size of the values.
        assert found["wql"] == pytest.approx(wanted, rel=1e-9)


@given(seeds)
def test_pinball_loss_and_interval_score_are_those_of_scoringrules(seed: int) -> None:
    split, answers = drawn(seed)
    for y, answer in zip(split.y, answers, strict=True):
        crps = scoringrules.crps_quantile(y[:, 0], answer[:, 0], np.array(LEVELS), backend="numpy")
        assert pinball(TASK, answer, y) == pytest.approx(crps.mean())
        low, high = answer[:, :, 0], answer[:, :, 6]
        winkler = scoringrules.interval_score(y, low, high, 0.05, backend="numpy")
        assert interval_score(low, high, y, 0.95) == pytest.approx(winkler.mean())


def test_many_levels_of_a_normal_forecast_give_its_crps() -> None:
    levels = tuple((i + 0.5) / 999 for i in range(999))
    task = Task("forecasting", Values(1), Values(1), "fixed", quantiles=levels)
    answer = norm.ppf(levels)[None, None, :]
    for truth in (-1.5, 0.0, 0.4):
        exact = scoringrules.crps_normal(truth, 0.0, 1.0, backend="numpy")
        assert pinball(task, answer, np.array([[truth]])) == pytest.approx(exact, abs=1e-3)


def test_the_right_interval_has_a_lower_score_than_wider_and_narrower_ones() -> None:
    truth = np.random.default_rng(0).normal(size=(20_000, 1))

    def of(half: float) -> float:
        return interval_score(np.full_like(truth, -half), np.full_like(truth, half), truth, 0.8)

    assert of(1.2816) < min(of(0.9), of(1.8))


def test_rmsse_worked_by_hand() -> None:
    history = np.array([[1.0], [2.0], [3.0], [6.0]])
    # Seasonal differences at lag 2: 2 and 4, so their mean square is 10; the errors are 3 and 1.
    assert rmsse(np.array([[4.0], [5.0]]), np.array([[7.0], [4.0]]), history, 2) == pytest.approx(0.5**0.5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("history", "season"), [([1, 1, 1], 1), ([1, 2], 2), ([1], 1), ([0, 9, 0, 9], 2)])
def test_rmsse_is_undefined_where_mase_is(history: list[float], season: int) -> None:
    past = np.array(history, dtype=float)[:, None]
    for of in (mase, rmsse):
        assert np.isnan(of(np.ones((1, 1)), np.zeros((1, 1)), past, season))


@given(seeds, st.floats(1e-6, 1e6))
def test_scaled_and_relative_errors_do_not_depend_on_the_unit(seed: int, unit: float) -> None:
    split, answers = drawn(seed)
    other = Split([unit * x for x in split.x], [unit * y for y in split.y])
    before, after = score(TASK, split, answers), score(TASK, other, [unit * a for a in answers])
    for name in ("mase", "rmsse", "smape", "wql", "coverage_50", "coverage_80", "coverage_95"):
        assert after.values[name] == pytest.approx(before.values[name]), name
    for name in ("mae", "rmse", "pinball", "interval_score_95"):
        assert after.values[name] == pytest.approx(unit * before.values[name]), name


def test_intervals_are_those_whose_both_bounds_a_task_asks_for() -> None:
    assert bounds(TASK) == {50: (2, 4), 80: (1, 5), 95: (0, 6)}
    nine = Task("forecasting", Values(1), Values(1), "fixed", quantiles=tuple(k / 10 for k in range(1, 10)))
    assert bounds(nine) == {80: (0, 8)}
    assert bounds(Task("forecasting", Values(1), Values(1), "fixed")) == {}


def test_the_bounds_of_an_interval_belong_to_it() -> None:
    answer = np.tile(np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]), (2, 1, 1))
    found = pooled(TASK, [np.array([[2.0], [-3.0]])], [answer])
    assert (found["coverage_50"], found["coverage_80"], found["coverage_95"]) == (0.0, 0.5, 1.0)


# Rows of "Evaluation and Ranks.xlsx": sMAPE, MASE and OWA over all series, and over the hourly ones.
@pytest.mark.parametrize(
    ("smape", "mase", "base", "wanted"),
    [
        (12.309, 1.696, (13.564, 1.912), 0.897),  # Theta
        (14.208, 2.044, (13.564, 1.912), 1.058),  # Naive
        (11.374, 1.536, (13.564, 1.912), 0.821),  # the winner
        (13.912, 1.193, (18.383, 2.395), 0.627),  # hourly, seasonal naive
        (9.328, 0.893, (18.383, 2.395), 0.440),  # hourly, the winner
        (18.383, 2.395, (18.383, 2.395), 1.0),
    ],
)
def test_owa_is_that_of_m4(smape: float, mase: float, base: tuple[float, float], wanted: float) -> None:
    assert owa(smape, mase, *base) == pytest.approx(wanted, abs=6e-4)


def test_owa_without_an_error_of_naive_2_is_undefined() -> None:
    assert np.isnan(owa(1.0, 1.0, 0.0, 1.0))
    assert np.isnan(owa(1.0, float("nan"), 1.0, 1.0))


@pytest.mark.parametrize(
    ("name", "wanted", "scaled"),
    [("Naive", 43.003, 11.608), ("sNaive", 13.912, 1.193), ("Naive2", 18.383, 2.395), ("SES", 18.094, 2.385)],
)
def test_the_organisers_forecasts_score_what_m4_published(
    real: object, name: str, wanted: float, scaled: float
) -> None:
    problem = m4(group="Hourly")
    with (SHARED / "forecasting" / "m4" / f"pointforecast_{name}_HW.csv").open() as file:
        rows = {
            row[0]: [float(value) for value in row[1:49]] for row in csv.reader(file) if row[0][:1] == "H"
        }
    answers = [np.array(rows[str(series)])[:, None] for series in problem.test.series]
    got = score(problem.task, problem.test, answers).values
    assert (round(got["smape"], 3), round(got["mase"], 3)) == (wanted, scaled)


def test_smape_of_each_series_lies_on_the_scale_of_m4() -> None:
    assert smape(np.array([[1.0]]), np.array([[-1.0]])) == 200
