"""Workers that can be killed: one job each at a time, watched for time, memory and threads from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import IO, Any

from recurbench import memory
from recurbench.desk import Facts
from recurbench.job import Job, ended
from recurbench.limits import Limits
from recurbench.record import Record

TICK = 0.05  # seconds between two looks at the limits
TAIL = 400  # characters of a dead worker's output that its row quotes
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Order:
    """A job, the key of its final cell as it was planned, and the rows it has already."""

    job: Job
    key: str
    known: dict[str, Record] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """What a worker reports: rows to be written together, facts of a problem just built, or a job's end."""

    order: Order
    rows: list[Record] = field(default_factory=list)
    facts: Facts | None = None
    done: bool = False


class StaleError(ValueError):
    """The code or data of a job changed between planning and running it."""


class Worker:
    """A process of our own with a session of its own, so that killing it takes its children along."""

    def __init__(self, threads: int) -> None:
        ours, theirs = socket.socketpair()
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the worker)
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recurbench.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        self.connection = Connection(ours.detach())
        self.order: Order | None = None
        self.stage, self.cut, self.trial, self.since = "build", 0, 0, 0.0
        self.heard: dict[str, Record] = {}

    def take(self, order: Order) -> None:
        """Start on a job."""
        self.output.truncate(0)
        self.order, self.heard = order, {}
        self.begin("build", 0)
        self.connection.send((order.job, order.key, order.known))

    def begin(self, stage: str, cut: int, trial: int = 0) -> None:
        """A new cell begins, and its clock."""
        self.stage, self.cut, self.trial, self.since = stage, cut, trial, time.monotonic()

    def over(self, limits: Limits) -> tuple[str, str] | None:
        """The status and reason of a cell that has used up a limit."""
        spent = time.monotonic() - self.since
        if limits.seconds is not None and spent > limits.seconds:
            return "timeout", f"more than {limits.seconds:g} s of wall-clock time"
        megabytes, threads = memory.of_tree(self.process.pid)
        if limits.memory_mb is not None and megabytes > limits.memory_mb:
            return "memory", f"{megabytes:.0f} MB resident, limit {limits.memory_mb:.0f} MB"
        if threads > limits.processes:
            return "crashed", f"{threads} threads and processes, limit {limits.processes}"
        return None

    def kill(self) -> None:
        """End the process and everything it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()

    def last_words(self) -> str:
        """How the process ended, and the end of what it printed."""
        self.process.wait()
        code = self.process.returncode
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        self.output.seek(0)
        said = " ".join(self.output.read().decode(errors="replace").split())[-TAIL:]
        return f"the worker ended with {how}" + (f"; it printed: {said}" if said else "")


class Pool:
    """`jobs` workers that take orders one after the other; results do not depend on who takes what.

    keep: workers stay for the next `run`; otherwise they end with it.
    """

    def __init__(self, jobs: int, limits: Limits, keep: bool = False) -> None:
        self.limits = limits
        self._wanted, self._keep = jobs, keep
        self._workers: list[Worker] = []
        self._waiting: deque[Order] = deque()
        self._watched = 0.0

    def run(self, orders: Iterable[Order]) -> Iterator[Event]:
        """Do the orders; every event as it happens. Leaves no process at work behind, however it ends."""
        self._waiting = deque(orders)
        through = False
        try:
            while self._waiting or any(worker.order for worker in self._workers):
                self._hand_out()
                yield from self._listen()
                yield from self._watch()
            through = True
        finally:
            if not (through and self._keep):
                self.close()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def _hand_out(self) -> None:
        idle = [worker for worker in self._workers if worker.order is None]
        while self._waiting and (idle or len(self._workers) < self._wanted):
            if not idle:
                idle.append(Worker(self.limits.threads))
                self._workers.append(idle[-1])
            worker = idle.pop()
            order = self._waiting.popleft()
            try:
                worker.take(order)
            except OSError:
                # It died while idle; the order goes to the next one.
                worker.order = None
                self._waiting.appendleft(order)
                self._replace(worker)

    def _listen(self) -> Iterator[Event]:
        busy = {worker.connection: worker for worker in self._workers if worker.order is not None}
        for connection in wait(list(busy), TICK):
            worker = busy[connection]  # type: ignore[index]
            try:
                message = worker.connection.recv()
            except Exception:  # a dead worker, or one whose method wrote into our connection
                yield from self._lost(worker)
            else:
                yield from self._heard(worker, *message)

    def _heard(self, worker: Worker, word: str, *rest: Any) -> Iterator[Event]:
        order = worker.order
        assert order is not None
        if word == "begin":
            worker.begin(*rest)
        elif word == "problem":
            yield Event(order, facts=rest[0])
        elif word == "rows":
            rows = self._limited(rest[0])
            worker.heard.update((row.key, row) for row in rows)
            yield Event(order, rows=rows)
        elif word == "stale":
            raise StaleError(f"{rest[0]}; start it again, every finished cell is kept")
        elif word == "done":
            worker.order, worker.heard = None, {}
            if not rest[0]:
                self._replace(worker)
            yield Event(order, done=True)

    def _watch(self) -> Iterator[Event]:
        if time.monotonic() - self._watched < TICK:
            return
        self._watched = time.monotonic()
        for worker in [worker for worker in self._workers if worker.order is not None]:
            ending = worker.over(self.limits)
            if ending is not None:
                yield from self._ended(worker, *ending)

    def _lost(self, worker: Worker) -> Iterator[Event]:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.process.pid, signal.SIGKILL)
        yield from self._ended(worker, "crashed", worker.last_words())

    def _ended(self, worker: Worker, status: str, reason: str) -> Iterator[Event]:
        """The rows of a cell whose worker is gone: its own, and the final one that needed it.

        A job of several trials goes on without the one that was lost.
        """
        order = worker.order
        assert order is not None
        self._replace(worker)
        rows = []
        if worker.stage == "inner":
            rows.append(ended(order.job.tries[worker.trial], status, reason, "inner", worker.cut))
            reason = f"inner stage: {reason}"
            if order.job.trials:
                # What was heard already stands: the worker died between two cells.
                known = {rows[0].key: rows[0], **order.known, **worker.heard}
                self._waiting.appendleft(replace(order, known=known))
                yield Event(order, rows=[r for r in self._limited(rows) if r.key not in worker.heard])
                return
        elif worker.stage == "build":
            reason = f"while its problem was built: {reason}"
        rows.append(ended(order.job, status, reason))
        yield Event(order, rows=self._limited(rows))
        yield Event(order, done=True)

    def _replace(self, worker: Worker) -> None:
        """Let a worker go; the next order brings a new one."""
        worker.kill()
        self._workers.remove(worker)

    def _limited(self, rows: list[Record]) -> list[Record]:
        for row in rows:
            row.limit_seconds, row.limit_mb = self.limits.seconds, self.limits.memory_mb
        return rows
