"""Labels beside their points: never on each other while there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.labels import Box, beside, nearest, placed
from small_run import texts

ROOM = Box(0, 0, 400, 300)
SIZE = (60.0, 20.0)
PLACES = st.tuples(st.floats(20, 380), st.floats(20, 280))


@given(st.lists(PLACES, min_size=1, max_size=6))
def test_few_labels_in_a_wide_room_cover_neither_each_other_nor_a_point(
    points: list[tuple[float, float]],
) -> None:
    boxes = placed(points, [SIZE] * len(points), ROOM)
    for i, box in enumerate(boxes):
        assert box.outside(ROOM) < 0.5
        assert all(box.over(other) < 1 for other in boxes[i + 1 :])
        assert not any(box.left < x < box.right and box.bottom < y < box.top for x, y in points)


@pytest.mark.long
@given(st.lists(PLACES, min_size=1, max_size=20))
def test_labels_are_placed_the_same_way_every_time_and_keep_their_size(
    points: list[tuple[float, float]],
) -> None:
    boxes = placed(points, [SIZE] * len(points), ROOM)
    assert boxes == placed(points, [SIZE] * len(points), ROOM)
    for box in boxes:
        assert abs(box.right - box.left - SIZE[0]) < 1e-6
        assert abs(box.top - box.bottom - SIZE[1]) < 1e-6


def test_a_label_keeps_off_what_is_taken() -> None:
    free = placed([(100, 100)], [SIZE], ROOM)[0]
    moved = placed([(100, 100)], [SIZE], ROOM, taken=[free])[0]
    assert moved.over(free) == 0


def test_the_nearest_place_of_a_box_is_on_it() -> None:
    assert nearest(Box(0, 0, 10, 10), (20, 5)) == (10, 5)
    assert nearest(Box(0, 0, 10, 10), (3, 4)) == (3, 4)


def test_every_text_is_written_line_by_line() -> None:
    def make() -> Figure:
        figure = Figure(figsize=(4, 3))
        axes = figure.add_axes((0, 0, 1, 1))
        beside(axes, ["copy-memory\n[selective=True]", "a$b$"], [(100, 100), (102, 101)], (288, 216))
        return figure

    assert {"copy-memory", "[selective=True]", "a$b$"} <= set(texts(draw(make, "labels")).split("\n"))
