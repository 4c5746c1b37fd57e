"""One worker process: takes groups of jobs from its connection, sends what happens, dies with its parent.

Run as `python -m recurbench.running.worker FD`. It is sent a `JobGroup` and sends the events of `serve`, or
the StaleError. The last event is sent when the process is tidy again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from contextlib import nullcontext, suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from recurbench.isolation.process_state import kept_state
from recurbench.running.job import JobGroup
from recurbench.running.problem_cache import ProblemCache
from recurbench.running.serve import Event, JobsDone, ProcessChanged, StaleError, serve

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def main(descriptor: int) -> None:
    """Serve groups of jobs until the connection closes."""
    _die_with_parent()
    connection = Connection(descriptor)
    output = os.dup(1)
    problems = ProblemCache()
    while True:
        try:
            group = connection.recv()
        except EOFError:
            return
        _reopen(output)
        threads = set(threading.enumerate())
        try:
            last = _send_all(group, problems, connection)
        except StaleError as error:
            connection.send(error)
            continue
        if isinstance(last, JobsDone):
            # A thread that outlives its job would use the time of the next one.
            last = replace(last, reusable=set(threading.enumerate()) <= threads)
        connection.send(last)


def _send_all(group: JobGroup, problems: ProblemCache, connection: Connection) -> Event | None:
    """Send the events of a group but for the last, which is returned."""
    # Between the cells of a third-party method the process stays as the method's import left it.
    with nullcontext() if group.jobs[0].method.plugin.foreign else kept_state():
        for event in serve(group, problems):
            if isinstance(event, JobsDone | ProcessChanged):
                return event
            connection.send(event)
    return None


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
