"""The commands as a user types them: what they print and how they end."""

import json
import re
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner
from recurbench.cli.main import main
from recurbench.reports.text.repeat import commands
from recurbench.results import read_run
from tuned import prepared

FAILS = '''
"""A method that fails."""

from recurbench import method


@method("stumbles", family="baseline", kinds={"forecasting"})
def stumbles(task, train):
    """Fail."""
    raise RuntimeError("out of | luck")
'''


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run of two methods on one problem, and what the command printed."""
    out = tmp_path_factory.mktemp("runs") / "one"
    return out, invoke("run", "--methods", "drift,theta", "--datasets", "airline", "--out", out)


def test_a_run_prints_the_table_and_says_where_its_files_are(done):
    out, result = done
    assert result.exit_code == 0
    assert "theta" in result.output
    assert "MASE ↓" in result.output
    for path in (out / "report" / "table.md", out / "report" / "table.csv"):
        assert path.is_file()
        assert str(path) in result.output.replace("\n", "")
    assert "3 results (3 ok)" in result.output


def test_a_second_run_says_that_nothing_was_computed(done):
    out, _ = done
    again = invoke("run", "--methods", "drift,theta", "--datasets", "airline", "--out", out)
    assert again.exit_code == 0
    assert "all cached, nothing computed" in again.output


def test_report_prints_the_same_tables_again(done):
    out, result = done
    again = invoke("report", out)
    assert again.exit_code == 0
    assert again.output in result.output


def test_export_writes_one_row_per_cell(done, tmp_path):
    out, _ = done
    text = invoke("export", out).output
    (tmp_path / "cells.csv").write_text(text)
    frame = pd.read_csv(tmp_path / "cells.csv")
    assert {"problem", "address", "stage", "status", "score", "mase", "cpu_seconds", "code"} <= set(
        frame.columns
    )
    target = tmp_path / "cells.json"
    assert invoke("export", out, "--to", "json", "--output", target).exit_code == 0
    assert len(json.loads(target.read_text())) == len(frame)


def test_a_failing_method_is_a_visible_row_and_the_exit_code_is_1(tmp_path):
    plugin = tmp_path / "mine.py"
    plugin.write_text(FAILS)
    result = invoke(
        "run",
        "--methods",
        "stumbles,drift",
        "--datasets",
        "airline",
        "--plugin",
        plugin,
        "--out",
        tmp_path / "run",
    )
    assert result.exit_code == 1
    assert "2 ok" in result.output
    assert "RuntimeError" in result.output
    assert "out of \\| luck" in (tmp_path / "run" / "report" / "table.md").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "qick"], "no suite is called 'qick'; nearest: quick"),
        (["run", "--methods", "lstn"], "no method is called 'lstn'; nearest: lstm"),
        (["run", "--datasets", "gun-point"], "no dataset is called 'gun-point'; nearest: gunpoint"),
        (["run", "--methods", "lstm[hidden"], "is not a name"),
        (["run", "--methods", " ,"], "contains no name"),
        (
            ["run", "--methods", "mlp[hidden=abc]", "--datasets", "airline"],
            "hidden is 'abc', wanted a whole number",
        ),
        (["run", "--methods", "mlp[hidden=8,hidden=16]"], "gives hidden twice"),
        (["run", "--methods", "gru[decoder=attn]"], "write decoder=attention, the nearest"),
        (["run", "--methods", "lstm[max_steps=0]"], "max_steps is 0, wanted a whole number of at least 1"),
        (
            ["run", "--methods", "dtw-1nn[window=1.5]"],
            "window is 1.5, wanted 'learned', a finite number of at least 0 and at most 1",
        ),
        (["run", "--datasets", "airline[quantiles=yes]"], "quantiles is 'yes', wanted True or False"),
        (["run", "--datasets", "ucr[normalise=True]"], "normalise is True, wanted 'none' or 'series'"),
        (["run", "--methods", "lstm[scale=series]"], "no setting 'scale', which is called normalise now;"),
        (["run", "--datasets", "ucr[padded=True]"], "no setting 'padded', which is called unequal now;"),
        (
            ["run", "--methods", "mlp[policy=last]"],
            "no setting 'policy', which is called unequal (policy=last: reads=window) now;",
        ),
        (["plan", "--datasets", "airline[origins='5']"], "write origins=5, without quotes"),
        (["run", "--horizon", "3"], "--data FILE"),
        (["run", "--data", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["run", "--timeout", "soon"], "'soon' is not a time such as 90s"),
        (["run", "--memory", "much"], "'much' is not a size such as"),
        (["report", "nowhere"], "holds no results.sqlite"),
        (["export", "nowhere"], "holds no results.sqlite"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(words, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke(*words)
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


ROWS = "\n".join(f"a,2020-{1 + i % 12:02d}-0{1 + i // 12},{i}" for i in range(60))
BROKEN = {
    "no numbers": ("unique_id,ds,value\na,2020-01-01,x", "row 1: no column holds numbers"),
    "text in y": ("unique_id,ds,y\na,2020-01-01,1\na,2020-01-02,much", "row 3: y is 'much'"),
    "a time twice": (
        "unique_id,ds,y\na,2020-01-01,1\na,2020-01-01,2",
        "row 3: series 'a' has 2020-01-01 already",
    ),
    "too short": ("unique_id,ds,y\na,2020-01-01,1\na,2020-01-02,2", "too short: horizon 12"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_csv_is_one_sentence_and_leaves_no_run(name, tmp_path, monkeypatch):
    content, sentence = BROKEN[name]
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(content)
    result = invoke("run", "--data", "mine.csv", "--horizon", "12")
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert "mine.csv" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_dry_run_shows_what_is_made_of_a_file_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{1990 + i // 12}-{i % 12 + 1:02d},{i % 12 if i != 50 else ''}" for i in range(100)]
    Path("sales.csv").write_text("\n".join(["Month,Sales", *rows]))
    result = invoke("run", "--data", "sales.csv", "--dry-run", "--horizon", "4")
    assert result.exit_code == 0
    for option in ("--time", "--target", "--period", "--horizon", "--origins", "--step", "--missing"):
        assert option in result.output
    assert "1 missing value inside 'Sales', rows 52" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["sales.csv"]
    planned = invoke("plan", "--data", "sales.csv", "--methods", "drift").output
    assert "time Month; target Sales" in planned
    assert "rows 52" in planned


def test_the_command_that_repeats_a_run_of_ones_own_file_works_in_another_folder(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    rows = [f"{1990 + i // 12}-{i % 12 + 1:02d},{i % 12},{i % 5}" for i in range(100)]
    Path("sales.csv").write_text("\n".join(["Month,a,b", *rows]))
    asked = ["--data", "sales.csv", "--methods", "drift", "--target", "a", "--covariates", "b", "--jobs", "0"]
    assert invoke("run", *asked, "--out", tmp_path / "one").exit_code == 0
    (command,) = commands(read_run(tmp_path / "one"))
    monkeypatch.chdir(tmp_path)
    again = invoke(*shlex.split(command)[1:], "--jobs", "0", "--out", tmp_path / "one")
    assert again.exit_code == 0
    assert "all cached" in again.output


def test_a_csv_of_ones_own_gives_the_table_under_its_own_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    months = pd.date_range("2010-01-01", periods=96, freq="MS").strftime("%Y-%m-%d")
    frame = pd.DataFrame({"unique_id": "a", "ds": months, "y": [10 + i % 12 + 0.1 * i for i in range(96)]})
    frame.to_csv("sales, of [mine].csv", index=False)
    result = invoke(
        "run",
        "--data",
        "sales, of [mine].csv",
        "--horizon",
        "6",
        "--methods",
        "theta,drift",
        "--origins",
        "4",
    )
    assert result.exit_code == 0, result.output
    table = (tmp_path / "runs" / "csv-sales, of [mine]" / "report" / "table.md").read_text()
    assert "| sales, of [mine].csv | MASE ↓ |" in table
    assert not [line for line in table.splitlines() if line.startswith("|") and str(tmp_path) in line]
    said = "sales, of [mine].csv: 1 series of 96 rows, monthly, season 12, no gaps, nothing filled; 4 test"
    assert result.output.startswith(said)
    planned = invoke("plan", "--data", "sales, of [mine].csv", "--methods", "drift", "--origins", "4")
    assert planned.output.startswith(said)


def test_a_file_of_two_frequencies_is_two_rows_of_the_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frames = [
        pd.DataFrame({"unique_id": name, "ds": pd.date_range("2010-01-01", periods=200, freq=freq)})
        for name, freq in (("a", "MS"), ("b", "D"))
    ]
    frame = pd.concat(frames)
    frame["y"] = [i % 7 + i % 12 + i / 30 for i in range(len(frame))]
    frame.to_csv("mixed.csv", index=False)
    result = invoke("run", "--data", "mixed.csv", "--methods", "drift", "--jobs", "0")
    assert result.exit_code == 0, result.output
    assert "mixed.csv: 1 of 2 series of 200 rows, daily, season 7, no gaps" in result.output
    table = (tmp_path / "runs" / "csv-mixed" / "report" / "table.md").read_text()
    assert "| mixed.csv monthly | MASE ↓ |" in table
    assert "| mixed.csv daily | MASE ↓ |" in table
    one = invoke("run", "--data", "mixed.csv", "--methods", "drift", "--frequency", "Daily", "--jobs", "0")
    assert "monthly" not in one.output.partition("mase")[0]
    refused = invoke("run", "--datasets", "csv[path=mixed.csv]", "--methods", "drift")
    assert refused.exit_code == 2
    assert "choose one with frequency=monthly" in refused.output.replace("\n", " ")


def test_a_damaged_run_file_is_refused_in_words(done, tmp_path):
    out, _ = done
    bytes_ = bytearray((out / "results.sqlite").read_bytes())
    for place in range(4096, len(bytes_), 997):
        bytes_[place : place + 60] = b"?" * len(bytes_[place : place + 60])
    (tmp_path / "results.sqlite").write_bytes(bytes_)
    result = invoke("report", tmp_path)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "--out" in result.output


@pytest.mark.long
def test_a_run_counts_its_seeds_and_draws_from_the_first_asked_for(tmp_path):
    words = ("--methods", "esn", "--datasets", "parity[n_train=20,n_test=20]")
    result = invoke("run", *words, "--first-seed", 5, "--seeds", 2, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    found = pd.read_csv(StringIO(invoke("export", tmp_path).stdout))
    drawn = found[found["method"] == "esn"]
    assert set(zip(drawn["data_seed"], drawn["seed"], strict=True)) == {(5, 5), (6, 6)}


def test_the_command_line_leaves_a_suite_its_own_first_draw():
    from recurbench.api import prepare
    from recurbench.cli.options import as_request, request_options

    asked = {}
    command = click.command()(request_options(lambda suite, **options: asked.update(suite=suite, **options)))
    assert CliRunner().invoke(command, ["map", "--datasets", "parity"]).exit_code == 0
    plan = prepare(as_request(asked.pop("suite"), asked))
    assert {job.data_seed for job in plan.jobs} == set(range(100, 110))


def test_a_problem_without_a_block_is_refused_in_words():
    result = invoke("run", "map", "--datasets", "gunpoint")
    assert result.exit_code == 2
    assert "map has no methods for gunpoint; its problems: parity" in result.output.replace("\n", " ")


def test_plan_says_what_would_run_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("plan", "--methods", "drift", "--datasets", "airline")
    assert result.exit_code == 0
    assert "airline: 2 results, 0 cached; 2 new" in result.output
    assert not list(tmp_path.iterdir())


def test_a_run_says_by_what_factor_its_estimate_was_off_the_first_one_too(tmp_path):
    words = ["run", "--methods", "drift", "--datasets", "airline", "--jobs", 1]
    output = invoke(*words, "--out", tmp_path / "one").output
    assert re.search(
        r"(took \S+ (times|%)|as long as estimated|too short).*: \S+ CPU-s estimated, \S+ CPU-s taken",
        output,
    )


@pytest.mark.long
def test_an_estimate_is_held_against_no_run_in_which_a_job_crashed(tmp_path):
    plugin = tmp_path / "dies.py"
    plugin.write_text(
        "import os\nfrom recurbench import method\n\n\n"
        '@method("dies", family="baseline", kinds={"forecasting"})\n'
        "def dies(task, train):\n    os._exit(3)\n"
    )
    words = ["run", "--methods", "drift", "--datasets", "airline", "--jobs", 1]
    invoke(*words, "--out", tmp_path / "one")
    words[2] = "drift,dies"
    result = invoke(*words, "--plugin", plugin, "--out", tmp_path / "two")
    assert "crashed" in result.output
    assert "predicted" not in result.output


@pytest.mark.long
def test_a_method_that_never_ends_is_a_timeout_and_the_exit_code_is_1(tmp_path):
    plugin = tmp_path / "slow.py"
    plugin.write_text(FAILS.replace('raise RuntimeError("out of | luck")', "while True:\n        pass"))
    words = [
        "run",
        "--methods",
        "stumbles,drift",
        "--datasets",
        "airline",
        "--plugin",
        plugin,
        "--timeout",
        "3s",
    ]
    result = invoke(*words, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "1 timeout" in result.output
    table = (tmp_path / "run" / "report" / "table.md").read_text()
    assert "; 2 fits hit a limit or crashed |" in table


def test_a_run_without_a_finished_cell_can_be_reported(tmp_path):
    (tmp_path / "results.sqlite").touch()
    result = invoke("report", tmp_path)
    assert result.exit_code == 0
    assert "0 problems, 0 combinations" in result.output


@pytest.mark.long
def test_a_recurrent_method_that_fails_is_a_row_beside_the_table_of_the_others(tmp_path):
    methods = "lstm[hidden=1000000000],theta"  # more weights than any memory holds
    result = invoke(
        "run", "--methods", methods, "--datasets", "airline", "--seeds", 1, "--out", tmp_path / "r"
    )
    assert result.exit_code == 1
    table = (tmp_path / "r" / "report" / "table.md").read_text()
    assert "no recurrent network has a score" in table
    assert "† failed" in table
    assert "0.883 theta" in table


def test_a_file_in_place_of_the_runs_directory_is_refused(tmp_path):
    (tmp_path / "file").touch()
    result = invoke("run", "--methods", "drift", "--datasets", "airline", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "is a file, but a run needs a directory" in result.output


def test_check_refuses_a_bracket_it_would_ignore():
    result = invoke("check", "mlp[hidden=8]")
    assert result.exit_code == 2
    assert "leave the bracket out" in result.output


def test_parquet_needs_a_file_to_go_to(done):
    out, _ = done
    result = invoke("export", out, "--to", "parquet")
    assert result.exit_code == 2
    assert "--output" in result.output


def test_doctor_finds_nothing_in_the_way(tmp_path):
    result = invoke("doctor", "--quick", "--out", tmp_path)
    assert result.exit_code == 0
    assert "no problems found" in result.output


@pytest.mark.parametrize("what", ["methods", "datasets", "suites", "metrics"])
def test_list_names_everything_there_is(what):
    result = invoke("list", what)
    assert result.exit_code == 0
    known = {"methods": "sarimax", "datasets": "japanese-vowels", "suites": "quick", "metrics": "mase"}
    assert known[what] in result.output


def test_help_and_list_import_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from recurbench.cli.main import main;"
        "[CliRunner().invoke(main, words) for words in (['--help'], ['run', '--help'], ['list', 'methods'])];"
        "print([m for m in ('torch', 'numpy', 'pandas', 'statsmodels', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_interruption_keeps_the_finished_cells_and_exits_130(tmp_path, monkeypatch):
    import recurbench.running.runner as runner

    real, calls = runner.serve, []

    def interrupted(*words):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*words)

    monkeypatch.setattr(runner, "serve", interrupted)
    words = [
        "run",
        "--methods",
        "drift,theta",
        "--datasets",
        "airline",
        "--out",
        tmp_path / "run",
        "--jobs",
        0,
    ]
    result = invoke(*words)
    assert result.exit_code == 130
    assert "Finished fits are stored" in result.output
    unfinished = invoke("report", tmp_path / "run")
    assert "Unfinished: 2 of 3" in unfinished.output
    monkeypatch.setattr(runner, "serve", real)
    assert "1 results cached" in invoke(*words).output


@pytest.mark.long
def test_a_tuned_run_prints_what_more_trials_were_worth_and_where_its_curve_lies(tmp_path, monkeypatch):
    file = prepared(tmp_path, monkeypatch)
    words = ["--methods", "guess", "--datasets", "three", "--plugin", file, "--out", tmp_path / "run"]
    result = invoke("run", *words, "--trials", 3, "--jobs", 0)
    assert result.exit_code == 0, result.output
    assert "Expected best validation score of k trials" in result.output
    assert str(tmp_path / "run" / "report" / "tuning.csv") in result.output.replace("\n", "")
    assert "2 results, 2 cached" in invoke("plan", *words, "--trials", 3).output
    assert "1 tuned over 4 trials, not 3" in invoke("plan", *words, "--trials", 4).output
    assert invoke("run", *words, "--trials", 0).exit_code == 2


@pytest.mark.parametrize("command", ["run", "plan"])
def test_cuda_where_there_is_none_is_refused_before_anything_is_written(tmp_path, monkeypatch, command):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    out = tmp_path / "run"
    result = invoke(command, "--methods", "rnn", "--datasets", "gunpoint", "--device", "cuda", "--out", out)
    assert result.exit_code == 2
    assert "--device cuda: torch sees no CUDA device here; run with --device cpu, or" in result.output
    assert not out.exists()


def test_the_plan_says_how_many_jobs_go_to_a_device_and_the_cpu_is_not_named(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    words = ("--methods", "rnn,mean", "--datasets", "diabetes", "--seeds", 2, "--out", tmp_path / "run")
    assert "3 of 3 results to compute, 2 on cuda: about" in invoke("plan", *words, "--device", "cuda").output
    assert "3 of 3 results to compute: about" in invoke("plan", *words, "--device", "cpu").output
    assert "3 of 3 results to compute: about" in invoke("plan", *words).output
    assert invoke("plan", *words, "--device", "tpu").exit_code == 2


def test_the_line_of_a_run_says_how_many_jobs_ran_on_a_device(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    plugin = tmp_path / "flat.py"
    plugin.write_text(FAILS.replace("task, train", 'task, train, *, device="cpu"'))
    words = ("--plugin", plugin, "--methods", "stumbles", "--datasets", "airline", "--jobs", 0)
    result = invoke("run", *words, "--device", "cuda", "--out", tmp_path / "run")
    assert "2 results (1 failed, 1 ok), 1 on cuda: " in result.output
