"""Training curves of a run: the networks of their families, every seed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import learning
from recurbench.reports.page.page_tables import problems_of
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import empty, marks, pictures, small, texts


def test_every_network_that_stands_for_a_family_is_drawn_seed_by_seed() -> None:
    found = pictures(learning.section(small(), Messages(), Drawn(None, "")))
    assert len(found) == len(problems_of(small()))
    for picture in found:
        # The convolution and the gated network, two seeds, two panels; the echo state network has no curve.
        assert marks(picture.svg, "ends") == 2 * 2 * 2
        assert {"gru", "tcn"} <= set(texts(picture.svg).split("\n"))
        assert "gru (seeds: 2), up to 30 steps" in picture.alt


def test_what_a_forecasting_network_must_beat_is_called_the_reference_forecast(tmp_path: Path) -> None:
    columns = ["step", "train loss", "check loss", "gradient norm"]
    notes = {"curve": [[10, 0.5, 0.4, 1.0]], "curve_columns": columns, "trivial_loss": 0.7}
    for kind, word in (("forecasting", "reference forecast"), ("regression", "constant answer")):
        made = MadeUp(tmp_path / kind, kind=kind).cell("gru", right(40), validation={"accuracy": 1.0})
        for record in made.records:
            record.notes.update(notes)
        (picture,) = pictures(learning.section(read_run(made.write()), Messages(), Drawn(None, "")))
        assert word in texts(picture.svg)
        assert f"the {word}" in picture.caption or f"the best {word}" in picture.caption


def test_the_curve_is_the_one_in_the_notes() -> None:
    problem = problems_of(small())[0]
    rows, trivial = learning.looks(small(), problem, Messages())
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
    assert learning.section(read_run(made.write()), Messages(), Drawn(None, "")) is None
    assert learning.section(empty(), Messages(), Drawn(None, "")) is None


def test_notes_of_another_form_are_no_curve() -> None:
    assert learning._curve({"curve": [[1, 2]], "curve_columns": ["step", "loss"]}) == []
    assert learning._curve({"curve": "none"}) == []
    wanted = {"curve": [[1, None, 0.5, 2.0], [2]], "curve_columns": small_columns()}
    assert learning._curve(wanted) == [{"step": 1.0, "loss": 0.5, "gradient": 2.0}]


ODD = [
    {"curve": [[1, 2, 3, 4]], "curve_columns": "step"},
    {"curve": {"a": 1}, "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": [5, None, "abc"], "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": [[1, "low", 2]], "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": [[1, [0.5], 2]], "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": [[1, {}, 10**400]], "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": [[math.inf, 0.5, 2.0]], "curve_columns": ["step", "check loss", "gradient norm"]},
    {"curve": 7, "curve_columns": 7},
]


def fit(made: MadeUp, method: str, notes: dict[str, object]) -> None:
    made.cell(method, right(30), seed=0, validation={"accuracy": 0.5})
    made.records[-1].notes = notes


@pytest.mark.parametrize("odd", ODD)
def test_a_plugin_that_notes_something_else_loses_its_own_curve_alone(
    tmp_path: Path, odd: dict[str, object]
) -> None:
    made = MadeUp(tmp_path)
    good = {"curve": [[1, 0.5, 2.0], [2, 0.4, 1.0]], "curve_columns": ["step", "check loss", "gradient norm"]}
    fit(made, "gru", good)
    fit(made, "mlp", odd)
    (picture,) = pictures(learning.section(read_run(made.write()), Messages(), Drawn(None, "")))
    assert "gru (seeds: 1), up to 2 steps: 0.400 - 0.400." in picture.alt
    assert "mlp" not in picture.alt


@pytest.mark.parametrize(
    ("level", "norm"),
    [
        (math.inf, 2.0),
        (-math.inf, 2.0),
        (math.nan, math.inf),
        ("low", 2.0),
        (None, math.inf),
        (0, 1e308),
        pytest.param(10**400, 2.0, id="huge"),
    ],
)
def test_a_level_or_a_norm_that_is_no_number_leaves_the_curves_as_they_are(
    tmp_path: Path, level: object, norm: float
) -> None:
    made = MadeUp(tmp_path)
    curve = [[1, 0.5, norm], [2, 1e308, 1.0], [3, math.inf, 1.0]]
    columns = ["step", "check loss", "gradient norm"]
    fit(made, "gru", {"curve": curve, "curve_columns": columns, "trivial_loss": level})
    (picture,) = pictures(learning.section(read_run(made.write()), Messages(), Drawn(None, "")))
    assert "constant answer" not in texts(picture.svg)
    assert "up to 2 steps" in picture.alt


def test_a_run_without_inner_cells_has_no_training_curves(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("gru", right(40), seed=0)
    assert learning.section(read_run(made.write()), Messages(), Drawn(None, "")) is None


def small_columns() -> list[str]:
    notes = small().cells["notes"]
    return next(list(each["curve_columns"]) for each in notes if "curve_columns" in each)


def test_the_section_speaks_korean() -> None:
    picture = pictures(learning.section(small(), Messages("ko"), Drawn(None, "")))[0]
    assert "점검 손실" in texts(picture.svg)
    assert "시드 2개" in picture.alt
