"""Where labels go: beside their points, and never on each other while there is room."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from recurbench.reports.figures.axes import SMALL, safe, wide
from recurbench.reports.figures.palette import FAINT, INK

DISTANCES = (3.0, 7.0, 13.0, 21.0, 31.0, 43.0, 57.0, 75.0, 95.0, 120.0, 150.0)  # points, from mark to label
TURNS = 16
MARK = 5.5  # points, half of what a mark takes
FAR = 9.0  # points; a label further off gets a line to its point


class Box(NamedTuple):
    """A rectangle in points."""

    left: float
    bottom: float
    right: float
    top: float

    def over(self, other: Box) -> float:
        """The area both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)

    def outside(self, room: Box) -> float:
        """How far it stands out of the room, over all sides."""
        sides = (
            room.left - self.left,
            self.right - room.right,
            room.bottom - self.bottom,
            self.top - room.top,
        )
        return sum(max(side, 0.0) for side in sides)


def placed(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    room: Box,
    taken: Sequence[Box] = (),
    faint: Sequence[Box] = (),
) -> list[Box]:
    """A box of its size for every point: the nearest place that is free, else the one that covers least.

    taken: what must not be covered, besides all points. faint: what may be where nothing else is near, such
    as the lines of intervals.
    """
    marks = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in points]
    found: list[Box] = []
    for point, size in zip(points, sizes, strict=True):
        others = [*marks, *taken, *found]
        leads = [(points[i], box) for i, box in enumerate(found)]
        costs = [
            (_cost(box, far, room, others, faint) + _crossed(point, box, leads), -i, box)
            for i, (far, box) in enumerate(_around(point, size))
        ]
        found.append(min(costs, key=lambda each: (each[0], -each[1]))[2])
    return found


def _around(point: tuple[float, float], size: tuple[float, float]) -> list[tuple[float, Box]]:
    """Boxes about a point, the nearest first; right of it before the other sides."""
    x, y = point
    found = []
    for far in DISTANCES:
        for turn in range(TURNS):
            angle = 2 * math.pi * turn / TURNS
            dx, dy = math.cos(angle), math.sin(angle)
            # The box touches a ring about the mark from outside.
            across, up = x + dx * (far + MARK + size[0] / 2), y + dy * (far + MARK + size[1] / 2)
            half = size[0] / 2, size[1] / 2
            found.append((far, Box(across - half[0], up - half[1], across + half[0], up + half[1])))
    return found


def _cost(box: Box, far: float, room: Box, taken: Sequence[Box], faint: Sequence[Box]) -> float:
    covered = sum(box.over(other) for other in taken)
    return 100.0 * box.outside(room) + 10.0 * covered + 0.4 * sum(box.over(line) for line in faint) + far


def _crossed(point: tuple[float, float], box: Box, leads: Sequence[tuple[tuple[float, float], Box]]) -> float:
    """What it costs that the line to this box would cross that to another."""
    own = (point, nearest(box, point))
    return 60.0 * sum(_cross(own, (start, nearest(end, start))) for start, end in leads)


def nearest(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    """The place on a box that is nearest to a point."""
    return min(max(point[0], box.left), box.right), min(max(point[1], box.bottom), box.top)


Segment = tuple[tuple[float, float], tuple[float, float]]


def _cross(one: Segment, two: Segment) -> bool:
    def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, two
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def beside(
    axes: Axes,
    texts: Sequence[str],
    points: Sequence[tuple[float, float]],
    room: tuple[float, float],
    taken: Sequence[tuple[float, float]] = (),
    faint: Sequence[Box] = (),
    solid: Sequence[Box] = (),
    slanted: Set[int] = frozenset(),
) -> None:
    """Write each text (lines apart by a line break) beside its point, with a line to it where it is far off.

    points, taken: places and further marks, in points from the lower left of axes of size `room`, which must
    not change any more. faint, solid: lines that a text may stand on where it must, and that it keeps off as
    it does of marks. slanted: which of the texts are in italics.
    """
    marks = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in taken]
    sizes = [_size(text) for text in texts]
    boxes = placed(points, sizes, Box(2, 2, room[0] - 2, room[1] - 2), [*marks, *solid], faint)
    for place, (text, point, box) in enumerate(zip(texts, points, boxes, strict=True)):
        end = nearest(box, point)
        if math.dist(end, point) > FAR:
            x, y = (
                [place / size for place in pair]
                for pair, size in zip(zip(point, end, strict=True), room, strict=True)
            )
            axes.plot(x, y, color=FAINT.light, linewidth=0.6, transform=axes.transAxes, zorder=1)
        at, side = _aligned(box, point)
        axes.annotate(
            "\n".join(safe(line) for line in text.split("\n")),
            (at, (box.bottom + box.top) / 2),
            xycoords="axes points",
            ha=side,
            multialignment=side,
            va="center",
            fontsize=SMALL,
            linespacing=1.05,
            color=INK.light,
            fontstyle="italic" if place in slanted else "normal",
        )


def _aligned(box: Box, point: tuple[float, float]) -> tuple[float, Literal["left", "center", "right"]]:
    """Where a text starts: at the side of its box that faces the point, for its width is a guess."""
    if box.left >= point[0]:
        return box.left, "left"
    if box.right <= point[0]:
        return box.right, "right"
    return (box.left + box.right) / 2, "center"


def _size(text: str) -> tuple[float, float]:
    parts = text.split("\n")
    return max(wide(part, SMALL) for part in parts), len(parts) * SMALL * 1.25
