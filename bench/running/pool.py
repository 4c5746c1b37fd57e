"""Worker processes that can be ended: one group of jobs each at a time, with limits watched from outside."""

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
from multiprocessing.connection import Connection, wait
from typing import IO

from recurbench.reasons import Reason, whole
from recurbench.record import Record
from recurbench.running import memory
from recurbench.running.allowance import IDLE, Allowance, tree_cpu_seconds
from recurbench.running.cell import Fit, Loss, after_loss, remaining
from recurbench.running.job import JobGroup
from recurbench.running.limits import Limits
from recurbench.running.serve import (
    Event,
    JobsDone,
    NotRun,
    ProblemBuilt,
    ProcessChanged,
    RowsReady,
    StaleError,
    Started,
)

TICK = 0.05  # seconds between two looks at the limits
TAIL = 400  # characters of a dead worker's output that its row quotes
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class _Waiting:
    """Groups in turn, in a queue for each set of third-party plugins whose code they run."""

    def __init__(self, groups: Iterable[JobGroup], in_order: bool = False) -> None:
        """in_order: a worker that ran no plugin takes the first of all groups, whatever it needs."""
        self._queues: dict[frozenset[str], deque[JobGroup]] = {}
        self._place: dict[str, int] = {}
        self._in_order = in_order
        for place, group in enumerate(groups):
            self._place.update(dict.fromkeys(group.keys, place))
            self._queue(group).append(group)

    def __bool__(self) -> bool:
        return any(self._queues.values())

    def _queue(self, group: JobGroup) -> deque[JobGroup]:
        return self._queues.setdefault(group.third_party, deque())

    def first(self, groups: Sequence[JobGroup]) -> None:
        """Put groups before all others of the same plugins."""
        for group in reversed(groups):
            self._queue(group).appendleft(group)

    def next_for(self, ran: frozenset[str]) -> JobGroup | None:
        """The next group for a worker in which these third-party plugins ran, None where there is none.

        It runs all of these plugins again, so that no cell shares a process with the plugin of another cell.
        A group that runs no further plugin comes first: a fresh process is started per plugin, not per cell.
        """
        fitting = [each for each, queue in self._queues.items() if queue and ran <= each]
        if not fitting:
            return None
        first = min(fitting, key=self._turn if self._in_order else len)
        return self._queues[first].popleft()

    def _turn(self, plugins: frozenset[str]) -> int:
        return self._place[self._queues[plugins][0].keys[0]]

    def keys(self) -> Iterator[str]:
        """The keys of all jobs that wait."""
        return (key for queue in self._queues.values() for group in queue for key in group.keys)


class Worker:
    """A worker process. It has a session of its own, so that its children are killed with it."""

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
        self.group: JobGroup | None = None
        self.ran: frozenset[str] = frozenset()  # the third-party plugins whose code ran in it
        self.running: Fit | None = None
        self.since = 0.0
        self.arrived: dict[str, Record] = {}
        self.born = time.monotonic()
        self.cpu = 0.0  # CPU seconds from its start
        self.cpu_before = 0.0  # the same when it took its group
        self.cpu_limit = float("inf")  # for its group
        self.taken = 0.0  # when it took its group, seconds

    def take(self, group: JobGroup) -> None:
        """Start on a group of jobs."""
        self.output.truncate(0)
        self.group, self.arrived, self.ran = group, {}, self.ran | group.third_party
        self.begin(None)
        self.connection.send(group)

    def begin(self, fit: Fit | None) -> None:
        """A fit begins, or the building of the problem (None), and its clock."""
        self.running, self.since = fit, time.monotonic()

    def measure(self) -> float:
        """CPU seconds of the process and its children; the wall-clock time where the system does not say."""
        seconds = tree_cpu_seconds(self.process.pid)
        if seconds is None and self.process.poll() is None:
            seconds = time.monotonic() - self.born
        self.cpu = max(self.cpu, seconds or 0.0)
        return self.cpu

    @property
    def cpu_of_group(self) -> float:
        """CPU seconds since it took its group."""
        return self.cpu - self.cpu_before

    @property
    def too_long(self) -> bool:
        """Whether its group has taken more than the budget allows for it."""
        waited = time.monotonic() - self.taken
        return self.cpu_of_group >= self.cpu_limit or waited >= IDLE * self.cpu_limit

    def over(self, limits: Limits) -> tuple[str, Reason] | None:
        """The status and reason of a fit that exceeds a limit; seeds fitted together add up their time."""
        spent = time.monotonic() - self.since
        cells = max(1, len(self.running.places)) if self.running is not None else 1
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

    def exit_reason(self) -> Reason:
        """How the process ended, and the end of what it printed."""
        self.process.wait()
        code = self.process.returncode
        if code >= 0:
            how = Reason("worker_exit", {"exit": code})
        else:
            how = Reason("worker_signal", {"signal": signal.Signals(-code).name})
        self.output.seek(0)
        printed = " ".join(self.output.read().decode(errors="replace").split())[-TAIL:]
        return Reason("worker_printed", {"reason": how, "text": printed}) if printed else how


class Pool:
    """`jobs` workers that take groups one after the other; results do not depend on which worker takes which.

    keep: workers stay for the next `run`; otherwise they end with it. allowance: a budget of CPU time; groups
    that it does not hold end with NotRun.
    """

    def __init__(
        self, jobs: int, limits: Limits, keep: bool = False, allowance: Allowance | None = None
    ) -> None:
        self.limits = limits
        self._allowance, self._refused = allowance, list[JobGroup]()
        self._ended = 0.0  # CPU seconds of workers that have ended
        self._wanted, self._keep = jobs, keep
        self._workers: list[Worker] = []
        self._waiting = _Waiting([])
        self._watched = 0.0

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Event]]:
        """Run the groups; every event as it happens. No worker stays at work, however this ends."""
        self._waiting = _Waiting(groups, in_order=self._allowance is not None)
        through = False
        try:
            while self._waiting or any(worker.group for worker in self._workers):
                self._hand_out()
                yield from self._turned_away()
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
        for worker in [worker for worker in self._workers if worker.group is None]:
            group = self._next_for(worker.ran)
            if group is not None:
                self._give(worker, group)
            elif self._waiting:
                # Nothing that waits may run after the third-party code that ran there.
                self._replace(worker)
        while self._waiting and len(self._workers) < self._wanted:
            group = self._next_for(frozenset())
            if group is not None:
                self._workers.append(Worker(self.limits.threads))
                self._give(self._workers[-1], group)

    def _next_for(self, ran: frozenset[str]) -> JobGroup | None:
        """The next group that may start; those that the budget does not hold are turned away."""
        while (group := self._waiting.next_for(ran)) is not None:
            if self._allowance is None:
                return group
            self._measure(self._allowance)
            if self._allowance.may_start(group.keys, self._expected(self._allowance)):
                return group
            self._refused.append(group)
        return None

    def _measure(self, allowance: Allowance) -> None:
        allowance.used = self._ended + sum(worker.measure() for worker in self._workers)

    def _expected(self, allowance: Allowance) -> float:
        """CPU seconds that the running groups are expected to use yet."""
        running = [worker for worker in self._workers if worker.group is not None]
        left = [allowance.estimate(one.group.keys) - one.cpu_of_group for one in running if one.group]
        return sum(max(seconds, 0.0) for seconds in left)

    def _turned_away(self) -> Iterator[tuple[JobGroup, Event]]:
        for group in self._refused:
            yield group, NotRun()
        self._refused = []

    def _give(self, worker: Worker, group: JobGroup) -> None:
        if self._allowance is not None:
            others = self._expected(self._allowance) + self._allowance.reserved(self._waiting.keys())
            worker.cpu_before, worker.taken = worker.cpu, time.monotonic()
            worker.cpu_limit = self._allowance.limit(group.keys, others)
        try:
            worker.take(group)
        except OSError:
            # It ended while idle; the group goes to the next one.
            worker.group = None
            self._waiting.first([group])
            self._replace(worker)

    def _listen(self) -> Iterator[tuple[JobGroup, Event]]:
        busy = {worker.connection: worker for worker in self._workers if worker.group is not None}
        for connection in wait(list(busy), TICK):
            worker = busy[connection]  # type: ignore[index]
            try:
                event = worker.connection.recv()
            except Exception:  # a dead worker, or one whose method wrote into our connection
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(worker.process.pid, signal.SIGKILL)
                yield from self._lost(worker, "crashed", worker.exit_reason())
            else:
                yield from self._received(worker, event)

    def _received(self, worker: Worker, event: Event | StaleError) -> Iterator[tuple[JobGroup, Event]]:
        group = worker.group
        assert group is not None
        match event:
            case StaleError():
                raise event
            case Started(fit) if fit is not None and self._allowance is not None and self._allowance.spent:
                yield from self._stop(worker)
            case Started(fit):
                worker.begin(fit)
            case ProblemBuilt():
                yield group, event
            case RowsReady(rows):
                worker.arrived.update((row.key, row) for row in rows)
                yield group, self._limited(rows)
            case ProcessChanged():
                self._replace(worker)
                yield from self._go_on(group, remaining(group, {**group.known, **worker.arrived}))
            case JobsDone(_, reusable):
                worker.group, worker.arrived = None, {}
                if not reusable:
                    self._replace(worker)
                yield group, event

    def _watch(self) -> Iterator[tuple[JobGroup, Event]]:
        if time.monotonic() - self._watched < TICK:
            return
        self._watched = time.monotonic()
        if self._allowance is not None:
            self._measure(self._allowance)
        for worker in [worker for worker in self._workers if worker.group is not None]:
            ending = worker.over(self.limits)
            if ending is not None:
                yield from self._lost(worker, *ending)
            elif self._allowance is not None and (self._allowance.over or worker.too_long):
                yield from self._stop(worker)

    def _stop(self, worker: Worker) -> Iterator[tuple[JobGroup, Event]]:
        """End a worker for the budget. Its finished rows stand, and the rest of its group is not run."""
        group = worker.group
        assert group is not None
        self._replace(worker)
        rest = remaining(group, {**group.known, **worker.arrived})
        if rest.over:
            yield group, JobsDone(rest.over)
        for left in rest.left:
            yield left, NotRun(started=True)

    def _lost(self, worker: Worker, status: str, reason: Reason) -> Iterator[tuple[JobGroup, Event]]:
        """End a worker; what is left of its group goes on in the next one."""
        group = worker.group
        assert group is not None
        self._replace(worker)
        known = {**group.known, **worker.arrived}
        yield from self._go_on(group, after_loss(group, known, worker.running, status, reason))

    def _go_on(self, group: JobGroup, loss: Loss) -> Iterator[tuple[JobGroup, Event]]:
        if loss.rows:
            yield group, self._limited(loss.rows)
        if loss.over:
            yield group, JobsDone(loss.over)
        self._waiting.first(loss.left)

    def _replace(self, worker: Worker) -> None:
        """Let a worker go; the next group brings a new one."""
        self._ended += worker.measure()
        worker.kill()
        self._workers.remove(worker)

    def _limited(self, rows: list[Record]) -> RowsReady:
        for row in rows:
            row.limit_seconds, row.limit_mb = self.limits.seconds, self.limits.memory_mb
        return RowsReady(rows)
