"""One worker process, spoken to as the pool does."""

import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from recurbench.isolation.process_state import kept_state
from recurbench.registry import discover
from recurbench.running.cell import Fit
from recurbench.running.job import JobGroup
from recurbench.running.runner import jobs
from recurbench.running.serve import JobsDone, ProblemBuilt, RowsReady, StaleError, Started


@pytest.fixture
def worker():
    """A connection to a fresh worker."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "recurbench.running.worker", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    theirs.close()
    connection = Connection(ours.detach())
    yield connection, process
    connection.close()
    process.wait(timeout=30)


def job(method="drift", dataset="airline"):
    registry = discover()
    return jobs(registry.select_methods([method]), registry.select_datasets([dataset]), 1)[0]


def asked(connection, jobs, known=None):
    """All events of a group, from the first to the last."""
    connection.send(JobGroup.of_jobs(jobs, known))
    events = []
    while not events or not isinstance(events[-1], JobsDone):
        events.append(connection.recv())
    return events


def test_a_job_is_reported_cell_by_cell(worker):
    connection, _ = worker
    one = job()
    events = asked(connection, [one])
    assert [type(event) for event in events] == [
        *(Started, ProblemBuilt),
        *(Started, RowsReady, Started, RowsReady),
        JobsDone,
    ]
    fits = [event.fit for event in events if isinstance(event, Started)]
    assert fits == [None, Fit("inner", 0, (0,)), Fit("final", 0, (0,))]
    (final,) = events[-2].rows
    assert (final.status, final.key) == ("ok", one.key("final", 0))
    assert events[-1] == JobsDone((0,), reusable=True)


def test_a_problem_is_built_once_for_the_jobs_that_share_it(worker):
    connection, _ = worker
    for method in ("drift", "last-value"):
        events = asked(connection, [job(method)])
        assert (ProblemBuilt in map(type, events)) == (method == "drift")


def test_known_cells_are_not_computed_again(worker):
    connection, _ = worker
    one = job()
    first = asked(connection, [one])
    (inner,) = next(event.rows for event in first if isinstance(event, RowsReady))
    again = asked(connection, [one], {inner.key: inner})
    assert [event.rows[0].stage for event in again if isinstance(event, RowsReady)] == ["final"]


def test_a_job_planned_with_other_code_is_refused(worker):
    connection, _ = worker
    connection.send(JobGroup((job(),), ("0" * 32,)))
    error = connection.recv()
    assert isinstance(error, StaleError)
    assert "the code or the data behind drift changed during the run" in str(error)
    assert asked(connection, [job()])[-1] == JobsDone((0,), reusable=True)


def test_a_worker_ends_when_its_connection_does(worker):
    connection, process = worker
    connection.close()
    assert process.wait(timeout=30) == 0


def test_what_a_method_changed_for_all_comes_back(tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("RECURBENCH_TEST", "before")
    folder, modes = Path.cwd(), np.geterr()
    with kept_state():
        os.chdir(tmp_path)
        os.environ["RECURBENCH_TEST"] = "after"
        os.environ["RECURBENCH_OTHER"] = "new"
        np.seterr(all="raise")
        torch.set_default_dtype(torch.float64)
    assert (Path.cwd(), np.geterr()) == (folder, modes)
    assert os.environ["RECURBENCH_TEST"] == "before"
    assert "RECURBENCH_OTHER" not in os.environ
    assert torch.get_default_dtype() == torch.float32
