"""Gradient norm by lag: at the start, after some steps and after training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from recurbench.reports.figures.axes import SMALL, WIDTH, around, plain_log, safe
from recurbench.reports.figures.palette import INK
from recurbench.reports.text.translation import Messages

PANEL, TOP, BOTTOM = 1.5, 0.1, 0.75  # inches a network takes, and beside them
STYLES: tuple[Any, ...] = ("-", "--", ":", "-.")
FLOOR = 1e-8  # of the largest; below it nothing arrives


def fading(rows: pd.DataFrame, say: Messages) -> Figure | None:
    """A panel per network, a line per moment of training; None where nothing arrives.

    rows: network, when, lag (steps before the last), norm (the gradient's mean size).
    """
    shown = (
        rows[np.isfinite(rows["norm"].astype(float)) & (rows["norm"].astype(float) > 0)]
        if len(rows)
        else rows
    )
    if not len(shown):
        return None
    shown = shown[shown["norm"] >= FLOOR * shown["norm"].max()]
    groups = list(shown.groupby("network", sort=False))
    moments = [str(when) for when in shown["when"].drop_duplicates()]
    figure = Figure(figsize=(WIDTH, PANEL * len(groups) + TOP + BOTTOM), layout="constrained")
    panels = figure.subplots(len(groups), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (network, own) in zip(panels, groups, strict=True):
        plain_log(axes, "y", *around(shown["norm"]))
        axes.set_title(safe(network), fontsize=SMALL + 0.5)
        _network(axes, own, moments)
    figure.supylabel(say("figures.axis_norm"), fontsize=SMALL + 0.5)
    panels[-1].set_xlabel(say("figures.axis_lag"))
    handles = [
        Line2D([], [], color=INK.light, linestyle=STYLES[i % len(STYLES)], label=safe(say.of(when)))
        for i, when in enumerate(moments)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=SMALL)
    return figure


def _network(axes: Axes, rows: pd.DataFrame, moments: list[str]) -> None:
    for when, own in rows.groupby("when", sort=False):
        style = STYLES[moments.index(str(when)) % len(STYLES)]
        ordered = own.sort_values("lag")
        axes.plot(
            ordered["lag"], ordered["norm"], color=INK.light, linestyle=style, linewidth=1.2, gid="moment"
        )
