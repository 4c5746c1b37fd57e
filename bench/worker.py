"""One worker process: takes jobs from its connection, sends rows as cells end, dies with its parent.

Run as `python -m recurbench.worker FD`. It is sent (jobs, their final keys, known rows by key): one job, or
several that share their fits. It sends ("begin", stage, cut, which cells) before every fit, ("problem",
facts) when a problem was built, ("rows", records), ("stale", words) when the code on disk is not what the
jobs were planned with, and last ("done", reusable).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from recurbench.cell import execute
from recurbench.desk import Desk
from recurbench.job import Job, ended
from recurbench.record import Record

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
        with kept_state():
            serve(jobs, keys, known, desk, connection)
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
    if isinstance(problem, str):
        connection.send(("rows", [ended(one, "failed", problem) for one in jobs]))
        return

    def tell(stage: str, cut: int, which: Sequence[int]) -> None:
        connection.send(("begin", stage, cut, tuple(which)))

    for rows in execute(jobs, problem, known.get, tell):
        connection.send(("rows", rows))
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


@contextmanager
def kept_state() -> Iterator[None]:
    """Bring back what a method may change for all: folder, environment, warnings, numerical modes."""
    folder, environment, floats = Path.cwd(), dict(os.environ), np.geterr()
    modes = _torch_modes()
    try:
        with warnings.catch_warnings():
            yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        np.seterr(**floats)
        _set_torch_modes(modes)


def _torch_modes() -> tuple[Any, ...] | None:
    """The process-wide modes of torch; None while nobody has imported it."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    return torch.get_default_dtype(), torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled()


def _set_torch_modes(modes: tuple[Any, ...] | None) -> None:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    # Who imported it in between gets the modes that torch starts with.
    dtype, gradients, deterministic = modes or (torch.float32, True, False)
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(gradients)
    torch.use_deterministic_algorithms(deterministic)


if __name__ == "__main__":
    main(int(sys.argv[1]))
