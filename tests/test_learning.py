"""Training curves of a run: the networks of their families, every seed."""

from __future__ import annotations

from pathlib import Path

from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.frame import read_run
from recurbench.reports.page import learning
from recurbench.reports.page.frames import problems_of
from recurbench.reports.words import Words
from small_run import empty, marks, pictures, small, texts


def test_every_network_that_stands_for_a_family_is_drawn_seed_by_seed() -> None:
    found = pictures(learning.section(small(), Words(), Drawn(None, "")))
    assert len(found) == len(problems_of(small()))
    for picture in found:
        # The convolution and the gated network, two seeds, two panels; the echo state network has no curve.
        assert marks(picture.svg, "ends") == 2 * 2 * 2
        assert {"gru", "tcn"} <= set(texts(picture.svg).split("\n"))
        assert "gru (seeds: 2), up to 30 steps" in picture.alt


def test_the_curve_is_the_one_in_the_notes() -> None:
    problem = problems_of(small())[0]
    rows, trivial = learning.looks(small(), problem)
    cells = small().cells
    own = cells[
        (cells["problem"] == problem)
        & (cells["stage"] == "inner")
        & (cells["address"] == "gru[max_steps=30]")
    ]
    notes = own["notes"].iloc[0]
    first = rows[(rows["method"] == "gru") & (rows["line"] == rows["line"].iloc[0])]
    assert list(first["loss"]) == [row[2] for row in notes["curve"]]
    assert trivial is not None
    assert 0.6 < trivial < 0.8  # ln 2: a fair coin


def test_without_a_curve_there_is_no_section(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("gru", right(40), validation={"accuracy": 1.0}, learned=True)
    assert learning.section(read_run(made.write()), Words(), Drawn(None, "")) is None
    assert learning.section(empty(), Words(), Drawn(None, "")) is None


def test_notes_of_another_form_are_no_curve() -> None:
    assert learning._curve({"curve": [[1, 2]], "curve_columns": ["step", "loss"]}) == []
    assert learning._curve({"curve": "none"}) == []
    wanted = {"curve": [[1, None, 0.5, 2.0], [2]], "curve_columns": small_columns()}
    assert learning._curve(wanted) == [{"step": 1.0, "loss": 0.5, "gradient": 2.0}]


def small_columns() -> list[str]:
    notes = small().cells["notes"]
    return next(list(each["curve_columns"]) for each in notes if "curve_columns" in each)


def test_the_section_speaks_korean() -> None:
    picture = pictures(learning.section(small(), Words("ko"), Drawn(None, "")))[0]
    assert "점검 손실" in texts(picture.svg)
    assert "시드 2개" in picture.alt
