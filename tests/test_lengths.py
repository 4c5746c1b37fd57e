"""Length generalisation of a run: scores by position as its cells note them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import lengths
from recurbench.reports.page.page_tables import problems_of
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import empty, pictures, small, texts


def test_the_score_at_the_last_position_is_the_score_of_the_cell() -> None:
    for problem in problems_of(small()):
        rows = lengths.by_position(small(), problem, Messages())
        last = rows[rows["position"] == rows["position"].max()]
        final = small().final
        final = final[final["problem"] == problem]
        assert set(rows["method"]) <= {"esn", "gru", "tcn"}
        for method, own in last.groupby("method"):
            scores = final[final["method"] == method]["score"]
            assert sorted(own["score"]) == pytest.approx(sorted(scores), abs=1e-4)


def test_only_final_cells_note_their_score_by_position() -> None:
    noted = small().cells[[lengths.NOTE in notes for notes in small().cells["notes"]]]
    assert len(noted) == len(small().final)
    assert set(noted["stage"]) == {"final"}


def test_the_trained_length_is_marked_and_said() -> None:
    found = pictures(lengths.section(small(), Messages(), Drawn(None, "")))
    assert len(found) == len(problems_of(small()))
    for picture, last in zip(found, (8, 12), strict=True):
        assert "trained to 6" in texts(picture.svg)
        assert "(6)" in picture.alt
        assert f"({last})" in picture.alt


def test_without_scores_by_position_there_is_no_section(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("gru", right(40), validation={"accuracy": 1.0})
    assert lengths.section(read_run(made.write()), Messages(), Drawn(None, "")) is None
    assert lengths.section(empty(), Messages(), Drawn(None, "")) is None


ODD = [["high", "low"], [[0.5], [0.5]], {"a": 1}, "0.5", 7, [], [None], [math.inf, math.nan]]


@pytest.mark.parametrize("odd", ODD)
def test_a_plugin_that_notes_no_list_of_numbers_loses_its_own_line_alone(tmp_path: Path, odd: object) -> None:
    made = MadeUp(tmp_path)
    for method, noted in (("gru", [1.0, None, 0.5]), ("mlp", odd)):
        made.cell(method, right(30), seed=0, validation={"accuracy": 0.5}, notes={lengths.NOTE: noted})
    (picture,) = pictures(lengths.section(read_run(made.write()), Messages(), Drawn(None, "")))
    assert "gru: 0.500 (3)." in picture.alt
    assert "mlp" not in picture.alt


def test_the_section_speaks_korean() -> None:
    picture = pictures(lengths.section(small(), Messages("ko"), Drawn(None, "")))[0]
    assert "학습 길이 6" in texts(picture.svg)
    assert "위치별 정답 비율" in picture.alt
