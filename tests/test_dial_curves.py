"""Score against a dial: every cell a dot, known levels as lines."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.dial_curves import dials
from recurbench.reports.text.translation import Messages
from small_run import marks, texts

ROWS = pd.DataFrame(
    [
        (method, family, value, 1 / value + 0.01 * seed)
        for method, family in (("gru", "recurrent"), ("tcn", "convolutional"))
        for value in (3.0, 10.0, 50.0)
        for seed in range(2)
    ],
    columns=["method", "family", "value", "score"],
)
LEVELS = pd.DataFrame(
    {"value": [3.0, 10.0, 50.0], "constant": [0.3] * 3, "memoryless": [None] * 3, "best": [0.0] * 3}
)


def test_every_cell_is_a_dot_and_known_levels_are_named() -> None:
    svg = draw(lambda: sure(dials(ROWS, LEVELS, "lag", "mse ↓", Messages())), "dials")
    assert marks(svg, "cells") == len(ROWS)
    said = set(texts(svg).split("\n"))
    assert {"lag", "mse ↓", "gru", "tcn", "constant answer", "best possible", "3", "10", "50"} <= said
    assert "without memory" not in said


def test_one_value_or_no_score_is_no_figure() -> None:
    one = ROWS[ROWS["value"] == 3.0]
    for rows in (one, ROWS.assign(score=float("nan")), ROWS.iloc[:0], pd.DataFrame()):
        assert dials(rows, LEVELS, "lag", "mse ↓", Messages()) is None


def test_levels_are_said_in_the_language_and_hostile_dials_stay_text() -> None:
    svg = draw(lambda: sure(dials(ROWS, LEVELS, "<b>$lag$", "mse ↓", Messages("ko"))), "dials")
    assert "상수 답" in texts(svg)
    assert "<b>" not in svg
    assert "&lt;b&gt;$lag$" in svg
