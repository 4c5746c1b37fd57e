"""The terms of the page: their meanings at its end, and the term that explains the head of a column."""

from __future__ import annotations

import re
from functools import cache

from recurbench.reports.page.section import Terms
from recurbench.reports.text.translation import Messages
from recurbench.reports.text.translation import keys as keys_of


def keys() -> list[str]:
    """The terms of the glossary, in the order of docs/glossary.md."""
    return [key.removesuffix("_is") for key in keys_of("glossary") if key.endswith("_is")]


def anchor_of(key: str) -> str:
    """Where the page explains a term."""
    return f"term-{key.replace('_', '-')}"


def terms(say: Messages) -> Terms:
    """Every term with its meaning."""
    entries = ((anchor_of(key), say(f"glossary.{key}"), say(f"glossary.{key}_is")) for key in keys())
    return Terms(tuple(entries))


def explained(head: str, say: Messages) -> str | None:
    """The key of the term that the head of a column uses; of several the one with the longest name in it."""
    used = [(len(name), key) for name, key in _names(say.language) if _holds(head, name)]
    return max(used)[1] if used else None


@cache
def _names(language: str) -> tuple[tuple[str, str], ...]:
    """What heads of columns call the terms, and the key of each."""
    say = Messages(language)
    heads = (key for key in keys_of("glossary") if key.endswith("_heads"))
    return tuple(
        (name, key.removesuffix("_heads")) for key in heads for name in say(f"glossary.{key}").split("|")
    )


def _holds(head: str, name: str) -> bool:
    """Whether a name stands in a head as a whole word; a Korean word may go on with a particle."""
    return re.search(rf"(?<!\w){re.escape(name)}" + (r"(?!\w)" if name.isascii() else ""), head) is not None
