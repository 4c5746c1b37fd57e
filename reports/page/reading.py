"""How the page is to be read."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.section import Prose, Section
from recurbench.reports.statistics.lift import LEVEL
from recurbench.reports.text.sentences import MARGIN
from recurbench.reports.text.translation import Words
from recurbench.results import Run

WORDS = ("family", "skill", "lift", "words", "ahead", "files")


def section(run: Run, say: Words, drawn: Drawn) -> Section | None:
    """What the words and signs of the page mean."""
    lines = tuple(say(f"page.read_{name}", margin=MARGIN, level=f"{LEVEL:.0%}") for name in WORDS)
    return Section("reading", say("page.reading_title"), (Prose(lines),))
