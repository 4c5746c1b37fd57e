"""One level down: a section per problem with pictures of single cases."""

from __future__ import annotations

from dataclasses import replace

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import problem_cases, problem_sequences, problem_series
from recurbench.reports.page.page_tables import label_of, names_on
from recurbench.reports.page.picturing import Picturing
from recurbench.reports.page.section import Part, Prose, Section
from recurbench.reports.statistics.case_studies import Exhibit, exhibits
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A section of the problems that have something to show; None for a run that keeps nothing to draw."""
    within = []
    for found in exhibits(run):
        names = names_on(run, found.problem, say)
        shown = tuple(replace(one, name=names[one.address]) for one in found.shown)
        exhibit = replace(found, shown=shown)
        this = Picturing(exhibit, say, drawn, names, label_of(run, exhibit.problem))
        pictures = _pictures(this)
        if pictures:
            parts = (Prose(_about(exhibit, say)), *pictures)
            within.append(Section(this.anchor, this.problem, parts))
    if not within:
        return None
    return Section("problems", say("pictures.title"), (Prose((say("pictures.intro"),)),), tuple(within))


def _pictures(this: Picturing) -> list[Part]:
    kind = this.exhibit.kind
    if kind in ("classification", "regression"):
        return problem_cases.pictures(this)
    if not this.exhibit.units:
        return []
    if kind == "forecasting":
        return [*problem_series.pictures(this)]
    return problem_sequences.pictures(this)


def _about(exhibit: Exhibit, say: Messages) -> tuple[str, ...]:
    facts = exhibit.facts
    about = say("pictures.about", kind=say.of(exhibit.kind), source=facts["source"], licence=facts["licence"])
    drawn = [] if exhibit.draw is None else [say("pictures.about_draw", draw=exhibit.draw)]
    withheld = [] if exhibit.units else [say("pictures.no_excerpt")]
    series = len(set(facts["series"])) if facts["kind"] == "forecasting" else 1
    several = [say("pictures.per_series", n=series)] if series > 1 else []
    return (" ".join([about, *drawn, *withheld, *several]),)
