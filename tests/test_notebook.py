"""What a notebook shows of a run: the answer and a short table, in HTML that needs nothing else."""

from __future__ import annotations

import lzma
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up import MadeUp
from made_up_contrasts import PARITY, SOLVED_BY_RECURRENCE, as_registered, filled
from pages import HOSTILE, REASON, whole, words_of
from recurbench.compact import slim
from recurbench.reports.page import notebook
from recurbench.reports.page.notebook import first_screen
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

VOID = {"br", "wbr", "img", "input", "hr"}


class Balanced(HTMLParser):
    """Counts the rows of tables, and fails where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    return parser


FEW = ("most-common", "mlp", "lstm")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three problems with three methods each."""
    made = whole(tmp_path_factory.mktemp("run"), problems=("one", "two", "three"), methods=FEW, seeds=2)
    return read_run(made.write())


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One problem with four methods, of which one reached its time limit."""
    made = whole(tmp_path_factory.mktemp("run"), problems=("control",), methods=FEW, seeds=1)
    made.cell("tcn", [], problem="control", seed=0, status="timeout", reason="over 5 s")
    return read_run(made.write())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_the_answer_and_is_whole_in_itself(run: Run, language: str) -> None:
    say = Messages(language)
    html = first_screen(run, say)
    words, found = words_of(html), answer(run, say)
    assert found.question in words
    assert all(sentence in words for sentence in found.sentences)
    assert not set(parsed(html).seen) & {"script", "style", "link", "img", "iframe"}
    assert not re.search(r"https?:|url\(|src=|\shref=|\sid=", html)


def test_it_sets_no_colour_of_text_or_ground_so_that_it_fits_a_light_and_a_dark_notebook(single: Run) -> None:
    html = first_screen(single, Messages())
    assert set(re.findall(r"(?<![-\w])(?:color|background(?:-color)?):([^;\"]+)", html)) <= {"inherit"}


def test_one_problem_shows_its_methods_and_how_one_ended_that_has_no_score(single: Run) -> None:
    html = first_screen(single, Messages())
    assert parsed(html).seen.count("tr") == 1 + 4
    assert re.search(r"tcn(?:(?!</tr>).)*timeout", html, re.DOTALL)


def test_methods_beyond_the_first_rows_are_counted(single: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "ROWS", 3)
    html = first_screen(single, Messages())
    assert parsed(html).seen.count("tr") == 1 + 3
    assert "1 more method:" in words_of(html)


def test_several_problems_show_the_gain_of_each_and_count_those_beyond_the_first_rows(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "ROWS", 2)
    html = first_screen(run, Messages())
    assert parsed(html).seen.count("tr") == 1 + 2
    assert "1 more problem:" in words_of(html)


def test_a_slim_run_shows_no_table_of_gains_that_cannot_be_resampled(run: Run, tmp_path: Path) -> None:
    assert run.file is not None
    slim(run.file.parent, tmp_path / "slim.xz")
    (tmp_path / "results.sqlite").write_bytes(lzma.decompress((tmp_path / "slim.xz").read_bytes()))
    thin = read_run(tmp_path)
    html = first_screen(thin, Messages())
    assert "table" not in parsed(html).seen
    assert answer(thin, Messages()).question in words_of(html)
    assert "table" in parsed(first_screen(run, Messages())).seen


def test_beside_judged_contrasts_stand_no_other_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 12, series=["0"], n_test=1)
    filled(tmp_path, {}, 12, contrast=replace(PARITY, problem="adding"), made=made)
    html = first_screen(read_run(made.write()), Messages())
    assert "Only recurrence solved it" in words_of(html)
    assert "table" not in parsed(html).seen


def test_names_and_reasons_are_text_and_no_markup(tmp_path: Path) -> None:
    made = whole(tmp_path, problems=(HOSTILE,), methods=FEW, seeds=1)
    made.cell("tcn", [], problem=HOSTILE, seed=0, status="failed", reason=REASON)
    html = first_screen(read_run(made.write()), Messages())
    assert "<script" not in html
    parsed(html)


def test_a_run_without_rows_shows_its_answer_without_a_table(tmp_path: Path) -> None:
    html = first_screen(read_run(MadeUp(tmp_path).write()), Messages())
    assert "table" not in parsed(html).seen
