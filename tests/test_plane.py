"""The map: a mark per contrast, its name beside it, the regions in words."""

from __future__ import annotations

import math

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.edges import EDGE
from recurbench.reports.figures.plane import plane
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages
from small_run import marks, texts

NAMES = (
    *("parity", "word-problem", "copy-memory", "temporal-order", "adding", "firm-default"),
    *("hmm-filter[q=0.99,sd=3]", "arma[length=100]", "lorenz[length=100]"),
)


def rows(**changes: object) -> pd.DataFrame:
    """Every name somewhere on the plane; the first changed."""
    verdicts = [
        ContrastVerdict.RECURRENCE_HELPS,
        ContrastVerdict.NO_DIFFERENCE,
        ContrastVerdict.UNDECIDED,
    ]
    found = [
        {
            "problem": name,
            "verdict": verdicts[i % 3],
            "lift": 0.1 * (i % 4),
            "lift_low": 0.1 * (i % 4) - 0.02,
            "lift_high": 0.1 * (i % 4) + 0.02,
            "context": 0.9,
            "context_low": 0.8,
            "context_high": 1.0,
        }
        for i, name in enumerate(NAMES)
    ]
    found[0].update(changes)
    return pd.DataFrame(found)


def test_every_contrast_is_a_mark_with_its_name_and_two_intervals() -> None:
    shown = rows()
    svg = draw(lambda: sure(plane(shown, Messages())), "map")
    assert marks(svg, "contrast") == len(shown)
    assert svg.count('id="map-interval"') == 2 * len(shown)
    for name in shown["problem"]:
        head, bracket, dials = name.partition("[")
        assert head in texts(svg)
        assert bracket + dials in texts(svg)
    assert "recurrence hurts" in texts(svg)
    assert Messages()("registered.axis_lift") in texts(svg)


def test_a_bound_that_is_not_known_draws_no_interval() -> None:
    shown = rows(lift_low=-math.inf, lift_high=math.inf, context_low=None)
    svg = draw(lambda: sure(plane(shown, Messages())), "map")
    assert svg.count('id="map-interval"') == 2 * len(shown) - 2


def test_a_contrast_without_a_place_is_left_out_and_none_at_all_is_no_figure() -> None:
    shown = rows(context=None)
    assert marks(draw(lambda: sure(plane(shown, Messages())), "map"), "contrast") == len(shown) - 1
    assert plane(shown.iloc[:1], Messages()) is None
    assert plane(shown.iloc[:0], Messages()) is None
    assert plane(pd.DataFrame(), Messages()) is None


def test_a_far_lift_stands_at_the_edge_with_its_number_and_does_not_press_the_others_together() -> None:
    figure = sure(plane(rows(lift=-40.0, lift_low=-90.0, lift_high=-2.0, context=7.25), Messages()))
    (left, right), (bottom, top) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    assert -2 * EDGE < left < -EDGE
    assert EDGE < top < 2 * EDGE
    assert left == -right
    assert bottom > -EDGE
    inside = [line.get_xydata()[0] for line in figure.axes[0].lines if line.get_gid() == "contrast"]
    assert all(left < x < right and bottom < y < top for x, y in inside)
    said = texts(draw(lambda: sure(plane(rows(lift=-40.0, context=7.25), Messages())), "map")).split("\n")
    assert {"← -40", "↑ 7.25"} <= set(said)


def test_an_interval_that_the_plane_does_not_hold_goes_on_as_an_arrow() -> None:
    assert "goes-on" not in draw(lambda: sure(plane(rows(lift_high=1.4), Messages())), "map")
    far = rows(lift_low=-9.0, lift_high=9.0, context_low=-3.0)
    svg = draw(lambda: sure(plane(far, Messages())), "map")
    assert svg.count('id="map-goes-on"') == 3
    assert svg.count('id="map-interval"') == 2 * len(far)


def test_the_axes_hold_every_bound_up_to_the_edge() -> None:
    figure = sure(plane(rows(lift_high=1.4, context_low=-1.2), Messages()))
    assert figure.axes[0].get_xlim()[1] > 1.4
    assert figure.axes[0].get_ylim()[0] < -1.2


def test_the_words_are_korean_where_asked() -> None:
    said = texts(draw(lambda: sure(plane(rows(), Messages("ko"))), "map"))
    assert Messages("ko")("registered.axis_lift") in said
    assert "순환이 도움이 됨" in said
    assert "recurrence" not in said


def test_a_hostile_name_stays_text() -> None:
    name = "<script>alert(1)</script>$\\frac{1}{2}$"
    svg = draw(lambda: sure(plane(rows(problem=name), Messages())), "map")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
