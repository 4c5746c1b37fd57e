"""The metrics of forecasts per problem and method: means over fits, windows, and OWA."""

from __future__ import annotations

from pathlib import Path

import pytest
from forecast_run import ran
from recurbench.metrics import METRICS
from recurbench.reports.statistics.forecast_ratios import overall
from recurbench.reports.statistics.forecast_scores import AVERAGED, COLUMNS, forecast_scores
from recurbench.reports.text import forecasts
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run
from test_forecast_ratios import cell, made_up

PROBLEMS = ["airline[quantiles=True]", "sunspots"]
METHODS = ["seasonal-naive", "drift", "decomposition"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return read_run(ran(tmp_path_factory.mktemp("run"), METHODS, datasets=PROBLEMS))


def test_every_metric_is_known_and_every_method_has_a_row(run: Run) -> None:
    assert set(AVERAGED) <= set(METRICS)
    table = forecast_scores(run)
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == len(PROBLEMS) * len(METHODS)
    assert table[["mase", "rmsse", "smape", "mae", "rmse"]].notna().all(axis=None)


def test_the_number_of_windows_is_that_of_the_problem_and_the_same_for_every_method(run: Run) -> None:
    for problem, rows in forecast_scores(run).groupby("problem"):
        (facts,) = run.draws(str(problem)).values()
        assert set(rows["windows"]) == {float(facts["n_test"])}


def test_intervals_are_scored_where_a_method_answers_quantiles(run: Run) -> None:
    table = forecast_scores(run).set_index(["problem", "method"])
    asked = table.loc[PROBLEMS[0]]
    assert asked["wql"].notna().all()
    assert asked["coverage_80"].notna().to_dict() == {
        "seasonal-naive": True,
        "drift": True,
        "decomposition": False,
    }
    assert table.loc[PROBLEMS[1], ["wql", "coverage_80"]].isna().all(axis=None)


def test_owa_is_formed_from_means_over_the_series_against_naive_2(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for method, smape, mase in (("theta", 12.309, 1.696), ("mlp", 21.653, 3.225)):
        cell(made, "m4", method, mase, also={"smape": smape})
    cell(made, "m4", "seasonal-naive", 1.912, also={"smape": 13.564})
    made.records[-1].address = made.records[-1].method = "naive2"
    found = forecast_scores(read_run(made.write())).set_index("method")["owa"]
    assert found.round(3).to_dict() == {"theta": 0.897, "mlp": 1.642, "naive2": 1.0}


def test_without_naive_2_there_is_no_owa(run: Run) -> None:
    table = forecast_scores(run)
    assert table["owa"].isna().all()
    assert "owa" not in forecasts.OF_FORECASTS.columns_of(table)


def test_a_method_whose_mase_is_undefined_shows_its_other_metrics(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    cell(made, "still", "theta", float("nan"), also={"mae": 2.0, "mase_undefined": 3.0})
    table = forecast_scores(read_run(made.write()))
    assert (table.loc[0, "mae"], table.loc[0, "undefined"], table.loc[0, "windows"]) == (2.0, 3, 3)
    said = forecasts.windows_line(table, Messages())
    assert said == (
        "Every score is over 3 test forecasts, the same for every method. "
        "MASE and RMSSE are undefined on 3 of them, which their means leave out."
    )


def test_windows_are_counted_over_all_samples_and_fewer_of_a_method_are_said(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for draw in range(3):
        cell(made, "process", "theta", 1.0, data_seed=draw, seed=draw)
        if draw:
            cell(made, "process", "mlp", 1.0, data_seed=draw, seed=draw)
    table = forecast_scores(read_run(made.write()))
    assert dict(zip(table["method"], table["windows"], strict=True)) == {"theta": 9, "mlp": 6}
    assert forecasts.windows_line(table, Messages()).startswith("Scores are over 6 to 9 test forecasts: ")
    assert "6~9" in forecasts.windows_line(table, Messages("ko"))


def test_a_run_without_forecasts_has_no_table(tmp_path: Path) -> None:
    from made_up import MadeUp, right

    other = read_run(MadeUp(tmp_path).cell("rnn", right(20)).write())
    assert not len(forecast_scores(other))
    assert forecasts.tables(other, Messages()) == []


# In words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_say_each_meaning_once_and_have_rows_as_wide_as_their_head(
    run: Run, language: str
) -> None:
    shown = forecasts.tables(run, Messages(language))
    assert len(shown) == 1 + len(PROBLEMS)
    for one in shown:
        assert {len(row) for row in one.rows} == {len(one.head)}
    notes = [note for one in shown for note in one.notes if ":" in note]
    assert len(notes) == len(set(notes))


def test_coverage_has_a_target_and_no_direction() -> None:
    assert metric_name("coverage_80", Messages()) == "80 % coverage → 0.80"
    assert metric_name("interval_score_95", Messages()) == "95 % interval score ↓"
    assert metric_name("owa", Messages()) == "OWA ↓"
    assert metric_name("coverage_80", Messages("ko")) == "80 % 포함률 → 0.80"


def test_few_data_sets_and_undefined_scores_are_said_below_the_table(run: Run) -> None:
    found = overall(run)
    notes = " ".join(forecasts.overall_notes(found, {}, Messages()))
    assert "No intervals: the problems come from 2 data sets, and an interval needs 10." in notes
    assert "MASE is defined on all 13 test forecasts." in notes
    assert "over the 1 of 2 problems that ask for quantiles" in notes
