"""The comparison: per kind of task the best of each family on every problem, and the recurrence lift."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.section import Grid, Part, Prose, Section
from recurbench.reports.statistics.comparison_table import abridged
from recurbench.reports.text.render import (
    entry,
    families_of,
    interval,
    metric_words,
    number,
    signed,
    validation_notes,
)
from recurbench.reports.text.sentences import NOTHING_CHOSEN
from recurbench.reports.text.translation import Words
from recurbench.results import Run

NBSP = "\N{NO-BREAK SPACE}"


def section(run: Run, say: Words, drawn: Drawn) -> Section | None:
    """One table per kind of task and one of the lifts; None where nothing ran."""
    if not len(run.cells):
        return None
    table = abridged(run)
    grids = [_of_kind(str(kind), rows, say) for kind, rows in table.groupby("kind", sort=False)]
    parts: tuple[Part, ...] = (Prose((say("page.best_words"),)), *grids, _lifts(table, say))
    return Section("comparison", say("page.comparison_title"), parts)


def _of_kind(kind: str, rows: pd.DataFrame, say: Words) -> Grid:
    """A row per problem: its metric, then score, spread and method of each family."""
    families = families_of(rows)
    body = tuple(
        (
            str(row["label"]),
            metric_words(row, say),
            *(_entry(row, family, say) for family in families),
        )
        for _, row in rows.iterrows()
    )
    notes = tuple(
        f"† {row['label']}, {say.of(family)}: {say.told(row[f'{family}_note'])}"
        for _, row in rows.iterrows()
        for family in families
        if row[f"{family}_note"] and row[f"{family}_note"] not in ("n/a", "not asked", NOTHING_CHOSEN)
    )
    notes = (*validation_notes(rows, say), *notes)
    header = (say("page.problem"), say("page.metric"), *(say.of(family) for family in families))
    caption = say("page.best_of", kind=say.of(kind))
    return Grid(header, body, caption, frozenset(range(2, len(header))), notes)


def _entry(row: pd.Series[Any], family: str, say: Words) -> str:
    """Score and spread, and below them whose they are."""
    name, score = entry(row, family, say)
    if not isinstance(row[family], str):
        return f"{name} {score}".strip()
    # A score and its spread stay on one line.
    return f"{score.replace(' ', NBSP)}\n{name}" if name else ""


def _lifts(table: pd.DataFrame, say: Words) -> Grid:
    header = tuple(
        say(f"page.{name}") for name in ("problem", "recurrent", "other", "lift", "interval", "verdict")
    )
    body = []
    for _, row in table.iterrows():
        sides = []
        for side in ("recurrent", "other"):
            name, skill = row.get(f"lift_{side}"), number(row.get(f"skill_{side}"))
            sides.append(f"{skill}\n{name}".strip() if isinstance(name, str) and name else "")
        lift = signed(row.get("lift"))
        body.append((str(row["label"]), *sides, lift, interval(row), say.told(row["words"])))
    return Grid(header, tuple(body), say("page.lifts"), frozenset({1, 2, 3}))
