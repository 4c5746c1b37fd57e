"""Every method on every problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import method_link, problem_link
from recurbench.reports.page.page_tables import names_on
from recurbench.reports.page.section import Grid, Rich, Section
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.text.marks import meaning, sign
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.numbers import number
from recurbench.reports.text.render import methods_title, validation_notes
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

ROWS = 1000  # of the table; what a page can hold and a reader may still filter
COLUMNS = ("problem", "method", "family", "metric", "test", "sd", "validation", "cells", "cpu")


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A row per problem and method, the best validation first; None where no method has a score."""
    table = every_method(run) if len(run.cells) else pd.DataFrame()
    if not len(table):
        return None
    shown = thinned(table)
    # Without validation scores no method is chosen, and the column is empty.
    notes = [say("page.methods_note")] if table["validation"].notna().any() else []
    notes += validation_notes(shown.drop_duplicates("problem"), say)
    if len(shown) < len(table):
        notes.insert(0, say("page.thinned", shown=len(shown), all=len(table), file="methods.csv"))
    if signs := meaning(run, shown["problem"].unique(), say):
        notes.insert(0, signs)
    rows = tuple(_row(run, row, names_on(run, row["problem"], say), say) for _, row in shown.iterrows())
    grid = Grid(
        tuple(say(f"page.{name}") for name in COLUMNS),
        rows,
        methods_title(table, say),
        frozenset(range(4, len(COLUMNS))),
        tuple(notes),
    )
    return Section("methods", say("page.methods_title"), (grid,))


def thinned(table: pd.DataFrame, rows: int = ROWS) -> pd.DataFrame:
    """The first rows of every problem, as many as fit into `rows` together; at least one per problem."""
    if len(table) <= rows:
        return table
    place = table.groupby("problem", sort=False).cumcount()
    fits = [depth for depth in range(1, int(place.max()) + 2) if int((place < depth).sum()) <= rows]
    return table[place < (fits[-1] if fits else 1)]


def _row(run: Run, row: pd.Series[Any], names: Mapping[str, str], say: Messages) -> tuple[str, ...]:
    by = metric_name(row["validation_metric"], say)
    trials = say("page.best_of_trials", n=row["trials"]) if row["trials"] > 1 else ""
    idle = say("page.idle", n=row["not_learned"]) if row["not_learned"] else ""
    seen = say.status("trained_on_this_data") if row["trained_on_this_data"] else ""
    method = method_link(row["method"], names[row["method"]])
    return (
        problem_link(row["problem"], row["label"]),
        Rich(
            sign(run, row["problem"], row["method"]),
            method,
            *(f"\n{remark}" for remark in (trials, idle, seen) if remark),
        ),
        say.of(row["family"]),
        metric_name(row["metric"], say),
        number(row["score"]),
        number(row["sd"]),
        f"{number(row['validation'])}\n{by}".strip(),
        str(row["cells"]),
        f"{row['cpu_seconds']:.2f}",
    )
