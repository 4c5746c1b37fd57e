"""Ablations as bars: what remains, what is lost, and between which bounds."""

from __future__ import annotations

import math

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.waterfall import waterfall
from small_run import texts

ROWS = pd.DataFrame(
    [
        ("full", "gru, whole", 0.98, None, None),
        ("state-cut", "without a state", 0.1, 0.05, 0.15),
        ("reset", "reset <b>$x$", -0.2, -math.inf, math.inf),
        ("window", "a window instead", 1.02, 1.0, 1.04),
    ],
    columns=["part", "label", "skill", "low", "high"],
)


def test_every_part_is_a_bar_with_its_number_and_what_is_lost_is_hatched() -> None:
    svg = draw(lambda: sure(waterfall(ROWS, "skill")), "ablations")
    assert svg.count('id="ablations-kept"') == len(ROWS)
    assert svg.count('id="ablations-lost"') == 2
    assert svg.count('id="ablations-interval"') == 2
    said = texts(svg).split("\n")
    assert {"gru, whole", "without a state", "0.98", "0.10", "-0.20", "1.02"} <= set(said)
    assert "<b>" not in svg


def test_without_an_ablation_there_is_no_figure() -> None:
    assert waterfall(ROWS.iloc[:1], "skill") is None
    assert waterfall(ROWS.iloc[1:], "skill") is None
    assert waterfall(pd.DataFrame(), "skill") is None


def test_a_skill_that_rounds_to_none_has_no_sign() -> None:
    shown = ROWS.assign(skill=[0.98, -0.001, 0.5, 0.5])
    assert "-0.00" not in texts(draw(lambda: sure(waterfall(shown, "skill")), "ablations"))
