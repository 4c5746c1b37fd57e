"""Where attention looked: what was written down, the input across, a cell as dark as its weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from recurbench.reports.figures.axes import SMALL, literal
from recurbench.reports.figures.palette import INK, RULE
from recurbench.reports.figures.sizes import WIDTH
from recurbench.reports.text.translation import Messages

FAINTEST = 0.02  # a weight below is not drawn
CELL = 0.16  # inches of a row
AROUND = 0.75  # inches above and below
SPACE = "\N{OPEN BOX}"


def attention(
    weights: NDArray[np.float64], across: Sequence[str], down: Sequence[str], say: Messages
) -> Figure:
    """weights [S, T]: of every step of the input (named in `across`) for every symbol written (`down`)."""
    figure = Figure(figsize=(WIDTH, CELL * len(down) + AROUND), layout="constrained")
    axes = figure.subplots()
    for i, j in zip(*np.nonzero(weights >= FAINTEST), strict=True):
        share = min(float(weights[i, j]), 1.0)
        axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, color=INK.light, alpha=share, lw=0, gid="weight"))
    for name in ("top", "right"):
        axes.spines[name].set_visible(True)
    for spine in axes.spines.values():
        spine.set_edgecolor(RULE.light)
    axes.set(xlim=(-0.5, len(across) - 0.5), ylim=(len(down) - 0.5, -0.5))
    size = min(SMALL, 72 * (WIDTH - 0.6) / len(across))
    axes.set_xticks(range(len(across)), [shown(name) for name in across], fontsize=size)
    axes.set_yticks(range(len(down)), [shown(name) for name in down], fontsize=SMALL)
    axes.tick_params(length=0)
    axes.set_xlabel(say("pictures.attention_across"))
    axes.set_ylabel(say("pictures.attention_down"))
    return figure


def shown(name: str) -> str:
    """A symbol as a tick: a space can be seen."""
    return literal(SPACE if name == " " else name)
