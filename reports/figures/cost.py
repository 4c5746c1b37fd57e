"""Skill against CPU time, with a line through the methods that are best for their cost."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from recurbench.reports.figures.axes import (
    WIDTH,
    around,
    cut,
    family_entries,
    legend,
    mark_style,
    of_family,
    plain_log,
    safe,
)
from recurbench.reports.figures.labels import Box, beside
from recurbench.reports.figures.palette import FAINT
from recurbench.reports.text.translation import Messages

TALL = 2.2  # inches of the axes
LEFT, RIGHT, BOTTOM, TOP = 0.68, 0.1, 0.56, 0.12  # inches beside them, the legend not counted
WORDS = 0.24  # inches from the left edge of the figure to the numbers, which hold the words of the axis
LINE, COLUMNS = 0.2, 3  # of the legend: inches of a line, entries in it
LOWEST = -0.3  # of skill; worse methods stand at the lower edge
LETTERS = 22
PAD = 4.0  # points beside a step; how wide a name will be is a guess


def front(rows: pd.DataFrame) -> pd.DataFrame:
    """The methods that no other beats in skill at the same cost or less, the cheapest first."""
    ordered = rows.sort_values(["cpu_seconds", "skill"], ascending=[True, False], kind="stable")
    best = ordered["skill"].cummax().shift(fill_value=-math.inf)
    return ordered[ordered["skill"] > best]


def priced(rows: pd.DataFrame) -> pd.DataFrame:
    """The methods whose skill and cost are both known."""
    if not len(rows):
        return rows
    return rows[np.isfinite(rows["skill"].astype(float)) & (rows["cpu_seconds"].astype(float) > 0)]


def cost(rows: pd.DataFrame, axis: str, say: Messages) -> Figure | None:
    """Methods of one problem; None with fewer than two.

    rows: method (short name), family, skill, cpu_seconds (of one job). axis: what stands beside skill.
    """
    shown = priced(rows)
    if len(shown) < 2:
        return None
    entries = family_entries(shown["family"], say)
    bottom = BOTTOM + LINE * math.ceil(len(entries) / COLUMNS)
    height = bottom + TALL + TOP
    figure = Figure(figsize=(WIDTH, height))
    size = (WIDTH - LEFT - RIGHT, TALL)
    axes = figure.add_axes((LEFT / WIDTH, bottom / height, size[0] / WIDTH, size[1] / height))
    plain_log(axes, "x", *around(shown["cpu_seconds"]))
    low = max(LOWEST, float(shown["skill"].min()))
    high = max(float(shown["skill"].max()), low + 0.05)
    # A name has room above the best method and below the cheapest, where no step passes.
    axes.set_ylim(low - 0.18 * (high - low), high + 0.14 * (high - low))
    # Steps of 25 need a third digit, for which there is no room beside the axis.
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.set_xlabel(say("figures.axis_cpu"))
    axes.set_ylabel(safe(axis))
    # Beside the numbers, wherever they end: a minus would push the words out of the figure.
    axes.yaxis.set_label_coords((WORDS - LEFT) / size[0], 0.5)
    _front(axes, front(shown), low)
    for family, own in shown.groupby("family", sort=False):
        y = own["skill"].clip(lower=low)
        axes.plot(own["cpu_seconds"], y, zorder=3, gid="methods", **mark_style(of_family(str(family))))
    _label(axes, shown, front(shown), (size[0] * 72, size[1] * 72), low)
    if entries:
        legend(figure, entries, COLUMNS, loc="lower center")
    return figure


def _front(axes: Axes, best: pd.DataFrame, low: float) -> None:
    """Steps from each method of the front to the next, and on to the right; none below the lowest marks."""
    x = [*best["cpu_seconds"], axes.get_xlim()[1]]
    skills = best["skill"].clip(lower=low)
    y = [*skills, float(skills.iloc[-1])]
    axes.step(x, y, where="post", color=FAINT.light, linewidth=1.0, zorder=1)


def _label(
    axes: Axes, shown: pd.DataFrame, best: pd.DataFrame, size: tuple[float, float], low: float
) -> None:
    """The names of the front's methods, beside their marks and on no other."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    scale = math.log(right / left)

    def at(row: pd.Series[float]) -> tuple[float, float]:
        x = math.log(float(row["cpu_seconds"]) / left) / scale * size[0]
        return x, (max(float(row["skill"]), low) - bottom) / (top - bottom) * size[1]

    points = [at(row) for _, row in best.iterrows()]
    others = [at(row) for _, row in shown.drop(best.index).iterrows()]
    steps = [
        Box(one[0] - PAD, min(one[1], two[1]) - 1, two[0] + PAD, max(one[1], two[1]) + 1)
        for start, stop in zip(points, [*points[1:], (size[0], points[-1][1])], strict=True)
        for one, two in ((start, (stop[0], start[1])), ((stop[0], start[1]), stop))
    ]
    beside(axes, [cut(str(name), LETTERS) for name in best["method"]], points, size, others, solid=steps)
