"""The signs in tables: the best on validation, the confidence set on test, and what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from own_data import forecasts
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.methods import section
from recurbench.reports.statistics.marks import marked
from recurbench.reports.text.marks import family_sign, meaning, sign
from recurbench.reports.text.render import markdown
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

PROBLEM = "csv[path=sales.csv]"
ERRORS = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.501, "gru": 0.499}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    # Validation prefers a method that is not among the best on test.
    validation = {**ERRORS, "seasonal-naive": 0.1}
    return forecasts(tmp_path_factory.mktemp("run"), ERRORS, validation=validation)


def test_the_best_on_validation_and_the_confidence_set_are_marked(run: Run) -> None:
    found = marked(run, PROBLEM)
    assert found.best == {"seasonal-naive"}
    assert found.alike == {"theta", "mlp", "gru"}
    assert [sign(run, PROBLEM, name) for name in ERRORS] == ["★ ", "≈ ", "≈ ", "≈ "]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_hold_the_signs_and_one_line_that_says_what_they_mean(run: Run, language: str) -> None:
    say = Messages(language)
    text = markdown(run, say)
    line = meaning(run, [PROBLEM], say)
    assert {"★", "≈"} <= set(line)
    # Below the families, and below all methods.
    assert text.count(line) == 2
    assert text.count("★ seasonal-naive") == text.count("≈ theta") == 2
    table = section(run, say, Drawn(None, ""))
    assert table is not None
    grid = table.parts[0]
    assert line in grid.notes
    assert {row[1] for row in grid.rows} == {"★ seasonal-naive", "≈ theta", "≈ mlp", "≈ gru"}


def test_a_small_test_part_has_the_best_marked_alone(tmp_path: Path) -> None:
    run, say = forecasts(tmp_path, ERRORS, origins=4), Messages()
    assert sign(run, PROBLEM, "gru") == "★ "
    assert meaning(run, [PROBLEM], say) == say("tables.mark_best")


def test_tables_of_families_have_signs_for_own_data_only(run: Run, tmp_path: Path) -> None:
    assert family_sign(run, PROBLEM, "theta") == "≈ "
    made = MadeUp(tmp_path)
    for method, count in (("most-common", 20), ("mlp", 30)):
        made.cell(method, right(count), validation={"accuracy": count / 40})
    other = read_run(made.write())
    assert sign(other, "made-up", "mlp") == "★≈ "
    assert family_sign(other, "made-up", "mlp") == ""


def test_without_validation_scores_no_method_is_the_best(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for method in ("most-common", "mlp"):
        made.cell(method, right(20))
    run = read_run(made.write())
    assert marked(run, "made-up").best == frozenset()
    assert "★" not in meaning(run, ["made-up"], Messages())
