"""The reader's words in the language asked for, from `messages.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ko")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(files("recurbench.reports").joinpath("messages.toml").read_text(encoding="utf-8"))


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
        """A word that stands in the data, in this language; unknown ones, such as names, as they are."""
        known = _messages()["data"].get(str(value), {})
        return known.get(self.language, str(value))
