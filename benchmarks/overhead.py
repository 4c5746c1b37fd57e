"""CPU time of the runner itself: per trivial job in a worker, and per job that is stored already.

Prints process CPU time (children included), the median of several interleaved rounds: for a job in a warm
worker, for a third-party method, and for a method that needs a new worker for every job. If `benchopt` is on
the PATH, its time per trivial job is measured in the same rounds.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from recurbench.api import Request, perform, prepare
from recurbench.isolation.replaced import Names
from recurbench.planning.plan_costs import prospects

PLUGIN = '''
"""A problem and methods that cost nothing."""

import os

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset, method

ABOUT = About("generated", "none needed", "none", "mean", "mse")


@dataset("nothing", kind="regression")
def nothing(*, number=0):
    """Three numbers."""
    x = [np.full((2, 1), float(i)) for i in range(3)]
    split = Split(x, [np.array([[float(i)]]) for i in range(3)])
    task = Task("regression", Values(1), Values(1), "fixed")
    return Problem(task, split, split, ABOUT, valid=split)


@method("zero", family="baseline", kinds={"regression"})
def zero(task, train, *, height=0):
    """Answer with a constant."""
    return lambda split: [np.full((1, 1), float(height)) for _ in split.x]


@method("changes", family="baseline", kinds={"regression"})
def changes(task, train):
    """Answer with a constant, and replace a function of the standard library."""
    os.cpu_count = lambda: 1
    return lambda split: [np.zeros((1, 1)) for _ in split.x]
'''
TINY = "adding[n_train=4,n_valid=4,n_test=4,length=4]"
SOLVER = """
from benchopt import BaseSolver
class Solver(BaseSolver):
    name = "zero"
    sampling_strategy = "run_once"
    parameters = {"height": list(range(%d))}
    def set_objective(self, x): self.x = x
    def run(self, _): self.answer = float(self.height)
    def get_result(self): return {"answer": self.answer}
"""
OBJECTIVE = """
from benchopt import BaseObjective
class Objective(BaseObjective):
    name = "zero"
    min_benchopt_version = "1.6"
    def set_data(self, x): self.x = x
    def evaluate_result(self, answer): return {"value": answer}
    def get_objective(self): return {"x": self.x}
    def get_one_result(self): return {"answer": 0.0}
"""
DATASET = """
from benchopt import BaseDataset
class Dataset(BaseDataset):
    name = "nothing"
    def get_data(self): return {"x": 1.0}
"""


def cpu() -> float:
    """CPU seconds of this process and of all children it has waited for."""
    this, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return this.ru_utime + this.ru_stime + children.ru_utime + children.ru_stime


def cells(folder: Path, count: int, workers: int) -> float:
    """CPU seconds of a run of `count` trivial jobs, two rows each."""
    plugin = folder / "nothing.py"
    plugin.write_text(PLUGIN)
    methods = [f"zero[height={i}]" for i in range(1, count)]
    start = cpu()
    plan = prepare(
        Request(
            methods=["mean", *methods],
            datasets=["nothing"],
            plugins=[plugin],
            out=folder / str(count),
            jobs=workers,
        )
    )
    perform(plan)
    return cpu() - start


def samples(folder: Path, method: str, count: int) -> float:
    """CPU seconds of a run of a method, and of the reference `mean`, on samples of a small problem."""
    start = cpu()
    out = folder / f"{method}{count}"
    plugins = [folder / "nothing.py"] if method != "mean" else []
    perform(
        prepare(Request(methods=[method], datasets=[TINY], plugins=plugins, seeds=count, out=out, jobs=1))
    )
    return cpu() - start


def third_party(folder: Path, few: int, many: int) -> tuple[float, float, float, float]:
    """CPU seconds per job of a built-in and a third-party method, of its worker, and with new workers."""
    mean = [samples(folder, "mean", count) for count in (few, many)]
    zero = [samples(folder, "zero", count) for count in (few, many)]
    changes = [samples(folder, "changes", count) for count in (few // 2, few)]
    ours = (mean[1] - mean[0]) / (many - few)
    theirs = (zero[1] - zero[0]) / (many - few) - ours
    start = zero[0] - mean[0] - few * theirs
    return ours, theirs, start, (changes[1] - changes[0]) / (few - few // 2) - ours


def comparison() -> tuple[float, float]:
    """Seconds to record the names in all modules that a method may import, and to compare them once."""
    for name in ("statsmodels.api", "torch", "sklearn.ensemble", "scipy.stats", "aeon", "tslearn", "numba"):
        importlib.import_module(name)
    start = time.process_time()
    names = Names()
    noted = time.process_time()
    names.replaced()
    return noted - start, time.process_time() - noted


def cached(folder: Path, count: int) -> float:
    """CPU seconds to plan and skip `count` finished jobs."""
    plan = prepare(
        Request(
            methods=["zero", "mean"],
            datasets=["nothing"],
            plugins=[folder / "nothing.py"],
            out=folder / "cached",
            jobs=1,
        )
    )
    perform(plan)
    methods = [f"zero[height={i}]" for i in range(1, count)]
    request = Request(
        methods=methods, datasets=["nothing"], plugins=[folder / "nothing.py"], out=folder / "many", jobs=0
    )
    if not (folder / "many").exists():
        perform(prepare(request))
    start = cpu()
    plan = prepare(request)
    planned = prospects(plan.jobs, plan.folder)
    tally = perform(plan)
    assert tally.cached == len(planned) == count, (tally, len(planned))
    return cpu() - start


def benchopt(folder: Path, count: int) -> float:
    """CPU seconds of a benchopt run of `count` trivial cells."""
    home = folder / f"peer{count}"
    for name in ("solvers", "datasets"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "objective.py").write_text(OBJECTIVE)
    (home / "solvers" / "zero.py").write_text(SOLVER % count)
    (home / "datasets" / "nothing.py").write_text(DATASET)
    start = cpu()
    command = ["benchopt", "run", str(home), "--no-plot", "--no-html", "-n", "1", "-r", "1", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the peer failed:\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
    return cpu() - start


def main(count: int, planned: int, rounds: int) -> None:
    """Measure everything and print the medians."""
    peer = shutil.which("benchopt")
    few, ours, theirs, skipped, foreign = count // 10, [], [], [], []
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(rounds):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            # The start-up time cancels in the difference of two sizes.
            ours.append((cells(folder, count, 1) - cells(folder, few, 1)) / (count - few))
            if peer:
                theirs.append((benchopt(folder, count) - benchopt(folder, few)) / (count - few))
            skipped.append(cached(folder, planned))
            foreign.append(third_party(folder, few, count))
    per_job = statistics.median(ours)
    print(f"recurbench: {1000 * per_job:.2f} ms CPU per trivial job of two rows, isolated and durable")
    if peer:
        ratio = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
        per_cell = 1000 * statistics.median(theirs)
        print(f"benchopt:   {per_cell:.2f} ms CPU per trivial cell, {ratio:.1f} times ours")
    built_in, third, start, fresh = (statistics.median(each) for each in zip(*foreign, strict=True))
    print(f"built-in method:    {1000 * built_in:.2f} ms CPU per job of two rows, in a warm worker")
    print(f"third-party method: {1000 * third:.2f} ms per job, and once {start:.2f} s to start its worker")
    print(f"method that replaces a function: {1000 * fresh:.0f} ms per job, each in a new worker")
    noted, compared = comparison()
    print(f"names: {1000 * noted:.0f} ms to record, {1000 * compared:.0f} ms to compare, all packages loaded")
    print(f"recurbench: {statistics.median(skipped):.2f} s CPU to plan and skip {planned} cached jobs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=300, help="jobs of the larger run; at least 40")
    parser.add_argument("--cached", type=int, default=10_000, help="finished jobs to plan and skip")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    began = time.perf_counter()
    main(options.cells, options.cached, options.rounds)
    print(f"{time.perf_counter() - began:.0f} s in all")
