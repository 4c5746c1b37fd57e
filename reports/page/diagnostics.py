"""Diagnostics: how the networks trained and how far back they remember. Verdicts do not use them."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import gradients, learning, lengths
from recurbench.reports.page.section import Prose, Section
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

BUILDERS = (lengths.section, learning.section, gradients.section)


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """Length generalisation, training curves and gradients; None where the run holds none of them."""
    built = (build(run, say, drawn) for build in BUILDERS)
    within = tuple(part for part in built if part is not None)
    if not within:
        return None
    intro = Prose((say("page.diagnostics_intro"),))
    return Section("diagnostics", say("page.diagnostics_title"), (intro,), within)
