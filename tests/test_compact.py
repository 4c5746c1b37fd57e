"""A run without its answers: what stays true of it, and what a later run makes of it."""

from __future__ import annotations

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_up_contrasts import SOLVED_BY_RECURRENCE, as_registered, filled
from recurbench.api import Request, perform, prepare
from recurbench.cli.main import main
from recurbench.compact import slim
from recurbench.record import RunFile
from recurbench.reports.statistics.registered_standings import table
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.results import read_run


def unpacked(file: Path, folder: Path) -> Path:
    """The directory of a run in which a slim copy was unpacked."""
    folder.mkdir()
    (folder / "results.sqlite").write_bytes(lzma.decompress(file.read_bytes()))
    return folder


def test_the_map_of_a_slim_copy_is_that_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    skills = dict.fromkeys(SOLVED_BY_RECURRENCE, 0.95)
    made = filled(tmp_path / "run", skills, 12, series=["0"])
    run = made.write(exact=np.full(1, 0.95))  # skill 1 is what the exact best scores on the draw, not 1.0
    slim(run, tmp_path / "rows.sqlite.xz")
    again = unpacked(tmp_path / "rows.sqlite.xz", tmp_path / "again")
    one, two = (table(contrasts_in(read_run(folder))) for folder in (run, again))
    pd.testing.assert_frame_equal(one, two)
    assert one.at[0, "recurrent_skill"] == pytest.approx(1.0)


def test_a_run_goes_on_from_a_slim_copy_and_computes_only_what_is_new(tmp_path: Path) -> None:
    request = {"datasets": ["gunpoint"], "jobs": 0}
    perform(prepare(Request(**request, methods=["most-common"], out=tmp_path / "run")))
    slim(tmp_path / "run", tmp_path / "rows.sqlite.xz")
    again = unpacked(tmp_path / "rows.sqlite.xz", tmp_path / "again")
    tally = perform(prepare(Request(**request, methods=["most-common", "euclidean-1nn"], out=again)))
    assert (tally.jobs, tally.cached) == (2, 1)
    scores = read_run(again).final.set_index("address")["score"]
    assert (
        scores["most-common"] == read_run(tmp_path / "run").final.set_index("address")["score"]["most-common"]
    )


def test_answers_and_scores_per_example_are_left_out_and_all_else_is_kept(tmp_path: Path) -> None:
    perform(prepare(Request(methods=["most-common"], datasets=["gunpoint"], jobs=0, out=tmp_path / "run")))
    slim(tmp_path / "run" / "results.sqlite", tmp_path / "rows.sqlite.xz")
    again = unpacked(tmp_path / "rows.sqlite.xz", tmp_path / "again")
    whole, copy = (RunFile(folder / "results.sqlite") for folder in (tmp_path / "run", again))
    assert copy.asked() == whole.asked()
    for one, two in zip(whole.rows(blobs=True), copy.rows(blobs=True), strict=True):
        assert one["predictions"]
        assert one["units"]
        assert two == {**one, "predictions": b"", "units": b""}
    for file in (whole, copy):
        file.close()


@pytest.mark.long
def test_the_page_of_a_slim_copy_leaves_out_what_it_does_not_hold(tmp_path: Path) -> None:
    perform(
        prepare(
            Request(
                methods=["most-common", "mlp[max_steps=20]", "rnn[max_steps=20]"],
                seeds=2,
                datasets=["gunpoint"],
                jobs=0,
                out=tmp_path / "run",
            )
        )
    )
    slim(tmp_path / "run", tmp_path / "rows.sqlite.xz")
    again = unpacked(tmp_path / "rows.sqlite.xz", tmp_path / "again")
    result = CliRunner().invoke(main, ["report", str(again)])
    assert result.exit_code == 0, result.output
    pages = [folder / "report" / "index.html" for folder in (again, tmp_path / "run")]
    CliRunner().invoke(main, ["report", str(tmp_path / "run")])
    assert ['id="gains"' in page.read_text() for page in pages] == [False, True]
    tables = [(page.parent / "table.md").read_text() for page in pages]
    assert ["## Gain from recurrence" in table for table in tables] == [False, True]
    # The answer still says why nothing was compared.
    assert "no value per example to resample" in pages[0].read_text()


def test_what_is_no_run_is_refused_in_words_and_leaves_what_was_there(tmp_path: Path) -> None:
    kept = tmp_path / "rows.sqlite.xz"
    kept.write_bytes(b"before")
    for wrong in (tmp_path, tmp_path / "missing"):
        result = CliRunner().invoke(main, ["slim", str(wrong), str(kept)])
        assert result.exit_code == 2
        assert "holds no results.sqlite; give the directory of a run, such as" in result.output
    (tmp_path / "other.sqlite").touch()
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as file:
        file.execute("CREATE TABLE something (x)")
    result = CliRunner().invoke(main, ["slim", str(tmp_path / "other.sqlite"), str(kept)])
    assert result.exit_code == 2
    assert "is not a recurbench run file" in result.output
    assert kept.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.sqlite", "rows.sqlite.xz"]


def test_a_copy_never_takes_the_place_of_its_run_or_of_a_folder(tmp_path: Path) -> None:
    run = filled(tmp_path / "run", SOLVED_BY_RECURRENCE, 2).write()
    before = (run / "results.sqlite").read_bytes()
    for target, what in (
        (run / "results.sqlite", " is the run's own file; name another"),
        (tmp_path, ": this is a folder; name"),
    ):
        result = CliRunner().invoke(main, ["slim", str(run), str(target)])
        assert result.exit_code == 2
        assert f"{target}{what}" in result.output
    assert (run / "results.sqlite").read_bytes() == before
