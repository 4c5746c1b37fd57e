"""What is done about missing values of a series: nothing later is used, and nothing filled is scored."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import metrics
from recurbench.contract.problems import part_errors
from recurbench.datasets.csv_series import own_series
from recurbench.reading.missing import Missing, carried, without_missing
from recurbench.reading.proposal import Options
from recurbench.reading.propose import propose
from recurbench.registry import discover
from recurbench.running import fit_and_score
from recurbench.running.cell import parts
from recurbench.running.fit_and_score import SeedInput
from recurbench.running.runner import jobs
from recurbench.running.sizes import size_of
from recurbench.task import Array, Problem, until_unscored, windows

ROWS = 60
HORIZON = 4


@st.composite
def tables(draw: st.DrawFn) -> Array:
    """[60, target and covariate], with missing values; the target is known in the first and the last row."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = np.round(rng.normal(10, 3, size=(ROWS, 2)), 3)
    values[rng.random(values.shape) < draw(st.sampled_from([0.02, 0.2, 0.6]))] = np.nan
    begin, length = draw(st.integers(1, ROWS - 12)), draw(st.integers(0, 10))
    values[begin : begin + length, 0] = np.nan
    values[[0, -1], 0] = 10, 11
    return values


def built(values: Array, **words: Any) -> Problem:
    """The problem of a file with these values; NaN is a blank cell."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "my.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["step", "y", "price"])
            writer.writerows([i, *("" if np.isnan(v) else v for v in row)] for i, row in enumerate(values))
        chosen = {"horizon": HORIZON, "origins": 5, "step": 2, "target": ("y",), "covariates": ("price",)}
        return own_series(path=str(path), **{**chosen, **words})


def same(one: Array, other: Array) -> bool:
    return np.array_equal(one, other, equal_nan=True)


@given(values=tables(), origin=st.integers(1, ROWS - 1), policy=st.sampled_from(["carry", "drop"]))
def test_what_is_known_before_a_row_does_not_depend_on_values_from_this_row_on(values, origin, policy):
    other = values.copy()
    other[origin:] = other[origin:] * -7 + 1000
    lines = np.arange(ROWS)
    (one, kept, _), (two, _, _) = (without_missing("a", v, lines, policy, Missing()) for v in (values, other))
    before = int(kept[:origin].sum())
    assert same(one[:before], two[:before])
    assert np.isfinite(one).all()


@given(values=tables())
def test_a_history_at_an_origin_is_what_the_reader_makes_of_the_file_up_to_there(values):
    whole = carried(values)
    for origin in range(1, ROWS):
        assert same(whole[:origin], carried(values[:origin]))


@given(values=tables(), place=st.integers(0, 4))
def test_no_value_after_a_test_origin_changes_what_a_method_sees_at_it_or_is_fitted_on_before_it(
    values, place
):
    problem = built(values)
    origin = len(problem.test.x[place])
    changed = values.copy()
    changed[origin:] = changed[origin:] * -7 + 1000
    other = built(changed)
    for i in range(place + 1):
        assert same(problem.test.x[i], other.test.x[i])
    assert same(problem.train.x[0], other.train.x[0])
    assert same(problem.train.y[0], other.train.y[0])


@given(values=tables(), data=st.data())
def test_no_value_after_a_validation_origin_changes_what_a_method_sees_at_it(values, data):
    fit, check = parts(built(values), 0)
    place = data.draw(st.integers(0, len(check) - 1))
    origin = len(check.x[place])
    changed = values.copy()
    changed[origin:] = changed[origin:] * -7 + 1000
    other_fit, other = parts(built(changed), 0)
    for i in range(place + 1):
        assert same(check.x[i], other.x[i])
    assert same(fit.x[0], other_fit.x[0])
    assert same(fit.y[0], other_fit.y[0])


@given(values=tables())
def test_in_validation_and_test_every_true_value_is_one_of_the_file_and_every_other_is_missing(values):
    problem = built(values)
    for split in (problem.test, parts(problem, 0)[1]):
        for x, y in zip(split.x, split.y, strict=True):
            assert same(y[:, 0], values[len(x) : len(x) + len(y), 0])


@given(values=tables(), answer=st.floats(-50, 50))
def test_a_score_is_that_of_the_known_values_alone(values, answer):
    problem = built(values)
    test = problem.test
    given_answers = [np.full((HORIZON, 1), answer)] * len(test)
    found = metrics.score(problem.task, test, given_answers)
    for i, y in enumerate(test.y):
        known = y[~np.isnan(y)]
        expected = np.abs(known - answer).mean() if len(known) else np.nan
        assert found.units["mae"][i] == pytest.approx(expected, nan_ok=True)
    assert found.values["mae"] == pytest.approx(np.nanmean(found.units["mae"]))
    assert np.isnan(found.units["mase"]).tolist() == [bool(np.isnan(y).all()) for y in test.y]
    assert "mase_undefined" not in found.values


@given(values=tables())
def test_missing_values_change_neither_the_number_of_windows_nor_their_origins(values):
    full = np.where(np.isnan(values), 10.0, values)
    with_gaps, without = built(values), built(full)
    assert [len(x) for x in with_gaps.test.x] == [len(x) for x in without.test.x]
    assert len(parts(with_gaps, 0)[1]) == len(parts(without, 0)[1]) == size_of(with_gaps).held


@given(values=tables())
def test_what_early_stopping_is_shown_has_known_values_only_from_its_first_step_on(values):
    check = parts(built(values), 0)[1]
    shown = until_unscored(check)
    lengths = {len(x): y for x, y in zip(check.x, check.y, strict=True)}
    assert all(len(y) and np.isfinite(y).all() for y in shown.y)
    for x, y in zip(shown.x, shown.y, strict=True):
        whole = lengths[len(x)]
        assert same(whole[: len(y)], y)
        assert len(y) == len(whole) or np.isnan(whole[len(y)]).all()
    assert len(shown) == sum(not np.isnan(y[0]).any() for y in check.y)


def numbers(count: int = ROWS) -> Array:
    values = np.column_stack([np.arange(float(count)), np.arange(float(count)) * 2])
    values[::3, 0] += 5  # so that the season and the scale of the errors are not 0
    return values


def test_a_gap_before_an_origin_holds_the_last_value_before_it():
    values = numbers()
    at = len(built(values).test.x[0])
    values[at - 3 : at, 0] = np.nan
    assert built(values).test.x[0][-4:, 0].tolist() == [values[at - 4, 0]] * 4


def test_training_answers_may_be_filled_because_they_are_not_scored():
    values = numbers()
    problem = built(values)
    end = len(problem.train.x[0])
    values[end + 1, 0] = np.nan
    filled = built(values)
    assert filled.train.y[0][1, 0] == values[end, 0]
    assert np.isfinite(windows(filled.task, filled.train).y[-1]).all()


def test_a_validation_part_without_a_known_value_is_none():
    values = numbers()
    check = parts(built(values), 0)[1]
    values[len(check.x[0]) : len(check.x[-1]) + HORIZON, 0] = np.nan
    assert len(parts(built(values), 0)[1]) == 0
    assert size_of(built(values)).held == 0


def test_the_remarks_and_the_protocol_count_what_is_not_scored(tmp_path):
    values = numbers()
    values[10, 0] = np.nan  # in the training part
    values[50:56, 0] = np.nan  # of six rows the windows from rows 50 and 52 hold no other
    problem = built(values)
    assert [len(x) for x in problem.test.x] == [48, 50, 52, 54, 56]
    told = "3 of 5 test windows are evaluated, the other 2 without a value; 6 missing values of the test part"
    assert f"{told} not scored" in problem.about.protocol
    assert "7 missing values filled with the last value before, never scored" in problem.about.protocol
    path = tmp_path / "my.csv"
    rows = [f"{i},{'' if np.isnan(v) else v}" for i, v in enumerate(values[:, 0])]
    path.write_text("\n".join(["step,y", *rows]))
    said = [one.text for one in propose(path, Options(horizon=4, origins=5, step=2)).remarks]
    assert any(told in text for text in said)
    values[50:56, 0] = 3
    assert "all 5 test windows are evaluated" in built(values).about.protocol
    assert "not scored" not in built(values).about.protocol


def test_a_fit_whose_truth_is_missing_in_part_is_ok_and_its_check_part_has_numbers(monkeypatch):
    values = numbers()
    values[[30, 31, 40, 55], 0] = np.nan
    problem = built(values)
    fit, check = parts(problem, 0)
    assert any(np.isnan(y).any() for y in check.y)
    registry = discover()
    (job,) = jobs(registry.select_methods(["gru"]), registry.select_datasets(["airline"]), 1)
    shown = []

    def mean(task, train, *, check=None, steps=None, **_):
        shown.extend(check.y)
        return lambda split: [np.full((task.steps, 1), 3.0) for _ in range(len(split))]

    monkeypatch.setattr(
        fit_and_score, "load", lambda plugin: lambda *a, seeds, **k: [mean(*a, **k) for _ in seeds]
    )
    (outcome,) = fit_and_score.fit_and_score(
        [SeedInput(job, {"inner": check}, job.key("inner", 0))], problem, fit, check
    )
    assert (outcome["inner"].status, outcome["inner"].reason) == ("ok", None)
    assert np.isfinite(outcome["inner"].score)
    assert shown
    assert all(np.isfinite(y).all() for y in shown)


def test_a_problem_of_which_no_true_value_is_known_is_refused():
    problem = built(numbers())
    nothing = replace(problem.test, y=[np.full_like(y, np.nan) for y in problem.test.y])
    assert list(part_errors(replace(problem, test=nothing))) == [
        "test: no true value is known, so that nothing can be scored; use another part of the series"
    ]
    one = [*nothing.y[:-1], problem.test.y[-1]]
    assert list(part_errors(replace(problem, test=replace(nothing, y=one)))) == []
