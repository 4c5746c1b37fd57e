"""The reader's words: both languages whole, with the same places to fill in."""

from __future__ import annotations

import string
import tomllib
from importlib.resources import files

import pytest
from recurbench.reports.words import LANGUAGES, Words

MESSAGES = tomllib.loads(files("recurbench.reports").joinpath("messages.toml").read_text(encoding="utf-8"))
KEYS = [f"{table}.{name}" for table, rows in MESSAGES.items() if table != "data" for name in rows]


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", KEYS)
def test_every_message_stands_in_both_languages_with_the_same_places(key: str) -> None:
    table, name = key.split(".")
    found = MESSAGES[table][name]
    assert set(found) - {"en_one"} == set(LANGUAGES)
    assert places(found["en"]) == places(found["ko"])
    assert places(found.get("en_one", "")) <= places(found["en"])


def test_words_in_the_data_are_translated_and_names_are_not() -> None:
    assert Words("ko").of("no difference") == "차이 없음"
    assert Words("ko").of("lstm") == "lstm"
    assert Words("en").of("no difference") == "no difference"


def test_an_unknown_language_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no messages in 'fr'; known languages: en, ko"):
        Words("fr")


def test_one_problem_is_not_said_as_several() -> None:
    say = Words("en")
    assert say("first.helps", n=1, of=1, problems="x") == "Recurrence helps on the only problem: x."
    assert say("first.helps", n=1, of=2, problems="x") == "Recurrence helps on 1 of 2 problems: x."
    assert say("statistics.pairwise_part", kind="a", part="b", methods=3, n=1).endswith(
        "3 methods on 1 problem"
    )
    assert "문제 1개" in Words("ko")("statistics.pairwise_part", kind="a", part="b", methods=3, n=1)
