"""Gradient over lag: a panel per network, a line per moment."""

from __future__ import annotations

import math

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.gradients import fading
from recurbench.reports.text.translation import Messages
from small_run import texts


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"{network}[init=$W$]", when, lag, math.exp(-rate * lag))
            for network in ("rnn", "gru")
            for when, rate in (("start", 0.05), ("100 steps", 0.1), ("trained", 0.5))
            for lag in range(60)
        ],
        columns=["network", "when", "lag", "norm"],
    )


def test_every_network_has_a_panel_and_every_moment_a_line() -> None:
    svg = draw(lambda: sure(fading(rows(), Messages())), "fading")
    assert svg.count('id="fading-moment"') == 6
    said = set(texts(svg).split("\n"))
    assert {"rnn[init=$W$]", "gru[init=$W$]", "start", "100 steps", "trained"} <= said
    assert {Messages()("figures.axis_norm"), Messages()("figures.axis_lag")} <= said


def test_where_no_gradient_arrives_there_is_no_figure() -> None:
    assert fading(rows().assign(norm=0.0), Messages()) is None
    assert fading(rows().assign(norm=float("nan")), Messages()) is None
    assert fading(pd.DataFrame(), Messages()) is None


def test_moments_are_said_in_the_language() -> None:
    said = texts(draw(lambda: sure(fading(rows(), Messages("ko"))), "fading"))
    assert "평균 기울기 노름" in said
    assert "학습 후" in said
    assert "100스텝 후" in said
