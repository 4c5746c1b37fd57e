"""Warnings: fits without a score, and methods whose score needs care, with the reasons."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import listed, method_link, problem_link
from recurbench.reports.page.page_tables import label_of, problems_of
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.statistics.comparison_table import troubles
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.render import trouble_columns
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

ROWS = 300  # a run that failed everywhere must not drown its page
REASON = 600  # characters of a reason or a list of problems


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """Failed, missing, untrained and unsupported fits with their reasons; None where there are none."""
    table = troubles(run) if len(run.cells) or run.missing else None
    if table is None or not len(table):
        return None
    shown = table.head(ROWS)
    names = method_names([address for address in table["method"] if address is not None], say)
    rows: list[tuple[str, ...]] = []
    cut = 0
    for _, row in shown.iterrows():
        _, status, reason, _, fits = trouble_columns(run, row, say)
        address = row["method"]
        method = say("tables.every_method") if address is None else method_link(address, names[address])
        rows.append((method, status, _cut(reason), _problems(run, str(row["problems"]), say), fits))
        cut += _cut(reason) != reason
    notes = [say("page.quoted_reasons")]
    if len(table) > ROWS:
        notes.insert(0, say("page.thinned_here", shown=ROWS, all=len(table)))
    if cut:
        notes.append(say("page.cut", n=cut, letters=REASON))
    header = tuple(say(f"page.{name}") for name in ("method", "status", "reason", "problems", "cells"))
    grid = Grid(header, tuple(rows), say("page.troubles"), frozenset({4}), tuple(notes))
    return Section("troubles", say("page.troubles_title"), (grid,))


def _problems(run: Run, joined: str, say: Messages) -> str:
    """The problems of a row as links; of many the first, and all where the reader unfolds them."""
    known = [name for name in problems_of(run) if name in joined]
    # A name that holds a comma cannot be told from two: the text then stays as it is.
    if ", ".join(known) != joined:
        return joined
    return listed([problem_link(name, label_of(run, name)) for name in known], say)


def _cut(text: str) -> str:
    return text if len(text) <= REASON else f"{text[:REASON]} …"
