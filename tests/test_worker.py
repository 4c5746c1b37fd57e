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
from recurbench.running.runner import jobs


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


def heard(connection):
    """All messages up to the end of the job."""
    messages = []
    while not messages or messages[-1][0] != "done":
        messages.append(connection.recv())
    return messages


def test_a_job_is_reported_cell_by_cell(worker):
    connection, _ = worker
    one = job()
    connection.send(([one], [one.key("final", 0)], {}))
    messages = heard(connection)
    assert [m[0] for m in messages] == ["begin", "problem", "begin", "rows", "begin", "rows", "done"]
    assert [m[1:] for m in messages if m[0] == "begin"] == [
        ("build", 0),
        ("inner", 0, (0,)),
        ("final", 0, (0,)),
    ]
    (final,) = messages[-2][1]
    assert (final.status, final.key) == ("ok", one.key("final", 0))
    assert messages[-1] == ("done", True)


def test_a_problem_is_built_once_for_the_jobs_that_share_it(worker):
    connection, _ = worker
    for method in ("drift", "last-value"):
        one = job(method)
        connection.send(([one], [one.key("final", 0)], {}))
        words = [m[0] for m in heard(connection)]
        assert ("problem" in words) == (method == "drift")


def test_known_cells_are_not_computed_again(worker):
    connection, _ = worker
    one = job()
    connection.send(([one], [one.key("final", 0)], {}))
    (inner,) = next(m[1] for m in heard(connection) if m[0] == "rows")
    connection.send(([one], [one.key("final", 0)], {inner.key: inner}))
    assert [m[1][0].stage for m in heard(connection) if m[0] == "rows"] == ["final"]


def test_a_job_planned_with_other_code_is_refused(worker):
    connection, _ = worker
    connection.send(([job()], ["0" * 32], {}))
    messages = heard(connection)
    assert messages[0] == ("stale", "the code or the data behind drift changed during the run")
    assert len(messages) == 2


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
