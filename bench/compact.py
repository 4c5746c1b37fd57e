"""A run file without what methods answered: small enough to stand beside the page that was made from it."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from recurbench.destination import refuse_place
from recurbench.record import RunFile, located

# What tells the score of one example from another's; all that a verdict over draws does not need.
BULKY = {"cells": ("predictions", "units")}


def slim(run: Path, to: Path) -> None:
    """Write the cells of a run to `to`, an xz-compressed SQLite file, without answers and scores per example.

    run: the run's directory, or its results.sqlite. Unpacked as results.sqlite in a directory of its own the
    copy is a run like any other: its map and scores are the same, and a later run there computes only what it
    does not hold. What rests on single examples (pictures, the lifts of the comparison and all else with an
    interval over test units, the alarm for what beats an exact best) needs the whole run. ValueError where
    `run` is no run, or `to` a folder or that run's own file; `to` is replaced only once the copy is whole.
    """
    path = located(run)
    refuse_place("the copy", to, folder=False)
    if to.resolve() == path.resolve():
        raise ValueError(f"{to} is the run's own file; name another for the copy, such as cells.sqlite.xz")
    RunFile(path).close()  # refuses what is no run file, or one of another layout
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        copy, packed = Path(folder) / "results.sqlite", Path(folder) / "packed"
        RunFile(copy).close()
        _copy(path, copy)
        with copy.open("rb") as plain, lzma.open(packed, "wb") as file:
            shutil.copyfileobj(plain, file)
        packed.replace(to)


def _copy(source: Path, to: Path) -> None:
    """Every row of a run file into an empty one; bulky columns stay empty."""
    with closing(sqlite3.connect(to, isolation_level=None)) as file:
        file.execute("ATTACH ? AS whole", (str(source),))
        for table in ("cells", "problems", "asked", "tries"):
            names = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join("x''" if name in BULKY.get(table, ()) else name for name in names)
            file.execute(f"INSERT INTO {table} SELECT {kept} FROM whole.{table} ORDER BY rowid")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
