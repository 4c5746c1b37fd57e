"""Score against one difficulty parameter of a problem."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import (
    WIDTH,
    around,
    legend,
    mark_style,
    of_family,
    plain_log,
    power,
    safe,
)
from recurbench.reports.figures.palette import FAINT
from recurbench.reports.text.translation import Messages

HEIGHT = 3.6
LEVELS = {"constant": ":", "memoryless": "-.", "best": "--"}
MANY = 8.0  # the largest value by the smallest, from which on the axis is logarithmic


def shows(rows: pd.DataFrame) -> bool:
    """Whether there are scores at several values of the parameter."""
    return bool(len(rows)) and rows[rows["score"].notna()]["value"].nunique() > 1


def dials(rows: pd.DataFrame, levels: pd.DataFrame, dial: str, metric: str, say: Messages) -> Figure | None:
    """A dot per fit and a line through the means; None where the parameter has one value.

    rows: method (short name), family, value (of the dial), score; one row per cell. levels: value, constant,
    memoryless, best (missing where unknown). metric: its name and direction.
    """
    if not shows(rows):
        return None
    known = rows[rows["score"].notna()]
    values = sorted(known["value"].drop_duplicates())
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(safe(dial))
    axes.set_ylabel(safe(metric))
    if values[0] > 0 and values[-1] / values[0] >= MANY:
        plain_log(axes, "x", *around(values))
    axes.set_xticks(values, [power(value) for value in values], minor=False)
    entries = _levels(axes, levels, say)
    drawn = []
    for (method, family), own in known.groupby(["method", "family"], sort=False):
        look = of_family(str(family))
        mean = own.groupby("value")["score"].mean().sort_index()
        style = {**mark_style(look, size=5.0), "linestyle": "-", "color": look.light}
        axes.plot(own["value"], own["score"], gid="cells", alpha=0.8, **mark_style(look, size=4.5))
        axes.plot(mean.index, mean, color=look.light, linewidth=1.3)
        drawn.append((str(method), style))
    legend(figure, [*drawn, *entries], columns=2)
    return figure


def _levels(axes: Axes, levels: pd.DataFrame, say: Messages) -> list[tuple[str, dict[str, Any]]]:
    """The known levels as lines, and their entries of the legend."""
    found = []
    for name, style in LEVELS.items():
        known = levels[levels[name].notna()].sort_values("value")
        if len(known) and all(math.isfinite(v) for v in known[name]):
            look: dict[str, Any] = {"color": FAINT.light, "linestyle": style, "linewidth": 1.1}
            axes.plot(known["value"], known[name], zorder=0, **look)
            found.append((say(f"figures.level_{name}"), look))
    return found
