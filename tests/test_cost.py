"""Skill against CPU time: the front holds what no cheaper method beats."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.transforms import Bbox
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.cost import cost, front
from recurbench.reports.text.translation import LANGUAGES, Messages
from small_run import marks, texts

ROWS = pd.DataFrame(
    [
        ("most-common", "baseline", 0.0, 0.01),
        ("rnn", "recurrent", 0.9, 2.0),
        ("gru", "recurrent", 0.8, 3.0),
        ("tcn", "convolutional", 0.95, 9.0),
        ("mlp", "feedforward", -7.0, 1.0),
    ],
    columns=["method", "family", "skill", "cpu_seconds"],
)
PAIRS = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 100)), min_size=1, max_size=30)


@given(PAIRS)
def test_a_method_is_on_the_front_exactly_where_no_other_beats_it(pairs: list[tuple[float, float]]) -> None:
    rows = pd.DataFrame(pairs, columns=["skill", "cpu_seconds"])
    found = set(front(rows).index)
    for i, (skill, cpu) in enumerate(pairs):
        beaten = any(
            s >= skill and c <= cpu and ((s, c) != (skill, cpu) or j < i)
            for j, (s, c) in enumerate(pairs)
            if j != i
        )
        assert (i in found) == (not beaten)


def test_every_method_is_a_mark_and_those_of_the_front_are_named() -> None:
    svg = draw(lambda: sure(cost(ROWS, "skill", Messages())), "cost")
    assert marks(svg, "methods") == len(ROWS)
    said = set(texts(svg).split("\n"))
    assert {"most-common", "rnn", "tcn", "recurrent", Messages()("figures.axis_cpu")} <= said
    assert not {"gru", "mlp"} & said


def struck(rows: pd.DataFrame) -> list[str]:
    """The names of a figure through which its step line is drawn."""
    figure = sure(cost(rows, "skill", Messages()))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    line = max(axes.lines, key=lambda each: each.get_drawstyle() == "steps-post")
    x, y = axes.transData.transform(line.get_xydata()).T
    corners = [(x[0], y[0])]
    for i in range(1, len(x)):
        corners += [(x[i], y[i - 1]), (x[i], y[i])]
    segments = [
        Bbox([np.minimum(one, two) - 0.1, np.maximum(one, two) + 0.1])
        for one, two in itertools.pairwise(corners)
    ]
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    return [name for name, box in boxes.items() if any(box.overlaps(one) for one in segments)]


def test_the_step_line_goes_through_no_name() -> None:
    narrow = [
        ("most-common", "baseline", 0.0, 0.018),
        ("euclidean-1nn", "neighbours", 0.83, 0.03),
        ("fourier-ridge", "features", 0.91, 0.096),
        ("time-domain-ridge", "features", 0.92, 0.21),
        ("rnn", "recurrent", 0.0, 4.2),
        ("tcn", "convolutional", 0.88, 10.0),
    ]
    soon = [("most-common", "baseline", 0.0, 0.028), ("hmm", "statistical", 1.0, 0.06)]
    soon += [("rnn", "recurrent", 1.0, 6.0)]
    below = [("mean", "baseline", -0.9, 0.0037), ("last-value", "baseline", -0.6, 0.0038)]
    below += [("seasonal-naive", "baseline", 0.0, 0.0039), ("theta", "statistical", 0.7, 0.007)]
    below += [("tcn", "convolutional", 0.65, 2.0)]
    for rows in (narrow, soon, below):
        assert struck(pd.DataFrame(rows, columns=ROWS.columns)) == []


@pytest.mark.filterwarnings("ignore:Glyph")  # boxes stand for Hangul where no font has it
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_beside_skills_below_zero_lie_in_the_figure_and_on_no_number(language: str) -> None:
    say = Messages(language)
    words = say("figures.axis_skill", low=say("figures.axis_reference"), high=say("figures.axis_no_error"))
    figure = sure(cost(ROWS, words, say))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    box = axes.yaxis.label.get_window_extent()
    numbers = [each.get_window_extent() for each in axes.get_yticklabels() if each.get_text()]
    assert any(
        "-" in each.get_text() or "\N{MINUS SIGN}" in each.get_text() for each in axes.get_yticklabels()
    )
    assert box.x0 > 0
    assert not any(box.overlaps(one) for one in numbers)
    assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1


def test_one_method_alone_or_without_numbers_is_no_figure() -> None:
    assert cost(ROWS.iloc[:1], "skill", Messages()) is None
    assert cost(ROWS.assign(skill=float("nan")), "skill", Messages()) is None
    assert cost(ROWS.assign(cpu_seconds=float("nan")), "skill", Messages()) is None
    assert cost(ROWS.iloc[:0], "skill", Messages()) is None


def test_a_family_nobody_knows_and_a_hostile_name_are_drawn_as_text() -> None:
    svg = draw(
        lambda: sure(cost(ROWS.assign(method="<i>$a$", family="quantum"), "skill", Messages("ko"))), "cost"
    )
    assert marks(svg, "methods") == len(ROWS)
    assert "<i>" not in svg
    assert Messages("ko")("figures.axis_cpu") in texts(svg)
