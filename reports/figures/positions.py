"""Score by position: whether a method trained on short sequences works on longer ones."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import (
    SMALL,
    WIDTH,
    apart,
    legend,
    level_line,
    mark_style,
    of_family,
    safe,
)
from recurbench.reports.figures.palette import FAINT, INK
from recurbench.reports.text.translation import Messages

HEIGHT = 3.4
BINS = 40  # of neighbouring positions at most; a finer line is noise


def binned(rows: pd.DataFrame) -> pd.DataFrame:
    """The same with neighbouring positions averaged, at most BINS of them."""
    width = max(1, -(-int(rows["position"].max()) // BINS))
    place = (rows["position"] - 1) // width
    keys = ["method", "family", "line", "bin"]
    return rows.assign(bin=place).groupby(keys, sort=False)[["position", "score"]].mean().reset_index()


def scored(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a score."""
    return rows[rows["score"].notna()] if len(rows) else rows


def positions(
    rows: pd.DataFrame, trained: int | None, chance: float | None, best: float | None, say: Messages
) -> Figure | None:
    """One thin line per seed and a thick one through their mean; None without rows.

    rows: method (short name), family, line (one per seed and draw), position (from 1), score (share of
    right symbols). trained: the longest sequence trained on. chance, best: of the constant answer and the
    exact best.
    """
    shown = scored(rows)
    if not len(shown):
        return None
    shown = binned(shown)
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(say("figures.axis_position"))
    axes.set_ylabel(say("figures.axis_right"))
    axes.set_xlim(0, float(shown["position"].max()) * 1.02)
    low = min(float(shown["score"].min()), chance if chance is not None else 1.0)
    axes.set_ylim(max(0.0, low - 0.08), 1.08)
    for value, key, style in ((chance, "level_constant", ":"), (best, "level_best", "--")):
        if value is not None:
            level_line(axes, value, say(f"figures.{key}"), style)
    if trained is not None:
        axes.axvline(trained, color=FAINT.light, linewidth=1.0, zorder=0)
        axes.annotate(
            safe(say("figures.trained_to", steps=trained)),
            (trained, 0.0),
            xycoords=("data", "axes fraction"),
            xytext=(3, 4),
            textcoords="offset points",
            fontsize=SMALL,
            color=INK.light,
        )
    entries = []
    for (method, family), own in shown.groupby(["method", "family"], sort=False):
        look = of_family(str(family))
        x, y = apart(own, "position", "score")
        axes.plot(x, y, color=look.light, linewidth=0.6, alpha=0.5, gid="seeds")
        mean = own.groupby("bin")[["position", "score"]].mean()
        thick = {**mark_style(look, size=5.0), "linestyle": "-", "color": look.light, "linewidth": 1.6}
        axes.plot(mean["position"], mean["score"], markevery=max(1, len(mean) // 8), **thick)
        entries.append((str(method), thick))
    legend(figure, entries, columns=2)
    return figure
