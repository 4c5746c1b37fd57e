"""What was predicted of every contrast beside what was seen."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import (
    SMALL,
    WIDTH,
    cut,
    halves,
    lines,
    mark_style,
    of_verdict,
    open_mark,
    safe,
)
from recurbench.reports.figures.palette import FAINT, PAPER, RULE, VERDICT
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages

# Inches beside the grid; a column of it is as wide as the longest word of a verdict.
LEFT, TOP, BOTTOM = 1.2, 0.72, 0.42
ROW = 0.36
LETTERS = 20
KNOWN = "†"


def shows(rows: pd.DataFrame) -> bool:
    """Whether any contrast was run."""
    return bool(len(rows)) and bool((rows["pairs"] > 0).any())


def agreement(rows: pd.DataFrame, say: Messages) -> Figure | None:
    """One line per contrast, one column per verdict: a ring where predicted, a mark where seen.

    rows: problem, predicted, verdict, hit (True, False, or None where nothing is said), known_before; a
    contrast that was not run (pairs 0) shows its prediction alone. None where no contrast was run.
    """
    if not shows(rows):
        return None
    height = len(rows) * ROW + TOP + BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes(
        (LEFT / WIDTH, BOTTOM / height, (WIDTH - LEFT - 0.05) / WIDTH, len(rows) * ROW / height)
    )
    axes.set_xlim(-0.5, len(VERDICT) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.tick_top()
    names = [lines(say.verdict(verdict), 11) for verdict in VERDICT]
    axes.set_xticks(range(len(VERDICT)), names, fontsize=SMALL)
    axes.tick_params(length=0)
    for place, (_, row) in enumerate(rows.iterrows()):
        _contrast(axes, place, row)
    _key(figure, height, say)
    return figure


def _contrast(axes: Axes, y: float, row: pd.Series[Any]) -> None:
    columns = list(VERDICT)
    axes.axhline(y + 0.5, color=RULE.light, linewidth=0.5, zorder=0)
    known = bool(row["known_before"])
    name, dials = halves(str(row["problem"]))
    where: dict[str, Any] = {
        "xycoords": ("figure fraction", "data"),
        "ha": "left",
        "va": "center",
        "fontsize": SMALL,
    }
    up = -0.23 if dials else 0.0
    axes.annotate(safe(cut(name, LETTERS)) + (f" {KNOWN}" if known else ""), (0.012, y + up), **where)
    if dials:
        axes.annotate(safe(cut(dials, LETTERS)), (0.012, y + 0.23), color=FAINT.light, **where)
    verdict = row["verdict"]
    said = columns.index(row["predicted"]) if row["predicted"] in columns else None
    seen = columns.index(_column(verdict)) if row["pairs"] > 0 else None
    if said is not None and seen is not None and said != seen:
        style = "--" if open_mark(verdict) else "-"
        axes.hlines(
            y, min(said, seen), max(said, seen), color=FAINT.light, linestyle=style, linewidth=0.9, zorder=1
        )
    if said is not None:
        axes.plot([said], [y], zorder=2, gid="predicted", **_ring(columns[said]))
    if seen is not None:
        mark = mark_style(of_verdict(verdict), open_mark(verdict), 5.5)
        axes.plot([seen], [y], zorder=3, gid="seen", **mark)


def _column(verdict: ContrastVerdict) -> ContrastVerdict:
    return next(name for name, look in VERDICT.items() if look == of_verdict(verdict))


def _ring(verdict: ContrastVerdict) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 13,
        "markerfacecolor": PAPER.light,
        "markeredgecolor": of_verdict(verdict).light,
        "markeredgewidth": 1.2,
    }


def _key(figure: Figure, height: float, say: Messages) -> None:
    """How to read it, in two lines below."""
    for place, key in enumerate(("figures.agreement_key", "figures.agreement_known")):
        figure.text(
            0.012, (0.24 - 0.16 * place) / height, say(key), fontsize=SMALL, va="center", color=FAINT.light
        )
