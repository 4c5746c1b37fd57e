"""A small copy of a run file, without predictions; it can be published with the page of the run."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from recurbench.destination import refuse_place
from recurbench.record import RunFile, located

# Columns per example. Verdicts over samples do not need them.
BULKY = {"cells": ("predictions", "units")}


def slim(run: Path, to: Path) -> None:
    """Write a run to `to`, an xz-compressed SQLite file, without predictions and scores per example.

    run: the directory of a run, or its results.sqlite. Unpacked as results.sqlite in a new directory, the
    copy is a run: it has the same scores and the same map, and `run` continues it. Everything that needs
    scores per example needs the original run: figures of predictions, intervals over test units (such as
    those of the lifts in the comparison table), and the check for scores above the exact best. ValueError if
    `run` is no run, or `to` is a folder or the run's own file. An existing `to` is replaced at the end.
    """
    path = located(run)
    refuse_place("the copy", to, folder=False)
    if to.resolve() == path.resolve():
        raise ValueError(f"{to} is the run's own file; name another for the copy, such as cells.sqlite.xz")
    RunFile(path).close()  # ValueError if it is no run file, or has another layout
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        copy, packed = Path(folder) / "results.sqlite", Path(folder) / "packed"
        RunFile(copy).close()
        _copy(path, copy)
        with copy.open("rb") as plain, lzma.open(packed, "wb") as file:
            shutil.copyfileobj(plain, file)
        packed.replace(to)


def _copy(source: Path, to: Path) -> None:
    """Copy every row of a run file into an empty one, without the columns in BULKY."""
    with closing(sqlite3.connect(to, isolation_level=None)) as file:
        file.execute("ATTACH ? AS whole", (str(source),))
        for table in ("cells", "problems", "asked", "tries"):
            names = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
            values = ", ".join("x''" if name in BULKY.get(table, ()) else name for name in names)
            file.execute(f"INSERT INTO {table} SELECT {values} FROM whole.{table} ORDER BY rowid")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
