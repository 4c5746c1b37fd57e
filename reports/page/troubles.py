"""What has no score, and why."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.statistics.comparison_table import troubles
from recurbench.reports.text.translation import Words
from recurbench.results import Run

ROWS = 300  # a run that failed everywhere must not drown its page
REASON = 600  # characters of a reason or a list of problems


def section(run: Run, say: Words, drawn: Drawn) -> Section | None:
    """Failed, missing and refused cells with their reasons; None where every cell has a score."""
    table = troubles(run) if len(run.cells) or run.missing else None
    if table is None or not len(table):
        return None
    shown = table.head(ROWS)
    rows = tuple(
        (
            str(row["method"]),
            say.of(row["status"]),
            _cut(say.reason(row["reason"])),
            _cut(str(row["problems"])),
            str(row["cells"]),
        )
        for _, row in shown.iterrows()
    )
    notes = [say("page.quoted_reasons")]
    if len(table) > ROWS:
        notes.insert(0, say("page.thinned_here", shown=ROWS, all=len(table)))
    texts = [say.reason(reason) for reason in shown["reason"]] + [str(names) for names in shown["problems"]]
    cut = sum(_cut(text) != text for text in texts)
    if cut:
        notes.append(say("page.cut", n=cut, letters=REASON))
    header = tuple(say(f"page.{name}") for name in ("method", "status", "reason", "problems", "cells"))
    grid = Grid(header, rows, say("page.troubles"), frozenset({4}), tuple(notes))
    return Section("troubles", say("page.troubles_title"), (grid,))


def _cut(text: str) -> str:
    return text if len(text) <= REASON else f"{text[:REASON]} …"
