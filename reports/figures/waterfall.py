"""The skill that a recurrent network loses without one of its parts: one bar per ablation."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import SMALL, WIDTH, safe
from recurbench.reports.figures.palette import FAINT, FAMILY, INK, PAPER, RULE

LEFT, RIGHT, BOTTOM, TOP = 1.95, 0.5, 0.5, 0.08  # inches beside the bars
ROW = 0.3
THICK = 0.62  # of a row
FULL = "full"


def shows(rows: pd.DataFrame) -> bool:
    """Whether the rows hold an ablation beside the whole network."""
    return bool(len(rows)) and set(rows["part"]) > {FULL}


def waterfall(rows: pd.DataFrame, axis: str) -> Figure | None:
    """Bars from skill 0: remaining skill is filled, lost skill hatched; None without an ablation.

    rows: part ("full", then the ablations by name), label, skill (that remains), low, high (bounds of it,
    missing where unknown). axis: what stands below it.
    """
    if not shows(rows):
        return None
    height = len(rows) * ROW + BOTTOM + TOP
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes(
        (LEFT / WIDTH, BOTTOM / height, (WIDTH - LEFT - RIGHT) / WIDTH, len(rows) * ROW / height)
    )
    full = float(rows.loc[rows["part"] == FULL, "skill"].iloc[0])
    seen = [float(v) for name in ("skill", "low", "high") for v in rows[name] if _known(v)]
    axes.set_xlim(max(-1.2, min(0.0, *seen) - 0.03), max(1.0, min(1.5, max(seen))) + 0.03)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [safe(label) for label in rows["label"]], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(safe(axis))
    for value in (0.0, 1.0):
        axes.axvline(value, color=RULE.light, linewidth=0.8, zorder=0)
    axes.axvline(full, color=FAINT.light, linestyle=":", linewidth=1.0, zorder=0)
    for place, (_, row) in enumerate(rows.iterrows()):
        _bar(axes, place, row, full)
    return figure


def _bar(axes: Axes, y: int, row: pd.Series[Any], full: float) -> None:
    look = FAMILY["recurrent"]
    left = float(row["skill"])
    whole = row["part"] == FULL
    kept = min(left, full) if full > 0 else left
    axes.barh(y, kept, THICK, color=look.light, alpha=1.0 if whole else 0.6, gid="kept")
    if not whole and left < full:
        start = max(left, 0.0) if left < 0 < full else left
        lost: dict[str, Any] = {
            "facecolor": PAPER.light,
            "edgecolor": look.light,
            "hatch": "////",
            "linewidth": 0.6,
        }
        axes.barh(y, full - start, THICK, left=start, gid="lost", **lost)
    elif not whole:
        axes.barh(y, left - kept, THICK, left=kept, color=look.light, alpha=0.3)
    if _known(row["low"]) and _known(row["high"]):
        axes.hlines(
            y, float(row["low"]), float(row["high"]), color=INK.light, linewidth=1.4, zorder=3, gid="interval"
        )
    axes.annotate(
        f"{left + 0.0 if abs(left) >= 0.005 else 0.0:.2f}",
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
    )


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(value)
