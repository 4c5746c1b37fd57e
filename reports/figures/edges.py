"""Values beyond the axes: marks at the edge with their number, and arrows for intervals that go on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from matplotlib.axes import Axes

EDGE = 1.5  # of skill; one far value must not press all others together

Side = Literal["x", "y"]
_ARROWS = {"x": ("←", "→"), "y": ("↓", "↑")}
_MARKS = {"x": ("<", ">"), "y": ("v", "^")}


def held(value: float) -> float:
    """Where a value stands: at its place, or at the edge."""
    return min(max(value, -EDGE), EDGE)


def limits(values: Iterable[float], low: float, high: float) -> tuple[float, float]:
    """From low to high or further: wide enough for every finite value up to EDGE."""
    seen = [held(value) for value in values if math.isfinite(value)]
    return min([low, *seen]), max([high, *seen])


def number(value: float, side: Side) -> str:
    """`← -7.5`: a value that stands at the edge; "" for one at its place."""
    if held(value) == value:
        return ""
    return f"{_ARROWS[side][value > 0]} {value:.3g}"


def interval(
    axes: Axes, side: Side, low: float, high: float, at: float, colour: str, width: float = 1.1
) -> None:
    """A line from low to high along one side of axes whose limits stand; nothing where a bound is not known.

    at: where it stands on the other side. A bound that the axes do not reach is an arrow, not an end.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return
    start, end = axes.get_xlim() if side == "x" else axes.get_ylim()
    if low < end and high > start:
        along, across = [max(low, start), min(high, end)], [at, at]
        x, y = (along, across) if side == "x" else (across, along)
        # A line of its own costs a third of what hlines and vlines take.
        axes.plot(
            x,
            y,
            color=colour,
            linewidth=width,
            solid_capstyle="butt",
            zorder=2,
            gid="interval",
            scalex=False,
            scaley=False,
        )
    marks = _MARKS[side]
    for edge, mark, goes_on in ((start, marks[0], low < start), (end, marks[1], high > end)):
        if goes_on:
            place = (edge, at) if side == "x" else (at, edge)
            axes.plot(
                *([value] for value in place),
                marker=mark,
                markersize=5,
                color=colour,
                gid="goes-on",
                clip_on=False,
            )
