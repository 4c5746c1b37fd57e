"""The table per series as a user asks for it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_up import MadeUp
from recurbench import Result
from recurbench.cli.main import main
from recurbench.reports.text.series_table import FEW
from test_series_scores import run_of


def said(folder: Path, *words: str, code: int = 0) -> str:
    found = CliRunner().invoke(main, ["report", str(folder), "--per-series", *words], env={"COLUMNS": "120"})
    assert found.exit_code == code, found.output
    return found.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    run_of(tmp_path, {"seasonal-naive": [list(rng.uniform(1, 2, 12))], "lstm": [list(rng.uniform(0, 1, 12))]})
    return tmp_path


def test_it_is_printed_and_written_as_both_forms(folder: Path) -> None:
    printed = said(folder)
    assert "series 11" in printed
    assert "100 %" in printed
    frame = pd.read_csv(folder / "report" / "series.csv")
    assert len(frame) == 24
    assert {"mase", "rmse", "steps"} <= set(frame)
    assert (folder / "report" / "series.md").read_text().count("\n| series ") == 2 + 12 - 1
    pd.testing.assert_frame_equal(
        frame, Result(folder).series(), check_dtype=False, check_exact=False, rtol=1e-12
    )


def test_no_name_or_number_is_cut_where_the_terminal_is_narrow(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    methods = ("seasonal-naive", "lstm")
    run_of(tmp_path, {name: [list(rng.uniform(1, 2, 12))] for name in methods})
    found = CliRunner().invoke(main, ["report", str(tmp_path), "--per-series"], env={"COLUMNS": "80"})
    assert found.exit_code == 0, found.output
    assert "seasonal-" in found.output
    assert "…" not in found.output


def test_one_form_goes_to_a_file_or_to_standard_output(folder: Path, tmp_path: Path) -> None:
    assert len(pd.read_csv(io.StringIO(said(folder, "--format", "csv", "--output", "-")))) == 24
    target = tmp_path / "mine.md"
    assert said(folder, "--format", "md", "--lang", "ko", "--output", str(target)).strip() == str(target)
    assert "시계열마다 한 번씩 센다" in target.read_text(encoding="utf-8")


def test_many_series_are_written_and_not_printed(tmp_path: Path) -> None:
    names = [f"series {i}" for i in range(FEW + 1)]
    run_of(tmp_path, {"lstm": [[1.0] * len(names)]}, 1, names)
    assert "series 3" not in said(tmp_path)
    assert "series 3" in (tmp_path / "report" / "series.md").read_text()


def test_what_it_cannot_do_is_said_with_exit_code_2(folder: Path, tmp_path: Path) -> None:
    assert "choose csv or md" in said(folder, "--format", "html", code=2)
    assert "cannot be combined" in said(folder, "--figures", "svg", code=2)
    other = MadeUp(tmp_path / "other").cell("lstm", [1.0, 0.0]).write()
    assert "holds no scores of single series" in said(other, code=2)
