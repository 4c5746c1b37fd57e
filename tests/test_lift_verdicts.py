"""The verdict on a lift: one for each interval, and what a small test set lacks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.datasets.csv_series import own_series
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.reports.statistics.draws import Spread
from recurbench.reports.statistics.lift_verdicts import too_few_units, verdict_of
from recurbench.reports.statistics.origin_layout import layout_of
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, reason
from recurbench.running.problem_cache import describe
from recurbench.task import holdout
from scipy.stats import t as student

AHEAD, BEHIND, NO_DIFFERENCE = LiftVerdict.AHEAD, LiftVerdict.BEHIND, LiftVerdict.NO_DIFFERENCE
UNDECIDED, FEW_SEEDS = LiftVerdict.UNDECIDED, LiftVerdict.TOO_FEW_SEEDS
TOO_SMALL = LiftVerdict.TEST_SET_TOO_SMALL


def spread(half, units=100, repeats=3, of_units=0.01):
    """Figures whose interval has about this half-width, of which the test units make `of_units`."""
    by_units = (of_units / student.ppf(0.975, units - 1)) ** 2
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        wide = Spread(by_units, middle, units, repeats, 1).half_width() > half
        low, high = (low, middle) if wide else (middle, high)
    return Spread(by_units, low, units, repeats, 1)


@pytest.mark.parametrize(
    ("lift", "half", "verdict"),
    [
        (0.30, 0.20, AHEAD),
        (-0.30, 0.20, BEHIND),
        (0.0, 0.04, NO_DIFFERENCE),
        (0.03, 0.01, NO_DIFFERENCE),
        (0.05, 0.04, UNDECIDED),
        (-0.05, 0.04, UNDECIDED),
        (0.02, 0.07, FEW_SEEDS),
        (0.10, 0.06, FEW_SEEDS),
    ],
)
def test_every_interval_earns_one_verdict(lift, half, verdict):
    got = spread(half)
    assert got.half_width() == pytest.approx(half, rel=0.02)
    assert verdict_of(lift, got.half_width(), got, True) == (verdict, ())


def test_what_more_seeds_could_not_settle_needs_a_larger_test_set():
    wide = spread(0.08, of_units=0.07)
    assert verdict_of(0.0, wide.half_width(), wide, True) == (TOO_SMALL, ())
    few = Spread(1e-6, 1e-6, 9, 3, 1)
    assert verdict_of(0.5, few.half_width(), few, True) == (TOO_SMALL, ())
    assert verdict_of(0.5, None, Spread(None, None, 1, 1, 1), True) == (TOO_SMALL, ())


def test_one_seed_of_a_random_method_decides_nothing():
    one = Spread(1e-6, None, 100, 1, 1)
    assert verdict_of(0.5, one.half_width(), one, True) == (FEW_SEEDS, (reason(ReasonCode.ONE_SEED),))
    assert verdict_of(0.5, one.half_width(), one, False) == (AHEAD, ())


@given(st.floats(-1, 1), st.floats(1e-3, 1), st.integers(2, 50))
def test_ahead_and_behind_need_the_whole_interval_beyond_the_margin(middle, half, units):
    figures = spread(half, units=units, of_units=1e-4)
    verdict, _ = verdict_of(middle, half, figures, True)
    assert (verdict == AHEAD) == (middle - half > 0.05 and units >= 10)
    assert (verdict == BEHIND) == (middle + half < -0.05 and units >= 10)


@pytest.mark.parametrize(
    ("series", "kind", "units", "code"),
    [
        (["a"] * 2, "forecasting", 2, ReasonCode.FEW_TEST_WINDOWS),
        (["a", "a", "b", "b"], "forecasting", 2, ReasonCode.FEW_TEST_WINDOWS),
        (["a", "b"], "forecasting", 2, ReasonCode.FEW_TEST_SERIES),
        (["a", "b", "c"], "classification", 3, ReasonCode.FEW_TEST_CASES),
        (["a", "a", "b"], "regression", 2, ReasonCode.FEW_TEST_GROUPS),
    ],
)
def test_what_there_is_too_little_of_has_its_name(series, kind, units, code):
    facts = {"series": series, "kind": kind, "steps": 12, "source": "a file"}
    assert too_few_units(units, facts, "any", {}) == (reason(code, n=units, needed=10),)


def made(path, rows, origins, horizon=12):
    """The problem of a monthly series of noise."""
    months = np.datetime64("1900-01", "M") + np.arange(rows)
    values = np.random.default_rng(0).normal(size=rows)
    lines = [f"a,{month},{value}" for month, value in zip(months, values, strict=True)]
    file = path / f"{rows}.csv"
    file.write_text("\n".join(["unique_id,ds,y", *lines]) + "\n")
    return own_series(path=str(file), horizon=horizon, origins=origins)


def few_origins(problem, dataset="csv"):
    facts, _ = describe(problem)
    return too_few_units(3, facts, dataset, {"origins": 3})[1:]


def test_the_rows_that_more_origins_take_are_enough_to_choose_methods_too(tmp_path):
    more_origins, _ = few_origins(made(tmp_path, 144, 3))
    assert more_origins.code == ReasonCode.MORE_ORIGINS_AND_ROWS
    assert more_origins.values["setting"] == "--origins 10"
    rows = more_origins.values["rows"]
    more = made(tmp_path, rows, 10)
    assert layout_of(describe(more)[0]).origins.windows == LEAST_UNITS
    assert len(holdout(more.task, more.train, 0)[1]) == 1
    less = made(tmp_path, rows - 1, 10)
    assert len(holdout(less.task, less.train, 0)[1]) == 0


def test_where_the_rows_are_there_none_are_asked_for(tmp_path):
    problem = made(tmp_path, 600, 3)
    assert few_origins(problem) == (reason(ReasonCode.MORE_ORIGINS, setting="--origins 10"),)
    assert few_origins(problem, "any")[0].values["setting"] == "origins=10"


def test_a_horizon_for_which_the_rows_are_enough_is_named(tmp_path):
    _, shorter = few_origins(made(tmp_path, 144, 3))
    # Ten windows of 5 steps fit into two fifths of 144 rows.
    assert shorter == reason(ReasonCode.SHORTER_HORIZON, setting="--horizon 5")
