"""CPU time of MiniROCKET beside aeon's own classifier: fitting and answering, on problems that aeon carries.

    python benchmarks/minirocket_speed.py [--rounds 5] [--sets GunPoint ArrowHead]

Both compute the transform of aeon and a ridge regression, in one thread of one process. In every round each
runs once, in turn; a figure is the median over rounds of the CPU time of the process, and a ratio is that of
two medians. Ours also calibrates its probabilities. The number of test cases on which both choose the same
class is printed. Compiling is not measured.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from numpy.typing import NDArray
from recurbench.methods.rocket import minirocket
from recurbench.registry import discover
from recurbench.running.job import build
from recurbench.task import Problem
from threadpoolctl import threadpool_limits

SETS = {
    "GunPoint": "gunpoint",
    "ArrowHead": "arrowhead",
    "ItalyPowerDemand": "italy-power-demand",
    "Trace": "trace",
}
Classes = NDArray[np.int64]


def ours(problem: Problem) -> Classes:
    """The class of every test case by the method `minirocket`."""
    answers = minirocket(problem.task, problem.train, seed=0)(problem.test)
    return np.array([np.argmax(answer) for answer in answers])


def theirs(problem: Problem) -> Classes:
    """The class of every test case by aeon's classifier."""
    known, asked = (
        np.stack([np.asarray(x, dtype=np.float64).T for x in part.x])
        for part in (problem.train, problem.test)
    )
    model = MiniRocketClassifier(random_state=0, n_jobs=1)
    model.fit(known, np.array([int(y[0]) for y in problem.train.y]))
    return np.asarray(model.predict(asked), dtype=np.int64)


def seconds(run: Callable[[Problem], Classes], problem: Problem) -> tuple[float, Classes]:
    """The CPU seconds of one run, and its classes."""
    start = time.process_time()
    found = run(problem)
    return time.process_time() - start, found


def main() -> None:
    """Print a line for each problem."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", default=list(SETS), help=f"some of {', '.join(SETS)}")
    given = parser.parse_args()
    registry = discover()
    print(f"{'problem':18}{'ours, CPU-s':>14}{'aeon, CPU-s':>14}{'ours / aeon':>14}   same class")
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in given.sets:
            problem = build(registry.select_datasets([SETS[name]])[0], None)
            ours(problem), theirs(problem)  # compiles
            rounds = [(seconds(ours, problem), seconds(theirs, problem)) for _ in range(given.rounds)]
            mine, other = (statistics.median(one[k][0] for one in rounds) for k in (0, 1))
            same = min(int((one[0][1] == one[1][1]).sum()) for one in rounds)
            print(f"{name:18}{mine:14.3f}{other:14.3f}{mine / other:14.2f}   {same} of {len(problem.test)}")


if __name__ == "__main__":
    main()
