"""Predicted against observed: how the predictions written down before the first full run fared."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.reports.figures.agreement import agreement, shows
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.page_tables import contrasts_of, stable
from recurbench.reports.page.section import Picture, Section
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

COLUMNS = ["problem", "predicted", "verdict", "hit", "known_before", "pairs"]


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """None where the run holds no pair of any contrast."""
    rows = contrasts_of(run) if len(run.cells) else pd.DataFrame()
    if not shows(rows):
        return None
    svg = drawn("predicted", stable(say, rows[COLUMNS]), lambda: sure(agreement(rows, say)))
    picture = Picture(svg, _caption(rows, say), _alt(rows, say))
    return Section("predicted", say("figures.predicted_title"), (picture,))


def _caption(rows: pd.DataFrame, say: Messages) -> str:
    fresh = rows[~rows["known_before"]]
    hits, misses = (int((fresh["hit"] == came).sum()) for came in (True, False))
    rest = len(fresh) - hits - misses
    return say("figures.predicted_caption", of=len(fresh), hits=hits, misses=misses, open=rest)


def _alt(rows: pd.DataFrame, say: Messages) -> str:
    return " ".join([_caption(rows, say), *(_one(row, say) for _, row in rows.iterrows())])


def _one(row: pd.Series[Any], say: Messages) -> str:
    seen = say.verdict(row["verdict"]) if row["pairs"] > 0 else say("figures.not_run")
    said = say.verdict(row["predicted"])
    return say("figures.predicted_alt_one", problem=row["problem"], said=said, seen=seen)
