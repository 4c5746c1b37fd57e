"""The proposal for a file of the user, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recurbench.reading.proposal import Proposal

WIDEST = 52  # signs of a column; longer values push the rest of their line


def proposal_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    """The table of each proposal: what was chosen, why, and the option for another choice; and remarks."""
    for number, proposal in enumerate(proposals):
        if number:
            yield ""
        yield f"{Path(str(proposal.settings['path'])).name}:"
        rows = [(fact.topic, fact.value, fact.how, fact.option) for fact in proposal.facts]
        widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(3)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            yield "  ".join(["", *cells, row[3]]).rstrip()
        yield from _remarks(proposal)


def remark_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    """The proposal of a run in short: the columns, the remarks, and where to read more."""
    for proposal in proposals:
        chosen = [f"{fact.topic} {fact.value}" for fact in proposal.facts if fact.topic in SHORT]
        yield "; ".join(chosen) + "; --dry-run shows why"
        yield from _remarks(proposal)


SHORT = ("task", "id", "time", "target", "covariates", "known ahead", "label", "case", "group", "parts")


def _remarks(proposal: Proposal) -> Iterator[str]:
    yield from (f"note: {remark.text}" for remark in proposal.remarks)
