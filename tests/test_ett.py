"""ETTh1 on the split of the literature: scaling, origins and the published level of repeating."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from recurbench import catalogue
from recurbench.datasets.ett import ENDS, ett, spread
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
    assert "the last 336 hours" in cut.about.protocol
    # More than there is: all there is.
    assert len(ett(horizon=24, origins=1, context=9000).valid.x[0]) == ENDS[0]


def _rows(split):
    return list(zip(split.x, split.y, split.time, strict=True))


@pytest.mark.parametrize("context", [-1, 1, 24])
def test_a_context_without_a_whole_season_is_refused(made, context):
    with pytest.raises(ValueError, match=f"more than the 24 hours of a season, got {context}"):
        ett(context=context)


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


def test_the_published_row_drops_the_last_windows(real):
    """LTSF-Linear prints 1.323/.744 at 336: what is left when the windows beyond whole batches of 32 go."""
    problem = ett(horizon=336, origins=0)
    errors = np.stack([y - x[-1] for x, y in zip(problem.test.x, problem.test.y, strict=True)])
    kept = errors[: len(errors) // 32 * 32]
    assert round(float((kept**2).mean()), 3) == 1.323
    assert round(float(np.abs(kept).mean()), 3) == 0.744
