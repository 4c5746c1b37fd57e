"""Published figures on the page: what must be met, what is only alike, and what cannot be compared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.api import Request, perform, prepare
from recurbench.literature import FIGURES
from recurbench.metrics import METRICS
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import published
from recurbench.reports.page.section import Grid, Prose, Section
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

GUNPOINT = right(137, of=150)  # .9133, as published for Euclidean neighbours


EN = Messages()
MET, MISSED = EN("published.met"), EN("published.missed")


def built(made: MadeUp, language: str = "en") -> Section | None:
    return published.section(read_run(made.write()), Messages(language), Drawn(None, ""))


def grids(section: Section | None) -> list[Grid]:
    assert section is not None
    return [part for part in section.parts if isinstance(part, Grid)]


def prose(section: Section | None) -> str:
    assert section is not None
    return "\n".join(line for part in section.parts if isinstance(part, Prose) for line in part.lines)


@pytest.mark.long
def test_a_real_run_meets_the_figures_of_its_neighbours(tmp_path: Path) -> None:
    wanted = Request(
        methods=("euclidean-1nn", "dtw-1nn", "mlp[max_steps=20]"),
        datasets=("gunpoint", "gunpoint[resample=1]"),
        seeds=1,
        out=tmp_path,
        jobs=0,
    )
    perform(prepare(wanted))
    section = published.section(read_run(tmp_path), Messages(), Drawn(None, ""))
    (same,) = grids(section)
    assert [row[2:7] for row in same.rows] == [
        ("euclidean-1nn (ED)", "0.9133", "0.9133", "0.0000", MET),
        ("dtw-1nn (DTW w=100)", "0.9067", "0.9067", "0.0000", MET),
    ]
    assert "another split or protocol: gunpoint[resample=1]." in prose(section)
    # Another setting is another method: the figure has nothing beside it, and the words say so.
    assert "not run here: mlp: gunpoint; fcn: gunpoint" in prose(section)


def test_a_figure_that_is_not_met_says_by_how_much(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("euclidean-1nn", right(136, of=150), problem="gunpoint")
    (same,) = grids(built(made))
    assert len(same.header) == len(same.rows[0])
    assert same.rows[0][3:7] == ("0.9133", "0.9067", "-0.0066", MISSED)


def test_a_relative_stands_with_its_spread_and_what_is_not_the_same(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for seed, count in enumerate((138, 141)):
        made.cell("mlp", right(count, of=150), problem="gunpoint", seed=seed)
    (like,) = grids(built(made))
    (row,) = like.rows
    assert row[:3] == ("gunpoint", "accuracy ↑", "mlp (MLP)")
    assert row[3:6] == ("0.9273 ± 0.0111 (10)", "0.9300 ± 0.0141 (2)", "+0.0027")
    assert row[6].startswith("three layers of 500 units")
    assert "Ismail Fawaz" in row[7]


def failed(made: MadeUp) -> MadeUp:
    return made.cell("dtw-1nn", [], problem="gunpoint", status="failed", reason="no")


def test_a_method_that_failed_is_named(tmp_path: Path) -> None:
    made = failed(MadeUp(tmp_path).cell("euclidean-1nn", GUNPOINT, problem="gunpoint"))
    section = built(made)
    assert len(grids(section)[0].rows) == 1
    assert "without a score here: dtw-1nn: gunpoint." in prose(section)


def test_cells_without_a_score_are_counted(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("mlp", right(138, of=150), problem="gunpoint", seed=0)
    made.cell("mlp", [], problem="gunpoint", seed=1, status="timeout", reason="slow")
    assert grids(built(made))[0].rows[0][4] == "0.9200 (1/2)"


def test_a_tuned_method_is_another_computation(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("euclidean-1nn", GUNPOINT, problem="gunpoint")
    made.cell("dtw-1nn", GUNPOINT, problem="gunpoint")
    run = read_run(made.write())
    run.cells.loc[run.cells["address"] == "dtw-1nn", "trial"] = 3
    section = published.section(run, Messages(), Drawn(None, ""))
    assert [row[2] for row in grids(section)[0].rows] == ["euclidean-1nn (ED)"]
    assert EN("published.tuned", methods="dtw-1nn: gunpoint") in prose(section)


def test_a_figure_of_another_optimiser_is_met_within_its_relative_difference() -> None:
    (one,) = (each for each in FIGURES if (each.problem, each.method, each.metric) == ("m4", "holt", "mase"))
    assert (one.value, one.within) == (9.356, 0.01)
    assert one.met_by(9.356 * 1.0099)
    assert one.met_by(9.356 * 0.9901)
    assert not one.met_by(9.356 * 1.0101)
    assert not one.met_by(None)


@pytest.mark.parametrize("problem", ["made-up", "gunpoint[resample=1]"])
def test_without_a_comparable_figure_there_is_no_section(tmp_path: Path, problem: str) -> None:
    assert built(MadeUp(tmp_path).cell("euclidean-1nn", GUNPOINT, problem=problem)) is None


def test_the_section_speaks_korean_whole(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("mlp", right(138, of=150), problem="gunpoint", seed=0)
    made.cell("euclidean-1nn", GUNPOINT, problem="gunpoint")
    same, like = grids(built(made, "ko"))
    assert same.rows[0][1] == like.rows[0][1] == "정확도 ↑"
    assert like.rows[0][6].startswith("드롭아웃을 쓴")
    assert len(like.header) == len(like.rows[0])
    for one in FIGURES:
        assert not one.unlike or Messages("ko").of(one.unlike) != one.unlike


def test_every_figure_stands_once_and_is_scored_by_a_metric_there_is() -> None:
    keys = [(one.problem, one.method, one.metric, one.source) for one in FIGURES]
    assert len(set(keys)) == len(keys)
    assert {one.metric for one in FIGURES} <= set(METRICS)
    for one in FIGURES:
        exact = dataclasses.replace(one, unlike="", within=0.0)
        assert exact.met_by(one.value + 0.4 * 10**-one.digits)
        assert not exact.met_by(one.value + 10**-one.digits)
        assert one.within in (0, 0.01)
