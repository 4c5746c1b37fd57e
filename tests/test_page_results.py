"""The results of the registered contrasts as a page of the documentation."""

from __future__ import annotations

import lzma
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import MadeUp
from made_up_pools import HELPS, HURTS, empty, fill
from recurbench.cli.main import main


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = empty(tmp_path_factory.mktemp("run"))
    fill(made, "parity", HELPS)
    fill(made, "arma[length=100]", HURTS)
    path = tmp_path_factory.mktemp("docs") / "results.md"
    path.with_suffix("").mkdir()
    (path.with_suffix("") / "of-an-earlier-run.svg").write_text("<svg/>")
    done = CliRunner().invoke(main, ["map", str(made.write()), "--page", str(path)])
    assert done.exit_code == 0, done.output
    assert f"Page: {path}" in done.output
    return path


def test_the_page_answers_first_and_says_what_made_it(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").split("\n\n")
    assert lines[0] == "# Where does recurrence help?"
    assert re.search(r"recurbench map \S+ --page \S+results\.md", lines[1])
    assert lines[2].startswith("Recurrence helps on 1 of 2 problems: parity (+0.500 [")


def test_contrasts_that_are_not_run_yet_are_named(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.search(r"\b10 primary contrasts\b[^.]*\(word-problem, ", text)


def test_its_figures_lie_beside_it_and_no_other(page: Path) -> None:
    shown = set(re.findall(r"!\[(?:\\.|[^\]\\])*\]\(results/([^)]+)\)", page.read_text(encoding="utf-8")))
    assert len(shown) >= 3
    assert {path.name for path in page.with_suffix("").glob("*.svg")} == shown


def test_the_cells_behind_it_lie_beside_it_and_make_the_same_page_again(page: Path, tmp_path: Path) -> None:
    assert "](results/cells.sqlite.xz)" in page.read_text(encoding="utf-8")
    run = tmp_path / "run"
    run.mkdir()
    packed = page.with_suffix("") / "cells.sqlite.xz"
    (run / "results.sqlite").write_bytes(lzma.decompress(packed.read_bytes()))
    again = tmp_path / "results.md"
    assert CliRunner().invoke(main, ["map", str(run), "--page", str(again)]).exit_code == 0
    own, other = (re.sub(r"(?m)^\*Written by .*$", "", each.read_text("utf-8")) for each in (page, again))
    assert own == other


def test_it_holds_every_method_and_how_to_repeat_the_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "| gru | recurrent | 0.800 | 0.007 | 0/10 |" in text
    assert "\n    recurbench run " in text


def test_a_run_without_contrasts_is_refused_in_words(tmp_path: Path) -> None:
    made = MadeUp(tmp_path / "run", constant=0.0, best=1.0)
    made.cell("lstm", [1.0] * 40, problem="toy", seed=0, validation={"accuracy": 1.0})
    done = CliRunner().invoke(main, ["map", str(made.write()), "--page", str(tmp_path / "results.md")])
    assert done.exit_code == 2
    assert "holds no complete pair of a registered contrast; give a run of the suite probes" in done.output
    assert not (tmp_path / "results.md").exists()


def test_a_page_whose_folder_would_be_the_run_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    run = fill(empty(tmp_path / "probes"), "parity", HELPS).write()
    (run / "drawing.svg").write_text("<svg/>", encoding="utf-8")
    done = CliRunner().invoke(main, ["map", str(run), "--page", str(tmp_path / "probes.md")])
    assert done.exit_code == 2
    assert "is a run, and the figures of" in done.output
    assert (run / "drawing.svg").exists()
