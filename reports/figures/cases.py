"""Single cases: a series or an image with the true answer and the predictions."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from recurbench.reports.figures.axes import literal
from recurbench.reports.figures.palette import FAINT, INK
from recurbench.reports.figures.sizes import LINE, WIDTH
from recurbench.reports.text.translation import Messages

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
STYLES = ("-", "--", ":")
# A case with at least so many channels is drawn as an image.
IMAGE = 5
LEVELS = 8


def cases(shown: Sequence[tuple[Codes, Floats, str]], say: Messages) -> Figure:
    """Every case, its steps [n] and values [n, channels], below its true answer and the predictions."""
    figure = Figure(figsize=(WIDTH, 1.75 * math.ceil(len(shown) / 2) + 0.1), layout="constrained")
    for place, (at, values, words) in enumerate(shown):
        axes = figure.add_subplot(math.ceil(len(shown) / 2), 2, place + 1)
        if values.shape[1] >= IMAGE:
            image(axes, values)
        else:
            for channel, style in zip(values.T[: len(STYLES)], STYLES, strict=False):
                axes.plot(at, channel, color=INK.light, lw=LINE, ls=style)
            axes.set_xlabel(say("pictures.step"), fontsize=8)
        axes.tick_params(labelsize=8)
        axes.set_title(literal(words), fontsize=8)
    return figure


def captions(values: Floats, said: Sequence[tuple[str, str]], say: Messages) -> Figure:
    """An image [rows, columns] and beside it the true caption and the predicted one of every method."""
    lines = [(say("pictures.truth"), said[0][1]), *said[1:]]
    wrapped = [(who, textwrap.wrap(text, 34) or ["-"]) for who, text in lines]
    height = max(1.5, 0.15 * sum(len(text) + 1.6 for _, text in wrapped))
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1, 2]})
    image(left, values)
    right.set_axis_off()
    right.set(xlim=(0, 1), ylim=(sum(len(text) + 1.6 for _, text in wrapped), 0))
    at = 0.5
    for who, text in wrapped:
        right.text(0, at, literal(who), fontsize=8, color=FAINT.light, va="center")
        for i, line in enumerate(text):
            right.text(0.03, at + 1 + i, literal(line), fontsize=8, va="center")
        at += len(text) + 1.6
    return figure


def image(axes: Axes, values: Floats) -> None:
    """Numbers [rows, columns] as cells, the largest the darkest."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    level = np.nan_to_num(np.round((values - low) / max(high - low, 1e-12) * LEVELS)) / LEVELS
    there = [(i, j) for i, j in np.ndindex(*values.shape) if level[i, j] > 0]
    corners = [
        [(j - 0.5, i - 0.5), (j + 0.5, i - 0.5), (j + 0.5, i + 0.5), (j - 0.5, i + 0.5)] for i, j in there
    ]
    faces = [(INK.light, float(level[place])) for place in there]
    axes.add_collection(PolyCollection(corners, facecolors=faces, edgecolors="none"))
    rows, columns = values.shape
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set_visible(True)
