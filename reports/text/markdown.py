"""Words as Markdown that stay words: whatever a name or a reason holds, no reader of Markdown acts on it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import quote

# Our own messages set the commands of recurbench as code; nothing else between backticks is.
_COMMAND = re.compile(r"(`recurbench [^`|\\]+`)")
# An underscore inside a word and brackets without a target mean nothing, and names are full of both.
_MARKS = re.compile(r"[\\`*~$#|]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[])|!(?=\[)")
_BRACKETS = re.compile(rf"{_MARKS.pattern}|[\[\]]")
_FIRST = re.compile(r"(?:[-+=](?=[-+= ]|$)|(?<=\d)[.)](?= |$)|\[|:(?=-))")
_NUMBERED = re.compile(r"\d{1,9}(?=[.)](?: |$))")


def escaped(words: str) -> str:
    """Words on one line, as Markdown that shows them as they are; our commands in backticks as code."""
    return _at_start(_within(words))


def _within(words: str) -> str:
    """The same where no line begins, as in a cell."""
    parts = _COMMAND.split(" ".join(words.split()))
    return "".join(part if place % 2 else _plain(part) for place, part in enumerate(parts))


def image(alt: str, path: str) -> str:
    """A picture with its alternative text, in which a bracket must not be the end."""
    return f"![{_plain(' '.join(alt.split()), _BRACKETS)}]({quote(path)})"


def _plain(words: str, marks: re.Pattern[str] = _MARKS) -> str:
    marked = marks.sub(lambda mark: f"\\{mark[0]}", words)
    return html.escape(marked, quote=False)


def _at_start(line: str) -> str:
    """A line that begins no list, no rule and no definition."""
    place = number.end() if (number := _NUMBERED.match(line)) else 0
    return f"{line[:place]}\\{line[place:]}" if _FIRST.match(line, place) else line


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table, line by line; every cell is text."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(map(_within, cells)) + " |"

    return [line(header), "| " + " | ".join(["---"] * len(header)) + " |", *map(line, rows)]
