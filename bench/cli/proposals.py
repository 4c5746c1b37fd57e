"""The proposal for a file of the user, as lines of text."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recurbench.reading.proposal import Fact, Proposal

WIDEST = 44  # signs of a value; after a longer one the reason stands on a line of its own


def proposal_lines(proposals: Sequence[Proposal], columns: int | None = None) -> Iterator[str]:
    """The table of each proposal: what was chosen, the option for another choice, and the reason; remarks.

    Where a line of the table is wider than `columns`, value, reason and option follow each other instead.
    """
    for number, proposal in enumerate(proposals):
        if number:
            yield ""
        yield f"{Path(str(proposal.settings['path'])).name}:"
        lines = list(_table(proposal.facts))
        if columns and max(map(len, lines), default=0) > columns:
            lines = list(_running(proposal.facts, columns))
        yield from lines
        yield from _remarks(proposal, columns)


def _table(facts: Sequence[Fact]) -> Iterator[str]:
    topic, option = (max(len(getattr(fact, name)) for fact in facts) for name in ("topic", "option"))
    widest = max((len(fact.value) for fact in facts if len(fact.value) <= WIDEST), default=0)
    for fact in facts:
        start = f"  {fact.topic:<{topic}}  {fact.option:<{option}}  "
        if len(fact.value) <= WIDEST or not fact.how:
            yield f"{start}{fact.value:<{widest}}  {fact.how}".rstrip()
        else:
            yield f"{start}{fact.value}"
            yield f"{' ' * len(start)}{'':<{widest}}  {fact.how}"


def _running(facts: Sequence[Fact], columns: int) -> Iterator[str]:
    topic = max(len(fact.topic) for fact in facts)
    for fact in facts:
        more = "; ".join(filter(None, (fact.how, fact.option)))
        text = f"{fact.value} ({more})" if more else fact.value
        yield from wrapped(f"  {fact.topic:<{topic}}  {text}", columns, topic + 4)


def remark_lines(proposals: Sequence[Proposal], columns: int | None = None) -> Iterator[str]:
    """The proposal of a run in short: the columns, the remarks, and where to read more."""
    for proposal in proposals:
        known = [fact for fact in proposal.facts if fact.topic in SHORT and fact.value != "none"]
        chosen = [f"{fact.topic} {fact.value}" for fact in known]
        name = f" {Path(str(proposal.settings['path'])).name}" * (len(proposals) > 1)
        yield from wrapped(f"Read{name} as: {'; '.join(chosen)}. --dry-run explains each choice.", columns)
        yield from _remarks(proposal, columns)


SHORT = ("task", "id", "time", "target", "covariates", "known ahead", "label", "case", "group", "parts")


def _remarks(proposal: Proposal, columns: int | None) -> Iterator[str]:
    for remark in proposal.remarks:
        yield from wrapped(f"note: {remark.text}", columns)


def wrapped(text: str, columns: int | None, indent: int = 2) -> list[str]:
    """A sentence in lines of at most `columns` characters, broken between words; None breaks nothing."""
    if columns is None or len(text) <= columns:
        return [text]
    return textwrap.wrap(
        text, columns, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def terminal_columns() -> int | None:
    """How wide the terminal is; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
