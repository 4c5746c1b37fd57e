"""The run file: an SQLite file with one flat row per cell (one fit and its score)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# "rcb1" in ASCII: marks a run file among SQLite files.
APPLICATION = 0x72636231
# Raised whenever the tables below or the blobs in them change, so that an older recurbench refuses the file.
LAYOUT = 7
# Older layouts that can be read. The first run that writes into such a file updates it to LAYOUT.
# 6: the same tables, with blobs in the format of numpy, which `packing` still reads.
OLDER = (6,)
# Statuses that hit a limit or crashed; retried on the next run, the old row is kept.
RETRIED = ("timeout", "memory", "crashed")
# Statuses after which the command line exits with 1.
BAD = ("failed", "invalid", *RETRIED)
JSON_COLUMNS = ("dials", "settings", "scores", "notes", "versions")


@dataclass
class Record:
    """One row of a run file: one fit and its score, how it ended, and everything needed to repeat it.

    Parameters
    ----------
    key, job, problem_key : str
        Key of this cell; key of the final cell of its job (the job with exactly these settings, even if a
        tuned job asked for it, see `RunFile.ask`); key of the facts of its problem.
    dataset, problem, dials, kind
        Name of the data set; its address with settings; all its settings; its kind of task.
    method, address, family, recurrence, role, settings
        Name of the method; its address with settings; what its decorator says; all its settings.
    seed, data_seed : int, optional
        Seed of the method and seed of the sample; None if there is none.
    stage : {"inner", "final"}
        Scored on validation or on test.
    cut, attempt : int
        Number of the fold; number of the attempt after a limit or a crash. The last attempt counts.
    status, reason : str
        How the cell ended, and why if there is no score.
    metric, score, higher_is_better, scores
        Main metric with its value and direction; all metrics by name.
    fit_seconds, predict_seconds, wall_seconds : float, optional
        Wall-clock seconds to train, to predict, and of the whole cell.
    fit_cpu_seconds, predict_cpu_seconds, cpu_seconds : float, optional
        CPU seconds of the same, child processes included.
    start_mb, peak_mb, memory_by
        Resident memory in MB before the cell and at its highest, and how it was measured.
    threads, device, limit_seconds, limit_mb
        Threads, device and limits that the cell ran with.
    parameters : int, optional
        Number of trained parameters.
    notes : dict
        What the method reported: steps, learning curve and others.
    versions, code, dataset_code, data_fingerprint, machine, started
        Versions of packages; hashes of the code and the data; the processor; start time (UTC).
    predictions, units : bytes
        Packed predictions and scores per example, see `packing`.
    """

    key: str
    job: str
    problem_key: str
    dataset: str
    problem: str
    dials: dict[str, Any]
    kind: str
    method: str
    address: str
    family: str
    recurrence: str
    role: str
    settings: dict[str, Any]
    seed: int | None
    data_seed: int | None
    stage: str
    cut: int
    attempt: int = 0
    status: str = "ok"
    reason: str = ""
    metric: str = ""
    score: float | None = None
    higher_is_better: bool | None = None
    scores: dict[str, float] = field(default_factory=dict)
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    wall_seconds: float | None = None
    fit_cpu_seconds: float | None = None
    predict_cpu_seconds: float | None = None
    cpu_seconds: float | None = None
    start_mb: float | None = None
    peak_mb: float | None = None
    memory_by: str = ""
    threads: int = 1
    device: str = "cpu"
    limit_seconds: float | None = None
    limit_mb: float | None = None
    parameters: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    code: str = ""
    dataset_code: str = ""
    data_fingerprint: str = ""
    machine: str = ""
    started: str = ""
    predictions: bytes = b""
    units: bytes = b""


COLUMNS = tuple(f.name for f in fields(Record))


class Spent(NamedTuple):
    """CPU time of the cells of one job that ended `ok`.

    together: number of seeds that shared the fits. inner, final: CPU seconds of each stage, None if the job
    has no cell of that stage.
    """

    problem: str
    problem_key: str
    kind: str
    address: str
    method: str
    family: str
    settings: Mapping[str, Any]
    together: int
    inner: float | None
    final: float | None


def located(run: Path) -> Path:
    """The path of the run file in a directory, or of the file itself; ValueError if there is none."""
    path = run / "results.sqlite" if run.is_dir() else run
    if not path.is_file():
        raise ValueError(f"{run} holds no results.sqlite; give the directory of a run, such as runs/quick")
    return path


class RunFile:
    """The results.sqlite of a run directory. A row is safely on disk once `write` returns.

    Parameters
    ----------
    path : Path
        The file; it is created if it does not exist.

    Raises
    ------
    ValueError
        If the file is no run file, is damaged, or has a layout that this version cannot read.

    Notes
    -----
    An SQLite database in WAL mode with the tables `cells` (one row per cell and attempt), `problems`,
    `asked` and `tries` (what the newest command asked for), and the view `latest` (last attempts only).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._layout = LAYOUT
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size == 0
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            if not fresh:
                self._check_kind()
            self._db.execute("PRAGMA synchronous=FULL")
            if fresh:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._create()
        except sqlite3.DatabaseError as error:
            raise ValueError(
                f"{path} cannot be read as a run file ({error}); name another directory with --out"
            ) from error

    def _check_kind(self) -> None:
        if self._db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise ValueError(f"{self.path} is not a recurbench run file; name another run with --out")
        self._layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        if self._layout not in (LAYOUT, *OLDER):
            raise ValueError(
                f"{self.path} has layout {self._layout}, this recurbench writes layout {LAYOUT}; "
                "name another run with --out, or use the version that made it"
            )

    def _create(self) -> None:
        self._db.execute(f"PRAGMA application_id={APPLICATION}")
        self._db.execute(f"PRAGMA user_version={LAYOUT}")
        columns = ", ".join(f'"{name}"' for name in COLUMNS)
        self._db.execute(f"CREATE TABLE IF NOT EXISTS cells ({columns}, PRIMARY KEY (key, attempt))")
        self._db.execute("CREATE INDEX IF NOT EXISTS cells_of_job ON cells (job)")
        self._db.execute(
            "CREATE VIEW IF NOT EXISTS latest AS SELECT rowid AS place, * FROM cells AS c "
            "WHERE attempt = (SELECT MAX(attempt) FROM cells WHERE key = c.key)"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS problems (key TEXT PRIMARY KEY, facts TEXT, units BLOB)")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS asked (job TEXT PRIMARY KEY, suite TEXT, problem TEXT, address TEXT)"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS tries (job TEXT, trial INTEGER, of TEXT, PRIMARY KEY (job, trial))"
        )

    @contextmanager
    def _together(self) -> Iterator[None]:
        """One transaction. OSError if the disk is full or cannot be written."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            if self._layout != LAYOUT:
                self._db.execute(f"PRAGMA user_version={LAYOUT}")
            yield
            self._db.execute("COMMIT")
            self._layout = LAYOUT
        except sqlite3.OperationalError as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise OSError(
                f"{self.path} cannot be written ({error}); make room on its disk and start again, "
                "every finished fit is kept"
            ) from error
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with suppress(sqlite3.OperationalError):  # on a full disk the log stays beside the file and is used
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def ask(
        self,
        suite: str,
        jobs: Iterable[tuple[str, str, str]],
        tries: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Store which jobs the newest command asks for; reports show these jobs only.

        Parameters
        ----------
        suite : str
            Name of the suite.
        jobs : iterable of (job, problem, method)
            Key of the job, address of the problem, address of the method.
        tries : mapping, optional
            By key of a tuned job, the key `job` of the inner cells of each trial, in order. Tuned jobs may
            share inner cells.
        """
        rows = [(job, suite, problem, address) for job, problem, address in jobs]
        tried = [(job, i, of) for job, trials in (tries or {}).items() for i, of in enumerate(trials)]
        with self._together():
            self._db.execute("DELETE FROM asked")
            self._db.executemany("INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?)", rows)
            self._db.execute("DELETE FROM tries")
            self._db.executemany("INSERT INTO tries VALUES (?, ?, ?)", tried)

    def asked(self) -> tuple[str, list[tuple[str, str, str]]]:
        """Return the suite of the newest command, and its jobs (key, problem, method) in order."""
        rows = self._db.execute("SELECT job, suite, problem, address FROM asked ORDER BY rowid").fetchall()
        return (rows[0][1] if rows else ""), [(job, *names) for job, _, *names in rows]

    def tries(self) -> dict[str, list[str]]:
        """Return for every tuned job the key `job` of the inner cells of each trial, in order."""
        trials: dict[str, list[str]] = {}
        for job, of in self._db.execute("SELECT job, of FROM tries ORDER BY job, trial"):
            trials.setdefault(job, []).append(of)
        return trials

    def statuses(self) -> dict[str, str]:
        """Return the status of every cell by its key, after its last attempt."""
        return dict(self._db.execute("SELECT key, status FROM cells ORDER BY attempt"))

    def unfinished(self, statuses: Sequence[str]) -> dict[str, str]:
        """Return by `job` the status of an inner cell that ended in one of these statuses."""
        marks = ", ".join("?" * len(statuses))
        query = f"SELECT job, status FROM latest WHERE stage = 'inner' AND status IN ({marks})"
        return dict(self._db.execute(query, tuple(statuses)))

    def get(self, key: str) -> Record | None:
        """Return one cell, or None if it is not stored."""
        rows = self.rows("key = ?", (key,), blobs=True)
        return Record(**rows[0]) if rows else None

    def write(self, records: Sequence[Record]) -> None:
        """Add or replace rows, all or none. A row with a status in RETRIED stays beside the next attempt."""
        marks = ", ".join("?" * len(COLUMNS))
        with self._together():
            for record in records:
                record.attempt = self._next_attempt(record.key)
            rows = [tuple(_to_sql(name, getattr(r, name)) for name in COLUMNS) for r in records]
            self._db.executemany(
                f"INSERT OR REPLACE INTO cells ({', '.join(COLUMNS)}) VALUES ({marks})", rows
            )

    def _next_attempt(self, key: str) -> int:
        query = "SELECT attempt, status FROM cells WHERE key = ? ORDER BY attempt DESC LIMIT 1"
        last = self._db.execute(query, (key,)).fetchone()
        return 0 if last is None else int(last[0]) + (last[1] in RETRIED)

    def rows(
        self, where: str = "1", values: Sequence[Any] = (), blobs: bool = False, history: bool = False
    ) -> list[dict[str, Any]]:
        """Return rows as dictionaries, in the order in which they were written.

        Parameters
        ----------
        where, values
            A condition in SQL, and the values for its question marks.
        blobs : bool
            Whether to read the predictions too.
        history : bool
            Whether to return every attempt of a cell, not only the last.

        Returns
        -------
        list of dict
            One per row, by column name; JSON columns are decoded.
        """
        table, order = ("cells", "rowid") if history else ("latest", "place")
        names = [n for n in COLUMNS if blobs or n != "predictions"]
        found = self._db.execute(
            f"SELECT {', '.join(names)} FROM {table} WHERE {where} ORDER BY {order}", values
        )
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            for name in JSON_COLUMNS:
                row[name] = json.loads(row[name])
            if row["higher_is_better"] is not None:
                row["higher_is_better"] = bool(row["higher_is_better"])
        return rows

    def write_problem(self, key: str, facts: dict[str, Any], units: bytes) -> None:
        """Store the facts of a problem, and the packed scores per example of its exact best (or b"")."""
        with self._together():
            row = (key, json.dumps(facts, default=plain), units)
            self._db.execute("INSERT OR REPLACE INTO problems VALUES (?, ?, ?)", row)

    def costs(self) -> list[Spent]:
        """Return the CPU time of every job, from its cells that ended `ok`.

        Cells that share a fit carry the same CPU time; it is counted once, as inner.
        """
        query = (
            "SELECT problem, problem_key, kind, address, method, family, settings, "
            "MAX(COALESCE(json_array_length(notes, '$.seeds'), 1)), "
            "SUM(CASE WHEN last = 'inner' THEN cpu_seconds END), "
            "SUM(CASE WHEN last = 'final' THEN cpu_seconds WHEN first = 'final' THEN 0.0 END) "
            "FROM (SELECT *, MIN(stage) AS first, MAX(stage) AS last FROM cells "
            "WHERE status = 'ok' AND cpu_seconds IS NOT NULL GROUP BY job, started, cpu_seconds) GROUP BY job"
        )
        found = [Spent(*row) for row in self._db.execute(query)]
        return [row._replace(settings=json.loads(str(row.settings))) for row in found]

    def sizes(self) -> dict[str, dict[str, Any] | None]:
        """Return the size of every problem by its key; None if an older version wrote the run."""
        found = self._db.execute("SELECT key, json_extract(facts, '$.size') FROM problems")
        return {key: json.loads(size) if size else None for key, size in found}

    def problems(self) -> dict[str, dict[str, Any]]:
        """Return the facts of every problem by its key, with the packed `units` of its exact best."""
        found = self._db.execute("SELECT key, facts, units FROM problems")
        return {key: {**json.loads(facts), "units": units} for key, facts, units in found}


@contextmanager
def opened(path: Path) -> Iterator[RunFile | None]:
    """Open the run file at `path`; None if there is none."""
    if not path.is_file():
        yield None
        return
    file = RunFile(path)
    try:
        yield file
    finally:
        file.close()


def _to_sql(name: str, value: Any) -> Any:
    return json.dumps(value, default=plain) if name in JSON_COLUMNS else value


def plain(value: Any) -> Any:
    """Convert numpy scalars and arrays for json.dumps; any other object becomes text."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)
