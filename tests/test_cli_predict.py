"""`recurbench predict` writes a CSV file and a recipe, and says beforehand what it fits."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner
from own_files import npz, put, tsv
from recurbench.api import Request, perform, prepare
from recurbench.cli.main import main
from recurbench.cli.predict import cost
from recurbench.result import Result


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of the reference method on a file of cases."""
    put(tmp_path, a__tsv=tsv(40), new__tsv=tsv(5))
    choice = f"own-classes[path={tmp_path / 'a.tsv'}]"
    perform(prepare(Request(methods=("most-common",), datasets=(choice,), out=tmp_path / "r", jobs=0)))
    return tmp_path / "r"


def predict(*arguments):
    return CliRunner().invoke(main, ["predict", *map(str, arguments)])


def test_predictions_and_recipe_stand_beside_the_run(run):
    result = predict(run, "--data", run.parent / "new.tsv")
    assert result.exit_code == 0, result.output
    assert "40 cases" in result.output
    table = pd.read_csv(run / "predictions-new.csv")
    assert list(table.columns) == ["case", "prediction", "probability_1", "probability_2"]
    assert len(table) == 5
    recipe = json.loads((run / "predictions-new.recipe.json").read_text())
    assert recipe["method"]["name"] == "most-common"


def test_a_call_in_python_returns_the_same_table(run):
    predict(run, "--data", run.parent / "new.tsv")
    table = Result(run).predict(run.parent / "new.tsv")
    assert table.round(6).astype(str).equals(pd.read_csv(run / "predictions-new.csv").round(6).astype(str))


def test_another_output_and_a_named_method_are_taken(run):
    output = run.parent / "deep" / "mine.csv"
    result = predict(run, "--data", run.parent / "new.tsv", "--method", "most-common", "--output", output)
    assert result.exit_code == 0, result.output
    assert output.is_file()
    assert output.with_name("mine.recipe.json").is_file()


def test_what_does_not_fit_is_refused_in_a_sentence(run):
    bad = npz(run.parent / "bad.npz", y=None)
    for arguments in (
        [run, "--data", bad],
        [run, "--data", run.parent / "none.tsv"],
        [run, "--data", run.parent / "new.tsv", "--method", "lstm"],
        [run.parent, "--data", run.parent / "new.tsv"],
    ):
        result = predict(*arguments)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output


def test_a_file_that_changed_since_the_run_is_refused(run):
    put(run.parent, a__tsv=tsv(44))
    result = predict(run, "--data", run.parent / "new.tsv")
    assert result.exit_code == 2
    assert "run again" in result.output


@pytest.mark.parametrize(("seconds", "said"), [(0.3, "a few seconds"), (120.0, "120 CPU-s")])
def test_the_cost_is_a_number_where_it_matters(seconds, said):
    question = SimpleNamespace(seconds=seconds, chosen=SimpleNamespace(cpu_seconds=60.0))
    assert said in cost(question)
