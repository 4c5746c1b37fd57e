"""CPU time while it is spent: what may start, and what is stopped."""

import subprocess
import sys

import pytest
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running import allowance as module
from recurbench.running.allowance import GRACE, LEAST, TIMES, Allowance, tree_cpu_seconds
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.runner import Inline, jobs, run_jobs

PLUGIN = '''
"""Methods of known cost."""

import time

import numpy as np
from recurbench import method


def carried(task):
    return lambda split: [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]


@method("burns", family="baseline", kinds={"forecasting"}, variants={"burns-long": {"seconds": 60.0}})
def burns(task, train, *, seconds=0.2):
    """Use CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return carried(task)


@method("waits", family="baseline", kinds={"forecasting"})
def waits(task, train):
    """Use no CPU time."""
    time.sleep(600)
    return carried(task)
'''

TREE = """
import subprocess, sys, time
inner = "import time\\nwhile time.process_time() < .2: pass\\nprint(flush=True)\\ntime.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", inner], stdout=subprocess.PIPE)
while time.process_time() < 0.2: pass
child.stdout.readline()
print("done", flush=True)
sys.stdin.read()
child.kill()
"""


@pytest.fixture
def made(tmp_path):
    """How to run methods with an allowance; returns the tally and the final rows by method."""
    (tmp_path / "burns.py").write_text(PLUGIN)
    registry = discover([tmp_path / "burns.py"])

    def run(methods, executor):
        wanted = jobs(registry.select_methods(methods), registry.select_datasets(["airline"]), 1)
        file = RunFile(tmp_path / "results.sqlite")
        tally = run_jobs(wanted, file, executor=executor)
        rows = {row["address"]: row["status"] for row in file.rows("stage = 'final'")}
        asked = [address for _, _, address in file.asked()[1]]
        file.close()
        return tally, rows, asked

    run.keys = lambda methods: {
        job.method.address: job.key("final", 0)
        for job in jobs(registry.select_methods(methods), registry.select_datasets(["airline"]), 1)
    }
    return run


def unrun(tally):
    return {job.method.address: started for job, started in tally.not_run}


def test_a_fit_starts_only_if_it_is_likely_to_end_within_the_budget():
    budget = Allowance(10.0, {"a": 4.0, "b": 2.0}, used=5.0)
    assert budget.may_start(["a", "b"], running=0.0)
    assert not budget.may_start(["a", "b"], running=0.5)
    assert budget.may_start(["unknown"], running=6.0)
    budget.used = 10.0
    assert budget.spent
    assert not budget.over
    assert not budget.may_start(["unknown"], running=0.0)
    budget.used = 10.0 * (1 + GRACE)
    assert budget.over


def test_a_limit_follows_from_the_estimate_and_from_what_nothing_else_needs():
    budget = Allowance(1000.0, {"a": 10.0, "b": 0.1})
    assert budget.limit(["b"], waiting=999.0) == LEAST
    assert budget.limit(["a"], waiting=990.0) == TIMES * 10.0
    assert budget.limit(["a"], waiting=190.0) == 10.0 + 400.0


def test_the_cpu_time_of_a_tree_counts_children_and_not_sleep():
    tree = subprocess.Popen(
        [sys.executable, "-c", TREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    # Both processes have used .2 seconds when they say so, and sleep then.
    tree.stdout.readline()
    assert tree_cpu_seconds(tree.pid) >= 0.38
    tree.communicate()
    assert tree_cpu_seconds(tree.pid) is None


@pytest.mark.long
def test_what_the_budget_does_not_hold_is_not_run_and_the_next_run_continues(made):
    keys = made.keys(["burns", "burns-long", "last-value"])
    budget = Allowance(20.0, {keys["burns-long"]: 120.0, keys["last-value"]: 0.1})
    tally, rows, asked = made(["burns", "burns-long", "last-value"], Pool(1, Limits(), allowance=budget))
    assert unrun(tally) == {"burns-long": False}
    assert rows == {"burns": "ok", "last-value": "ok"}
    assert asked == ["burns", "last-value"]
    assert (tally.bad, tally.jobs) == (0, 3)
    assert 0.4 < budget.used < 20.0
    tally, rows, asked = made(
        ["burns", "burns-long[seconds=0.1]"], Pool(1, Limits(), allowance=Allowance(20.0))
    )
    assert (tally.cached, tally.not_run) == (1, [])
    assert len(asked) == 2


@pytest.mark.long
@pytest.mark.parametrize(("limit", "slow"), [("LEAST", "burns-long"), ("IDLE", "waits")])
def test_a_method_far_beyond_its_estimate_is_stopped_without_a_row_and_others_go_on(
    made, monkeypatch, limit, slow
):
    monkeypatch.setattr(module, "LEAST", 1.0)
    if limit == "IDLE":
        monkeypatch.setattr("recurbench.running.pool.IDLE", 1.0)
    keys = made.keys([slow, "last-value"])
    # Half of what nothing else needs is less than the LEAST, and the rest belongs to the other method.
    budget = Allowance(30.0, {keys[slow]: 0.1, keys["last-value"]: 26.0})
    tally, rows, _ = made([slow, "last-value"], Pool(1, Limits(), allowance=budget))
    assert unrun(tally) == {slow: True}
    assert rows == {"last-value": "ok"}
    assert tally.bad == 0


@pytest.mark.long
def test_when_the_budget_is_used_up_running_fits_are_stopped(made):
    budget = Allowance(2.5)
    tally, rows, asked = made(["last-value", "burns-long", "drift"], Pool(1, Limits(), allowance=budget))
    assert rows == {"last-value": "ok"}
    assert unrun(tally) == {"burns-long": True, "drift": False}
    assert asked == ["last-value"]


def test_one_process_starts_nothing_after_the_budget(made):
    budget = Allowance(0.05)
    tally, rows, asked = made(["burns", "burns[seconds=0.1]"], Inline(budget))
    assert rows == {"burns": "ok"}
    assert unrun(tally) == {"burns[seconds=0.1]": False}
    assert asked == ["burns"]
    assert budget.used > 0.2
