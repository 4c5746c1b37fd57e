"""Tables of every metric on the page, one per problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from recurbench.reports.page.links import mark_of, method_link
from recurbench.reports.page.section import Grid, Part, Section
from recurbench.reports.text.metric_tables import Column, MetricTable
from recurbench.reports.text.translation import Messages


def problem_grid(
    table: MetricTable,
    rows: pd.DataFrame,
    names: Mapping[str, str],
    say: Messages,
    title: str,
    notes: Sequence[str],
    words: Column | None = None,
) -> Grid:
    """The table of one problem, its methods as links.

    names: of the methods, by their addresses. words: a column between the methods and the metrics.
    """
    links = {address: method_link(address, names[address]) for address in rows["method"]}
    head, body = table.of(rows, links, say, words)
    numbers = frozenset(range(len(head) - len(table.columns_of(rows)), len(head)))
    return Grid(tuple(head), tuple(map(tuple, body)), title, numbers, tuple(notes))


def of_problems(
    anchor: str, title: str, parts: Sequence[Part], grids: Mapping[str, Grid], labels: Mapping[str, str]
) -> Section:
    """A section with the parts and the table of each problem, one level down where there are several."""
    if len(grids) == 1:
        return Section(anchor, title, (*parts, *grids.values()))
    within = tuple(
        Section(f"{anchor}-{mark_of(problem)}", labels[problem], (grid,)) for problem, grid in grids.items()
    )
    return Section(anchor, title, tuple(parts), within)
