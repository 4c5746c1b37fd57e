"""The Monash archive's .tsf files: horizons, seasons, gaps and time stamps."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.datasets.monash import monash

HEAD = (
    "# toy\n@relation toy\n@attribute series_name string\n{start}@frequency {frequency}\n{horizon}"
    "@missing true\n@equallength false\n@data\n"
)


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))

    def write(
        rows: str, frequency: str = "monthly", horizon: int = 2, dated: bool = True, name: str = "toy_dataset"
    ) -> None:
        text = HEAD.format(
            start="@attribute start_timestamp date\n" if dated else "",
            frequency=frequency,
            horizon=f"@horizon {horizon}\n" if horizon else "",
        )
        (tmp_path / "monash").mkdir(exist_ok=True)
        (tmp_path / "monash" / f"{name}.tsf").write_text(text + rows)

    return write


def test_the_last_horizon_is_asked_and_the_one_before_trains(put):
    put("T1:1990-11-01 00-00-00:1,2,3,4,5,6,7,8\nT2:1991-01-01 00-00-00:1,2,3,4,5,6\n")
    problem = monash(name="toy")
    assert problem.task.steps == 2
    assert problem.task.period == 12
    assert problem.test.series == ("T1", "T2")
    assert [x[:, 0].tolist() for x in problem.test.x] == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4]]
    assert [y[:, 0].tolist() for y in problem.test.y] == [[7, 8], [5, 6]]
    assert [x[:, 0].tolist() for x in problem.train.x] == [[1, 2, 3, 4], [1, 2]]
    assert str(problem.test.time[0][2].astype("datetime64[D]")) == "1991-01-01"


def test_gaps_inside_are_filled_gaps_at_the_ends_cut_and_both_keep_their_months(put):
    put("T1:1990-01-01 00-00-00:?,?,3,4,?,6,7,8,9,?\n")
    problem = monash(name="toy")
    assert problem.test.x[0][:, 0].tolist() == [3, 4, 4, 6, 7]
    assert str(problem.test.time[0][0].astype("datetime64[M]")) == "1990-03"
    assert "1 missing values are filled with the last value before and not scored" in problem.about.protocol


def test_a_missing_value_of_the_test_part_is_not_scored(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6,7,8,?,10\n")
    problem = monash(name="toy")
    assert np.array_equal(problem.test.y[0][:, 0], [np.nan, 10], equal_nan=True)
    assert problem.missing == {"T1": (8,)}


def test_series_too_short_are_left_out_and_counted(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\nT2:1990-01-01 00-00-00:1,2,3\n")
    problem = monash(name="toy")
    assert problem.test.series == ("T1",)
    assert "1 of 2 series are too short and left out" in problem.about.protocol
    said = "2 of 2 series are too short: 'T1' .6 steps., 'T2' .3 steps.; .*22 steps; lower the horizon to 2"
    with pytest.raises(ValueError, match=said):
        monash(name="toy", horizon=10)
    assert monash(name="toy", horizon=2).test.series == ("T1",)


def test_a_file_without_a_horizon_needs_one(put):
    put("T1:1,2,3,4,5,6,7,8\n", horizon=0, dated=False)
    with pytest.raises(ValueError, match=r"monash\[name=toy,horizon=12\]"):
        monash(name="toy")
    problem = monash(name="toy", horizon=3)
    assert problem.task.steps == 3
    assert problem.test.time[0].tolist() == list(range(8))


@pytest.mark.parametrize(
    ("frequency", "period", "second"),
    [
        ("yearly", None, "1991-01-01T00"),
        ("quarterly", 4, "1990-04-01T00"),
        ("weekly", 52, "1990-01-08T00"),
        ("daily", 7, "1990-01-02T00"),
        ("hourly", 24, "1990-01-01T01"),
        ("half_hourly", 48, "1990-01-01T00"),
    ],
)
def test_the_frequency_gives_season_and_time_stamps(put, frequency, period, second):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\n", frequency)
    problem = monash(name="toy")
    assert problem.task.period == period
    assert str(problem.test.time[0][1].astype("datetime64[h]")) == second


@pytest.mark.parametrize(
    ("frequency", "period", "second"),
    [
        ("Monthly", 12, "1990-02-01T00:00"),
        ("15_minutes", 96, "1990-01-01T00:15"),
        ("2 hours", 12, "1990-01-01T02:00"),
        ("7_minutes", None, "1990-01-01T00:07"),
        ("24_hours", 7, "1990-01-02T00:00"),
        ("1440_minutes", 7, "1990-01-02T00:00"),
        ("86400_seconds", 7, "1990-01-02T00:00"),
        ("168_hours", 52, "1990-01-08T00:00"),
        ("3600_seconds", 24, "1990-01-01T01:00"),
        ("60_seconds", 1440, "1990-01-01T00:01"),
        ("48_hours", None, "1990-01-03T00:00"),
        ("4_seconds", None, "1990-01-01T00:00"),
    ],
)
def test_a_frequency_may_count_minutes_and_be_written_in_any_case(put, frequency, period, second):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\n", frequency)
    problem = monash(name="toy")
    assert problem.task.period == period
    assert str(problem.test.time[0][1].astype("datetime64[m]")) == second


def test_a_frequency_that_nobody_knows_is_refused(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\n", "fortnightly")
    with pytest.raises(
        ValueError, match=r"@frequency is 'fortnightly', which is not one of yearly, .* 15_minutes; write"
    ):
        monash(name="toy")


def test_horizons_of_the_series_count_where_they_are_one_and_are_named_where_not(put, tmp_path):
    put("", name="toy_dataset")
    path = tmp_path / "monash" / "toy_dataset.tsf"
    head = "@attribute series_name string\n@attribute horizon numeric\n@frequency monthly\n@data\n"
    path.write_text(f"{head}T1:2:1,2,3,4,5,6\nT2:2:1,2,3,4,5,7\n")
    assert monash(name="toy").task.steps == 2
    path.write_text(f"{head}T1:2:1,2,3,4,5,6\nT2:1:1,2,3,4,5,7\n")
    with pytest.raises(ValueError, match=r"from 1 to 2; .* choose it: monash\[name=toy,horizon=1\]"):
        monash(name="toy")
    assert monash(name="toy", horizon=1).test.series == ("T1", "T2")


def test_a_file_may_be_called_by_its_whole_name(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\n", name="mine")
    assert len(monash(name="mine").test) == 1


@pytest.mark.parametrize(
    ("name", "count", "steps", "period", "shortest", "longest"),
    [
        ("m1_monthly", 617, 18, 12, 48, 150),
        ("m3_yearly", 645, 6, None, 20, 47),
        ("sample", 299, 8, 52, 156, 156),
    ],
)
def test_real_files_have_their_known_sizes(real, name, count, steps, period, shortest, longest):
    problem = monash(name=name)
    assert (len(problem.test), problem.task.steps, problem.task.period) == (count, steps, period)
    lengths = [len(x) + len(y) for x, y in zip(problem.test.x, problem.test.y, strict=True)]
    assert (min(lengths), max(lengths)) == (shortest, longest)
    assert all(np.isfinite(x).all() for x in problem.test.x)
    assert problem.about.licence.startswith("CC BY 4.0")
