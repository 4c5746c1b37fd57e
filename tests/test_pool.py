"""Workers: whatever a method does is a row, the run goes on, and nobody else's score changes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile import ENDS, GLOBAL, GOOD, HOSTILE
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running.job import JobGroup
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool, _Waiting
from recurbench.running.runner import Inline, jobs, run_jobs
from tuned import asked, prepared
from tuned import wanted as tuned_jobs

LIMITS = Limits(seconds=6.0, memory_mb=700.0)
SCORES = ("status", "score", "scores", "predictions", "seed")


def wanted(tmp_path, methods, datasets=("airline[origins=2]",), seeds=1):
    plugin = tmp_path / "hostile.py"
    plugin.write_text(HOSTILE + GLOBAL)
    registry = discover([plugin])
    return jobs(registry.select_methods(methods), registry.select_datasets(datasets), seeds)


def run(tmp_path, name, chosen, executor, **words):
    file = RunFile(tmp_path / name / "results.sqlite")
    tally = run_jobs(chosen, file, executor=executor, **words)
    final = file.rows("stage = 'final'", blobs=True)
    rows = {(row["address"], row["seed"], row["dataset"]): row for row in final}
    file.close()
    return tally, rows


@pytest.mark.long
def test_every_hostile_method_is_a_row_with_its_reason_and_the_good_ones_are_untouched(tmp_path):
    chosen = wanted(tmp_path, [*ENDS, *GOOD])
    tally, rows = run(tmp_path, "pool", chosen, Pool(2, LIMITS))
    for name, (status, words) in ENDS.items():
        row = rows[name, None, "airline"]
        assert (row["status"], words in row["reason"]) == (status, True), (name, row["status"], row["reason"])
    alone = [job for job in chosen if job.method.address in GOOD]
    _, undisturbed = run(tmp_path, "inline", alone, Inline())
    for place, row in undisturbed.items():
        assert {name: rows[place][name] for name in SCORES} == {name: row[name] for name in SCORES}
    assert tally.bad == sum(status != "ok" for status, _ in ENDS.values())
    assert not left_over("98765")


def left_over(mark):
    """Running processes whose command line holds `mark`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in path.read_bytes().decode(errors="replace").split("\0"):
                found.append(path)
        except OSError:
            continue
    return found


@pytest.mark.long
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2, 3])
def test_results_do_not_depend_on_the_number_of_workers_or_the_order(tmp_path, workers):
    methods = [
        "draws-globally",
        "fourier-forest[trees=10]",
        "mlp[max_steps=20]",
        "rnn[max_steps=20]",
        "drift",
    ]
    chosen = wanted(tmp_path, methods, ("airline[origins=2]", "sunspots[origins=2]"), seeds=2)
    _, expected = run(tmp_path, "inline", chosen, Inline())
    mixed = chosen[::-1] if workers % 2 else chosen[1::2] + chosen[::2]
    _, rows = run(tmp_path, f"pool{workers}", mixed, Pool(workers, Limits()))
    for place, row in expected.items():
        assert {name: rows[place][name] for name in SCORES} == {name: row[name] for name in SCORES}


@pytest.mark.long
def test_a_cell_that_met_a_limit_is_tried_once_more_and_kept_as_history(tmp_path):
    chosen = wanted(tmp_path, ["sleeps", "drift"])
    short, longer = Limits(seconds=3.0), Limits(seconds=4.0)
    run(tmp_path, "run", chosen, Pool(1, short))
    tally, rows = run(tmp_path, "run", chosen, Pool(1, longer))
    assert (tally.cached, dict(tally.statuses)) == (1, {"ok": 1, "timeout": 1})
    assert (rows["sleeps", None, "airline"]["attempt"], rows["sleeps", None, "airline"]["limit_seconds"]) == (
        1,
        4.0,
    )
    file = RunFile(tmp_path / "run" / "results.sqlite")
    history = file.rows("method = 'sleeps' AND stage = 'final'", history=True)
    assert [(row["attempt"], row["limit_seconds"]) for row in history] == [(0, 3.0), (1, 4.0)]
    file.close()
    assert run(tmp_path, "run", chosen, Pool(1, short), retry="none")[0].cached == 2


def test_only_retry_all_tries_what_failed_by_itself(tmp_path):
    chosen = wanted(tmp_path, ["exits-politely"])
    run(tmp_path, "run", chosen, Pool(1, LIMITS))
    assert run(tmp_path, "run", chosen, Pool(1, LIMITS))[0].cached == 1
    assert run(tmp_path, "run", chosen, Pool(1, LIMITS), retry="all")[0].cached == 0


def test_a_dataset_that_never_ends_is_a_timeout_with_the_place_named(tmp_path):
    plugin = tmp_path / "slow.py"
    plugin.write_text(
        "import time\nfrom recurbench import dataset\n\n\n"
        '@dataset("slow", kind="forecasting")\n'
        'def slow(*, size=1):\n    """Never end."""\n    time.sleep(600)\n'
    )
    registry = discover([plugin])
    chosen = jobs(registry.select_methods(["drift"]), registry.select_datasets(["slow"]), 1)
    _, rows = run(tmp_path, "run", chosen, Pool(1, Limits(seconds=1.0)))
    row = rows["drift", None, "slow"]
    assert (row["status"], row["reason"].partition(":")[0]) == ("timeout", "while its problem was built")


def test_memory_is_measured_per_cell(tmp_path):
    plugin = tmp_path / "eats.py"
    plugin.write_text(
        "import numpy as np\nfrom recurbench import method\n\n\n"
        '@method("eats", family="baseline", kinds={"forecasting"})\n'
        'def eats(task, train, *, megabytes=0):\n    """Use some memory for a while."""\n'
        "    np.ones(megabytes * 125_000)\n"
        "    return lambda split: [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]\n"
    )
    registry = discover([plugin])
    methods = registry.select_methods(["eats[megabytes=300]", "eats"])
    chosen = jobs(methods, registry.select_datasets(["airline"]), 1)
    _, rows = run(tmp_path, "run", chosen, Pool(1, Limits()))
    used = {address: row["peak_mb"] - row["start_mb"] for (address, *_), row in rows.items()}
    assert used["eats[megabytes=300]"] > 290
    assert used["eats"] < 100
    assert {row["memory_by"] for row in rows.values()} == {"VmHWM, reset before the cell"}


@pytest.mark.long
def test_workers_die_with_a_runner_that_is_killed(tmp_path):
    plugin = tmp_path / "hostile.py"
    plugin.write_text(HOSTILE)
    code = "from recurbench.cli.main import main; main()"
    words = [
        "run",
        "--plugin",
        plugin,
        "--methods",
        "sleeps",
        "--datasets",
        "airline",
        "--out",
        tmp_path / "run",
    ]
    runner = subprocess.Popen([sys.executable, "-c", code, *map(str, words)])
    deadline = time.monotonic() + 60
    while not (workers := children(runner.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    workers = children(runner.pid)
    assert workers
    runner.kill()
    runner.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def children(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in text.read_text().split()] if text.exists() else []


def test_a_run_leaves_no_worker_behind(tmp_path):
    before = set(children(os.getpid()))
    run(tmp_path, "run", wanted(tmp_path, ["drift"]), Pool(2, Limits()))
    assert set(children(os.getpid())) <= before


@pytest.mark.long
def test_a_tuned_job_goes_on_without_the_trial_that_met_a_limit(tmp_path, monkeypatch):
    chosen = tuned_jobs(prepared(tmp_path, monkeypatch), ["guess[hurt=1.0,how=sleep]"], 8)
    tally, rows = run(tmp_path, "run", chosen, Pool(1, Limits(seconds=3.0)))
    assert dict(tally.statuses) == {"ok": 1}
    (final,) = rows.values()
    lost = [one["sign"] * one["level"] for one in chosen[0].trials].index(1.0)
    validation = final["notes"]["tuning"]["validation"]
    assert [i for i, mean in enumerate(validation) if mean is None] == [lost]
    file = RunFile(tmp_path / "run" / "results.sqlite")
    (row,) = file.rows("status != 'ok'")
    assert (row["status"], row["stage"], row["limit_seconds"]) == ("timeout", "inner", 3.0)
    assert row["job"] == chosen[0].tries[lost].key("final", 0)
    # What was computed before the loss was not computed again: 7 trials of 5 cuts, the lost cut, the final.
    assert len(asked("fit")) == 7 * 5 + 1 + 1
    assert run(tmp_path, "run", chosen, Pool(1, Limits(seconds=3.0)), retry="none")[0].cached == 1


def test_a_trial_whose_worker_was_killed_is_tried_again_by_the_next_run(tmp_path, monkeypatch):
    chosen = tuned_jobs(prepared(tmp_path, monkeypatch), ["guess[hurt=3.0,how=die]"], 8)
    _, rows = run(tmp_path, "run", chosen, Pool(1, Limits()))
    (final,) = rows.values()
    assert final["settings"]["level"] == 2.0
    tally, rows = run(tmp_path, "run", chosen, Pool(1, Limits()))
    (final,) = rows.values()
    assert (tally.cached, tally.cells, dict(tally.statuses)) == (0, 5 + 1, {"ok": 1})
    assert final["settings"]["level"] == 3.0
    assert None not in final["notes"]["tuning"]["validation"]
    assert run(tmp_path, "run", chosen, Pool(1, Limits()))[0].cached == 1


def test_only_with_a_budget_groups_wait_in_their_order_whatever_plugins_they_need(tmp_path):
    chosen = wanted(tmp_path, ["sleeps", "drift", "loops"])
    groups = [JobGroup.of_jobs([job]) for job in chosen]
    for in_order, first in ((False, "drift"), (True, "sleeps")):
        waiting = _Waiting(groups, in_order)
        assert waiting.next_for(frozenset()).jobs[0].method.address == first
    # A worker in which a plugin ran takes no group without it, in any order.
    assert waiting.next_for(groups[2].third_party).jobs[0].method.address == "loops"
    assert list(waiting.keys()) == list(groups[1].keys)
    assert waiting.next_for(groups[2].third_party) is None
