"""The run file: rows that survive, what is refused, blobs without pickle."""

import io
import lzma
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recurbench.packing import pack, pack_units, unpack, unpack_units
from recurbench.record import LAYOUT, OLDER, Record, RunFile


def record(key="k1", **changes):
    words = {
        "key": key,
        "job": key,
        "problem_key": "p",
        "dataset": "airline",
        "problem": "airline[horizon=6]",
        "dials": {"horizon": 6, "names": ("a", "b")},
        "kind": "forecasting",
        "method": "drift",
        "address": "drift",
        "family": "baseline",
        "recurrence": "none",
        "role": "contender",
        "settings": {},
        "seed": None,
        "data_seed": 3,
        "stage": "final",
        "cut": 0,
    }
    return Record(**{**words, **changes})


def test_a_row_comes_back_as_it_was_written(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")
    written = record(
        score=0.5,
        higher_is_better=False,
        scores={"mase": 0.5},
        notes={"curve": [[1, None]], "width": np.int64(3), "weights": np.ones(2)},
        predictions=pack([np.arange(3.0)]),
    )
    file.write([written])
    got = file.get("k1")
    assert got is not None
    assert (got.score, got.higher_is_better, got.data_seed, got.seed) == (0.5, False, 3, None)
    assert got.dials == {"horizon": 6, "names": ["a", "b"]}
    assert got.notes == {"curve": [[1, None]], "width": 3, "weights": [1.0, 1.0]}
    assert got.predictions == written.predictions
    assert file.get("another") is None


def test_rows_written_together_are_there_all_or_not_at_all(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")
    with pytest.raises(sqlite3.Error):
        file.write([record("k1"), record("k2", status=object())])
    assert file.statuses() == {}


def test_a_row_is_durable_before_the_file_is_closed(tmp_path):
    path = tmp_path / "results.sqlite"
    file = RunFile(path)
    file.write([record("k1")])
    other = sqlite3.connect(path)
    assert other.execute("SELECT key FROM cells").fetchall() == [("k1",)]
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_newest_run_says_which_jobs_reports_show(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")
    old, new = [("b", "p", "m"), ("a", "p", "n")], [("c", "q", "m"), ("b", "p", "m")]
    file.ask("quick", old)
    file.ask("custom", new)
    assert file.asked() == ("custom", new)


def test_the_newest_run_says_whose_inner_cells_its_tuned_jobs_tried(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")
    file.ask("one", [("a", "p", "m")], {"a": ["old"]})
    file.ask("two", [("a", "p", "m"), ("b", "p", "n"), ("c", "p", "o")], {"b": ["y", "x"], "a": ["x"]})
    assert file.tries() == {"a": ["x"], "b": ["y", "x"]}
    file.ask("three", [("a", "p", "m")])
    assert file.tries() == {}


def test_the_cost_of_a_shared_fit_counts_once_and_each_stage_apart(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")

    def cell(key, job, stage, seconds, **changes):
        words = {"job": job, "stage": stage, "cpu_seconds": seconds, "started": "now", **changes}
        return replace(record(key), **words)

    file.write([cell("1", "cuts", "inner", 1.0), cell("2", "cuts", "inner", 2.0)])
    file.write([cell("3", "cuts", "final", 4.0), cell("4", "cuts", "inner", 9.0, status="failed")])
    file.write([cell("5", "shared", "inner", 3.0), cell("6", "shared", "final", 3.0)])
    file.write([cell("7", "trial", "inner", 5.0), cell("8", "tuned", "final", 6.0)])
    assert sorted((row[-2] or 0.0, row[-1]) for row in file.costs()) == [
        (0.0, 6.0),
        (3.0, 0.0),
        (3.0, 4.0),
        (5.0, None),
    ]


def test_the_facts_of_a_problem_are_kept_under_its_key(tmp_path):
    file = RunFile(tmp_path / "results.sqlite")
    units = pack_units({"accuracy": np.ones(2)}, {"accuracy": np.ones(2)})
    for licence in ("old", "new"):
        file.write_problem("k1", {"licence": licence}, b"")
    file.write_problem("k2", {"licence": "other"}, units)
    found = file.problems()
    assert {key: facts["licence"] for key, facts in found.items()} == {"k1": "new", "k2": "other"}
    assert found["k2"]["units"] == units


@pytest.mark.parametrize("content", [b"not a database, but as long as one might be" * 30, None])
def test_a_foreign_file_is_refused_and_left_as_it_was(tmp_path, content):
    path = tmp_path / "results.sqlite"
    if content is None:
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE mine (x)")
        db.commit()
        db.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"results.sqlite .*run file.*--out"):
        RunFile(path)
    assert path.read_bytes() == before


def test_a_file_of_another_layout_is_refused(tmp_path):
    path = tmp_path / "results.sqlite"
    RunFile(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version={LAYOUT + 1}")
    db.close()
    with pytest.raises(ValueError, match=f"layout {LAYOUT + 1}"):
        RunFile(path)


def old_blob(*arrays):
    """Answers as layout 6 kept them."""
    stream = io.BytesIO()
    lengths = np.array([len(each) for each in arrays])
    np.savez_compressed(stream, flat=np.concatenate(arrays), lengths=lengths, allow_pickle=False)
    return stream.getvalue()


@pytest.mark.parametrize("layout", OLDER)
def test_a_file_of_an_older_layout_is_read_as_it_is_and_becomes_one_of_this_when_a_run_writes(
    tmp_path, layout
):
    path = tmp_path / "results.sqlite"
    file = RunFile(path)
    file.write([record(predictions=old_blob(np.arange(3.0)))])
    file.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={layout}")
    file = RunFile(path)
    assert unpack(file.get("k1").predictions)[0].tolist() == [0, 1, 2]
    file.close()
    assert layout_of(path) == layout
    file = RunFile(path)
    file.write([record("k2", predictions=pack([np.arange(4.0)]))])
    assert [len(unpack(row["predictions"])[0]) for row in file.rows(blobs=True)] == [3, 4]
    file.close()
    assert layout_of(path) == LAYOUT


def layout_of(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


@pytest.mark.parametrize("name", ["cells", "twice"])
def test_the_published_runs_open_with_the_units_of_their_exact_bests(tmp_path, name):
    packed = Path(__file__).parents[1] / "docs" / "results-2026-11" / f"{name}.sqlite.xz"
    path = tmp_path / "results.sqlite"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    file = RunFile(path)
    assert any(row["status"] == "ok" for row in file.rows("stage = 'final'"))
    facts = [each for each in file.problems().values() if each["units"]]
    assert facts
    for each in facts:
        values, weights = unpack_units(each["units"])[each["metric"]]
        assert values.shape == weights.shape != (0,)
    file.close()
