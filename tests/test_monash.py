"""The Monash archive's .tsf files: horizons, seasons, gaps and time stamps."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from recurbench import catalogue
from recurbench.datasets.monash import monash
from recurbench.metrics import score

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
    assert "1 missing value is filled with the last value before and not scored" in problem.about.protocol


def test_a_missing_value_of_the_test_part_is_not_scored(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6,7,8,?,10\n")
    problem = monash(name="toy")
    assert np.array_equal(problem.test.y[0][:, 0], [np.nan, 10], equal_nan=True)
    assert problem.missing == {"T1": (8,)}


def test_series_too_short_are_left_out_and_counted(put):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\nT2:1990-01-01 00-00-00:1,2,3\n")
    problem = monash(name="toy")
    assert problem.test.series == ("T1",)
    assert "1 of 2 series is too short and left out: 'T2' (3 steps)" in problem.about.protocol
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
        ("annual", None, "1991-01-01T00:00"),
        ("2_months", 6, "1990-03-01T00:00"),
        ("half-hourly", 48, "1990-01-01T00:30"),
        ("15min", 96, "1990-01-01T00:15"),
        ("10T", 144, "1990-01-01T00:10"),
        ("W-SUN", 52, "1990-01-08T00:00"),
        ("QE-DEC", 4, "1990-04-01T00:00"),
        ("7_days", 52, "1990-01-08T00:00"),
        ("10 days", None, "1990-01-11T00:00"),
        ("secondly", None, "1990-01-01T00:00"),
    ],
)
def test_a_frequency_may_be_counted_abbreviated_and_written_in_any_case(put, frequency, period, second):
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


OWN = "@attribute series_name string\n@attribute horizon {kind}\n@frequency monthly\n@data\n"


@pytest.fixture
def own(put, tmp_path):
    """Write a file whose series have horizons of their own."""
    put("")

    def write(*rows: str, kind: str = "numeric") -> None:
        text = OWN.format(kind=kind) + "\n".join(rows) + "\n"
        (tmp_path / "monash" / "toy_dataset.tsf").write_text(text)

    return write


def test_one_horizon_of_all_series_is_an_ordinary_problem(own):
    own("T1:2:1,2,3,4,5,6", "T2:2:1,2,3,4,5,7")
    problem = monash(name="toy")
    assert problem.task.steps == 2
    assert "horizons" not in problem.about.protocol


@pytest.mark.parametrize("kind", ["numeric", "string"])
def test_a_shorter_horizon_is_asked_at_its_own_end_and_only_its_own_steps_are_scored(own, kind):
    own("T1:3:1,2,3,4,5,6,7,8,9", "T2:1:11,12,13,14,15,16,17", kind=kind)
    problem = monash(name="toy")
    assert problem.test.series == ("T1", "T2")
    assert problem.task.steps == 3
    assert [x[:, 0].tolist() for x in problem.test.x] == [[1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16]]
    assert problem.test.y[0][:, 0].tolist() == [7, 8, 9]
    assert np.array_equal(problem.test.y[1][:, 0], [17, np.nan, np.nan], equal_nan=True)
    # Training asks for the longest horizon, and ends where the test part begins.
    assert [y[:, 0].tolist() for y in problem.train.y] == [[4, 5, 6], [14, 15, 16]]
    assert [len(time) for time in problem.test.time] == [9, 9]
    assert (
        "1 test origin; horizons 1 (1 series) and 3 (1 series); every series is scored up to its own"
        in problem.about.protocol
    )


def test_the_mean_absolute_error_counts_every_series_up_to_its_own_horizon(own):
    own("T1:3:1,1,1,1,1,1,4,4,4", "T2:1:2,2,2,2,2,2,7")
    problem = monash(name="toy")
    naive = [np.repeat(x[-1:], 3, axis=0) for x in problem.test.x]
    assert score(problem.task, problem.test, naive).values["mae"] == (3 + 5) / 2


def test_a_horizon_that_is_given_is_that_of_every_series(own):
    own("T1:3:1,2,3,4,5,6,7,8,9", "T2:1:11,12,13,14,15,16,17")
    problem = monash(name="toy", horizon=2)
    assert [y[:, 0].tolist() for y in problem.test.y] == [[8, 9], [16, 17]]


@given(
    lengths=st.lists(st.integers(6, 40), min_size=1, max_size=6),
    horizons=st.lists(st.integers(1, 4), min_size=6, max_size=6),
    origins=st.integers(1, 3),
)
def test_no_scored_value_and_no_later_value_is_in_train_whatever_the_horizons(lengths, horizons, origins):
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {catalogue.VARIABLE: folder}):
        path = Path(folder) / "monash" / "toy_dataset.tsf"
        path.parent.mkdir()
        rows = [
            f"T{i}:{horizons[i]}:{','.join(str(1000 * i + t) for t in range(length))}"
            for i, length in enumerate(lengths)
        ]
        path.write_text(OWN.format(kind="numeric") + "\n".join(rows) + "\n")
        longest = max(horizons[: len(lengths)])
        fits = [n >= 2 + longest + origins * h for n, h in zip(lengths, horizons, strict=False)]
        assume(any(fits))
        problem = monash(name="toy", origins=origins)
        assert len(problem.train) == sum(fits)
        assert len(problem.test) == origins * sum(fits)
        for i, name in enumerate(problem.train.series):
            own = horizons[int(name[1:])]
            asked = [k for k, each in enumerate(problem.test.series) if each == name]
            scored = np.concatenate([problem.test.y[k][~np.isnan(problem.test.y[k])] for k in asked])
            assert len(scored) == origins * own == len(set(scored))
            assert np.concatenate([problem.train.x[i], problem.train.y[i]]).max() == scored.min() - 1
            assert all(problem.test.x[k].max() < np.nanmin(problem.test.y[k]) for k in asked)


def test_the_protocol_names_series_that_are_left_out_and_has_a_sentence_for_no_season(put):
    put("T1:1,2,3,4,5,6\nT2:1,2,3\nT3:1\n", frequency="yearly", dated=False)
    protocol = monash(name="toy").about.protocol
    assert "2 of 3 series are too short and left out: 'T2' (3 steps), 'T3' (1 step)" in protocol
    assert "; no season;" in protocol
    assert "None" not in protocol


@pytest.mark.parametrize(("horizon", "origins"), [(-1, 1), (0, 0)])
def test_settings_below_their_least_are_refused(put, horizon, origins):
    put("T1:1990-01-01 00-00-00:1,2,3,4,5,6\n")
    with pytest.raises(ValueError, match=r"horizon must be at least 0 .* origins at least 1, got"):
        monash(name="toy", horizon=horizon, origins=origins)


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
