"""Whole series, and the examples made of them."""

import os

import numpy as np
import pandas as pd
import pytest
from recurbench import Split, catalogue
from recurbench.datasets.ett import ENDS
from recurbench.forecasting.series_end import next_stamps, to_answer, to_fit, whole_series
from recurbench.forecasting.units import unit_of
from recurbench.registry import discover
from recurbench.running.job import build


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A file of the form of ETTh1: the hour, and the hour times 5."""
    hours = np.arange(ENDS[-1] + 50.0)
    dates = pd.date_range("2016-07-01", periods=len(hours), freq="h").strftime("%Y-%m-%d %H:%M:%S")
    (tmp_path / "ett").mkdir()
    table = pd.DataFrame({"date": dates, "A": hours, "OT": 5 * hours})
    table.to_csv(tmp_path / "ett" / "ETTh1.csv", index=False)
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    monkeypatch.setattr("recurbench.fetching.known_files.noted", lambda dataset: {})


def test_a_limited_context_does_not_limit_what_is_fitted_on(made):
    (choice,) = discover().select_datasets(["ett[horizon=24,origins=4,context=336]"])
    problem = build(choice, None)
    ((one,), notes) = whole_series(problem, choice, None)
    assert len(one.values) == ENDS[-1]
    assert notes == []
    assert len(np.unique(np.diff(one.values[:, 0]).round(9))) == 1
    offset, factor = unit_of(choice, problem.task)
    assert (one.values * factor + offset)[-1].tolist() == pytest.approx([ENDS[-1] - 1, 5 * (ENDS[-1] - 1)])


def test_the_last_horizon_is_the_answer_to_fit_and_the_end_the_origin_to_answer():
    (choice,) = discover().select_datasets(["airline"])
    problem = build(choice, None)
    series, _ = whole_series(problem, choice, None)
    task, fit = problem.task, to_fit(problem.task, series)
    assert [len(x) for x in fit.x] == [132]
    assert np.array_equal(fit.y[0], series[0].values[132:])
    stamps, notes = next_stamps(series, 24)
    assert notes == []
    ask = to_answer(task, series, stamps, [], [np.empty((0, 1))])
    assert (len(ask.x[0]), len(ask.time[0])) == (144, 156)
    more = to_answer(task, series, stamps, [], [np.ones((12, 1))])
    assert (len(more.x[0]), len(more.time[0])) == (156, 168)
    assert more.x[0][144:].tolist() == [[1.0]] * 12
    assert isinstance(fit, Split)


def test_a_data_set_in_its_own_unit_stays_as_it_is():
    (choice,) = discover().select_datasets(["airline"])
    offset, factor = unit_of(choice, build(choice, None).task)
    assert (offset.tolist(), factor.tolist()) == ([0], [1])
