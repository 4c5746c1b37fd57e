"""The benchmark of short series: its generated series, what it reads of files, and its scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods.baseline import last_value
from scripts import script

short_series = script("benchmarks/short_series.py")
TSF = """@relation made-up
@attribute series_name string
@frequency yearly
@horizon 6
@missing true
@equallength false
@data
"""


def test_the_errors_are_those_of_the_m4_competition() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=2, period=2)
    # Seasonal naive errors of the history: 2 and 4. The forecast misses by 1 and 3.
    y = np.array([1.0, 2.0, 3.0, 6.0, 5.0, 9.0])
    smape, mase = short_series.errors_of(y, np.array([6.0, 6.0]), task)
    assert smape == pytest.approx((200 / 11 + 600 / 15) / 2)
    assert mase == pytest.approx(2 / 3)
    assert np.isnan(short_series.errors_of(np.r_[np.ones(4), 2.0, 3.0], np.ones(2), task)[1])


def test_every_kind_of_series_is_generated_in_the_same_way_each_time() -> None:
    found, same = list(short_series.generated(3)), list(short_series.generated(3))
    assert [group.name for group in found] == [
        *("weekly walk", "yearly drift", "monthly short", "monthly level", "constant past")
    ]
    for one, other in zip(found, same, strict=True):
        assert len(one.series) == 3
        for y, again in zip(one.series, other.series, strict=True):
            assert np.array_equal(y, again)
            assert y.min() > 0
            assert len(y) >= 2 * one.horizon + 2
    assert all(np.ptp(y[: len(y) // 2]) == 0 < np.ptp(y) for y in found[-1].series)


def test_monthly_series_have_a_season_exactly_where_they_are_asked_to() -> None:
    def strength(season: float) -> float:
        rng = np.random.default_rng(0)
        y = np.log(short_series.monthly(rng, 600, season=season, drift=0.0))
        moves = y[1:] - y[:-1]
        means = np.array([moves[phase::12].mean() for phase in range(12)])
        return float(means.std() / moves.std())

    assert strength(0.25) > 0.8
    assert strength(0.0) < 0.3


def test_the_last_horizon_of_a_file_is_cut_off_unless_the_test_part_is_asked_for(tmp_path: Path) -> None:
    rows = ["A:" + ",".join(map(str, range(1, 31))), "B:" + ",".join(map(str, range(1, 16)))]
    rows.append("C:" + ",".join(["?", *map(str, range(2, 31))]))
    (tmp_path / "m3_yearly_dataset.tsf").write_text(TSF + "\n".join(rows) + "\n")
    for test, lengths in ((False, [24]), (True, [30, 15])):
        yearly, made_up = short_series.of_files(tmp_path, test, 1)
        assert (made_up.name, made_up.horizon, made_up.period) == ("m3_yearly_dataset", 6, None)
        assert [len(y) for y in made_up.series] == lengths
        assert made_up.series[0][-1] == lengths[0]
        assert yearly.name == "m1_yearly (aeon)"
    (third,) = list(short_series.of_files(None, True, 3))
    (all_of_them,) = list(short_series.of_files(None, True, 1))
    assert len(all_of_them.series) == 181
    assert np.array_equal(third.series[1], all_of_them.series[3])


def test_a_method_is_scored_on_the_last_horizon_after_everything_before_it() -> None:
    group = short_series.Group("lines", [np.arange(1.0, 12.0), np.arange(2.0, 13.0)], 3, None)
    seen: list[list[int]] = []

    def watched(task: Task, train: Split):
        seen.append([len(x) for x in train.x])
        return last_value(task, train)

    for alone in (True, False):
        smape, mase, spent = short_series.score(group, watched, alone)
        assert mase == pytest.approx(2.0)
        assert 0 < smape < 200
        assert spent >= 0
    assert seen == [[5], [5], [5, 5]]


def test_a_group_asks_for_its_horizon_and_period() -> None:
    task = short_series.Group("g", [], 18, 12).task
    assert (task.steps, task.season) == (18, 12)
