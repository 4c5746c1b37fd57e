"""A test series on its nearest neighbour of train, and the steps that warping joins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from aeon.distances import dtw_alignment_path
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from recurbench.reports.figures.palette import FAINT, FAMILY, INK
from recurbench.reports.figures.sizes import panels
from recurbench.reports.text.translation import Messages

Floats = NDArray[np.float64]
JOINED = 50


def alignment_path(
    one: Floats, other: Floats, radius: int | None = None
) -> tuple[list[tuple[int, int]], float]:
    """The cheapest path of pairs (step of one, step of other), and its squared DTW distance.

    one, other: [channels, T] and [channels, S], all channels warped together (Sakoe and Chiba 1978). radius:
    how many steps a pair may lie off the diagonal, for T = S.
    """
    # aeon takes a share of the length and rounds it down: half a step more makes the radius exact.
    window = None if radius is None else min(1.0, (radius + 0.5) / one.shape[1])
    path, distance = dtw_alignment_path(one, other, window=window)
    return path, float(distance)


def alignment(asked: Floats, found: Floats, path: Sequence[tuple[int, int]], say: Messages) -> Figure:
    """The first channel of both, [T] and [S], the neighbour lowered; about JOINED of the pairs are drawn."""
    figure, (axes,) = panels([2.6])
    drop = 1.15 * (np.nanmax(found) - np.nanmin(asked))
    lowered = found - drop
    pairs = [path[i] for i in np.unique(np.linspace(0, len(path) - 1, JOINED).astype(int))]
    lines = [((i, asked[i]), (j, lowered[j])) for i, j in pairs]
    axes.add_collection(LineCollection(lines, colors=FAINT.light, linewidths=0.5))
    axes.plot(asked, color=INK.light, lw=1.4, label=say("pictures.asked"))
    look = FAMILY["neighbours"]
    (line,) = axes.plot(lowered, color=look.light, lw=1.4, label=say("pictures.neighbour"))
    line.set(marker=look.mark, markersize=3, markevery=max(1, len(found) // 12))
    axes.set_xlabel(say("pictures.step"))
    axes.set_ylabel(say("pictures.lowered"))
    axes.set_yticks([])
    figure.legend(loc="outside lower left", ncols=2, fontsize=8)
    return figure
