"""ETTh1 on the split of the literature: scaling, origins and the published level of repeating."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from recurbench import catalogue
from recurbench.datasets.ett import ENDS, ett, original_unit, spread
from recurbench.metrics import score


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A file of the right form: two channels, the hour and its noise, at another level after every end."""
    hours = np.arange(ENDS[-1] + 50)
    level = np.searchsorted(ENDS, hours, side="right") + np.random.default_rng(0).normal(size=len(hours))
    dates = pd.date_range("2016-07-01", periods=len(hours), freq="h").strftime("%Y-%m-%d %H:%M:%S")
    (tmp_path / "ett").mkdir()
    pd.DataFrame({"date": dates, "A": hours, "OT": level}).to_csv(tmp_path / "ett" / "ETTh1.csv", index=False)
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))


def test_scaling_knows_the_training_rows_only(made):
    problem = ett(horizon=24, origins=4)
    rows = np.concatenate([problem.train.x[0], problem.train.y[0]])
    assert len(rows) == ENDS[0]
    assert np.allclose(rows[:, 0].mean(), 0)
    assert np.allclose(rows[:, 0].std(), 1)


def test_every_part_is_asked_within_its_own_rows(made):
    problem = ett(horizon=24, origins=4)
    for split, start, end in ((problem.valid, *ENDS[:2]), (problem.test, *ENDS[1:])):
        origins = [len(x) for x in split.x]
        assert origins[0] == start
        assert origins[-1] + 24 == end
        assert len(origins) == 4
        for x, y, time in zip(split.x, split.y, split.time, strict=True):
            assert y.shape == (24, 2)
            assert len(time) == len(x) + 24
            assert np.allclose(np.diff(np.concatenate([x, y])[:, 0]), y[1, 0] - y[0, 0])


def test_all_origins_share_memory(made):
    problem = ett(origins=0)
    assert np.shares_memory(problem.test.x[0], problem.test.x[-1])
    assert sum(x.base is None for x in problem.test.x) == 0


def test_a_context_keeps_the_end_of_every_history_and_its_times(made):
    whole, cut = ett(horizon=24, origins=4), ett(horizon=24, origins=4, context=336)
    for name in ("valid", "test"):
        for long, short in zip(*(_rows(getattr(p, name)) for p in (whole, cut)), strict=True):
            (x, y, time), (last, answer, times) = long, short
            assert np.array_equal(x[-336:], last)
            assert np.array_equal(y, answer)
            assert np.array_equal(time[-360:], times)
    assert np.shares_memory(cut.valid.y[-1], cut.test.x[0])
    assert np.array_equal(whole.train.x[0], cut.train.x[0])
    assert "the last 336 steps" in cut.about.protocol
    # More than there is: all there is.
    assert len(ett(horizon=24, origins=1, context=9000).valid.x[0]) == ENDS[0]


def _rows(split):
    return list(zip(split.x, split.y, split.time, strict=True))


@pytest.mark.parametrize("context", [-1, 1, 24])
def test_a_context_without_a_whole_season_is_refused(made, context):
    with pytest.raises(ValueError, match=f"more than the 24 steps of a season, got {context}"):
        ett(context=context)


def test_files_of_quarter_hours_have_the_same_months_and_a_season_of_a_day(tmp_path, monkeypatch):
    count = 4 * ENDS[-1]
    dates = pd.date_range("2016-07-01", periods=count, freq="15min").strftime("%Y-%m-%d %H:%M:%S")
    (tmp_path / "ett").mkdir()
    table = pd.DataFrame({"date": dates, "OT": np.arange(count)})
    table.to_csv(tmp_path / "ett" / "ETTm2.csv", index=False)
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    problem = ett(name="ETTm2", horizon=96, origins=2)
    assert problem.task.period == 96
    assert len(problem.train.x[0]) + 96 == 34560
    assert [len(x) for x in problem.valid.x] == [34560, 46080 - 96]
    assert [len(x) for x in problem.test.x] == [46080, 57600 - 96]
    assert problem.test.series == ("ETTm2", "ETTm2")
    assert problem.about.source.startswith("ETTm2, Electricity Transformer")
    offset, factor = original_unit(name="ETTm2", horizon=96, origins=2)
    back = problem.test.x[0] * factor + offset
    assert np.allclose(back[:, 0], np.arange(46080))


def test_only_whole_batches_of_windows_are_asked_if_that_is_wanted(made):
    every, batched = ett(horizon=2785, origins=0), ett(horizon=2785, origins=0, whole_batches=32)
    assert (len(every.test), len(batched.test), len(batched.valid)) == (96, 96, 96)
    assert len(ett(horizon=2784, origins=0, whole_batches=32).test) == 96
    assert "windows beyond whole batches of 32 are left out" in batched.about.protocol
    for wrong in (-1, 97):
        with pytest.raises(ValueError, match=rf"must be 0 \(every window counts\) to 96, got {wrong}"):
            ett(horizon=2785, origins=0, whole_batches=wrong)


def test_an_unknown_file_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="ett has no file 'h1'; known: ETTh1, ETTh2, ETTm1, ETTm2"):
        ett(name="h1")


@pytest.mark.parametrize(("horizon", "count"), [(96, 2785), (192, 2689), (336, 2545), (720, 2161)])
def test_window_counts_are_those_of_the_literature(horizon, count):
    assert len(spread(ENDS[1], ENDS[2], horizon, 0)) == count
    assert spread(ENDS[1], ENDS[2], horizon, 10**6) == spread(ENDS[1], ENDS[2], horizon, 0)
    assert spread(ENDS[1], ENDS[2], horizon, 1) == [ENDS[1]]


@pytest.mark.parametrize(("horizon", "origins"), [(0, 1), (2881, 1), (96, -1)])
def test_what_cannot_be_asked_is_refused(horizon, origins):
    with pytest.raises(ValueError, match="horizon must be 1 to 2880 and origins at least 0"):
        spread(ENDS[1], ENDS[2], horizon, origins)


def test_a_short_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "ett").mkdir()
    (tmp_path / "ett" / "ETTh1.csv").write_text("date,OT\n2016-07-01,1\n")
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    with pytest.raises(ValueError, match="has 1 rows; 14400 are needed"):
        ett()


# Repeating the last value over every test window (facts measured from the file with no window dropped).
@pytest.mark.parametrize(
    ("horizon", "mse", "mae"),
    [(96, 1.294, 0.713), (192, 1.325, 0.733), (336, 1.330, 0.746), (720, 1.335, 0.755)],
)
def test_repeating_the_last_value_errs_as_measured_before(real, horizon, mse, mae):
    problem = ett(horizon=horizon, origins=0)
    assert problem.task.x.names == ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
    errors = np.stack([y - x[-1] for x, y in zip(problem.test.x, problem.test.y, strict=True)])
    assert round(float((errors**2).mean()), 3) == mse
    assert round(float(np.abs(errors).mean()), 3) == mae


@pytest.mark.parametrize("context", [0, 336])
def test_repeating_the_last_day_errs_as_measured_before_with_any_context(real, context):
    """Seasonal naive over all 2785 windows, scored by the harness in standardised units: .512/.433."""
    problem = ett(origins=0, context=context)
    answers = [np.tile(x[-24:], (4, 1)) for x in problem.test.x]
    values = score(problem.task, problem.test, answers).values
    assert (len(answers), problem.about.metric) == (2785, "mse")
    assert (round(values["mse"], 3), round(values["mae"], 3)) == (0.512, 0.433)


# LTSF-Linear prints 1.295/.713 1.325/.733 1.323/.744 1.339/.756: the windows beyond whole batches of 32 lack.
@pytest.mark.parametrize(
    ("horizon", "mse", "mae"),
    [(96, 1.295, 0.713), (192, 1.325, 0.733), (336, 1.323, 0.744), (720, 1.339, 0.756)],
)
def test_the_published_row_lacks_the_windows_beyond_whole_batches(real, horizon, mse, mae):
    problem = ett(horizon=horizon, origins=0, whole_batches=32, context=336)
    answers = [np.repeat(x[-1:], horizon, axis=0) for x in problem.test.x]
    values = score(problem.task, problem.test, answers).values
    assert (round(values["mse"], 3), round(values["mae"], 3)) == (mse, mae)
