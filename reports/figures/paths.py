"""Predicted numbers step by step: beside the true ones over time, and as paths in phase space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from recurbench.reports.figures.axes import of_family
from recurbench.reports.figures.palette import INK
from recurbench.reports.figures.sizes import LINE, below, panels, short
from recurbench.reports.text.translation import Messages

Floats = NDArray[np.float64]
Said = Sequence[tuple[str, str, Floats]]
"""Methods, their families and what they answered, [T, channels]."""
# With more lines than this a reader cannot follow any of them.
LINES = 3
PATHS = 2
# Steps of a path; longer ones cannot be read.
WOUND = 80


def aligned(truth: Floats, said: Said, name: str, say: Messages) -> Figure:
    """The first channel of the true answer [T, channels] and of the predictions of LINES methods."""
    figure, (axes,) = panels([2.3])
    axes.plot(truth[:, 0], color=INK.light, lw=2.2, alpha=0.35, label=say("pictures.truth"))
    for method, family, answer in said[:LINES]:
        _line(axes, np.arange(len(truth), dtype=float), answer[: len(truth), 0], method, family)
    axes.set_xlabel(say("pictures.step"))
    axes.set_ylabel(short(name, 24))
    below(figure, axes)
    return figure


def phase(truth: Floats, said: Said, names: Sequence[str], lag: int, say: Messages) -> Figure:
    """The path in the plane of two channels; of one channel, in that of now and `lag` steps before.

    The first WOUND steps, and PATHS of the methods.
    """
    figure, (axes,) = panels([3.2])
    truth = truth[:WOUND]
    one, other = plane(truth, lag)
    axes.plot(one, other, color=INK.light, lw=2.2, alpha=0.35, label=say("pictures.truth"))
    for method, family, answer in said[:PATHS]:
        _line(axes, *plane(answer[: len(truth)], lag), method, family)
    axes.plot(one[:1], other[:1], color=INK.light, marker="o", ms=5, ls="none", label=say("pictures.start"))
    across, up = names if truth.shape[1] > 1 else (say("pictures.before", lag=lag), say("pictures.now"))
    axes.set_xlabel(short(across, 24))
    axes.set_ylabel(short(up, 24))
    below(figure, axes)
    return figure


def plane(path: Floats, lag: int) -> tuple[Floats, Floats]:
    """The first and the last channel of [T, channels]; of one, its values `lag` steps before and now."""
    if path.shape[1] > 1:
        return path[:, 0], path[:, -1]
    return path[:-lag, 0], path[lag:, 0]


def _line(axes: Axes, x: Floats, y: Floats, method: str, family: str) -> None:
    look = of_family(family)
    every = max(1, len(x) // 14)
    axes.plot(
        x, y, color=look.light, lw=LINE, marker=look.mark, ms=4, markevery=every, label=short(method, 28)
    )
