"""Killed at any moment, a run goes on where it was and ends with the table of an undisturbed one."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from recurbench.api import Request, locked, perform, prepare
from recurbench.record import RunFile

METHODS = [
    "drift",
    "theta",
    "seasonal-naive",
    "euclidean-1nn",
    "fourier-forest[trees=5]",
    "mlp[max_steps=10]",
]
DATASETS = ["airline[origins=2]", "sunspots[origins=2]", "gunpoint"]
COMMAND = [sys.executable, "-c", "from recurbench.cli.main import main; main()", "run"]
ARGUMENTS = ["--methods", ",".join(METHODS), "--datasets", ",".join(DATASETS), "--jobs", "2"]
KEPT = ("key", "job", "problem", "address", "seed", "stage", "cut", "attempt", "status", "score", "scores")


def rows(folder):
    file = RunFile(folder / "results.sqlite")
    try:
        return sorted(tuple(str(row[name]) for name in KEPT) for row in file.rows(history=True))
    finally:
        file.close()


def start(folder, seeds):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*COMMAND, *ARGUMENTS, "--seeds", str(seeds), "--out", str(folder)], **quiet)


def kill_one(runner, luck):
    """Kill the runner, one of its workers, or all of them."""
    with suppress(OSError):
        children = Path(f"/proc/{runner.pid}/task/{runner.pid}/children").read_text()
        workers = [int(pid) for pid in children.split()]
        victims = luck.choice([[runner.pid], workers[:1], [runner.pid, *workers]])
        for pid in victims:
            os.kill(pid, signal.SIGKILL)


def killed_run(folder, seeds, kills, seed):
    """Kill at random moments until so many kills fell or the run is through; returns how many fell."""
    luck, fell = random.Random(seed), 0
    while fell < kills:
        runner = start(folder, seeds)
        deadline = time.monotonic() + luck.uniform(0.5, 4.0)
        while runner.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if runner.poll() is not None:
            break
        kill_one(runner, luck)
        fell += 1
        # A runner that only lost a worker goes on for a while.
        time.sleep(luck.choice([0.0, 0.5]))
        runner.kill()
        runner.wait()
    return fell


def disturbed_equals_undisturbed(tmp_path, seeds, kills, seed):
    calm, torn = tmp_path / "calm", tmp_path / "torn"
    assert start(calm, seeds).wait() == 0
    fell = killed_run(torn, seeds, kills, seed)
    # The cell of a killed worker is a crashed row, which the next run tries again.
    assert start(torn, seeds).wait() in (0, 1)
    assert start(torn, seeds).wait() == 0
    attempt, status = KEPT.index("attempt"), KEPT.index("status")
    done = sorted(row[:attempt] + row[attempt + 1 :] for row in rows(torn) if row[status] == "ok")
    whole = sorted(row[:attempt] + row[attempt + 1 :] for row in rows(calm))
    lost, added = Counter(whole) - Counter(done), Counter(done) - Counter(whole)
    print(
        f"{fell} kills fell; of {len(whole)} cells {lost.total()} lost, {added.total()} doubled or different"
    )
    assert done == whole
    return fell


@pytest.mark.long
def test_a_run_killed_a_few_times_ends_like_an_undisturbed_one(tmp_path):
    assert disturbed_equals_undisturbed(tmp_path, seeds=2, kills=3, seed=1) >= 1


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_run_killed_50_times_ends_like_an_undisturbed_one(tmp_path):
    assert disturbed_equals_undisturbed(tmp_path, seeds=60, kills=50, seed=2) == 50


def test_a_second_runner_in_the_same_directory_is_refused_in_words(tmp_path):
    plan = prepare(Request(methods=["drift"], datasets=["airline"], out=tmp_path / "run", jobs=0))
    with locked(plan.folder), pytest.raises(ValueError, match=rf"another run \(process {os.getpid()}\)"):
        perform(plan)
    assert perform(plan).statuses["ok"] == 2


def test_the_lock_goes_with_the_process_that_held_it(tmp_path):
    code = "from recurbench.api import locked\nimport os\nfrom pathlib import Path\n"
    code += f"with locked(Path({str(tmp_path)!r})):\n    os._exit(9)\n"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with locked(tmp_path):
        pass


@pytest.mark.long
def test_a_full_disk_is_said_in_words_and_leaves_a_readable_file(tmp_path):
    folder = tmp_path / "run"
    run = [
        *COMMAND,
        "--methods",
        "drift,theta",
        "--datasets",
        "airline,sunspots,gunpoint",
        "--out",
        str(folder),
    ]

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000))

    done = subprocess.run(run, preexec_fn=little_room, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "results.sqlite" in done.stderr
    db = sqlite3.connect(folder / "results.sqlite")
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0
