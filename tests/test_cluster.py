"""Jobs on a real Dask scheduler with real worker processes, one of them killed in the middle."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from hostile import GLOBAL, HOSTILE
from recurbench.api import Request, perform, prepare
from recurbench.record import RunFile
from recurbench.running.cluster import Cluster
from recurbench.running.limits import Limits

pytestmark = pytest.mark.slow  # starts a scheduler and workers of Dask

KEPT = ("key", "problem", "address", "seed", "stage", "cut", "status", "score", "scores", "predictions")


@pytest.fixture
def cluster():
    """A scheduler and three workers as processes of their own; the address and the workers."""
    log = subprocess.PIPE
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], stderr=log, text=True
    )
    address = ""
    while not address:
        line = scheduler.stderr.readline()
        assert line, "the scheduler ended"
        found = re.search(r"(tcp://127\.0\.0\.1:\d+)", line)
        address = found.group(1) if found else ""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [subprocess.Popen(command, **quiet) for _ in range(3)]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    scheduler.stderr.close()


def rows(folder):
    file = RunFile(folder / "results.sqlite")
    try:
        return sorted(tuple(str(row[name]) for name in KEPT) for row in file.rows(blobs=True))
    finally:
        file.close()


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address) as client:
        client.wait_for_workers(count, timeout=60)


@pytest.mark.timeout(240)
def test_a_run_that_loses_a_worker_ends_with_the_same_table(tmp_path, cluster):
    address, workers = cluster
    wait_for_workers(address, 3)
    request = {
        "methods": [
            "drift",
            "theta",
            "fourier-forest[trees=5]",
            "mlp[max_steps=20]",
            "rnn[max_steps=20]",
            "draws-globally",
        ],
        "datasets": ["airline[origins=2]", "sunspots[origins=2]"],
        "seeds": 2,
        "plugins": [tmp_path / "extra.py"],
    }
    (tmp_path / "extra.py").write_text(HOSTILE + GLOBAL)
    perform(prepare(Request(**request, out=tmp_path / "here", jobs=1)))
    ended = []

    def kill_one(_step):
        ended.append(1)
        if len(ended) == 4:
            os.kill(workers[0].pid, signal.SIGKILL)

    tally = perform(prepare(Request(**request, out=tmp_path / "there", dask=address)), kill_one)
    assert workers[0].wait() == -signal.SIGKILL
    assert tally.bad == 0
    assert rows(tmp_path / "there") == rows(tmp_path / "here")


@pytest.mark.timeout(240)
def test_limits_and_crashes_are_rows_there_as_here(tmp_path, cluster):
    address, _ = cluster
    wait_for_workers(address, 1)
    (tmp_path / "hostile.py").write_text(HOSTILE)
    request = Request(
        methods=["loops-in-c", "segfaults", "drift"],
        datasets=["airline[origins=2]"],
        plugins=[tmp_path / "hostile.py"],
        out=tmp_path / "run",
        dask=address,
        timeout="5s",
    )
    perform(prepare(request))
    file = RunFile(tmp_path / "run" / "results.sqlite")
    found = {row["method"]: (row["status"], row["limit_seconds"]) for row in file.rows("stage = 'final'")}
    file.close()
    assert found["loops-in-c"] == ("timeout", 5.0)
    assert found["segfaults"] == ("crashed", 5.0)
    assert found["drift"] == ("ok", 5.0)


def test_an_address_where_nobody_answers_is_refused_in_words(monkeypatch):
    monkeypatch.setattr("recurbench.running.cluster.PATIENCE", 1)
    began = time.monotonic()
    with pytest.raises(
        ValueError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*`dask scheduler`"
    ):
        Cluster("tcp://127.0.0.1:9", Limits())
    assert time.monotonic() - began < 60


HOSTS = {"rcb-one": "10.77.0.1", "rcb-two": "10.77.0.2"}


@pytest.fixture
def hosts():
    """Two hosts with a cable between them: network namespaces of our own."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("network namespaces need root and iproute2")
    one, two = HOSTS
    commands = [f"netns add {name}" for name in HOSTS]
    commands.append(f"link add name rcb netns {one} type veth peer name rcb netns {two}")
    for name, address in HOSTS.items():
        commands.append(f"-n {name} addr add {address}/24 dev rcb")
        commands += [f"-n {name} link set {end} up" for end in ("lo", "rcb")]
    words = {"capture_output": True, "text": True, "check": False}
    made = [subprocess.run(["ip", *command.split()], **words) for command in commands]
    wrong = [done.stderr.strip() for done in made if done.returncode]
    try:
        if wrong:
            pytest.skip(f"this machine makes no network namespaces: {wrong[0]}")
        yield one, two
    finally:
        for name in HOSTS:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@pytest.mark.timeout(240)
def test_a_run_on_another_host_gives_the_rows_of_this_one(tmp_path, hosts):
    one, two = hosts
    address = f"tcp://{HOSTS[one]}:8786"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", HOSTS[one], "--port", "8786", "--no-dashboard"]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    started = [
        subprocess.Popen(["ip", "netns", "exec", one, *scheduler], **quiet),
        subprocess.Popen(["ip", "netns", "exec", two, *worker], **quiet),
    ]
    start = "from recurbench.cli.main import main; main()"
    run = [sys.executable, "-c", start, "run", "--methods", "drift,theta"]
    run += ["--datasets", "airline[origins=2]", "--out"]
    try:
        there = ["ip", "netns", "exec", one, *run, str(tmp_path / "there"), "--dask", address]
        deadline = time.monotonic() + 120
        while (done := subprocess.run(there, capture_output=True, text=True, check=False)).returncode == 2:
            assert time.monotonic() < deadline, done.stderr
            time.sleep(1)
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert done.returncode == 0, done.stderr
    subprocess.run([*run, str(tmp_path / "here")], check=True, **quiet)
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
