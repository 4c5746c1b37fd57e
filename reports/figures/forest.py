"""The recurrence lift of every problem with its interval and its verdict in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures import edges
from recurbench.reports.figures.axes import (
    SMALL,
    WIDTH,
    cut,
    halves,
    mark_style,
    of_verdict,
    open_mark,
    safe,
)
from recurbench.reports.figures.palette import FAINT, INK, RULE
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.text.translation import Messages

LEFT, RIGHT, BOTTOM, TOP = 1.72, 0.12, 0.5, 0.1  # inches beside the axes
STEP, GAP, HEAD = 0.165, 0.07, 0.27  # inches of a line, between problems and of a heading
LETTERS = 25
MOST = 120  # problems that a figure holds: a second of drawing, and yards of paper


def with_lift(rows: pd.DataFrame) -> pd.DataFrame:
    """The problems that have a lift."""
    if not len(rows) or "lift" not in rows:
        return rows.iloc[:0]
    known = np.isfinite(pd.to_numeric(rows["lift"], errors="coerce"))
    found: pd.DataFrame = rows.loc[known]
    return found


def thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """The problems with a lift; of more than MOST so many, evenly by the rank of their lift in each kind."""
    shown = with_lift(rows)
    if len(shown) <= MOST:
        return shown
    ordered = shown.sort_values(["kind", "lift"], kind="stable").index
    places = np.linspace(0, len(ordered) - 1, MOST).round().astype(int)
    found: pd.DataFrame = shown.loc[shown.index.isin(ordered[places])]
    return found


def forest(rows: pd.DataFrame, say: Messages) -> Figure | None:
    """One line per problem: kind by kind, the largest lift first; None where no problem has a lift.

    Of very many problems those that `thinned` keeps.

    rows: label, kind, verdict, lift, low, high (skill; unknown bounds draw nothing).
    """
    shown = thinned(rows)
    if not len(shown):
        return None
    kinds = list(dict.fromkeys(shown["kind"]))
    tall = sum(_row(str(label)) for label in shown["label"]) + len(kinds) * HEAD
    height = tall + BOTTOM + TOP
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((LEFT / WIDTH, BOTTOM / height, (WIDTH - LEFT - RIGHT) / WIDTH, tall / height))
    axes.set_ylim(tall, 0)
    axes.set_xlim(*_limits(shown))
    axes.axvspan(-MARGIN, MARGIN, color=RULE.light, alpha=0.55, linewidth=0, zorder=0)
    axes.axvline(0, color=FAINT.light, linewidth=0.7, zorder=0)
    axes.set_xlabel(say("figures.axis_lift"))
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    down, rules = 0.0, []
    for kind in kinds:
        _left(axes, down + HEAD * 0.6, say.of(kind), weight="bold")
        down += HEAD
        own = shown[shown["kind"] == kind]
        for _, row in own.sort_values("lift", ascending=False, kind="stable").iterrows():
            _problem(axes, down, row, say)
            down += _row(str(row["label"]))
            rules.append(down)
    axes.hlines(rules, *axes.get_xlim(), color=RULE.light, linewidth=0.5, zorder=0)
    return figure


def _limits(shown: pd.DataFrame) -> tuple[float, float]:
    """Wide enough for every bound up to the edge, and always for the margin band."""
    seen = shown[["lift", "low", "high"]].astype(float).to_numpy().ravel()
    low, high = edges.limits(seen, -2 * MARGIN, 2 * MARGIN)
    room = 0.05 * (high - low)
    return low - room, high + room


def _row(label: str) -> float:
    """Inches that a problem takes: its name, its dials where it has some, and the verdict."""
    return STEP * (3 if halves(label)[1] else 2) + GAP


def _left(axes: Axes, y: float, text: str, **look: Any) -> None:
    """Words in the column left of the axes; y in inches from the top."""
    where = {"xycoords": ("figure fraction", "data"), "xytext": (0, 0), "textcoords": "offset points"}
    axes.annotate(safe(text), (0.012, y), ha="left", va="center", fontsize=SMALL, **{**where, **look})


def _problem(axes: Axes, top: float, row: pd.Series[Any], say: Messages) -> None:
    verdict, label = row["verdict"], str(row["label"])
    look = of_verdict(verdict)
    said = [*filter(None, halves(label)), say.verdict(verdict)]
    for place, text in enumerate(said):
        faint = FAINT.light if place == len(said) - 1 else INK.light
        _left(axes, top + GAP / 2 + STEP * (place + 0.5), cut(text, LETTERS), color=faint)
    y = top + _row(label) / 2
    low, high = (_number(row.get(end)) for end in ("low", "high"))
    edges.interval(axes, "x", low, high, y, look.light, 1.6)
    lift = float(row["lift"])
    at, beyond = edges.held(lift), edges.number(lift, "x")
    axes.plot([at], [y], zorder=3, gid="problem", **mark_style(look, open_mark(verdict)))
    if beyond:
        _beside(axes, at, y, beyond)


def _beside(axes: Axes, at: float, y: float, text: str) -> None:
    """The number of a lift that the axis does not reach, beside its mark at the edge."""
    inward = 1 if at < 0 else -1
    axes.annotate(
        text,
        (at, y),
        xytext=(8 * inward, 0),
        textcoords="offset points",
        ha="left" if at < 0 else "right",
        va="center",
        fontsize=SMALL,
        color=INK.light,
    )


def _number(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)
