"""Figures of a run as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.files import figures
from recurbench.reports.frame import read_run


@pytest.mark.parametrize(("form", "first"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_figure_with_data_becomes_a_file_of_its_form(tmp_path: Path, form: str, first: bytes) -> None:
    run = MadeUp(tmp_path / "run")
    for i in range(11):
        for name, count in (("most-common", 10), ("mlp", 20), ("rnn", 21 + i)):
            run.cell(name, right(count), problem=f"p{i}")
    paths = figures(read_run(run.write()), tmp_path / "out", form)
    assert [path.name for path in paths] == [
        f"pairwise-classification-real.{form}",
        f"critical-classification-real.{form}",
    ]
    assert all(path.read_bytes().startswith(first) for path in paths)


def test_another_form_is_refused_and_a_run_without_data_has_no_figure(tmp_path: Path) -> None:
    run = read_run(MadeUp(tmp_path / "run").cell("rnn", right(3)).write())
    with pytest.raises(ValueError, match="svg, png, pdf, got 'gif'"):
        figures(run, tmp_path / "out", "gif")
    assert figures(run, tmp_path / "out", "svg") == []
