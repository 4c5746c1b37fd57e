"""Training curves: check loss and gradient norm by step, one line per seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import (
    SMALL,
    WIDTH,
    apart,
    around,
    legend,
    mark_style,
    of_family,
    plain_log,
    safe,
)
from recurbench.reports.figures.palette import FAINT, INK
from recurbench.reports.text.translation import Messages

HEIGHT = 4.2
MANY = 20  # seeds of a method that are drawn; more lines hide each other
COLUMNS = ("loss", "gradient")


def drawable(rows: pd.DataFrame) -> pd.DataFrame:
    """The points that can be drawn: with a step and a loss that a logarithmic axis can show."""
    if not len(rows):
        return rows
    return _positive(rows[np.isfinite(rows["step"].astype(float))], "loss")


def loss_curves(
    rows: pd.DataFrame, trivial: float | None, say: Messages, level: str = "level_constant"
) -> Figure | None:
    """Two panels over the steps; None where there are no points.

    rows: method (short name), family, line (one per seed and draw), step, loss (on the check part),
    gradient (norm before clipping). trivial: the check loss of what a network must beat, None where unknown;
    level: the word for it, of a forecast "level_naive".
    """
    shown = drawable(rows)
    if not len(shown):
        return None
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    levels = [*shown["loss"], *([trivial] if trivial and trivial > 0 else [])]
    plain_log(panels[0], "y", *around(levels))
    norms = _positive(shown, "gradient")["gradient"]
    plain_log(panels[1], "y", *around(norms if len(norms) else [1.0]))
    panels[0].set_ylabel(say("figures.axis_check_loss"))
    panels[1].set_ylabel(say("figures.axis_gradient"))
    panels[1].set_xlabel(say("figures.axis_steps"))
    panels[1].set_xlim(0, float(shown["step"].max()) * 1.03)
    if trivial and trivial > 0:
        _trivial(panels[0], trivial, say(f"figures.{level}"))
    entries = []
    for (method, family), own in shown.groupby(["method", "family"], sort=False):
        _method(panels, own, str(family))
        look = of_family(str(family))
        entries.append((str(method), {**mark_style(look), "linestyle": "-", "color": look.light}))
    legend(figure, entries, columns=2)
    return figure


def _trivial(axes: Axes, level: float, word: str) -> None:
    axes.axhline(level, color=FAINT.light, linestyle=":", linewidth=1.1, zorder=0)
    axes.annotate(
        safe(word),
        (1.0, level),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        color=INK.light,
    )


def _method(panels: list[Axes], rows: pd.DataFrame, family: str) -> None:
    """A thin line per seed, its end marked."""
    look = of_family(family)
    kept = rows[rows["line"].isin(rows["line"].drop_duplicates()[:MANY])]
    ordered = kept.sort_values(["line", "step"], kind="stable")
    for axes, column in zip(panels, COLUMNS, strict=True):
        known = _positive(ordered, column)
        if len(known):
            x, y = apart(known, "step", column)
            axes.plot(x, y, color=look.light, linewidth=0.8, alpha=0.75, gid="seeds")
            last = known.groupby("line").tail(1)
            axes.plot(last["step"], last[column], gid="ends", **mark_style(look, size=4.0))


def _positive(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows that a logarithmic axis can show."""
    values = rows[column].astype(float)
    found: pd.DataFrame = rows[np.isfinite(values) & (values > 0)]
    return found
