"""The map: a mark per contrast, its name beside it, the regions in words."""

from __future__ import annotations

import math

import pandas as pd
from recurbench.predictions import contrasts
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.plane import plane
from recurbench.reports.verdicts import HELPS, NO_DIFFERENCE, UNDECIDED
from recurbench.reports.words import Words
from small_run import marks, texts


def rows(**changes: object) -> pd.DataFrame:
    """Every registered contrast somewhere on the plane; the first changed."""
    names = [each.problem for each in contrasts()]
    words = [HELPS, NO_DIFFERENCE, f"{UNDECIDED}: 2 of 10 pairs"]
    found = [
        {
            "problem": name,
            "verdict": words[i % 3],
            "lift": 0.1 * (i % 4),
            "lift_low": 0.1 * (i % 4) - 0.02,
            "lift_high": 0.1 * (i % 4) + 0.02,
            "context": 0.9,
            "context_low": 0.8,
            "context_high": 1.0,
        }
        for i, name in enumerate(names)
    ]
    found[0].update(changes)
    return pd.DataFrame(found)


def test_every_contrast_is_a_mark_with_its_name_and_two_intervals() -> None:
    shown = rows()
    svg = draw(lambda: sure(plane(shown, Words())), "map")
    assert marks(svg, "contrast") == len(shown)
    assert svg.count('id="map-interval"') == 2 * len(shown)
    for name in shown["problem"]:
        head, bracket, dials = name.partition("[")
        assert head in texts(svg)
        assert bracket + dials in texts(svg)
    assert "recurrence hurts" in texts(svg)
    assert "recurrence lift L (skill)" in texts(svg)


def test_a_bound_that_is_not_known_draws_no_interval() -> None:
    shown = rows(lift_low=-math.inf, lift_high=math.inf, context_low=None)
    svg = draw(lambda: sure(plane(shown, Words())), "map")
    assert svg.count('id="map-interval"') == 2 * len(shown) - 2


def test_a_contrast_without_a_place_is_left_out_and_none_at_all_is_no_figure() -> None:
    shown = rows(context=None)
    assert marks(draw(lambda: sure(plane(shown, Words())), "map"), "contrast") == len(shown) - 1
    assert plane(shown.iloc[:1], Words()) is None
    assert plane(shown.iloc[:0], Words()) is None
    assert plane(pd.DataFrame(), Words()) is None


def test_lifts_beyond_a_whole_skill_stay_inside_the_axes() -> None:
    figure = sure(plane(rows(lift=-4.0), Words()))
    assert figure.axes[0].get_xlim()[0] < -4


def test_the_words_are_korean_where_asked() -> None:
    said = texts(draw(lambda: sure(plane(rows(), Words("ko"))), "map"))
    assert "순환 이득 L (스킬)" in said
    assert "순환이 도움이 됨" in said
    assert "recurrence" not in said


def test_a_hostile_name_stays_text() -> None:
    name = "<script>alert(1)</script>$\\frac{1}{2}$"
    svg = draw(lambda: sure(plane(rows(problem=name), Words())), "map")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
