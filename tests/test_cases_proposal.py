"""A problem is proposed for every format of cases, with settings that build it again."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from own_files import npz, panel, put, ts, tsv, wide
from recurbench.api import load as load_run
from recurbench.cli.main import main
from recurbench.cli.proposals import proposal_lines, remark_lines
from recurbench.own_data import problems_of
from recurbench.reading.cases_proposal import holds_cases, propose_cases
from recurbench.reading.proposal import Options
from recurbench.reading.propose import propose
from recurbench.registry import discover, load
from recurbench.request import Request


def fact(proposal, topic):
    return next(one for one in proposal.facts if one.topic == topic)


def built(proposal):
    choice = discover().datasets[proposal.dataset].choose(proposal.settings)
    return load(choice.plugin)(**choice.settings)


def test_a_pair_is_proposed_and_its_settings_build_it(tmp_path):
    put(tmp_path, a_TRAIN__ts=ts(20), a_TEST__ts=ts(30, first=1))
    proposal = propose_cases(tmp_path, Options())
    assert proposal.dataset == "own-classes"
    problem = built(proposal)
    assert (len(problem.train), len(problem.test)) == (20, 30)
    assert problem.task.y.names == ("a", "b")


def test_a_panel_is_proposed_with_its_columns(tmp_path):
    put(tmp_path, p__csv=panel())
    proposal = propose_cases(tmp_path / "p.csv", Options())
    assert proposal.settings["case"] == "company"
    assert fact(proposal, "label").value == "status"
    problem = built(proposal)
    assert problem.task.x.names == ("sales", "debt")
    assert problem.about.metric == "accuracy"


def test_many_numbers_are_a_regression_unless_the_user_says_otherwise(tmp_path):
    put(tmp_path, w__csv=wide(60, label="y", numbers=True))
    options = Options(label="y")
    proposal = propose_cases(tmp_path / "w.csv", options)
    assert proposal.dataset == "own-values"
    assert built(proposal).task.kind == "regression"
    put(tmp_path, v__tsv=tsv(40))
    assert propose_cases(tmp_path / "v.tsv", Options()).dataset == "own-classes"
    assert propose_cases(tmp_path / "v.tsv", Options(task="regression")).dataset == "own-values"
    assert fact(propose_cases(tmp_path / "v.tsv", Options(task="regression")), "task").how == "named"


def test_remarks_of_the_data_are_part_of_the_proposal(tmp_path):
    proposal = propose_cases(npz(tmp_path / "a.npz", 24), Options())
    assert any("fewer than" in remark.text for remark in proposal.remarks)


def test_options_that_a_format_cannot_use_are_refused(tmp_path):
    put(tmp_path, a__ts=ts(20))
    with pytest.raises(ValueError, match="--label"):
        propose_cases(tmp_path / "a.ts", Options(label="class"))
    with pytest.raises(ValueError, match="--task"):
        propose_cases(tmp_path / "a.ts", Options(task="clustering"))


def test_cases_are_told_from_series(tmp_path):
    put(tmp_path, a__ts=ts(), b__tsv=tsv(), p__csv=panel(), s__csv="unique_id,ds,y\na,1,2\na,2,3\n")
    held = {name: holds_cases(tmp_path / name, Options()) for name in ("a.ts", "b.tsv", "p.csv", "s.csv")}
    assert held == {"a.ts": True, "b.tsv": True, "p.csv": True, "s.csv": False}
    assert holds_cases(tmp_path / "s.csv", Options(label="y"))
    assert not holds_cases(tmp_path / "p.csv", Options(horizon=2))
    assert not holds_cases(tmp_path / "b.tsv", Options(horizon=2))
    assert holds_cases(tmp_path, Options())
    assert not holds_cases(tmp_path, Options(horizon=2))


def test_each_data_set_of_a_folder_is_a_problem_of_its_own(tmp_path):
    put(
        tmp_path, a_TRAIN__ts=ts(20), a_TEST__ts=ts(30, first=1), b_TRAIN__tsv=tsv(40), b_TEST__tsv=tsv(12, 7)
    )
    registry = discover()
    found = problems_of(Request(data=str(tmp_path)), registry)
    assert [choice.label for choice, _ in found] == ["a_TRAIN.ts", "b_TRAIN.tsv"]
    assert [len(built(proposal).train) for _, proposal in found] == [20, 40]
    assert [line for line in proposal_lines([one for _, one in found]) if line.endswith(":")] == [
        "a_TRAIN.ts:",
        "b_TRAIN.tsv:",
    ]
    assert next(remark_lines([one for _, one in found])).startswith("Read a_TRAIN.ts as: task")


def test_a_folder_of_several_data_sets_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, first in (("up", 1), ("down", 3)):
        (tmp_path / "mine" / name).mkdir(parents=True)
        put(tmp_path / "mine" / name, TRAIN__ts=ts(20, first=first), TEST__ts=ts(30, first=first + 1))
    told = CliRunner().invoke(main, ["run", "--data", "mine", "--methods", "euclidean-1nn", "--jobs", "1"])
    assert told.exit_code == 0, told.output
    cells = load_run("runs/cases-mine").query("stage == 'final' and method == 'euclidean-1nn'")
    assert len(set(cells["problem"])) == 2
    assert f"--data {tmp_path}/mine/up/TRAIN.ts" in told.output.replace("\n", " ")
    command = ["predict", "runs/cases-mine", "--data", "mine/up/TEST.ts", "--problem"]
    assert CliRunner().invoke(main, [*command, "other/TRAIN.ts"]).exit_code == 2
    named = CliRunner().invoke(main, [*command, "up/TRAIN.ts"])
    assert named.exit_code == 0, named.output
    assert "down/TRAIN.ts" in told.output
    assert "up/TRAIN.ts" in told.output


def test_a_run_keeps_missing_values_and_predicts_cases_that_have_some(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = ts(40).replace("@timeStamps false", "@timeStamps false\n@missing true")
    lines = text.splitlines()
    lines[-1] = f"?,{lines[-1].partition(',')[2]}"
    put(tmp_path, a__ts="\n".join(lines))
    command = ["run", "--data", "a.ts", "--missing", "keep", "--methods", "hmm", "--jobs", "0"]
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 0, told.output
    assert "are kept: 1" in told.output.replace("\n", " ")
    assert "--missing keep" in told.output.replace("\n", " ")
    asked = CliRunner().invoke(main, ["predict", "runs/cases-a", "--data", "a.ts"])
    assert asked.exit_code == 0, asked.output
    series = CliRunner().invoke(main, ["run", "--data", "a.ts", "--missing", "drop", "--dry-run"])
    assert series.exit_code == 2
    assert "missing is 'drop', which is for series" in series.output


def test_options_of_series_are_refused_for_cases(tmp_path):
    put(tmp_path, a__ts=ts(20))
    with pytest.raises(ValueError, match="--horizon"):
        propose_cases(tmp_path / "a.ts", Options(horizon=3))


def test_missing_values_are_kept_where_that_is_asked_for(tmp_path):
    put(tmp_path, a__ts=ts(20).replace("@timeStamps false", "@timeStamps false\n@missing true"))
    kept = propose_cases(tmp_path / "a.ts", Options(missing="keep")).settings
    assert kept["missing"] == "keep"
    plain = propose_cases(tmp_path / "a.ts", Options(missing="interpolate")).settings
    assert "missing" not in plain
    with pytest.raises(ValueError, match="missing is 'carry', which is for series; write one of interpolate"):
        propose_cases(tmp_path / "a.ts", Options(missing="carry"))


def test_propose_takes_cases_or_series_by_what_the_file_holds(tmp_path):
    series = "unique_id,ds,y\n" + "".join(f"a,{i},{i % 5}\n" for i in range(60))
    put(tmp_path, p__csv=panel(), s__csv=series)
    assert propose(tmp_path / "p.csv", Options()).dataset == "own-classes"
    assert propose(tmp_path / "s.csv", Options()).dataset == "csv"
