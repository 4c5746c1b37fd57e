"""One worker process: takes jobs from its connection, sends rows as cells end, dies with its parent.

Run as `python -m recurbench.running.worker FD`. It is sent (jobs, their final keys, known rows by key): one
job, or several that share their fits. It sends ("begin", stage, cut, which cells) before every fit,
("problem", facts) when a problem was built, ("rows", records), ("stale", words) when the code on disk is
not what the jobs were planned with, and last ("done", reusable), or ("changed",) after a cell in which a
third party changed the process: what is left of the jobs needs another worker.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from multiprocessing.connection import Connection

from recurbench.isolation import third_party
from recurbench.isolation.process_state import kept_state
from recurbench.reasons import Reason
from recurbench.record import Record
from recurbench.running.cell import execute
from recurbench.running.job import Job, ended
from recurbench.running.problem_cache import Desk

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(descriptor: int) -> None:
    """Serve jobs until the connection closes."""
    _die_with_parent()
    connection = Connection(descriptor)
    output = os.dup(1)
    desk = Desk()
    while True:
        try:
            jobs, keys, known = connection.recv()
        except EOFError:
            return
        _reopen(output)
        threads = set(threading.enumerate())
        # Between the cells of a third-party method its own state stands, as it is after its import.
        with nullcontext() if jobs[0].method.plugin.foreign else kept_state():
            serve(jobs, keys, known, desk, connection)
        if third_party.changed():
            connection.send(("changed",))
            continue
        # A thread that outlives its job would burn the next one's time.
        connection.send(("done", set(threading.enumerate()) <= threads))


def serve(
    jobs: Sequence[Job], keys: Sequence[str], known: dict[str, Record], desk: Desk, connection: Connection
) -> None:
    """Run the cells of a job, or of a group of them, and send their rows."""
    job = jobs[0]
    if [one.key("final", 0) for one in jobs] != list(keys):
        connection.send(("stale", f"the code or the data behind {job.method.address} changed during the run"))
        return
    connection.send(("begin", "build", 0))
    problem, facts = desk.problem(job)
    if facts is not None:
        connection.send(("problem", facts))
    if isinstance(problem, Reason):
        connection.send(("rows", [ended(one, "failed", problem) for one in jobs]))
        return

    def tell(stage: str, cut: int, which: Sequence[int]) -> None:
        connection.send(("begin", stage, cut, tuple(which)))

    for rows in execute(jobs, problem, known.get, tell):
        connection.send(("rows", rows))
        if third_party.changed():
            return
    desk.check(job)


def _die_with_parent() -> None:
    """Ask the kernel to end this process when the thread that started it ends; Linux only."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)


def _reopen(output: int) -> None:
    """Give the process its standard streams back, should a method have closed them."""
    for number in (1, 2):
        os.dup2(output, number)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None or getattr(sys, name).closed:
            setattr(sys, name, os.fdopen(number, "w", closefd=False))


if __name__ == "__main__":
    main(int(sys.argv[1]))
