"""The object that `run` returns: its answer, tables, page, and how it shows itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import recurbench
from pages import whole
from recurbench import Result
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    whole(folder, methods=("most-common", "mlp", "lstm"), seeds=2).write()
    return folder


@pytest.fixture
def result(folder: Path) -> Result:
    return Result(folder)


def test_the_answer_holds_the_sentences_of_the_first_screen(result: Result, folder: Path) -> None:
    said = answer(read_run(folder), Messages())
    assert result.answer.split("\n") == list(said.sentences)
    assert repr(result).startswith(said.question)
    assert result.answer in repr(result)
    assert said.question in result._repr_html_()


def test_its_tables_are_those_of_the_run(result: Result, folder: Path) -> None:
    assert set(result.table()["problem"]) == set(result.lift()["problem"]) == {"parity-like", "control"}
    pd.testing.assert_frame_equal(result.fits(), recurbench.load(folder))
    assert result.folder == folder


def test_a_changed_table_leaves_the_result_as_it_was(result: Result) -> None:
    result.table().drop(columns="score", inplace=True)
    result.fits().drop(columns="score", inplace=True)
    assert "score" in result.table()
    assert "score" in result.fits()


def test_it_speaks_the_language_asked_for(folder: Path) -> None:
    other = Result(folder, lang="ko")
    assert other.answer.split("\n") == list(answer(read_run(folder), Messages("ko")).sentences)
    assert 'lang="ko"' in other._repr_html_()
    with pytest.raises(ValueError, match="known languages"):
        Result(folder, lang="xx")


def test_the_page_is_written_into_the_directory_of_the_run(tmp_path: Path) -> None:
    whole(tmp_path, problems=("control",), methods=("most-common", "mlp")).write()
    page = Result(tmp_path).report()
    assert page == tmp_path / "report" / "index.html"
    assert "</html>" in page.read_text(encoding="utf-8")


def test_a_directory_without_a_run_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no results\.sqlite"):
        Result(tmp_path)


def test_predictions_and_a_forecast_come_from_the_directory_of_the_run(tmp_path: Path) -> None:
    values = [10.0 + i % 4 + 0.01 * i for i in range(60)]
    table = pd.DataFrame(
        {"unique_id": "a", "ds": pd.date_range("2020-01-01", periods=60, freq="MS"), "y": values}
    )
    result = recurbench.run(table, horizon=4, period=4, methods="drift", jobs=0, out=tmp_path)
    ahead = result.forecast(steps=2)
    assert list(ahead["time"]) == list(pd.date_range("2025-01-01", periods=2, freq="MS"))
    assert len(result.forecast("drift")) == 4
    test = result.predictions().query("stage == 'test'")
    assert set(test["actual"]) <= set(values)
    assert set(test["method"]) == {"drift", "seasonal-naive"}
    errors = (test["predicted"] - test["actual"]).abs().groupby(test["method"]).mean()
    shown = result.table().set_index("method")["mae"]
    pd.testing.assert_series_equal(shown.sort_index(), errors, check_names=False)
    assert f"{shown['drift']:.3f}" in result._repr_html_(), "of one series the error is in its unit"
    with pytest.raises(ValueError, match="theta"):
        result.forecast("theta")


def test_new_cases_in_a_frame_are_predicted_with_the_chosen_method(tmp_path: Path) -> None:
    rows = [(f"c{i}", t, (t if i % 2 else -t) + 0.01 * i, i % 2 == 1) for i in range(30) for t in range(8)]
    table = pd.DataFrame(rows, columns=["case", "t", "value", "label"])
    table["label"] = table["label"].map({True: "up", False: "down"})
    result = recurbench.run(table, label="label", methods="euclidean-1nn", jobs=0, out=tmp_path)
    new = table[table["case"].isin(["c4", "c7"])].drop(columns="label")
    assert result.predict(new)["prediction"].tolist() == ["down", "up"]
    assert set(result.predict(new, "most-common")["prediction"]) <= {"down", "up"}
    assert ".predict(new)" in result._repr_html_()
    with pytest.raises(ValueError, match="no forecasting problem"):
        result.forecast()
