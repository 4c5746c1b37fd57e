"""The map of the registered contrasts: in the terminal, in files and on the page, all with one answer."""

from __future__ import annotations

import io
import lzma
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from made_up import MadeUp, right
from made_up_contrasts import CHOSEN, NAMES, PARITY, ROLES, SOLVED_BY_RECURRENCE, as_registered, filled
from recurbench.cli.main import main
from recurbench.compact import slim
from recurbench.contrasts import FIRST
from recurbench.registration import FrozenPair
from recurbench.reports import formats
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import comparison, overview, registered
from recurbench.reports.page.document import page
from recurbench.reports.page.sections import sections
from recurbench.reports.text import registered_map, registered_tables
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run
from rich.console import Console
from small_run import marks, pictures

EN = Messages()
TOLD = replace(PARITY, label="parity, 100 bits", task="Parity of bits", theory="one bit is enough")
PAIR = FrozenPair("nonlinear against linear recurrence", "parity", "lstm", "rnn")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    as_registered(monkeypatch, TOLD, pairs=(PAIR,))
    skills = {"lstm": 1.0, "rnn": [1.0, 0.0] * 6}
    return read_run(filled(tmp_path / "run", skills, 12, series=["0"], n_test=1).write())


def test_the_table_needs_no_legend(run: Run) -> None:
    (each,) = contrasts_in(run)
    header = registered_tables.header(registered_tables.BEST, EN)
    row = dict(zip(header, registered_tables.best_row(each, EN), strict=True))
    assert row == {
        "problem": "parity, 100 bits",
        "best recurrent network": "lstm 12/12 [74\N{EN DASH}100%]",
        "best network without recurrence": "tcn 0/12 [0\N{EN DASH}26%]",
        "best network with a window": "cnn 0/12 [0\N{EN DASH}26%]",
        "difference [95 %]": "+12 of 12 fits",
        "verdict": "recurrence helps",
        "predicted": "as predicted",
        "CPU s per fit, recurrent / other": "2.0 / 2.0",
    }


def test_every_method_stands_in_a_table_with_its_role(run: Run) -> None:
    (each,) = contrasts_in(run)
    rows = {row[1]: row[2:] for row in registered_tables.method_rows(each, EN)}
    assert rows["lstm"] == ("recurrent, best on pilots", "12/12 [74\N{EN DASH}100%]", "1.000", "2.0", "")
    assert rows["rnn"][:3] == ("recurrent", "6/12 [21\N{EN DASH}79%]", "0.500")
    assert rows["tcn (twice the steps)"][0] == "without recurrence"
    assert rows["lstm-state-cut"][0] == "twin without a state"
    assert len(rows) == 7


def test_secondary_contrasts_have_a_table_of_their_own(run: Run) -> None:
    found = contrasts_in(run)
    (row,) = registered_tables.secondary_rows(registered_map.secondary_of(run), found, EN)
    assert row[1:] == ("parity, 100 bits", "lstm 12/12", "rnn 6/12", "+6 of 12 fits", "first ahead")


def without(made: MadeUp, name: str, replicates: set[int]) -> MadeUp:
    """The same run in which some fits of a method have no score."""
    address = ROLES.methods[NAMES.index(name)]
    made.records = [
        replace(record, status="failed", reason="out of memory", score=None, scores={}, units=b"")
        if record.address == address and record.seed is not None and record.seed - FIRST in replicates
        else record
        for record in made.records
    ]
    return made


@pytest.mark.parametrize(
    ("outcome", "failed", "said"),
    [
        ("solved", {3}, "11 of 12, 1 failed"),
        ("solved", set(range(12)), "0 of 12, 12 failed"),
        ("graded", {3}, "1.000, 1 failed"),
        ("graded", set(range(12)), "12 failed"),
    ],
)
def test_failed_fits_are_counted_in_every_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, failed: set[int], said: str
) -> None:
    as_registered(monkeypatch, TOLD, replace(CHOSEN, outcome=outcome), (PAIR,))
    made = without(filled(tmp_path, {"lstm": 1.0, "rnn": 1.0}, 12, series=["0"], n_test=1), "lstm", failed)
    run = read_run(made.write())
    (each,) = contrasts_in(run)
    assert registered_tables.best_row(each, EN)[1] == f"lstm {said}"
    (row,) = (row for row in registered_tables.method_rows(each, EN) if row[1] == "lstm")
    assert said in row[3:5]
    (pair,) = registered_tables.secondary_rows(registered_map.secondary_of(run), contrasts_in(run), EN)
    assert pair[2] == f"lstm {said}"
    assert pair[3] == f"rnn {'12/12' if outcome == 'solved' else '1.000'}"


@pytest.mark.parametrize(("skill", "said"), [(1.0, "0 times"), (0.99, "0.20 times"), (0.995, "0.10 times")])
def test_a_ratio_of_errors_has_two_digits_and_is_told_where_it_is_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skill: float, said: str
) -> None:
    as_registered(monkeypatch, TOLD, replace(CHOSEN, outcome="graded", predicted="no difference"))
    skills = {"lstm": skill, "rnn": 0.0, "tcn": 0.95}
    (each,) = contrasts_in(read_run(filled(tmp_path, skills, 16, series=["0"], n_test=1).write()))
    assert registered_tables.gap(each, EN).endswith(f"; {said} the remaining error")


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_terminal_shows_the_answer_and_the_table_within_its_width(run: Run, width: int) -> None:
    written = io.StringIO()
    registered_map.show(run, Console(width=width, file=written), EN)
    text = written.getvalue()
    assert text.startswith("Where does recurrence help?\n  Only recurrence solved it: parity, 100 bits")
    assert "Theory: one bit is enough." in " ".join(text.split())
    assert "best recurrent" in text
    assert max(map(len, text.splitlines())) <= width


def test_map_prints_the_answer_and_writes_both_files(run: Run) -> None:
    assert run.file is not None
    done = CliRunner().invoke(main, ["map", str(run.file.parent)])
    assert done.exit_code == 0, done.output
    assert "Only recurrence solved it" in done.output
    folder = run.file.parent / "report"
    text = (folder / "map.md").read_text(encoding="utf-8")
    assert "- **Only recurrence solved it**: parity, 100 bits" in text
    assert "## Secondary contrasts" in text
    assert "| parity, 100 bits | tcn (twice the steps) | without recurrence |" in text
    (row,) = pd.read_csv(folder / "map.csv").to_dict("records")
    assert (row["verdict_code"], row["predicted_code"]) == ("recurrence_helps", "recurrence_helps")
    assert (row["lift"], row["context"]) == (1.0, 1.0)
    assert all(pd.isna(row[f"{name}_{end}"]) for name in ("lift", "context") for end in ("low", "high"))


def test_the_page_of_the_documentation_opens_with_the_answer(run: Run, tmp_path: Path) -> None:
    assert run.file is not None
    path = tmp_path / "docs" / "results.md"
    done = CliRunner().invoke(main, ["map", str(run.file.parent), "--page", str(path)])
    assert done.exit_code == 0, done.output
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    assert blocks[2] == "- **Only recurrence solved it**: parity, 100 bits"
    heads = [block for block in blocks if block.startswith("## ")]
    assert heads[:2] == ["## Where recurrence helps", "## The registered contrasts"]
    assert (tmp_path / "docs" / "results" / "cells.sqlite.xz").exists()


def test_a_page_whose_folder_would_be_the_run_is_refused_and_nothing_is_lost(run: Run) -> None:
    assert run.file is not None
    folder = run.file.parent
    (folder / "drawing.svg").write_text("<svg/>", encoding="utf-8")
    done = CliRunner().invoke(main, ["map", str(folder), "--page", f"{folder}.md"])
    assert done.exit_code == 2
    assert "is a run, and the figures of" in done.output
    assert (folder / "drawing.svg").exists()


def test_a_run_with_nothing_to_map_is_refused_in_words(tmp_path: Path) -> None:
    folder = filled(tmp_path / "pilots", SOLVED_BY_RECURRENCE, 2, first=0, role="positive").write()
    done = CliRunner().invoke(main, ["map", str(folder)])
    assert done.exit_code == 2
    assert "holds nothing to map" in done.output


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_with_the_answer_then_the_map_then_the_tables(run: Run, language: str) -> None:
    say = Messages(language)
    parts = sections(run, say, Drawn(None, ""))
    assert [part.anchor for part in parts[:2]] == ["map", "contrasts"]
    text = page(run, say, Drawn(None, ""))
    first = text[text.index('id="answer"') :]
    assert first.index("Parity of bits") < first.index('id="map"') < first.index('id="contrasts"')
    assert say("registered.only") in first
    assert re.search(r"<dl class=\"headings\">", first)


def test_the_map_has_a_mark_for_the_contrast_and_says_it_in_words(run: Run) -> None:
    (picture,) = pictures(overview.section(run, EN, Drawn(None, "")))
    assert marks(picture.svg, "contrast") == 1
    # Fits are counted here: a t interval over skills that all agree would have no width.
    assert "parity, 100 bits: recurrence +1.000, long past +1.000, recurrence helps." in picture.alt
    assert marks(picture.svg, "interval") == 0
    assert "Lines: 95 % intervals, on graded problems only. Grey: less than 0.05" in picture.caption


def test_json_holds_every_sentence_and_a_row_for_the_contrast(run: Run) -> None:
    text = formats.dump(run, EN, Drawn(None, ""))
    assert "Only recurrence solved it: Parity of bits: lstm solved 12 of 12 fits" in text
    assert '"verdict_code": "recurrence_helps"' in text.replace('":"', '": "')


def test_where_contrasts_are_judged_no_other_verdicts_stand_beside_them(run: Run) -> None:
    assert comparison.gains(run, EN, Drawn(None, "")) is None


def test_a_slim_run_shows_no_table_of_gains_that_cannot_be_resampled(tmp_path: Path) -> None:
    made = MadeUp(tmp_path / "whole")
    for method, count in (("most-common", 20), ("gru", 30), ("mlp", 25)):
        made.cell(method, right(count), validation={"accuracy": count})
    whole = read_run(made.write())
    assert comparison.gains(whole, EN, Drawn(None, "")) is not None
    slim(made.folder, tmp_path / "slim.xz")
    thin = tmp_path / "thin"
    thin.mkdir()
    (thin / "results.sqlite").write_bytes(lzma.decompress((tmp_path / "slim.xz").read_bytes()))
    assert comparison.gains(read_run(thin), EN, Drawn(None, "")) is None


def test_a_run_of_other_problems_has_no_registered_section(tmp_path: Path) -> None:
    run = read_run(filled(tmp_path, SOLVED_BY_RECURRENCE, 2, first=0).write())
    assert registered.section(run, EN, Drawn(None, "")) is None
