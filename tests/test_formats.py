"""The forms of a report: each one text, each under its own name."""

import json

import click
import pages
import pytest
from recurbench.cli.report import FORMS as OFFERED
from recurbench.cli.report import LANGUAGES as SPOKEN
from recurbench.cli.report import report
from recurbench.reports import formats
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(pages.failing(tmp_path_factory.mktemp("run")).write(missing=1))


def test_the_command_offers_the_forms_and_languages_there_are():
    assert set(OFFERED) == set(formats.FORMS)
    assert SPOKEN == LANGUAGES
    choice = next(p.type for p in report.params if p.name == "form")
    assert isinstance(choice, click.Choice)
    assert list(choice.choices) == [*OFFERED, "all"]


def test_all_forms_are_written_under_their_own_names(run, tmp_path):
    paths = formats.write(run, Messages("en"), tmp_path, OFFERED)
    assert len({path.name for path in paths}) == len(OFFERED)
    starts = {"html": "<!doctype html>", "md": "# ", "csv": "problem,", "json": "{", "latex": "%"}
    for form, path in zip(OFFERED, paths, strict=True):
        assert path.read_text(encoding="utf-8").lstrip().startswith(starts[form]), form


def test_the_json_holds_the_frames_with_null_where_there_is_nothing(run):
    said = json.loads(formats.dump(run, Messages("en"), Drawn(None, "")))
    assert set(said) == {
        "suite",
        "missing",
        "answer",
        "comparison",
        "map",
        "methods",
        "forecasts",
        "cases",
        "troubles",
    }
    assert said["forecasts"] == {"problems": [], "overall": None}
    assert said["missing"] == 1
    assert len(said["answer"]) == 6
    rows = {row["problem"]: row for row in said["comparison"]}
    assert set(rows) == {"parity-like", pages.HOSTILE}
    assert rows["parity-like"]["attention_sd"] == pytest.approx(0.0144, abs=1e-3)
    assert rows["parity-like"]["best_possible"] is None
    assert {row["method"] for row in said["methods"]} == set(pages.METHODS)
    assert any(row["reason"] == pages.REASON for row in said["troubles"])
