"""Score by position: thin lines per seed, the trained length marked."""

from __future__ import annotations

import pandas as pd
import pytest
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.positions import BINS, binned, positions
from recurbench.reports.text.translation import Messages
from small_run import texts


def rows(steps: int = 200) -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("gru", "recurrent", line, position, 1.0 if position < 50 else 0.5)
            for line in ("0", "1")
            for position in range(1, steps + 1)
        ],
        columns=["method", "family", "line", "position", "score"],
    )


def test_neighbouring_positions_are_averaged_and_none_is_lost() -> None:
    found = binned(rows())
    assert len(found) == 2 * BINS
    assert found["score"].mean() == pytest.approx(rows()["score"].mean())
    assert len(binned(rows(7))) == 2 * 7


def test_levels_and_the_trained_length_are_named() -> None:
    svg = draw(lambda: sure(positions(rows(), 40, 0.5, 1.0, Messages())), "lengths")
    said = set(texts(svg).split("\n"))
    assert {"trained to 40", "constant answer", "best possible", "gru", "share of right answers"} <= said
    assert svg.split('id="lengths-seeds"')[1].split("</g>")[0].count("M") == 2


def test_levels_that_are_not_known_are_not_drawn() -> None:
    said = texts(draw(lambda: sure(positions(rows(), None, None, None, Messages("ko"))), "lengths"))
    assert "상수 답" not in said
    assert "정답 비율" in said


def test_without_scores_there_is_no_figure() -> None:
    assert positions(pd.DataFrame(), 40, 0.5, 1.0, Messages()) is None
    assert positions(rows().assign(score=float("nan")), 40, 0.5, 1.0, Messages()) is None
