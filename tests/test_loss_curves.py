"""Training curves: a line per seed that ends in a mark."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.loss_curves import MANY, loss_curves
from recurbench.reports.text.translation import Messages
from small_run import marks, texts


def rows(seeds: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (method, family, f"{seed}", step, 1 / step + 0.1 * seed, 1.0)
            for method, family in (("gru", "recurrent"), ("tcn", "convolutional"))
            for seed in range(seeds)
            for step in (10, 20, 30)
        ],
        columns=["method", "family", "line", "step", "loss", "gradient"],
    )


def test_every_seed_is_a_line_with_an_end_in_both_panels() -> None:
    svg = draw(lambda: sure(loss_curves(rows(), 0.7, Messages())), "training")
    assert marks(svg, "ends") == 2 * 2 * 3
    lines = svg.split('id="training-seeds"')[1:]
    assert len(lines) == 4
    assert [part.split("</g>")[0].count("M") for part in lines] == [3] * 4
    assert {"gru", "tcn", "check loss", "constant answer"} <= set(texts(svg).split("\n"))


def test_no_more_seeds_are_drawn_than_can_be_told_apart() -> None:
    svg = draw(lambda: sure(loss_curves(rows(MANY + 5), None, Messages())), "training")
    assert marks(svg, "ends") == 2 * 2 * MANY
    assert "constant answer" not in texts(svg)


def test_looks_without_a_positive_loss_are_left_out_and_none_at_all_is_no_figure() -> None:
    gone = rows()
    gone.loc[0, "loss"] = float("nan")
    assert loss_curves(gone, None, Messages()) is not None
    assert loss_curves(gone.assign(loss=float("nan")), None, Messages()) is None
    assert loss_curves(gone.assign(loss=0.0), None, Messages()) is None
    assert loss_curves(pd.DataFrame(), None, Messages()) is None


def test_the_words_are_korean_where_asked_and_names_stay_text() -> None:
    svg = draw(lambda: sure(loss_curves(rows().assign(method="<i>"), 0.7, Messages("ko"))), "training")
    assert {"점검 손실", "상수 답", "학습 스텝"} <= set(texts(svg).split("\n"))
    assert "<i>" not in svg
