"""The lift of every problem: a mark, an interval and a verdict in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.edges import EDGE
from recurbench.reports.figures.forest import MOST, forest, thinned, with_lift
from recurbench.reports.statistics.outcomes import LiftVerdict
from recurbench.reports.text.translation import Messages
from small_run import marks, texts


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("parity[modulus=3]", "labelling", LiftVerdict.AHEAD, 0.97, 0.9, 1.04),
            ("gunpoint", "classification", LiftVerdict.TEST_SET_TOO_SMALL, -0.02, -0.1, 0.06),
            ("co2", "forecasting", LiftVerdict.BEHIND, -7.5, -9.0, -6.0),
            ("mine", "forecasting", LiftVerdict.TEST_SET_TOO_SMALL, 0.2, None, None),
            ("lost", "forecasting", LiftVerdict.NOT_COMPARED, None, None, None),
        ],
        columns=["label", "kind", "verdict", "lift", "low", "high"],
    )


def test_every_lift_is_a_mark_and_every_known_interval_a_line_or_an_arrow_to_it() -> None:
    svg = draw(lambda: sure(forest(rows(), Messages())), "lifts")
    assert marks(svg, "problem") == 4
    assert svg.count('id="lifts-interval"') == 2
    assert svg.count('id="lifts-goes-on"') == 1  # of co2, all of whose interval lies beyond
    said = texts(svg)
    assert {"parity", "[modulus=3]", "recurrent ahead", "gunpoint", "forecasting"} <= set(said.split("\n"))
    assert "lost" not in said


def test_a_lift_beyond_the_axis_stands_at_its_edge_with_its_number() -> None:
    figure = sure(forest(rows(), Messages()))
    assert figure.axes[0].get_xlim()[0] > -2 * EDGE
    assert "← -7.5" in texts(draw(lambda: sure(forest(rows(), Messages())), "lifts"))


def test_without_a_lift_there_is_no_figure() -> None:
    assert forest(rows().iloc[4:], Messages()) is None
    assert forest(rows().iloc[:0], Messages()) is None
    assert forest(pd.DataFrame(), Messages()) is None


def test_the_words_are_korean_where_asked_and_hostile_names_stay_text() -> None:
    shown = rows().assign(label="<script>$x$")
    svg = draw(lambda: sure(forest(shown, Messages("ko"))), "lifts")
    assert "분류" in texts(svg)
    assert "<script" not in svg
    assert "&lt;script&gt;$x$" in svg


def test_an_interval_that_the_axis_does_not_hold_goes_on_as_an_arrow() -> None:
    shown = pd.DataFrame(
        {
            "label": ["short", "long"],
            "kind": ["forecasting"] * 2,
            "verdict": [LiftVerdict.UNDECIDED] * 2,
            "lift": [0.0, 0.1],
            "low": [-0.2, -0.3],
            "high": [0.2, 9.0],
        }
    )
    svg = draw(lambda: sure(forest(shown, Messages())), "lifts")
    assert svg.count('id="lifts-goes-on"') == 1
    assert draw(lambda: sure(forest(shown.iloc[:1], Messages())), "lifts").count("goes-on") == 0


def many(count: int) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    lift = rng.permutation(np.linspace(-1, 1, count))
    kinds = rng.choice(["classification", "forecasting"], count)
    return pd.DataFrame(
        {
            "label": [f"p{k}" for k in range(count)],
            "kind": kinds,
            "verdict": LiftVerdict.UNDECIDED,
            "lift": lift,
        }
    )


def test_of_very_many_problems_some_are_drawn_evenly_by_their_lift() -> None:
    rows = many(10 * MOST).assign(low=None, high=None)
    figure = sure(forest(rows, Messages()))
    assert sum(line.get_gid() == "problem" for line in figure.axes[0].lines) == MOST
    kept = thinned(rows)
    for kind, own in rows.groupby("kind"):
        drawn = kept[kept["kind"] == kind]["lift"]
        np.testing.assert_allclose(
            np.quantile(drawn, [0.1, 0.5, 0.9]), np.quantile(own["lift"], [0.1, 0.5, 0.9]), atol=0.06
        )
    assert {kept["lift"].min(), kept["lift"].max()} <= {*rows["lift"]}
    assert len(thinned(many(MOST))) == len(with_lift(many(MOST))) == MOST
