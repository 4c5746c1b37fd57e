"""How the page is to be read, with the glossary of its terms."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.glossary import terms
from recurbench.reports.page.section import Link, Prose, Rich, Section
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

WORDS = ("family", "skill", "lift", "words", "ahead", "files")
PLACE = "\0"  # stands for the link in the sentence that holds it


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """What the words and signs of the page mean."""
    lines = [
        say(f"page.read_{name}", margin=MARGIN, level=f"{LEVEL:.0%}".replace("%", " %")) for name in WORDS
    ]
    before, after = say("page.read_names", glossary=PLACE).split(PLACE)
    names = Rich(before, Link(say("page.glossary_link"), "glossary"), after)
    return Section("reading", say("page.reading_title"), (Prose((names, *lines)),))


def glossary(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """Every term of the page with its meaning."""
    return Section("glossary", say("page.glossary_title"), (terms(say),))
