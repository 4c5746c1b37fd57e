"""Predicted against observed: a ring and a mark per contrast."""

from __future__ import annotations

from itertools import pairwise

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from recurbench.reports.figures.agreement import KNOWN, agreement
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import STYLE, draw
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages
from small_run import marks, texts

HELPS, HURTS = ContrastVerdict.RECURRENCE_HELPS, ContrastVerdict.RECURRENCE_HURTS
MEMORY, UNDECIDED = ContrastVerdict.MEMORY_HELPS, ContrastVerdict.UNDECIDED


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("parity", HELPS, HELPS, True, True, 10),
            ("lorenz[length=100]", MEMORY, HURTS, False, False, 10),
            ("word-problem", HELPS, UNDECIDED, None, False, 2),
            ("adding", MEMORY, UNDECIDED, None, False, 0),
        ],
        columns=["problem", "predicted", "verdict", "hit", "known_before", "pairs"],
    )


def test_every_contrast_has_its_prediction_and_every_one_that_was_run_what_was_seen() -> None:
    svg = draw(lambda: sure(agreement(rows(), Messages())), "predicted")
    assert marks(svg, "predicted") == 4
    assert marks(svg, "seen") == 3
    said = texts(svg).split("\n")
    assert {f"parity {KNOWN}", "lorenz", "[length=100]", "word-problem", "adding"} <= set(said)


def test_the_names_of_two_columns_do_not_touch() -> None:
    figure = sure(agreement(rows(), Messages()))
    with matplotlib.rc_context(STYLE):
        FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    places = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert all(one.x1 + 1 < other.x0 for one, other in pairwise(places))


def test_without_a_run_contrast_there_is_no_figure() -> None:
    assert agreement(rows().iloc[3:], Messages()) is None
    assert agreement(rows().iloc[:0], Messages()) is None


def test_columns_are_named_in_the_language_and_names_stay_text() -> None:
    shown = rows().assign(problem="<b>$x$</b>")
    svg = draw(lambda: sure(agreement(shown, Messages("ko"))), "predicted")
    assert Messages("ko")("figures.agreement_key").split(":")[0] in texts(svg)
    assert "<b>" not in svg
    assert "undecided" not in texts(svg)
