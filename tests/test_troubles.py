"""Warnings stand with their reasons."""

import pages
import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.troubles import REASON, ROWS, section
from recurbench.reports.statistics.comparison_table import troubles
from recurbench.reports.text.render import trouble_columns, tuning_columns
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run


def shown(folder, language="en"):
    return section(read_run(folder), Messages(language), Drawn(None, ""))


def test_failures_missing_and_refused_cells_are_named_with_their_reasons(tmp_path):
    grid = shown(pages.failing(tmp_path).write(missing=2)).parts[0]
    said = {(row[0], row[1]): row for row in grid.rows}
    assert said["tcn", "failed"][2] == pages.REASON
    assert said["rnn", "timeout"][3] == pages.HOSTILE
    assert said["esn", "not supported"][4] == "1"
    assert grid.notes == (Messages("en")("page.quoted_reasons"),)
    assert any(row[1] == "missing" and row[4] == "2" for row in grid.rows)


def test_a_whole_run_has_no_such_section(tmp_path):
    assert shown(pages.whole(tmp_path).write()) is None


def test_statuses_are_told_in_korean(tmp_path):
    grid = shown(pages.failing(tmp_path).write(), "ko").parts[0]
    assert {row[1] for row in grid.rows} == {
        Messages("ko").status(status) for status in ("failed", "timeout", "unsupported")
    }


def test_reasons_of_methods_are_quoted_and_those_of_the_suite_translated(tmp_path):
    made = pages.whole(tmp_path, problems=("one",))
    made.cell("tcn", [], problem="one", seed=7, status="failed", reason="KeyError: problem")
    limit = {"code": "memory_limit", "values": {"used": 900, "limit": 800}}
    made.cell("tcn", [], problem="one", seed=8, status="memory", reason="900 MB resident, limit 800 MB")
    made.records[-1].notes["reason"] = limit
    run = read_run(made.write())
    table = {row[1]: row[2] for row in section(run, Messages("ko"), Drawn(None, "")).parts[0].rows}
    assert table == {"실패": "KeyError: problem", "메모리 초과": "상주 메모리 900 MB, 한도 800 MB"}
    assert [trouble_columns(run, row, Messages("ko"))[2] for _, row in troubles(run).iterrows()] == [
        *table.values()
    ]


def test_a_flood_of_failures_is_cut_in_words(tmp_path):
    made = pages.whole(tmp_path, problems=("one",))
    for k in range(ROWS + 5):
        made.cell("tcn", [], problem="one", seed=k, status="failed", reason=f"{k}" + "x" * 2000)
    grid = shown(made.write()).parts[0]
    assert len(grid.rows) == ROWS
    assert f"{ROWS} of {ROWS + 5} rows" in grid.notes[0]
    assert "RUN/report/table.md" in grid.notes[0]
    assert grid.notes[2] == Messages("en")("page.cut", n=ROWS, letters=REASON)
    assert max(len(row[2]) for row in grid.rows) <= REASON + 2


def test_a_file_of_the_user_goes_by_its_name(tmp_path):
    made = pages.whole(tmp_path, problems=("one",))
    address = "csv[path=/data/long/sales.csv]"
    own = {"dataset": "csv", "dials": {"path": "/data/long/sales.csv"}}
    made.cell("tcn", [], problem=address, seed=0, status="failed", reason="KeyError", **own)
    run = read_run(made.write())
    assert [trouble_columns(run, row, Messages())[3] for _, row in troubles(run).iterrows()] == ["sales.csv"]
    assert [str(row[3]) for row in section(run, Messages(), Drawn(None, "")).parts[0].rows] == ["sales.csv"]
    tried = {"problem": [address], "method": ["tcn"], "k": [1], "expected_best": [0.5]}
    curve = pd.DataFrame({**tried, "trials": [2], "dropped": [0], "metric": ["mase"]})
    assert tuning_columns(run, curve, Messages())[1][0][0] == "sales.csv"
