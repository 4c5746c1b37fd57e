"""Figures of a run's page as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import MadeUp, right
from recurbench.cli import main
from recurbench.reports.frame import read_run
from recurbench.reports.page.files import figures
from recurbench.reports.words import Words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = MadeUp(tmp_path_factory.mktemp("run"))
    for i in range(11):
        for name, count in (("most-common", 10), ("mlp", 20), ("rnn", 21 + i)):
            made.cell(name, right(count), problem=f"p<{i}>", validation={"accuracy": count})
    return made.write()


@pytest.mark.parametrize(("form", "first"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_figure_with_data_becomes_a_file_of_its_form(
    folder: Path, tmp_path: Path, form: str, first: bytes
) -> None:
    done = CliRunner().invoke(
        main, ["report", str(folder), "--figures", form, "--output", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    paths = [Path(line) for line in done.output.splitlines()]
    assert {path.stem for path in paths} >= {
        "lifts",
        "pairwise-classification-real",
        "critical-classification-real",
    }
    assert len(paths) == len(set(paths))
    assert all(path.suffix == f".{form}" and path.read_bytes().startswith(first) for path in paths)


def test_another_form_is_refused_and_a_run_without_data_has_no_figure(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="svg, png, pdf, got 'gif'"):
        figures(read_run(folder), Words(), tmp_path / "out", "gif")
    empty = read_run(MadeUp(tmp_path / "run").write())
    assert figures(empty, Words(), tmp_path / "out", "svg") == []


def test_a_form_and_figures_are_asked_for_one_at_a_time(folder: Path) -> None:
    done = CliRunner().invoke(main, ["report", str(folder), "--figures", "png", "--format", "html"])
    assert done.exit_code == 2
    assert "--format or --figures" in done.output
