"""The tables of a run as Python gets them: every method with its end, and the gain from recurrence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_up import MadeUp, right
from pages import whole
from recurbench.reports.statistics.marks import marked
from recurbench.reports.text.data_frames import GAINS, METHODS, gains, methods
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = whole(tmp_path_factory.mktemp("run"), methods=("most-common", "mlp", "lstm"), seeds=2)
    made.cell("tcn", [], problem="control", seed=0, status="timeout", reason="over 5 s")
    made.cell("rnn", right(30), problem="control", seed=0, validation={"log_loss": 9.0, "accuracy": 0.1})
    made.cell("rnn", [], problem="control", seed=1, status="failed", reason="ValueError: no")
    return read_run(made.write())


def test_each_problem_has_a_row_per_method_the_best_validation_first(run: Run) -> None:
    table = methods(run)
    assert tuple(table.columns) == METHODS
    assert not table.duplicated(["problem", "method"]).any()
    own = table[(table["problem"] == "parity-like") & table["validation"].notna()]
    assert own["validation"].is_monotonic_increasing  # log loss
    assert len(own) == 3


def test_the_error_is_a_share_of_the_error_of_the_reference(run: Run) -> None:
    table = methods(run).set_index(["problem", "method"])["error_vs_reference"]
    scores = methods(run).set_index(["problem", "method"])["score"]
    assert table["control", "most-common"] == pytest.approx(1.0)
    expected = (1 - scores["control", "mlp"]) / (1 - scores["control", "most-common"])
    assert table["control", "mlp"] == pytest.approx(expected)


def test_the_best_on_validation_is_marked_and_so_is_what_the_test_part_cannot_tell_from_the_best(
    run: Run,
) -> None:
    table = methods(run)
    own = table[table["problem"] == "parity-like"].set_index("method")
    marks = marked(run, "parity-like")
    assert set(own.index[own["chosen"]]) == marks.best == {"lstm"}
    assert marks.alike is not None
    assert set(own.index[own["equal_on_test"].astype(bool)]) == marks.alike


def test_a_method_without_a_score_has_a_row_with_its_reason_and_one_with_some_says_how_many(run: Run) -> None:
    table = methods(run).set_index(["problem", "method"])
    assert tuple(table.loc[("control", "tcn"), ["status", "reason"]]) == ("timeout", "over 5 s")
    assert pd.isna(table.loc[("control", "tcn"), "score"])
    assert tuple(table.loc[("control", "rnn"), ["status", "reason"]]) == ("failed: 1 of 2", "ValueError: no")
    assert table.loc[("control", "rnn"), "fits"] == 1
    assert set(table.loc["parity-like", "status"]) == {"ok"}


def test_the_gain_of_each_problem_has_its_interval_and_a_verdict_in_words(run: Run) -> None:
    table = gains(run, Messages())
    assert tuple(table.columns) == GAINS
    ahead = table.set_index("problem").loc["parity-like"]
    assert ahead["low"] < ahead["gain"] < ahead["high"]
    assert ahead["recurrent"] == "lstm"
    assert ahead["verdict"] == "recurrent ahead"


def test_a_run_without_rows_has_empty_tables(tmp_path: Path) -> None:
    run = read_run(MadeUp(tmp_path).write())
    assert (len(methods(run)), len(gains(run, Messages()))) == (0, 0)
    assert tuple(methods(run).columns) == METHODS
