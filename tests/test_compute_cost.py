"""Skill against CPU time of a run: whole methods alone, every one a mark."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import compute_cost
from recurbench.reports.page.page_tables import problems_of
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import METHODS, empty, marks, pictures, small, texts


@pytest.mark.long
def test_every_problem_has_a_picture_and_every_method_but_the_ablations_a_mark() -> None:
    found = pictures(compute_cost.section(small(), Messages(), Drawn(None, "")))
    assert len(found) == len(problems_of(small()))
    for picture, problem in zip(found, problems_of(small()), strict=True):
        assert marks(picture.svg, "methods") == len(METHODS) - 1
        assert picture.caption.startswith(problem)
        assert "CPU-s" in picture.alt


def test_a_method_that_lacks_a_cell_is_named_and_averaged_over_nothing(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.5, best=1.0)
    for seed in range(2):
        made.cell("gru", right(40), seed=seed, cpu_seconds=2.0)
        made.cell("mlp", right(30), seed=seed, cpu_seconds=1.0)
        made.cell("rnn", right(30), seed=seed, cpu_seconds=1.0)
        failed = {"status": "failed", "reason": "diverged"} if seed else {}
        made.cell("lstm", [] if seed else right(40), seed=seed, cpu_seconds=3.0, **failed)
    made.cell("tcn", [], status="unsupported", reason="not of this kind")
    run = read_run(made.write(missing=1))  # a third seed of rnn
    rows = compute_cost.prices(run, "made-up", Messages()).set_index("method")
    assert sorted(rows.index) == ["gru", "mlp"]
    assert rows.loc["gru", "skill"] == pytest.approx(1.0)
    assert rows.loc["mlp", "skill"] == pytest.approx(0.5)
    assert rows.loc["mlp", "cpu_seconds"] == 1.0
    (picture,) = pictures(compute_cost.section(run, Messages(), Drawn(None, "")))
    assert picture.caption.endswith(": rnn (1/3), lstm (1/2).")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"constant": 0.5, "best": 1.0}, "skill (0 constant, 1 best)"),
        ({"constant": None, "best": None}, "skill (0 reference, 1 no error)"),
        ({"constant": 0.5, "best": None}, "skill (0 constant, 1 no error)"),
    ],
)
def test_the_axis_says_which_scores_are_0_and_1(
    tmp_path: Path, facts: dict[str, float | None], said: str
) -> None:
    made = MadeUp(tmp_path, **facts)
    for method, count in (("most-common", 20), ("gru", 40), ("mlp", 30)):
        made.cell(method, right(count), seed=0, cpu_seconds=2.0)
    run = read_run(made.write())
    (picture,) = pictures(compute_cost.section(run, Messages(), Drawn(None, "")))
    assert said in texts(picture.svg).split("\n")


def test_every_method_that_lacks_a_cell_is_named_however_many(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.5, best=1.0)
    for method in ("gru", "mlp"):
        made.cell(method, right(40), seed=0, cpu_seconds=2.0)
    for k in range(14):
        made.cell(f"lstm[hidden={k + 1}]", [], seed=0, status="failed", reason="diverged")
    (picture,) = pictures(compute_cost.section(read_run(made.write()), Messages(), Drawn(None, "")))
    names = ", ".join(f"lstm, {k + 1} units (1/1)" for k in range(14))
    assert picture.caption.endswith(f": {names}.")


def test_without_two_priced_methods_there_is_no_section(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.5, best=1.0).cell("gru", right(40), cpu_seconds=2.0)
    assert compute_cost.section(read_run(made.write()), Messages(), Drawn(None, "")) is None
    assert compute_cost.section(empty(), Messages(), Drawn(None, "")) is None


def test_the_section_speaks_korean() -> None:
    picture = pictures(compute_cost.section(small(), Messages("ko"), Drawn(None, "")))[0]
    assert Messages("ko")("figures.axis_cpu") in texts(picture.svg)
    assert "스킬" in picture.caption
