"""The map: every contrast in the plane of recurrence lift and context lift, with its regions in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from recurbench.reports.figures import edges
from recurbench.reports.figures.axes import (
    SMALL,
    WIDTH,
    cut,
    halves,
    legend,
    lines,
    mark_style,
    of_verdict,
    open_mark,
)
from recurbench.reports.figures.labels import Box, beside
from recurbench.reports.figures.palette import FAINT, RULE, VERDICT
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages

TALL = 3.4  # inches of the plane itself
LEFT, BOTTOM, RIGHT, TOP = 0.62, 0.58, 0.08, 0.6  # inches beside the plane, the legend not counted
LINE = 0.2  # inches of a line of the legend
LETTERS = 26  # of a label's line
ROOM = 0.15  # of skill, beside the outermost
SIDES: Mapping[str, edges.Side] = {"lift": "x", "context": "y"}


def on_plane(rows: pd.DataFrame) -> pd.DataFrame:
    """The contrasts whose two lifts are known."""
    if not len(rows):
        return rows
    known = rows[["lift", "context"]].apply(pd.to_numeric, errors="coerce")
    found: pd.DataFrame = rows.loc[np.isfinite(known).all(axis=1)]
    return found


def plane(rows: pd.DataFrame, say: Messages) -> Figure | None:
    """The plane of the two differences; None where no contrast has both.

    rows: problem, verdict, lift and context with `_low` and `_high`, in skill; unknown bounds are not drawn.
    What lies beyond `edges.EDGE` stands at the edge with its number.
    """
    shown = on_plane(rows)
    if not len(shown):
        return None
    entries = _entries(shown, say)
    bottom = BOTTOM + LINE * math.ceil(len(entries) / 2)
    height = bottom + TALL + TOP
    figure = Figure(figsize=(WIDTH, height))
    size = (WIDTH - LEFT - RIGHT, TALL)
    axes = figure.add_axes((LEFT / WIDTH, bottom / height, size[0] / WIDTH, size[1] / height))
    # As wide on either side: the words of the regions stand over the left, the middle and the right.
    reach = max(map(abs, _limits(shown, "lift", -1.1, 1.1)))
    axes.set_xlim(-reach, reach)
    axes.set_ylim(*_limits(shown, "context", -0.3, 1.1))
    axes.set_xlabel(say("registered.axis_lift"))
    axes.set_ylabel(say("registered.axis_context"))
    _regions(axes, say)
    for _, row in shown.iterrows():
        _contrast(axes, row)
    _label(axes, shown, (size[0] * 72, size[1] * 72), say)
    legend(figure, entries, columns=2, loc="lower center")
    return figure


def _limits(shown: pd.DataFrame, name: str, low: float, high: float) -> tuple[float, float]:
    seen = [float(row[name]) for _, row in shown.iterrows()]
    seen += [bound for _, row in shown.iterrows() for bound in _bounds(row, name)]
    least, most = edges.limits(seen, low + ROOM, high - ROOM)
    return least - ROOM, most + ROOM


def _regions(axes: Axes, say: Messages) -> None:
    """The margin band, and above it what its sides mean."""
    axes.axvspan(-MARGIN, MARGIN, color=RULE.light, alpha=0.55, linewidth=0, zorder=0)
    axes.axhline(0, color=RULE.light, linewidth=0.8, zorder=0)
    box = Rectangle((-MARGIN, -MARGIN), 2 * MARGIN, 2 * MARGIN, fill=False, edgecolor=FAINT.light, zorder=1)
    axes.add_patch(box)
    left, right = axes.get_xlim()
    for verdict, x, side in (
        (ContrastVerdict.RECURRENCE_HURTS, left, "left"),
        (ContrastVerdict.MEMORY_HELPS, 0.0, "center"),
        (ContrastVerdict.RECURRENCE_HELPS, right, "right"),
    ):
        axes.annotate(
            lines(say.verdict(verdict), 22),
            (x, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha=side,
            va="bottom",
            fontsize=SMALL,
            fontstyle="italic",
        )


def _contrast(axes: Axes, row: pd.Series[Any]) -> None:
    look = of_verdict(row["verdict"])
    x, y = _place(row)
    edges.interval(axes, "x", *_bounds(row, "lift"), y, look.light)
    edges.interval(axes, "y", *_bounds(row, "context"), x, look.light)
    axes.plot([x], [y], zorder=3, gid="contrast", **mark_style(look, open_mark(row["verdict"]), 7.5))


def _place(row: pd.Series[Any]) -> tuple[float, float]:
    return edges.held(float(row["lift"])), edges.held(float(row["context"]))


def _beyond(row: pd.Series[Any]) -> list[str]:
    """The numbers of a contrast that stands at an edge: `← -4`; the arrow says which of the two it is."""
    return list(filter(None, (edges.number(float(row[name]), side) for name, side in SIDES.items())))


def _bounds(row: pd.Series[Any], name: str) -> tuple[float, float]:
    found = [row.get(f"{name}_{end}") for end in ("low", "high")]
    low, high = (math.nan if value is None or pd.isna(value) else float(value) for value in found)
    return low, high


def _label(axes: Axes, shown: pd.DataFrame, size: tuple[float, float], say: Messages) -> None:
    """Every problem's name beside its point, and the middle region's word beside its box."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()

    def at(x: float, y: float) -> tuple[float, float]:
        return (x - left) / (right - left) * size[0], (y - bottom) / (top - bottom) * size[1]

    points = [at(*_place(row)) for _, row in shown.iterrows()]
    words = [
        [*(cut(part, LETTERS) for part in halves(str(row["problem"]))), *_beyond(row)]
        for _, row in shown.iterrows()
    ]
    order = sorted(range(len(points)), key=lambda i: -_crowd(points[i], points))
    texts = ["\n".join(filter(None, words[i])) for i in order]
    corner = at(0, -MARGIN)
    # The region's own word comes last: the problems choose their places first.
    beside(
        axes,
        [*texts, say.verdict(ContrastVerdict.NO_DIFFERENCE)],
        [*(points[i] for i in order), corner],
        size,
        faint=[*_intervals(shown, at), Box(*at(-MARGIN, -MARGIN), *at(MARGIN, MARGIN))],
        slanted={len(texts)},
    )


def _crowd(point: tuple[float, float], points: list[tuple[float, float]]) -> float:
    """How near its neighbours a point is: the label with the least room is placed first."""
    return sum(1 / (10 + math.dist(point, other)) for other in points)


def _intervals(shown: pd.DataFrame, at: Any) -> list[Box]:
    """The lines of the intervals, two points thick."""
    found = []
    for _, row in shown.iterrows():
        x, y = _place(row)
        for name in ("lift", "context"):
            low, high = _bounds(row, name)
            if math.isfinite(low) and math.isfinite(high):
                one, two = (at(low, y), at(high, y)) if name == "lift" else (at(x, low), at(x, high))
                found.append(Box(one[0] - 1, one[1] - 1, two[0] + 1, two[1] + 1))
    return found


def _entries(shown: pd.DataFrame, say: Messages) -> list[tuple[str, dict[str, Any]]]:
    """The verdicts that stand in the plane, for the legend."""
    looks = [of_verdict(verdict) for verdict in shown["verdict"]]
    return [
        (say.verdict(verdict), mark_style(look, verdict == ContrastVerdict.UNDECIDED, 7.5))
        for verdict, look in VERDICT.items()
        if look in looks
    ]
