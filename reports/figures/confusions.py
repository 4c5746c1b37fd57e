"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from recurbench.reports.figures.palette import INK, PAPER
from recurbench.reports.figures.sizes import WIDTH, short
from recurbench.reports.text.translation import Messages

Codes = NDArray[np.int64]
# From this many classes on, counts of two figures no longer fit a cell of two matrices side by side.
WIDE = 5


def confusions(counts: Sequence[tuple[str, Codes]], names: Sequence[str], say: Messages) -> Figure:
    """A matrix per method, true classes down, predicted across; a cell is as dark as its share of its row.

    An empty cell is a count of 0.
    """
    beside = len(names) < WIDE
    rows, columns = (1, len(counts)) if beside else (len(counts), 1)
    height = (WIDTH / 2 if beside else 0.28 * len(names) + 0.9) * rows
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    for place, (method, matrix) in enumerate(counts):
        axes = figure.add_subplot(rows, columns, place + 1)
        shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        for i, j in zip(*np.nonzero(matrix), strict=True):
            share = float(shares[i, j])
            axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, color=INK.light, alpha=share, lw=0))
            ink = PAPER.light if share > 0.45 else INK.light
            axes.text(j, i, str(matrix[i, j]), ha="center", va="center", color=ink, fontsize=8)
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5))
        labels = [short(name, 12) for name in names]
        axes.set_xticks(range(len(names)), labels, fontsize=8, rotation=0 if _fit(labels, beside) else 40)
        axes.set_yticks(range(len(names)), labels, fontsize=8)
        axes.set_title(short(method, 26), fontsize=9)
        axes.set_xlabel(say("pictures.said_class"))
        if place == 0 or not beside:
            axes.set_ylabel(say("pictures.true_class"))
    return figure


def _fit(labels: Sequence[str], beside: bool) -> bool:
    return sum(map(len, labels)) <= (18 if beside else 40)
