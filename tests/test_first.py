"""The first screen of the page: links on the problems, and lists that unfold to all they count."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.page.first import sentences
from recurbench.reports.page.links import problem_anchor
from recurbench.reports.page.section import Folded, Link, Rich
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

PROBLEMS = ("one", "one[x=1]", "on", "three", "four")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = MadeUp(tmp_path_factory.mktemp("run"))
    for problem in PROBLEMS:
        for method, count in (("most-common", 20), ("mlp", 30)):
            made.cell(method, right(count), problem=problem, validation={"accuracy": count}, seed=0)
    return read_run(made.write())


def links(text: str) -> list[Link]:
    parts = text.whole if isinstance(text, Folded) else text
    return [part for part in getattr(parts, "parts", ()) if isinstance(part, Link)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_at_first_is_the_answer_word_for_word(run: Run, language: str) -> None:
    say = Messages(language)
    shown = [text.start if isinstance(text, Folded) else str(text) for text in sentences(run, say)]
    assert tuple(shown) == answer(run, say).sentences


def test_a_sentence_that_counts_the_last_problems_unfolds_to_name_them(run: Run) -> None:
    folded = [text for text in sentences(run, Messages()) if isinstance(text, Folded)]
    assert folded
    for text in folded:
        assert text.start.endswith("and 2 more.")
        assert "more" not in text
        assert all(f"{problem} (" in text for problem in PROBLEMS)


def test_a_problem_in_a_sentence_leads_to_its_section_and_no_part_of_a_name_does(run: Run) -> None:
    best = next(text for text in sentences(run, Messages()) if "validation" in text)
    assert {str(link) for link in links(best)} == set(PROBLEMS)
    assert all(link.anchors[0] == problem_anchor(link) for link in links(best))


def test_a_run_without_rows_has_plain_sentences(tmp_path: Path) -> None:
    assert not any(
        isinstance(text, Folded | Rich) for text in sentences(read_run(MadeUp(tmp_path).write()), Messages())
    )
