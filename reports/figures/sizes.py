"""Widths and shared pieces of small pictures: narrow, so that their words stay readable on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import cut, literal

WIDTH = 4.2  # inches: 302 points, so 9 points of text are 9 pixels on a screen of 320
LINE = 1.1
LETTERS = 40


def panels(heights: Sequence[float], share: bool = True, below: float = 0.0) -> tuple[Figure, list[Axes]]:
    """A figure of panels one above the other, of these heights in inches; share: one x axis for all.

    below: inches for what is put under all panels.
    """
    figure = Figure(figsize=(WIDTH, sum(heights) + below), layout="constrained")
    axes = figure.subplots(
        len(heights), 1, squeeze=False, sharex=share, gridspec_kw={"height_ratios": list(heights)}
    )
    return figure, list(axes[:, 0])


def short(text: str, most: int = LETTERS) -> str:
    """The text, cut where it has more letters than fit a legend."""
    return literal(cut(text, most))


def below(figure: Figure, axes: Axes, columns: int = 2) -> None:
    """The legend of one panel under the whole figure."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower left", ncols=columns, fontsize=8, handlelength=1.8)
