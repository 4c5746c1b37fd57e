"""The glossary of the page: in step with docs/glossary.md, and met from the heads of tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recurbench.reports.page.glossary import anchor_of, explained, keys, terms
from recurbench.reports.text.translation import LANGUAGES, Messages

PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"


def plain(text: str) -> str:
    """Markdown without its signs; a link in a bracket of its own goes with the bracket."""
    text = re.sub(r"\s*\(\[[^\]]*\]\([^)]*\)\)", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    return " ".join(text.replace("`", "").replace("*", "").split())


def entries() -> dict[str, str]:
    """By heading of the page of the documentation, its text."""
    blocks = re.split(r"(?m)^#{2,3} ", PAGE.read_text(encoding="utf-8"))[1:]
    return {head: plain(text) for head, _, text in (block.partition("\n") for block in blocks)}


@pytest.mark.parametrize("key", keys())
def test_a_term_means_what_the_documentation_says(key: str) -> None:
    say = Messages()
    heading = re.sub(r" \(.*\)$", "", say(f"glossary.{key}"))
    said = re.split(r"(?<=[.!?])\s+(?=[A-Z†])", say(f"glossary.{key}_is"))
    assert [sentence for sentence in said if sentence not in entries()[heading]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_stands_once_with_a_place_and_a_meaning(language: str) -> None:
    rows = terms(Messages(language)).entries
    assert [anchor for anchor, _, _ in rows] == [anchor_of(key) for key in keys()]
    assert len({term for _, term, _ in rows}) == len(rows)
    assert all(meaning for _, _, meaning in rows)


@pytest.mark.parametrize(
    ("head", "english"),
    [
        ("gain from recurrence", "recurrence_lift"),
        ("best recurrent, skill", "recurrent_network"),
        ("best other, skill", "skill"),
        ("95 % interval", "interval"),
        ("L", "recurrence_lift"),
        ("L_cut", "twin_without_a_state"),
        ("C", "gain_from_context"),
        ("CPU-s", None),
        ("metric", None),
    ],
)
def test_the_head_of_a_column_is_explained_by_the_longest_term_in_it(head: str, english: str | None) -> None:
    assert explained(head, Messages()) == english


def test_korean_heads_are_explained_too() -> None:
    say = Messages("ko")
    assert explained(say("page.lift"), say) == "recurrence_lift"
    assert explained(say("page.verdict"), say) == "verdicts"
    assert explained(say("page.metric"), say) is None
