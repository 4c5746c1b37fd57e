"""The proposal for a file of the user, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recurbench.reading.proposal import Proposal

WIDEST = 44  # signs of a value; after a longer one the reason stands on a line of its own


def proposal_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    """The table of each proposal: what was chosen, the option for another choice, and the reason; remarks."""
    for number, proposal in enumerate(proposals):
        if number:
            yield ""
        yield f"{Path(str(proposal.settings['path'])).name}:"
        facts = proposal.facts
        topic, option = (max(len(getattr(fact, name)) for fact in facts) for name in ("topic", "option"))
        widest = max((len(fact.value) for fact in facts if len(fact.value) <= WIDEST), default=0)
        for fact in facts:
            start = f"  {fact.topic:<{topic}}  {fact.option:<{option}}  "
            if len(fact.value) <= WIDEST or not fact.how:
                yield f"{start}{fact.value:<{widest}}  {fact.how}".rstrip()
            else:
                yield f"{start}{fact.value}"
                yield f"{' ' * len(start)}{'':<{widest}}  {fact.how}"
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
