"""What is proposed for a file of series, why, and which faults of the data are named."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from recurbench.api import Request, prepare
from recurbench.datasets.csv_series import own_series
from recurbench.reading.proposal import Options, Proposal
from recurbench.reading.propose import propose
from recurbench.reading.protocol import LEAST_HORIZONS, TEST_SHARE, protocol_of, seasons
from recurbench.reading.series_problem import series_problem
from recurbench.reading.series_proposal import season_how
from recurbench.reports.statistics import lift_verdicts
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.task import Several

MONTHS = [f"{1990 + i // 12}-{i % 12 + 1:02d}" for i in range(144)]
VALUES = [f"{100 + 10 * math.sin(i * math.pi / 6) + i / 10:.3f}" for i in range(144)]


def proposed(
    tmp_path: Path, header: str, rows: list[str], name: str = "my.csv", **options: object
) -> Proposal:
    path = tmp_path / name
    path.write_text("\n".join([header, *rows] if header else rows))
    return propose(path, Options(**options))


def value(proposal: Proposal, topic: str) -> str:
    return next(fact.value for fact in proposal.facts if fact.topic == topic)


def remarks(proposal: Proposal) -> str:
    return "\n".join(remark.text for remark in proposal.remarks)


def monthly(changed: dict[int, str] | None = None, count: int = 144) -> list[str]:
    values = {**dict(enumerate(VALUES)), **(changed or {})}
    return [f"{MONTHS[i]},{values[i]}" for i in range(count)]


def test_the_table_names_every_choice_with_its_reason_and_its_option(tmp_path):
    found = proposed(tmp_path, "Month,Passengers", monthly())
    assert [fact.topic for fact in found.facts] == [
        *("task", "id", "time", "target", "covariates", "series", "frequency", "season", "horizon"),
        *("origins", "step", "test span", "procedure", "missing"),
    ]
    assert value(found, "target") == "Passengers"
    assert value(found, "season") == "12 rows"
    assert {fact.option for fact in found.facts if fact.topic in ("season", "horizon", "origins")} == {
        "--period",
        "--horizon",
        "--origins",
    }
    assert found.remarks == ()


def test_the_settings_build_the_problem_that_was_proposed(tmp_path):
    found = proposed(tmp_path, "Month,Passengers", monthly())
    problem = own_series(**found.settings)
    assert (problem.task.steps, problem.task.period, len(problem.test)) == (3, 12, 55)
    assert found.settings["path"] == str((tmp_path / "my.csv").absolute())


def test_what_the_user_fixes_is_taken(tmp_path):
    found = proposed(tmp_path, "Month,Passengers", monthly(), horizon=4, origins=3, period=6)
    assert (found.settings["horizon"], found.settings["origins"], found.settings["step"]) == (4, 3, 4)
    assert value(found, "season") == "6 rows"


@pytest.mark.parametrize(
    ("rows", "season", "expected"),
    [
        (144, 12, (3, 55, 1)),
        (160, 12, (6, 20, 3)),
        (10_000, 24, (24, 39, 12)),
        (119, 4, (4, 22, 2)),
        (36, None, (1, 14, 1)),
        (1800, None, (12, 39, 6)),
    ],
)
def test_the_protocol_follows_from_rows_and_season(rows, season, expected):
    found = protocol_of([rows], season)
    assert (found.horizon, found.origins, found.step) == expected
    assert found.span <= min(0.4 * rows, 20 * found.horizon)


def test_reports_know_the_size_of_a_proposed_test_part():
    # Reports may not import what reads files, so these numbers stand twice.
    assert LEAST_HORIZONS == LEAST_UNITS
    assert TEST_SHARE == lift_verdicts.TEST_SHARE


def test_a_season_is_found_without_dates_and_none_in_noise_or_a_random_walk():
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(400) * 2 * np.pi / 24) + rng.normal(0, 0.1, 400)
    assert seasons([wave])[0][0] == 24
    noisy = np.sin(np.arange(400) * 2 * np.pi / 12) + rng.normal(0, 0.5, 400)
    assert seasons([noisy])[0][0] == 12  # noise hides it in the differences
    assert seasons([np.cumsum(rng.normal(size=400)) + 5 * wave])[0][0] == 24
    noise = rng.normal(size=400)
    alternating = noise.copy()
    for i in range(1, 400):
        alternating[i] -= 0.7 * alternating[i - 1]
    assert seasons([alternating]) == []
    assert seasons([noise]) == []
    assert seasons([np.cumsum(noise)]) == []
    assert seasons([np.ones(50)]) == []
    assert seasons([np.arange(3.0)]) == []


def test_the_season_of_numbered_rows_stands_in_the_settings(tmp_path):
    rows = [f"{100 + 10 * math.sin(i * math.pi / 6) + (i * 7919 % 13) / 20:.3f}" for i in range(200)]
    found = proposed(tmp_path, "load", rows)
    assert found.settings["period"] == 12
    assert "autocorrelation" in next(fact.how for fact in found.facts if fact.topic == "season")


def test_a_season_that_only_the_test_part_has_is_not_found(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.normal(size=300)
    values[150:] += 10 * np.sin(np.arange(150) * 2 * np.pi / 10)
    rows = [f"{value:.3f}" for value in values]
    assert "period" not in proposed(tmp_path, "load", rows, horizon=5, origins=30).settings
    assert proposed(tmp_path, "load", rows[150:], horizon=5, origins=6).settings["period"] == 10


def test_missing_values_and_rows_at_the_ends_are_named_with_what_was_done(tmp_path):
    said = remarks(proposed(tmp_path, "Month,y", monthly({0: "", 50: "NA", 51: "", 143: ""})))
    assert "2 missing values inside 'y', rows 52, 53: filled with the last value before, never scored" in said
    assert "2 rows without a value at the ends of the series: left out, rows 2, 145" in said


def test_a_gap_is_named_by_the_row_after_it(tmp_path):
    rows = monthly()
    del rows[40:43]
    assert "3 dates missing in 1 gap, the longest before row 42" in remarks(
        proposed(tmp_path, "Month,y", rows)
    )


def test_time_stamps_without_a_frequency_are_named_with_the_option_for_a_season(tmp_path):
    days = [date(2020, 1, 1) + timedelta(days=int(i**1.7)) for i in range(100)]
    said = remarks(proposed(tmp_path, "day,y", [f"{day},{VALUES[i]}" for i, day in enumerate(days)]))
    assert "follow no frequency" in said
    assert "--period" in said


def test_rows_that_repeat_exactly_are_kept_once(tmp_path):
    rows = monthly()
    said = remarks(proposed(tmp_path, "Month,y", [*rows, rows[3]]))
    assert "1 row repeated exactly: 146; one of each was kept" in said


def test_a_value_far_from_all_others_is_named(tmp_path):
    said = remarks(proposed(tmp_path, "Month,y", monthly({60: "1e140"})))
    assert "1 value far from all others, rows 62 (1e+140" in said


def test_a_constant_series_is_named(tmp_path):
    rows = [
        f"{name},{month},{5 if name == 'a' else value}"
        for name in "ab"
        for month, value in zip(MONTHS, VALUES, strict=True)
    ]
    assert "1 of 2 series is constant: 'a'" in remarks(proposed(tmp_path, "id,Month,y", rows))


def test_too_few_rows_are_named(tmp_path):
    assert "test windows without overlap" in remarks(proposed(tmp_path, "Month,y", monthly(count=15)))


def test_a_series_per_row_is_read_with_its_own_length(tmp_path):
    header = ",".join(f"V{i}" for i in range(1, 62))
    rows = [f"H{k}," + ",".join(str(i % 7 + k) if i < 50 + k else "" for i in range(60)) for k in range(9)]
    found = proposed(tmp_path, header, rows, series="3")
    problem = own_series(**found.settings)
    assert set(problem.test.series) == {"H0", "H1", "H2"}
    assert {len(x) + len(y) for x, y in zip(problem.test.x, problem.test.y, strict=True)} >= {50, 51, 52}


def test_series_are_chosen_by_a_pattern(tmp_path):
    rows = [f"{m},{v},{v}1,{v}2" for m, v in zip(MONTHS, VALUES, strict=True)]
    found = proposed(tmp_path, "Month,a_1,a_2,b_1", rows, series="a_*")
    assert set(own_series(**found.settings).test.series) == {"a_1", "a_2"}


def test_quarters_are_quarterly_and_slash_dates_say_how_they_were_read(tmp_path):
    quarters = [f"{1970 + i // 4} Q{i % 4 + 1},{VALUES[i]}" for i in range(120)]
    assert value(proposed(tmp_path, "Quarter,y", quarters), "frequency") == "quarterly"
    days = [date(2020, 1, 1) + timedelta(days=i) for i in range(100)]
    rows = [f"{day.month}/{day.day}/{day.year},{VALUES[i]}" for i, day in enumerate(days)]
    found = proposed(tmp_path, "Date,y", rows, "days.csv")
    assert value(found, "frequency") == "daily"
    assert "month first" in value(found, "reading")


TSF = """@relation made-up
@attribute series_name string
@attribute start_timestamp date
@frequency monthly
{horizon}
@data
"""


def test_a_tsf_file_brings_its_horizon(tmp_path):
    lines = [f"T{k}:1990-01-01 00-00-00:{','.join(VALUES[: 100 + k])}" for k in range(3)]
    found = proposed(tmp_path, "", [TSF.format(horizon="@horizon 9") + "\n".join(lines)], "my.tsf")
    assert found.settings["horizon"] == 9
    problem = own_series(**found.settings)
    assert (set(problem.test.series), problem.task.period) == ({"T0", "T1", "T2"}, 12)
    assert str(problem.test.time[0][0])[:10] == "1990-01-01"


def test_a_tsf_file_with_a_horizon_per_series_makes_a_problem_of_each_horizon(tmp_path):
    header = TSF.format(horizon="").replace("@frequency", "@attribute horizon numeric\n@frequency")
    start = "1990-01-01 00-00-00"
    lines = [
        f"T{k}:{start}:{horizon}:{','.join(VALUES[: 100 + k])}" for k, horizon in enumerate(["6", "3", "6"])
    ]
    with pytest.raises(Several) as caught:
        proposed(tmp_path, "", [header + "\n".join(lines)], "my.tsf")
    assert caught.value.choices == [{"of_horizon": 6}, {"of_horizon": 3}]
    plan = prepare(Request(methods=["mean"], data=tmp_path / "my.tsf", out=tmp_path / "run"))
    problems = [own_series(**one.settings) for one in plan.proposals]
    assert [one.task.steps for one in problems] == [6, 3]
    assert [set(one.train.series) for one in problems] == [{"T0", "T2"}, {"T1"}]
    assert own_series(path=str(tmp_path / "my.tsf"), series="T1").task.steps == 3
    again = own_series(path=str(tmp_path / "my.tsf"), horizon=4)
    assert (again.task.steps, len(again.train)) == (4, 3)


def test_dates_of_several_columns_are_one_time_stamp(tmp_path):
    rows = [f"{m[:4]},{int(m[5:])},{v}" for m, v in zip(MONTHS, VALUES, strict=True)]
    assert value(proposed(tmp_path, "Year,Month,y", rows), "frequency") == "monthly"
    hours = [f"2024-01-{1 + i // 24:02d},{i % 24}:00,{VALUES[i]}" for i in range(144)]
    assert value(proposed(tmp_path, "date,clock,y", hours, "hours.csv"), "frequency") == "hourly"


def test_of_candidates_that_are_nearly_equal_one_is_named(tmp_path):
    path = tmp_path / "my.csv"
    path.write_text("\n".join(["Month,Passengers", *monthly()]))
    found = [(7, 0.6), (351, 0.48), (366, 0.47), (362, 0.46), (30, 0.4)]
    how = season_how(replace(series_problem(path, Options()), candidates=found))
    assert how.endswith("7 (0.60), 351 (0.48), 30 (0.40)")
