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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import IO, Any

from recurbench.reasons import Reason, whole
from recurbench.record import Record
from recurbench.running import memory
from recurbench.running.job import Job, ended
from recurbench.running.limits import Limits
from recurbench.running.problem_cache import Facts

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
    """A job, or a group of them that share each fit; see `execute`.

    keys: of their final cells as they were planned. known: the rows they have already.
    """

    jobs: tuple[Job, ...]
    keys: tuple[str, ...]
    known: dict[str, Record] = field(default_factory=dict)

    @property
    def guests(self) -> frozenset[str]:
        """The third-party plugins whose code it runs."""
        return self.jobs[0].guests

    @property
    def fits(self) -> Sequence[Job]:
        """What `execute` means when it names cells by number: the jobs, of a lone one its trials."""
        return self.jobs if len(self.jobs) > 1 else self.jobs[0].tries

    def of(self, places: Sequence[int], known: dict[str, Record]) -> Order:
        """The order for some of the jobs only."""
        return Order(tuple(self.jobs[i] for i in places), tuple(self.keys[i] for i in places), known)


@dataclass(frozen=True)
class Event:
    """What a worker reports: rows to be written together, facts of a problem just built, or the jobs' end."""

    order: Order
    rows: list[Record] = field(default_factory=list)
    facts: Facts | None = None
    done: bool = False


class StaleError(ValueError):
    """The code or data of a job changed between planning and running it."""


class _Waiting:
    """Orders in turn, apart by the third-party plugins whose code they run."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._queues: dict[frozenset[str], deque[Order]] = {}
        for order in orders:
            self._queue(order).append(order)

    def __bool__(self) -> bool:
        return any(self._queues.values())

    def _queue(self, order: Order) -> deque[Order]:
        return self._queues.setdefault(order.guests, deque())

    def first(self, orders: Sequence[Order]) -> None:
        """Put orders before all others of the same plugins."""
        for order in reversed(orders):
            self._queue(order).appendleft(order)

    def next_for(self, ran: frozenset[str]) -> Order | None:
        """The next order for a worker in which these third-party plugins ran, None where there is none.

        It is one that runs all of them again, so that no cell meets a plugin that is not its own; first one
        that runs no other, so that a fresh process is paid once per plugin and not per cell.
        """
        fitting = [each for each, queue in self._queues.items() if queue and ran <= each]
        return self._queues[min(fitting, key=len)].popleft() if fitting else None


class Worker:
    """A process of our own with a session of its own, so that killing it takes its children along."""

    def __init__(self, threads: int) -> None:
        ours, theirs = socket.socketpair()
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the worker)
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
        self.process = subprocess.Popen(
            # -P: or a file numpy.py in the working folder would stand in for numpy.
            [sys.executable, "-P", "-m", "recurbench.running.worker", str(theirs.fileno())],
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
        self.ran: frozenset[str] = frozenset()  # the third-party plugins whose code ran in it
        self.stage, self.cut, self.since = "build", 0, 0.0
        self.which: Sequence[int] = ()
        self.heard: dict[str, Record] = {}

    def take(self, order: Order) -> None:
        """Start on a job, or on a group of them."""
        self.output.truncate(0)
        self.order, self.heard, self.ran = order, {}, self.ran | order.guests
        self.begin("build", 0)
        self.connection.send((order.jobs, order.keys, order.known))

    def begin(self, stage: str, cut: int, which: Sequence[int] = ()) -> None:
        """New cells begin, and their clock."""
        self.stage, self.cut, self.which, self.since = stage, cut, which, time.monotonic()

    def over(self, limits: Limits) -> tuple[str, Reason] | None:
        """The status and reason of a cell that has used up a limit; cells of one fit add up their time."""
        spent, cells = time.monotonic() - self.since, max(1, len(self.which))
        if limits.seconds is not None and spent > cells * limits.seconds:
            seconds = whole(limits.seconds)
            if cells > 1:
                return "timeout", Reason("time_limit_each", {"seconds": seconds, "seeds": cells})
            return "timeout", Reason("time_limit", {"seconds": seconds})
        megabytes, threads = memory.of_tree(self.process.pid)
        if limits.memory_mb is not None and megabytes > limits.memory_mb:
            used = {"used": round(megabytes), "limit": round(limits.memory_mb)}
            return "memory", Reason("memory_limit", used)
        if threads > limits.processes:
            return "crashed", Reason("process_limit", {"used": threads, "limit": limits.processes})
        return None

    def kill(self) -> None:
        """End the process and everything it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()

    def last_words(self) -> Reason:
        """How the process ended, and the end of what it printed."""
        self.process.wait()
        code = self.process.returncode
        if code >= 0:
            how = Reason("worker_exit", {"exit": code})
        else:
            how = Reason("worker_signal", {"signal": signal.Signals(-code).name})
        self.output.seek(0)
        said = " ".join(self.output.read().decode(errors="replace").split())[-TAIL:]
        return Reason("worker_printed", {"reason": how, "text": said}) if said else how


class Pool:
    """`jobs` workers that take orders one after the other; results do not depend on who takes what.

    keep: workers stay for the next `run`; otherwise they end with it.
    """

    def __init__(self, jobs: int, limits: Limits, keep: bool = False) -> None:
        self.limits = limits
        self._wanted, self._keep = jobs, keep
        self._workers: list[Worker] = []
        self._waiting = _Waiting([])
        self._watched = 0.0

    def run(self, orders: Iterable[Order]) -> Iterator[Event]:
        """Do the orders; every event as it happens. Leaves no process at work behind, however it ends."""
        self._waiting = _Waiting(orders)
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
        for worker in [worker for worker in self._workers if worker.order is None]:
            order = self._waiting.next_for(worker.ran)
            if order is not None:
                self._give(worker, order)
            elif self._waiting:
                # Nothing that waits may run after the third-party code that ran there.
                self._replace(worker)
        while self._waiting and len(self._workers) < self._wanted:
            self._workers.append(Worker(self.limits.threads))
            order = self._waiting.next_for(frozenset())
            assert order is not None
            self._give(self._workers[-1], order)

    def _give(self, worker: Worker, order: Order) -> None:
        try:
            worker.take(order)
        except OSError:
            # It died while idle; the order goes to the next one.
            worker.order = None
            self._waiting.first([order])
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
        elif word == "changed":
            self._replace(worker)
            yield from self._go_on(order, {**order.known, **worker.heard})
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

    def _ended(self, worker: Worker, status: str, reason: Reason) -> Iterator[Event]:
        """The rows of the cells whose worker is gone: their own, and the final ones that needed them.

        What was heard already stands: then the worker died between two cells. A job of several trials goes on
        without the one that was lost, a group without the seeds that were.
        """
        order = worker.order
        assert order is not None
        self._replace(worker)
        known, places = {**order.known, **worker.heard}, range(len(order.jobs))
        if worker.stage == "build":
            why = Reason("during_build", {"reason": reason})
            rows = [ended(job, status, why) for job in order.jobs]
            yield from self._over(order, places, rows)
            return
        if len(worker.which) > 1 and status != "timeout":
            # One cell's memory and mishaps cannot be told from another's: each seed is asked alone.
            yield from self._go_on(order, known, alone=True)
            return
        if worker.stage == "final":
            asked = worker.which if len(order.jobs) > 1 else [0]
            lost = [i for i in asked if order.keys[i] not in worker.heard]
            if lost:
                yield from self._over(order, lost, [ended(order.jobs[i], status, reason) for i in lost])
            yield from self._go_on(order, known, without=lost)
            return
        rows = [ended(order.fits[i], status, reason, "inner", worker.cut) for i in worker.which]
        rows = [row for row in rows if row.key not in worker.heard]
        if order.jobs[0].trials:
            yield Event(order, rows=self._limited(rows))
            yield from self._go_on(order, {**{row.key: row for row in rows}, **known})
            return
        rows += [
            ended(order.jobs[i], status, Reason("inner_stage", {"reason": reason})) for i in worker.which
        ]
        yield from self._over(order, worker.which, rows)
        yield from self._go_on(order, known, without=worker.which)

    def _over(self, order: Order, places: Sequence[int], rows: list[Record]) -> Iterator[Event]:
        """Some jobs of an order have ended."""
        part = order.of(places, {})
        yield Event(part, rows=self._limited(rows))
        yield Event(part, done=True)

    def _go_on(
        self, order: Order, known: dict[str, Record], without: Sequence[int] = (), alone: bool = False
    ) -> Iterator[Event]:
        """What is left of an order waits for the next worker; jobs that were heard of are over."""
        through = [i for i in range(len(order.jobs)) if order.keys[i] in known and i not in without]
        left = [i for i in range(len(order.jobs)) if i not in through and i not in without]
        if through:
            yield Event(order.of(through, {}), done=True)
        parts = [[i] for i in left] if alone else [left] if left else []
        self._waiting.first([order.of(part, known) for part in parts])

    def _replace(self, worker: Worker) -> None:
        """Let a worker go; the next order brings a new one."""
        worker.kill()
        self._workers.remove(worker)

    def _limited(self, rows: list[Record]) -> list[Record]:
        for row in rows:
            row.limit_seconds, row.limit_mb = self.limits.seconds, self.limits.memory_mb
        return rows
