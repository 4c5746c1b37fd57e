"""Which sections a page has, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import (
    ablations,
    case_scores,
    comparison,
    compute_cost,
    diagnostics,
    difficulty,
    forecasts,
    methods,
    overview,
    pairwise,
    problems,
    published,
    reading,
    registered,
    troubles,
    what_ran,
)
from recurbench.reports.page.section import Section
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

Builder = Callable[[Run, Messages, Drawn], Section | None]

# The first stands on the first screen, below the answer. Results come first, then what explains them.
SECTIONS: tuple[Builder, ...] = (
    overview.section,
    registered.section,
    comparison.gains,
    comparison.section,
    forecasts.section,
    case_scores.section,
    ablations.section,
    difficulty.section,
    problems.section,
    compute_cost.section,
    pairwise.section,
    methods.section,
    published.section,
    troubles.section,
    diagnostics.section,
    what_ran.section,
    reading.section,
    reading.glossary,
)


def sections(
    run: Run, say: Messages, drawn: Drawn, builders: Sequence[Builder] = SECTIONS
) -> tuple[Section, ...]:
    """The sections that the run holds data for."""
    found = (build(run, say, drawn) for build in builders)
    return tuple(section for section in found if section is not None)
