"""Stored predictions as a table: in the unit of the data, beside the true values, with times."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from forecast_run import monthly, ran
from recurbench.api import load
from recurbench.cli.main import main
from recurbench.forecasting import coverage, predictions

H = 4


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A run on two series."""
    folder = tmp_path_factory.mktemp("two")
    file = monthly(folder, ("north", "south"))
    run = ran(folder, ["last-value", "drift"], data=file, dials={"horizon": H, "origins": 6})
    return run, pd.read_csv(file, parse_dates=["ds"]).set_index(["unique_id", "ds"])["y"]


def test_every_forecast_stands_beside_the_value_of_the_file_at_its_time(two):
    run, known = two
    table = predictions(run)
    assert set(table["method"]) == {"last-value", "drift", "seasonal-naive"}
    assert set(table["stage"]) == {"validation", "test"}
    places = pd.MultiIndex.from_frame(table[["series", "time"]])
    assert table["actual"].tolist() == known.loc[places].tolist()
    last = table[table["method"] == "last-value"]
    origins = pd.MultiIndex.from_frame(last[["series", "origin_time"]])
    assert last["predicted"].tolist() == known.loc[origins].tolist()
    assert sorted(last.loc[last["stage"] == "test", "origin"].unique()) == list(range(6))


def test_their_errors_give_the_score_of_the_run(two):
    table, scores = predictions(two[0]), load(two[0])
    for stage, name in (("final", "test"), ("inner", "validation")):
        for method in ("last-value", "drift"):
            mine = table[(table["method"] == method) & (table["stage"] == name)]
            score = scores[(scores["method"] == method) & (scores["stage"] == stage)]["mae"].iloc[0]
            assert (mine["actual"] - mine["predicted"]).abs().mean() == pytest.approx(score)


def test_test_forecasts_have_intervals_from_validation_and_validation_has_none(two):
    table = predictions(two[0])
    test, validation = table[table["stage"] == "test"], table[table["stage"] == "validation"]
    assert validation["low_80"].isna().all()
    assert (test["low_95"] <= test["low_80"]).all()
    assert (test["low_80"] < test["predicted"]).all()
    share = test["actual"].between(test["low_80"], test["high_80"]).mean()
    assert 0.6 < share <= 1


def test_other_levels_can_be_asked_for_and_wider_intervals_cover_more(two):
    table = predictions(two[0], level=(0.5, 0.8, 0.95))
    test = table[table["stage"] == "test"]
    assert (test["low_95"] <= test["low_80"]).all()
    assert (test["low_80"] <= test["low_50"]).all()
    shares = coverage(table).query("method == 'drift'").set_index("level")["coverage"]
    assert list(shares.index) == [0.5, 0.8, 0.95]
    assert shares.is_monotonic_increasing
    assert shares[0.5] < shares[0.95]
    with pytest.raises(ValueError, match=r"a level must be between 0 and 1, got 80; 0\.95 stands for 95 %"):
        predictions(two[0], level=(80,))


def test_the_command_writes_the_coverage_of_every_method_at_the_levels_asked_for(two):
    result = CliRunner().invoke(main, ["export", str(two[0]), "--coverage", "--level", "50,95"])
    assert result.exit_code == 0, result.output
    read = pd.read_csv(io.StringIO(result.output))
    wanted = coverage(predictions(two[0], level=(0.5, 0.95)))
    assert read[["method", "level"]].values.tolist() == wanted[["method", "level"]].values.tolist()
    assert read["coverage"].tolist() == pytest.approx(wanted["coverage"].tolist())


def test_two_tables_at_once_and_levels_that_are_no_percentage_are_refused(two):
    both = CliRunner().invoke(main, ["export", str(two[0]), "--coverage", "--predictions"])
    assert both.exit_code == 2
    assert "--predictions and --coverage write two different tables" in both.output
    share = CliRunner().invoke(main, ["export", str(two[0]), "--coverage", "--level", "0.8"])
    assert share.exit_code == 2
    assert "give percentages between 1 and 100" in share.output


def test_one_problem_can_be_read_alone_and_an_unknown_one_is_refused(two):
    run = two[0]
    (problem,) = set(predictions(run)["problem"])
    assert len(predictions(run, problem=problem))
    with pytest.raises(ValueError, match=r"no problem 'airline'; its problems: csv"):
        predictions(run, problem="airline")


def test_cases_have_their_labels_and_the_probability_of_each_class(tmp_path):
    run = ran(tmp_path, ["euclidean-1nn"], datasets=["gunpoint"])
    table = predictions(run)
    test = table[(table["stage"] == "test") & (table["method"] == "euclidean-1nn")]
    scores = load(run).query("stage == 'final' and method == 'euclidean-1nn'")
    assert (test["actual"] == test["predicted"]).mean() == pytest.approx(scores["accuracy"].iloc[0])
    assert test["case"].tolist() == list(range(150))
    assert set(test["actual"]) == {"1", "2"}
    common = table[table["method"] == "most-common"]
    assert common[["probability_1", "probability_2"]].sum(axis=1).tolist() == pytest.approx([1] * len(common))


def test_other_tasks_have_a_row_per_step(tmp_path):
    problem = "parity[n_train=20,n_valid=10,n_test=10,train_length=4,test_length=6]"
    run = ran(tmp_path, ["most-common"], datasets=[problem])
    table = predictions(run)
    test = table[table["stage"] == "test"]
    assert test.groupby("case")["step"].max().tolist() == [6] * 10
    assert test["actual"].notna().all()
    assert set(test["data_seed"]) == {0}
    numbers = ran(tmp_path / "numbers", ["mean"], datasets=["diabetes"])
    rows = predictions(numbers)
    assert (rows.loc[rows["stage"] == "test"].groupby("predicted").size() > 1).any()
    assert np.issubdtype(rows["actual"].dtype, np.floating)


def test_the_command_writes_them_in_every_format(two, tmp_path):
    run, table = two[0], predictions(two[0])
    result = CliRunner().invoke(main, ["export", str(run), "--predictions"])
    assert result.exit_code == 0, result.output
    read = pd.read_csv(io.StringIO(result.output))
    assert list(read) == list(table)
    assert read["predicted"].tolist() == pytest.approx(table["predicted"].tolist())
    place = tmp_path / "own.json"
    result = CliRunner().invoke(
        main, ["export", str(run), "--predictions", "--to", "json", "--output", str(place)]
    )
    assert result.exit_code == 0, result.output
    assert pd.read_json(place)["time"].iloc[0] == str(
        table["time"].iloc[0].isoformat(timespec="milliseconds")
    )


def test_a_copy_without_predictions_says_so(two, tmp_path):
    import lzma

    from recurbench.compact import slim

    slim(two[0], tmp_path / "slim.xz")
    (tmp_path / "results.sqlite").write_bytes(lzma.decompress((tmp_path / "slim.xz").read_bytes()))
    with pytest.raises(ValueError, match=r"holds no predictions; a copy made by `recurbench slim` has none"):
        predictions(tmp_path)
