"""The reader's words in the language asked for, from `messages.toml`."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ko")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(
        files("recurbench.reports.text").joinpath("messages.toml").read_text(encoding="utf-8")
    )


def keys(table: str) -> tuple[str, ...]:
    """The names of the messages of a table, in their order; KeyError where there is no such table."""
    return tuple(_messages()[table])


@cache
def _sentences(table: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The messages of a table that stand in the data: what finds each, the longest first, and its key."""
    found = []
    for key, row in _messages()[table].items():
        pieces = [
            # What is filled in holds no colon of a sentence: a reason is not taken together with its head.
            re.escape(words) + (f"(?P<{place}>(?:(?!: ).)+?)" if place else "")
            for words, place, _, _ in string.Formatter().parse(row["en"])
        ]
        found.append((len(row["en"]), re.compile("".join(pieces), re.DOTALL), f"{table}.{key}"))
    return tuple((pattern, key) for _, pattern, key in sorted(found, key=lambda each: -each[0]))


class Words:
    """Messages in one language: `say("page.title", suite="quick")`, and for data `say.of("undecided")`."""

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no messages in {language!r}; known languages: {', '.join(LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The message `table.name` with its places filled in; KeyError where there is none.

        Where `of`, or else `n`, is 1 and the message has words for one thing, those.
        """
        table, _, name = key.partition(".")
        said = _messages()[table][name]
        one = values.get("of", values.get("n")) == 1
        text = said.get(f"{self.language}_one", said[self.language]) if one else said[self.language]
        return text.format(**values)

    def of(self, value: Any) -> str:
        """A word or sentence of the data in this language; what is not known, such as a name, as it is."""
        text = str(value)
        known = _messages()["data"].get(text, {})
        if self.language == "en" or self.language in known:
            return known.get(self.language, text)
        for pattern, key in _sentences("sentences"):
            if match := pattern.fullmatch(text):
                return self(key, **{name: self.of(part) for name, part in match.groupdict().items()})
        return text

    def reason(self, text: str) -> str:
        """Why a cell has no score: as a whole where the suite wrote all of it, or else quoted as it is."""
        if self.language == "en":
            return text
        if (known := self._one_of("reasons", text)) is not None:
            return known
        head, colon, rest = text.partition(": ")
        where, why = self._one_of("heads", head), self.reason(rest) if colon else rest
        return text if where is None or why == rest else f"{where}: {why}"

    def _one_of(self, table: str, text: str) -> str | None:
        """The message of a table whose English is the text, with what is filled in as it stands there."""
        for pattern, key in _sentences(table):
            if match := pattern.fullmatch(text):
                told: dict[str, str] = match.groupdict()
                for name in told.keys() & {"kind", "kinds"}:
                    told[name] = self._kinds(told[name])
                return self(key, **told)
        return None

    def _kinds(self, names: str) -> str:
        """The kinds of task in a list; all else that is filled in is a name or a number, and stays."""
        return ", ".join(map(self.of, names.split(", ")))

    def told(self, text: str) -> str:
        """A verdict or a note of a frame in its parts, part by part: `no difference; 4 fits against 12`."""
        return "; ".join(map(self._part, str(text).split("; ")))

    def _part(self, text: str) -> str:
        """A part, or what stands before its first colon and after it: `undecided: 9 of 10 pairs`."""
        known, (head, colon, rest) = self.of(text), text.partition(": ")
        return f"{self.of(head)}: {self._part(rest)}" if known == text and colon else known
