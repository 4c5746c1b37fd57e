"""One flat row per cell, and the SQLite file of a run that holds them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# "rcb1" in ASCII: tells a run file from any other SQLite file.
APPLICATION = 0x72636231
# Raised whenever the tables below or the blobs in them change: an older recurbench refuses the file in words.
LAYOUT = 7
# Layouts that are read too; the first run that writes into such a file makes it one of LAYOUT.
# 6: the same tables, all blobs in numpy's own form, which `packing` reads.
OLDER = (6,)
# Ends that another try, with other limits, may spare a cell; kept as history.
RETRIED = ("timeout", "memory", "crashed")
# Ends after which a run is not as it should be; the command line exits with 1.
BAD = ("failed", "invalid", *RETRIED)
JSON_COLUMNS = ("dials", "settings", "scores", "notes", "versions")


@dataclass
class Record:
    """One cell: what was asked, how it ended, and everything needed to repeat it.

    job: the key of the final cell that an inner cell serves: of the job with these very settings, whichever
    tuned job may have tried them (see `RunFile.ask`). problem_key: of what is kept of its problem. attempt:
    counts the tries after a limit or a crash; the latest is the one that counts. Seconds: `wall_seconds` and
    `cpu_seconds` of the whole cell, its children included; fit and predict apart. start_mb, peak_mb: resident
    memory before the cell and at its highest, measured as `memory_by` says. device: where its networks were.
    limit_seconds, limit_mb: the limits it ran under. predictions, units: see `packing`.
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
    """What the good cells of one `job` took.

    together: seeds that shared its fits. inner, final: CPU seconds of the stages, None where it has no cell
    of that stage.
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
    """The run file of a directory, or itself where it is named; ValueError where there is none."""
    path = run / "results.sqlite" if run.is_dir() else run
    if not path.is_file():
        raise ValueError(f"{run} holds no results.sqlite; give the directory that `recurbench run` named")
    return path


class RunFile:
    """The `results.sqlite` of a run directory, in WAL mode: a row is durable once `write` returns."""

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
                f"{path} cannot be read as a run file ({error}); name another with --out"
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
        """One transaction: all of it or nothing; OSError in words where the disk does not take it."""
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
                "every cell written before is kept"
            ) from error
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with suppress(sqlite3.OperationalError):  # without room, the log stays beside the file, and is read
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def ask(
        self,
        suite: str,
        jobs: Iterable[tuple[str, str, str]],
        tries: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Note what the newest run wants (job, problem, method's address): reports show these jobs alone.

        tries: of every tuned job, the `job` of its trials' inner cells in order. Several jobs may share those
        cells, which do not know who asked for them.
        """
        rows = [(job, suite, problem, address) for job, problem, address in jobs]
        tried = [(job, i, of) for job, trials in (tries or {}).items() for i, of in enumerate(trials)]
        with self._together():
            self._db.execute("DELETE FROM asked")
            self._db.executemany("INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?)", rows)
            self._db.execute("DELETE FROM tries")
            self._db.executemany("INSERT INTO tries VALUES (?, ?, ?)", tried)

    def asked(self) -> tuple[str, list[tuple[str, str, str]]]:
        """The suite the newest run wanted, and its jobs (key, problem, address) in order."""
        rows = self._db.execute("SELECT job, suite, problem, address FROM asked ORDER BY rowid").fetchall()
        return (rows[0][1] if rows else ""), [(job, *names) for job, _, *names in rows]

    def tries(self) -> dict[str, list[str]]:
        """Of every tuned job the newest run wanted, the `job` of its trials' inner cells in order."""
        found: dict[str, list[str]] = {}
        for job, of in self._db.execute("SELECT job, of FROM tries ORDER BY job, trial"):
            found.setdefault(job, []).append(of)
        return found

    def statuses(self) -> dict[str, str]:
        """The status of every cell by its key, the latest try."""
        return dict(self._db.execute("SELECT key, status FROM cells ORDER BY attempt"))

    def unfinished(self, statuses: Sequence[str]) -> dict[str, str]:
        """By `job`, how an inner cell of it ended, where that is one of these statuses; the latest try."""
        marks = ", ".join("?" * len(statuses))
        query = f"SELECT job, status FROM latest WHERE stage = 'inner' AND status IN ({marks})"
        return dict(self._db.execute(query, tuple(statuses)))

    def get(self, key: str) -> Record | None:
        """One cell, None where it is not there."""
        rows = self.rows("key = ?", (key,), blobs=True)
        return Record(**rows[0]) if rows else None

    def write(self, records: Sequence[Record]) -> None:
        """Add or replace rows, all or none; a row in RETRIED stays, and the next try stands beside it."""
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
        """The rows as dictionaries with their JSON columns read; predictions only with `blobs`.

        history: earlier tries too, not only the latest of each cell.
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
        """Keep what the reports need to know of a problem; `units` of its exact best, where there is one."""
        with self._together():
            row = (key, json.dumps(facts, default=plain), units)
            self._db.execute("INSERT OR REPLACE INTO problems VALUES (?, ?, ?)", row)

    def costs(self) -> list[Spent]:
        """What the good cells of every `job` took, one row each.

        Rows of one shared fit bear the same figure, which counts once, as inner.
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
        """By problem key how large it is, None where the run was written before that was kept."""
        found = self._db.execute("SELECT key, json_extract(facts, '$.size') FROM problems")
        return {key: json.loads(size) if size else None for key, size in found}

    def problems(self) -> dict[str, dict[str, Any]]:
        """The facts of every problem by its key, with the packed `units` of its exact best."""
        found = self._db.execute("SELECT key, facts, units FROM problems")
        return {key: {**json.loads(facts), "units": units} for key, facts, units in found}


@contextmanager
def opened(path: Path) -> Iterator[RunFile | None]:
    """The run file at `path`, None where there is none."""
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
    """For json.dumps: numpy scalars and arrays, tuples' contents and the like as JSON knows them."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)
