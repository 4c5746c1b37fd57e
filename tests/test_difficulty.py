"""Dial curves of a run: problems that differ in one number."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import difficulty
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import empty, marks, pictures, small, texts


def test_two_test_lengths_are_one_turned_dial() -> None:
    (found,) = difficulty.turned(small())
    assert (found.dataset, found.dial, list(found.problems)) == ("parity", "test_length", [8.0, 12.0])
    rows = difficulty.scores(small(), found, Messages())
    assert "most-common" not in set(rows["method"])
    final = small().final
    for _, row in rows.groupby(["method", "value"])["score"].mean().reset_index().iterrows():
        own = final[(final["method"] == row["method"]) & (final["problem"] == found.problems[row["value"]])]
        assert row["score"] == pytest.approx(own["score"].mean())


def test_every_cell_of_a_shown_method_is_a_dot() -> None:
    (found,) = difficulty.turned(small())
    (picture,) = pictures(difficulty.section(small(), Messages(), Drawn(None, "")))
    assert marks(picture.svg, "cells") == len(difficulty.scores(small(), found, Messages()))
    assert "test_length" in texts(picture.svg)
    assert "constant answer" in texts(picture.svg)
    assert "(8)" in picture.alt
    assert "(12)" in picture.alt


def test_a_method_that_lacks_a_cell_at_one_value_is_named_and_not_averaged_over(
    tmp_path: Path,
) -> None:
    made = MadeUp(tmp_path)
    for length in (5, 9):
        own = {"problem": f"toy[length={length}]", "dataset": "toy", "dials": {"length": length}}
        for seed in range(2):
            for method in ("gru", "mlp", "most-common"):
                made.cell(method, right(30), seed=seed, validation={"accuracy": 0.5}, **own)
            failed = {"status": "failed", "reason": "diverged"} if seed and length == 9 else {}
            better = {"validation": {"accuracy": 0.9}, **own, **failed}
            made.cell("lstm", [] if failed else right(40), seed=seed, **better)
            made.cell("tcn", [], seed=seed, status="unsupported", reason="not of this kind", **own)
        if length == 5:
            made.cell("cnn", right(30), seed=0, validation={"accuracy": 0.5}, **own)
    made.cell("gru", [], problem="toy[length=5]", seed=5, status="failed", dataset="toy", dials={"length": 5})
    made.cell("rnn", right(20), problem="toy[length=9]", dataset="toy", dials={"length": 9})
    run = read_run(made.write(missing=1))  # of rnn at 5
    (found,) = difficulty.turned(run)
    assert set(difficulty.scores(run, found, Messages())["method"]) == {"mlp"}
    lacking = {"lstm": [9.0], "cnn": [9.0], "gru": [5.0], "rnn": [5.0]}
    assert difficulty.lacks(run, found) == lacking
    (picture,) = pictures(difficulty.section(run, Messages(), Drawn(None, "")))
    assert picture.caption.endswith("in brackets: gru (5), rnn (5), lstm (9), cnn (9).")


def test_every_method_that_lacks_a_cell_is_named_however_many(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for length in (5, 9):
        own = {"problem": f"toy[length={length}]", "dataset": "toy", "dials": {"length": length}}
        made.cell("gru", right(30), seed=0, validation={"accuracy": 0.5}, **own)
        for k in range(14):
            made.cell(f"lstm[hidden={k + 1}]", [], seed=0, status="failed", reason="diverged", **own)
    (picture,) = pictures(difficulty.section(read_run(made.write()), Messages(), Drawn(None, "")))
    names = ", ".join(f"lstm, {k + 1} units (5, 9)" for k in range(14))
    assert picture.caption.endswith(f"in brackets: {names}.")


def test_resamples_flags_and_two_turned_dials_are_no_curve(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for name, dials in (
        ("a", {"resample": 0, "length": 5, "hard": True}),
        ("b", {"resample": 1, "length": 5, "hard": True}),
        ("c", {"resample": 0, "length": 9, "hard": False}),
    ):
        own = {"dataset": "made-up", "dials": dials}
        made.cell("gru", right(30), problem=name, validation={"accuracy": 1.0}, **own)
    assert difficulty.turned(read_run(made.write())) == []
    assert difficulty.section(read_run(tmp_path), Messages(), Drawn(None, "")) is None
    assert difficulty.section(empty(), Messages(), Drawn(None, "")) is None


def test_the_section_speaks_korean() -> None:
    (picture,) = pictures(difficulty.section(small(), Messages("ko"), Drawn(None, "")))
    assert "기억 없이" in texts(picture.svg)
    assert "난이도 변수 test_length" in picture.caption
