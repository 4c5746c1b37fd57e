"""The metrics of labelled cases per data set and method: means over seeds and resamples, and in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from case_run import PROBLEM, on_cases
from made_up import MadeUp, right
from recurbench.metrics import METRICS
from recurbench.reports.formats import FORMS
from recurbench.reports.page.case_scores import section
from recurbench.reports.statistics.case_scores import COLUMNS, METRICS_SHOWN, OF_CLASSES, case_scores
from recurbench.reports.text import case_scores as words
from recurbench.reports.text.render import markdown
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run

DEALT = ("gunpoint", "gunpoint[resample=1]", "gunpoint[resample=2]")


def dealt(folder: Path, without: str = "") -> MadeUp:
    """Three resamples of one data set; the network lacks one of them if asked for."""
    made = MadeUp(folder, protocol="default split; values as shipped")
    for place, problem in enumerate(DEALT):
        made.cell("dtw-1nn", right(20 + place), problem=problem)
        for seed in range(2):
            if problem != without:
                made.cell("rnn", right(30 + seed), problem=problem, seed=seed)
    return made


def test_every_metric_of_a_real_run_on_classes_is_there() -> None:
    table = case_scores(on_cases())
    assert list(table.columns) == list(COLUMNS)
    assert set(METRICS_SHOWN) <= set(METRICS)
    assert set(table["problem"]) == {PROBLEM}
    network = table[table["method"] != "most-common"].iloc[0]
    assert network[list(OF_CLASSES)].notna().all()
    assert network[["rmse", "mae", "r2"]].isna().all()
    assert (network["fits"], network["resamples"], network["of_resamples"]) == (2, 1, 1)
    final = on_cases().final
    own = final[final["address"] == network["method"]]
    assert network["auroc"] == pytest.approx(own["auroc"].mean())


def test_resamples_are_one_row_whose_score_is_the_mean_over_them(tmp_path: Path) -> None:
    table = case_scores(read_run(dealt(tmp_path).write())).set_index("method")
    assert set(table["problem"]) == {"gunpoint"}
    assert table.loc["dtw-1nn", "accuracy"] == pytest.approx(np.mean([20, 21, 22]) / 40)
    assert table.loc["rnn", "accuracy"] == pytest.approx(30.5 / 40)
    assert (table.loc["rnn", "fits"], table.loc["rnn", "resamples"]) == (6, 3)


def test_a_method_that_lacks_a_resample_is_named_below_the_table(tmp_path: Path) -> None:
    run = read_run(dealt(tmp_path, without=DEALT[2]).write())
    (shown,) = words.tables(run, Messages())
    said = " ".join(shown.notes)
    assert "Every score is the mean over 3 resamples, each with 40 test cases." in said
    assert "cannot be compared with the others: rnn (2)." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_protocol_stands_below_each_table_and_each_meaning_once(language: str) -> None:
    say = Messages(language)
    run = on_cases()
    (shown,) = words.tables(run, say)
    assert {len(row) for row in shown.rows} == {len(shown.head)}
    facts = next(iter(run.draws(PROBLEM).values()))
    assert say("cases.protocol", protocol=facts["protocol"]) in shown.notes
    assert len(shown.notes) == len(set(shown.notes))
    assert words.protocols(run, say) == [
        say("cases.protocol_of", problems=PROBLEM, protocol=facts["protocol"])
    ]


def test_problems_of_one_protocol_share_its_line(tmp_path: Path) -> None:
    made = dealt(tmp_path)
    made.cell("rnn", right(30), problem="trace")
    lines = words.protocols(read_run(made.write()), Messages())
    assert lines == ["Protocol of gunpoint, trace: default split; values as shipped."]


def test_the_page_the_markdown_and_the_json_hold_the_table(tmp_path: Path) -> None:
    run = on_cases()
    found = section(run, Messages(), {})
    assert found is not None
    assert found.anchor == "cases"
    assert "## Cases by every metric: breast-cancer" in markdown(run, Messages())
    said = json.loads(FORMS["json"].text(run, Messages(), {}))
    assert [row["method"] for row in said["cases"]] == list(case_scores(run)["method"])
    assert said["cases"][0]["auroc"] is not None


def test_a_run_without_cases_has_no_table(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, kind="forecasting")
    made.cell("theta", right(20))
    for record in made.records:
        record.kind = "forecasting"
    run = read_run(made.write())
    assert not len(case_scores(run))
    assert words.tables(run, Messages()) == []
    assert section(run, Messages(), {}) is None


def scaled(folder: Path) -> MadeUp:
    """Two problems: one network, one method that reads values as they are, one that does not say."""
    made = dealt(folder)
    made.cell("rnn", right(30), problem="trace")
    made.cell("cnn[normalise=series]", right(31), problem="trace")
    told = {"rnn": "train", "dtw-1nn": "none", "cnn[normalise=series]": "series"}
    for record in made.records:
        if record.problem != "gunpoint[resample=2]":
            record.notes = {**record.notes, "normalise": told[record.address]}
    return made


def test_the_fits_themselves_say_how_a_method_scales() -> None:
    run = on_cases()
    table = case_scores(run).set_index("method")["normalise"]
    for method, cells in run.final.groupby("address"):
        assert {note.get("normalise", "") for note in cells["notes"]} == {table[method]}
    assert table[table != ""].to_dict() == {"mlp[max_steps=30]": "train"}
    (shown,) = words.tables(run, Messages())
    column = shown.head.index("values")
    said = dict(zip((row[0] for row in shown.rows), (row[column] for row in shown.rows), strict=True))
    assert sorted(said.values()) == ["", "scaled by the training part"]
    assert any(note.startswith("values: how the method itself scales") for note in shown.notes)


def test_the_scale_of_a_default_stands_in_table_page_and_json(tmp_path: Path) -> None:
    run = read_run(scaled(tmp_path).write())
    assert words.scalings(run, Messages()) == [
        "Values, as given: dtw-1nn.",
        "Values, scaled by the training part: rnn.",
        "Values, each series scaled by itself: cnn[normalise=series].",
    ]
    assert "| scaled by the training part |" in markdown(run, Messages())
    found = section(run, Messages(), {})
    assert found is not None
    for part in found.within:
        (grid,) = part.parts
        assert grid.header[1] == "values"
        assert 1 not in grid.numeric
    said = json.loads(FORMS["json"].text(run, Messages(), {}))
    assert {row["method"]: row["normalise"] for row in said["cases"]} == {
        "rnn": "train",
        "dtw-1nn": "none",
        "cnn[normalise=series]": "series",
    }


def test_fits_that_scale_differently_are_named_with_both_words(tmp_path: Path) -> None:
    made = scaled(tmp_path)
    made.records[0].notes = {**made.records[0].notes, "normalise": "series"}
    table = case_scores(read_run(made.write()))
    assert table.set_index("method").loc["dtw-1nn", "normalise"] == "none, series"
    assert words.values_words("none, series", Messages()) == "as given, each series scaled by itself"


def test_without_a_word_on_scales_there_is_no_such_column(tmp_path: Path) -> None:
    (shown,) = words.tables(read_run(dealt(tmp_path).write()), Messages())
    assert "values" not in shown.head
    assert words.scalings(read_run(dealt(tmp_path).write()), Messages()) == []
