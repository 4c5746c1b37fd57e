"""The results by problem: the gain from recurrence, and the best method of each family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import method_link, problem_link
from recurbench.reports.page.page_tables import names_on
from recurbench.reports.page.section import Grid, Part, Prose, Rich, Section
from recurbench.reports.statistics.comparison_table import comparison, without_examples
from recurbench.reports.text.marks import family_meaning, family_sign
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.render import (
    entry,
    families_of,
    interval,
    metric_words,
    shown_notes,
    validation_notes,
)
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

NBSP = "\N{NO-BREAK SPACE}"
GAINS = ("problem", "lift", "interval", "verdict", "recurrent", "other", "compared")


def gains(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """The gain from recurrence of every problem; None where `gains_grid` has nothing to show."""
    grid = gains_grid(run, say)
    return None if grid is None else Section("gains", say("page.gains_title"), (grid,))


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One table per kind of task with the best method of each family; None where nothing ran."""
    if not len(run.cells):
        return None
    table = comparison(run)
    grids = [_of_kind(run, str(kind), rows, say) for kind, rows in table.groupby("kind", sort=False)]
    parts: tuple[Part, ...] = (Prose((say("page.best_words"),)), *grids)
    return Section("comparison", say("page.comparison_title"), parts)


def _of_kind(run: Run, kind: str, rows: pd.DataFrame, say: Messages) -> Grid:
    """A row per problem: its metric, then score, spread and method of each family."""
    families = families_of(rows)
    body = []
    for _, row in rows.iterrows():
        names = names_on(run, row["problem"], say)
        entries = (_entry(run, row, family, names, say) for family in families)
        body.append((problem_link(row["problem"], row["label"]), metric_words(row, say), *entries))
    header = (say("page.problem"), say("page.metric"), *(say.of(family) for family in families))
    caption = say("page.best_of", kind=say.of(kind))
    numeric = frozenset(range(2, len(header)))
    notes = validation_notes(rows, say)
    if signs := family_meaning(run, rows["problem"], say):
        notes.insert(0, signs)
    return Grid(header, tuple(body), caption, numeric, tuple(notes), cards=True)


def _entry(run: Run, row: pd.Series[Any], family: str, names: Mapping[str, str], say: Messages) -> str:
    """Score and spread, below them the method, and below it why the score needs care, where it does."""
    address, score = entry(row, family, say)
    notes = shown_notes(row, family)
    why = f"\n† {say.reasons(notes)}" if notes else ""
    if not isinstance(row[family], str):
        return f"{address} {score}".strip() + why
    # A score and its spread stay on one line.
    mark = family_sign(run, row["problem"], address).replace(" ", NBSP)
    return Rich(f"{score.replace(' ', NBSP)}\n{mark}", method_link(address, names[address]), why)


def gains_grid(run: Run, say: Messages) -> Grid | None:
    """A row per problem: the gain, its interval, the verdict, and the best method of each side.

    None for a run without scores per example, such as a slim copy: no gain is known. None where contrasts are
    judged, which have verdicts of their own.
    """
    if not len(run.cells) or contrasts_in(run) or without_examples(comparison(run)):
        return None
    body = []
    for _, row in comparison(run).iterrows():
        names = names_on(run, row["problem"], say)
        best = (_side(row, side, names) for side in ("recurrent", "other"))
        problem = problem_link(row["problem"], row["label"])
        # The bounds of an interval stay on one line.
        gain = (
            signed(row.get("lift")),
            interval(row).replace(" ", NBSP),
            say.verdict(row["verdict"], row["reasons"]),
        )
        body.append((problem, *gain, *best, _compared(row, say)))
    header = tuple(say(f"page.{name}") for name in GAINS)
    notes = (say("page.compared_note"),) if any(row[-1] for row in body) else ()
    return Grid(header, tuple(body), say("page.lifts"), frozenset({1, 4, 5}), notes, cards=True)


def _side(row: pd.Series[Any], side: str, names: Mapping[str, str]) -> str:
    """The skill of the best method of one side, and below it the method."""
    address, skill = row.get(f"lift_{side}"), number(row.get(f"skill_{side}"))
    if not isinstance(address, str) or not address:
        return ""
    return Rich(f"{skill}\n" if skill else "", method_link(address, names.get(address, address)))


def _compared(row: pd.Series[Any], say: Messages) -> str:
    """How many methods the best of each side was chosen among."""
    recurrent, other = row.get("fits_recurrent"), row.get("fits_other")
    if pd.isna(recurrent) or pd.isna(other) or not recurrent or not other:
        return ""
    return say("page.compared_with", recurrent=int(recurrent), n=int(other))
