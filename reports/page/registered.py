"""The registered contrasts on the page: the best methods, every method, and the secondary contrasts."""

from __future__ import annotations

from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import method_link, problem_link
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.statistics.registered_rule import ERROR
from recurbench.reports.statistics.registered_standings import Standings
from recurbench.reports.text import registered_tables as tables
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.registered_map import secondary_of
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

NBSP = "\N{NO-BREAK SPACE}"


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """The tables; None where the run holds no judged sample of a registered contrast."""
    found = contrasts_in(run)
    if not found:
        return None
    every = Section(
        "contrast-methods", say("registered.methods_title"), tuple(_methods(each, say) for each in found)
    )
    grids = [_best(found, say)]
    if compared := secondary_of(run):
        grids.append(
            Grid(
                tables.header(tables.SECONDARY, say),
                tuple(tables.secondary_rows(compared, found, say)),
                say("registered.secondary", error=f"{100 * ERROR:.0f} %"),
                cards=True,
            )
        )
    return Section("contrasts", say("registered.table_title"), tuple(grids), (every,))


def _best(found: tuple[Standings, ...], say: Messages) -> Grid:
    rows = []
    for each in found:
        label, *cells = tables.best_row(each, say)
        # Bounds stand below what they belong to and stay on one line.
        broken = (
            cell.replace(" [", "\n[").replace(", ", f",{NBSP}").replace("; ", "\n") if "[" in cell else cell
            for cell in cells
        )
        rows.append((problem_link(each.judged.contrast.problem, label), *broken))
    header, notes = tables.header(tables.BEST, say), tables.notes(found, say)
    return Grid(header, tuple(rows), say("registered.table"), frozenset(), notes, cards=True)


def _methods(each: Standings, say: Messages) -> Grid:
    rows = [
        (method_link(one.address, row[1]), *row[2:])
        for one, row in zip(each.methods, tables.method_rows(each, say), strict=True)
    ]
    header = tables.header(tables.METHODS, say)[1:]
    return Grid(header, tuple(rows), tables.label(each, say), frozenset(range(3, 6)))
