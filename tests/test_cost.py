"""Skill against CPU time: the front holds what no cheaper method beats."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.cost import cost, front
from recurbench.reports.words import Words
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
    svg = draw(lambda: sure(cost(ROWS, Words())), "cost")
    assert marks(svg, "methods") == len(ROWS)
    said = set(texts(svg).split("\n"))
    assert {"most-common", "rnn", "tcn", "recurrent", "CPU time of one job (s)"} <= said
    assert not {"gru", "mlp"} & said


def test_one_method_alone_or_without_numbers_is_no_figure() -> None:
    assert cost(ROWS.iloc[:1], Words()) is None
    assert cost(ROWS.assign(skill=float("nan")), Words()) is None
    assert cost(ROWS.assign(cpu_seconds=float("nan")), Words()) is None
    assert cost(ROWS.iloc[:0], Words()) is None


def test_a_family_nobody_knows_and_a_hostile_name_are_drawn_as_text() -> None:
    svg = draw(lambda: sure(cost(ROWS.assign(method="<i>$a$", family="quantum"), Words("ko"))), "cost")
    assert marks(svg, "methods") == len(ROWS)
    assert "<i>" not in svg
    assert "작업 하나의 CPU 시간 (초)" in texts(svg)
