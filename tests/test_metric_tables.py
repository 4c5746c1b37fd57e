"""Tables with a row per method and a column per metric, in words and on the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from recurbench.reports.page.metric_tables import of_problems, problem_grid
from recurbench.reports.page.section import Grid
from recurbench.reports.text.case_scores import OF_CASES
from recurbench.reports.text.forecasts import OF_FORECASTS
from recurbench.reports.text.metric_tables import ACROSS, MetricTable, Shown, metric_name, metric_word, narrow
from recurbench.reports.text.translation import LANGUAGES, Messages

ROWS = pd.DataFrame(
    {
        "method": ["ets", "lstm"],
        **dict.fromkeys(OF_FORECASTS.names, np.nan),
        "mase": [0.98765, 1.2],
        "mae": [12345.6, np.nan],
        "coverage_80": [0.75, 0.81],
    }
)
NAMES = {"ets": "ETS", "lstm": "LSTM"}


def test_a_table_has_the_metrics_that_some_method_has_in_the_order_of_a_reader() -> None:
    head, body = OF_FORECASTS.of(ROWS, NAMES, Messages())
    assert head == ["method", "MASE ↓", "MAE ↓", "80 % coverage → 0.80"]
    assert body == [["ETS", "0.988", "12,346", "0.750"], ["LSTM", "1.200", "", "0.810"]]


def test_a_wide_table_is_told_in_parts_that_hold_every_column_once() -> None:
    head = ["method", *(f"m{i}" for i in range(2 * ACROSS + 1))]
    wide = Shown("T", head, [[f"{name} of {row}" for name in head] for row in "ab"], [])
    parts = list(narrow(wide))
    assert [name for _, heads, _ in parts for name in heads[1:]] == head[1:]
    assert all(len(heads) <= 1 + ACROSS and heads[0] == "method" for _, heads, _ in parts)
    assert [title for title, _, _ in parts] == ["T", "", ""]
    assert [row[1:] for row in parts[1][2]] == [[f"m{i} of {row}" for i in range(7, 14)] for row in "ab"]


@pytest.mark.parametrize("table", [OF_CASES, OF_FORECASTS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_metric_has_a_name_and_every_term_a_meaning(table: MetricTable, language: str) -> None:
    say = Messages(language)
    heads = [metric_name(name, say) for name in table.names]
    assert len(set(heads)) == len(table.names)
    meanings = table.meanings(table.names, say)
    assert len(meanings) == len(set(meanings)) == len(set(table.terms.values()))


def test_a_page_has_a_section_for_each_of_several_problems_and_none_for_a_single_one() -> None:
    grid = problem_grid(OF_FORECASTS, ROWS, NAMES, Messages(), "Forecasts", ["a note"])
    assert isinstance(grid, Grid)
    assert grid.notes == ("a note",)
    assert len(grid.rows) == 2
    labels = {"a": "A", "b[x=1]": "B"}
    one = of_problems("forecasts", "T", [], {"a": grid}, labels)
    two = of_problems("forecasts", "T", [], {"a": grid, "b[x=1]": grid}, labels)
    assert one.parts == (grid,)
    assert not one.within
    assert not two.parts
    assert [each.title for each in two.within] == ["A", "B"]
    assert len({each.anchor for each in two.within}) == 2


def test_a_metric_is_written_as_the_field_writes_it() -> None:
    say = Messages()
    names = ("mase", "smape", "rmsse", "owa", "wql", "pinball", "log_loss", "interval_score_95")
    words = ["MASE", "sMAPE", "RMSSE", "OWA", "WQL", "CRPS", "log loss", "95 % interval score"]
    assert [metric_word(name, say) for name in names] == words
    assert metric_name("log_loss", Messages("ko")) == "로그 손실 ↓"
    assert metric_name("my_own", say) == "my_own"
