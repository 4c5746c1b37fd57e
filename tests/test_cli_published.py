"""`recurbench published`: one table per source, the reasons, and the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from recurbench import catalogue, published
from recurbench.cli.main import main
from recurbench.cli.published import _asked, _table
from recurbench.literature import FIGURES
from recurbench.published import Compared

NAIVE = ("m1-yearly", "seasonal-naive", "mase")


@pytest.fixture(autouse=True)
def nothing_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "no data"))
    monkeypatch.chdir(tmp_path)


def figure(problem: str, method: str, metric: str):
    (one,) = (f for f in FIGURES if (f.problem, f.method, f.metric) == (problem, method, metric))
    return one


@pytest.mark.long
def test_the_bundled_yearly_series_meet_their_published_score_and_what_lacks_is_named():
    result = CliRunner().invoke(main, ["published", "--datasets", "m1-yearly,m4"])
    assert result.exit_code == 0, result.output
    assert "chronos-forecasting fead4ec" in result.output
    row = next(line for line in result.output.splitlines() if "m1-yearly  seasonal-naive" in line)
    assert row.split()[-4:] == ["4.894322", "4.894322", "+0.00%", "agrees"]
    assert "m4[group=Weekly]: left out, its data are not on this machine" in result.output
    assert result.output.splitlines()[-1] == "1 of 1 scores that must agree do"


def test_data_sets_without_a_published_score_are_refused_with_those_that_have_one():
    result = CliRunner().invoke(main, ["published", "--datasets", "airline"])
    assert result.exit_code == 2
    assert "no published score is on airline with files on this machine (" in result.output
    assert "; write one of " in result.output
    assert "gunpoint" in result.output


def test_a_problem_is_named_with_its_settings_or_by_its_data_set():
    asked = {one.problem for one in FIGURES if _asked(one, ["monash[name=m3_yearly]", "m4"])}
    assert "monash[name=m3_yearly]" in asked
    assert {"m4", "m4[group=Weekly]"} <= asked
    assert "monash" not in asked


def test_the_name_in_the_source_stands_beside_ours_only_where_it_is_another():
    lines = _table([Compared(figure(*one), 1.0, "") for one in (("m4", "ses", "mase"), NAIVE)])
    assert any(" ses (SES) " in line for line in lines)
    assert any(" seasonal-naive  " in line for line in lines)


def test_a_score_that_differs_is_in_capitals_and_one_that_cannot_agree_has_its_reason():
    same, like = figure("m4", "last-value", "mase"), figure("monash[name=cif_2016]", "theta", "mae")
    close = figure("m4", "damped", "mase")
    lines = _table(
        [
            Compared(same, 11.5, ""),
            Compared(close, 2.96, ""),
            Compared(like, 713245.35, ""),
            Compared(replace(like, method="tbats"), None, "needs statsforecast", True),
        ]
    )
    assert lines[0] == f"{same.source}:"
    assert lines[2].endswith("11.608     11.500  -0.93%  DIFFERS")
    assert lines[3].endswith("2.956      2.960   +0.14%  agrees (within 1%)")
    assert lines[4] == f"{like.source}:"
    assert lines[6].endswith("714818.58  713245.35  -0.22%  cannot agree")
    assert lines[7].endswith("none               no score")
    assert lines[8:] == [
        f"  cannot agree: {like.unlike}",
        "  no score: needs statsforecast",
    ]


def test_the_command_ends_with_1_where_a_score_differs(monkeypatch):
    same = figure("m4", "last-value", "mase")
    monkeypatch.setattr(published, "compare", lambda jobs, folder, tell: [Compared(same, 11.5, "")])
    result = CliRunner().invoke(main, ["published", "--datasets", "gunpoint"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "0 of 1 scores that must agree do; 1 differs"
