"""CPU time of the nearest-neighbour search under dynamic time warping, beside other libraries.

    python benchmarks/warping_speed.py [--rounds 5] [--sets GunPoint OSULeaf noisy] [--windows .1 1]

Each library gets the same queries, known series and radius, in one thread of one process. In every round each
runs once, in turn; a figure is the median over rounds of the CPU time of the process, and a ratio is
that of two medians. Every round checks that all libraries find the same neighbours; ties go to the first.
Compiling is not measured. dtaidistance and wildboar take part where they are installed; wildboar's window is
one step narrower than the radius of the others, so it is given one more.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import math
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import aeon
import numpy as np
from aeon.datasets import load_from_ts_file
from aeon.distances import dtw_pairwise_distance
from numpy.typing import NDArray
from recurbench.methods._warping_search import WarpingSearch
from tslearn.metrics import cdist_dtw

Floats = NDArray[np.float64]
Finder = Callable[[], NDArray[np.int64]]


def bundled(name: str, queries: int) -> tuple[Floats, Floats]:
    """Queries and known series [n, T] of a problem that aeon carries: its test and its train part."""
    folder = Path(aeon.__file__).parent / "datasets" / "data" / name
    known, asked = (load_from_ts_file(str(folder / f"{name}_{part}.ts"))[0] for part in ("TRAIN", "TEST"))
    return np.ascontiguousarray(asked[:queries, 0]), np.ascontiguousarray(known[:, 0])


def noisy(queries: int, count: int = 500, length: int = 300) -> tuple[Floats, Floats]:
    """Cylinder, bell and funnel under noise (Saito 1994): lower bounds leave few series out."""
    rng = np.random.default_rng(0)
    made = np.empty((queries + count, length))
    for series in made:
        start = int(rng.integers(length // 8, length // 4))
        width = int(rng.integers(length // 4, 3 * length // 4))
        time_ = (np.arange(length) - start) / width
        shape = ((time_ >= 0) & (time_ <= 1)) * [np.ones(length), time_, 1 - time_][int(rng.integers(3))]
        series[:] = (6 + rng.normal()) * shape + rng.normal(size=length)
    made = (made - made.mean(axis=1, keepdims=True)) / made.std(axis=1, keepdims=True)
    return made[:queries], made[queries:]


def finders(asked: Floats, known: Floats, radius: int) -> dict[str, Finder]:
    """What each library does to find the index of the nearest known series of every query."""
    length = known.shape[1]
    ours_asked, ours_known = list(asked[:, :, None]), list(known[:, :, None])
    band = {} if radius >= length else {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": radius}
    # aeon takes a share of the length and rounds down.
    share = None if radius >= length else (radius + 0.5) / length
    found: dict[str, Finder] = {
        "recurbench": lambda: WarpingSearch(ours_known, radius).nearest(ours_asked).indices[:, 0],
        "aeon": lambda: dtw_pairwise_distance(asked, known, window=share).argmin(axis=1),
        "tslearn": lambda: cdist_dtw(asked, known, n_jobs=1, **band).argmin(axis=1),
    }
    if find_spec("dtaidistance"):
        from dtaidistance import dtw

        both, edge = np.concatenate([asked, known]), len(asked)
        blocks = ((0, edge), (edge, len(both)))

        def dtai() -> NDArray[np.int64]:
            far = dtw.distance_matrix_fast(both, window=min(radius, length) + 1, block=blocks, parallel=False)
            return np.asarray(far[: len(asked), len(asked) :].argmin(axis=1))

        found["dtaidistance"] = dtai
    if find_spec("wildboar"):
        from wildboar.distance import argmin_distance

        wide = {"r": min(1.0, (radius + 1.5) / length)}
        found["wildboar"] = lambda: argmin_distance(asked, known, k=1, metric="dtw", metric_params=wide)[:, 0]
    return found


def compare(name: str, asked: Floats, known: Floats, window: float, rounds: int) -> None:
    """Print one row for every library."""
    length = known.shape[1]
    radius = length if window >= 1 else math.ceil(window * length)
    each = finders(asked, known, radius)
    taken: dict[str, list[float]] = {library: [] for library in each}
    print(f"{name}, {len(asked)} queries x {len(known)} known x {length} steps, radius {radius}")
    small = finders(asked[:2], known[:3], radius)
    for find in small.values():
        find()
    agree = dict.fromkeys(each, 1.0)
    for _ in range(rounds):
        answers = {}
        for library, find in each.items():
            begun = time.process_time()
            answers[library] = find()
            taken[library].append(time.process_time() - begun)
        for library, answer in answers.items():
            agree[library] = min(agree[library], float(np.mean(answer == answers["recurbench"])))
    ours = statistics.median(taken["recurbench"])
    for library, seconds in taken.items():
        median = statistics.median(seconds)
        ratio = f"{1e3 * median:10.1f} ms  {median / ours:7.1f} x"
        print(f"  {library:14} {ratio}  same neighbours {agree[library]:.0%}")
    search = WarpingSearch(list(known[:, :, None]), radius)
    found = search.nearest(list(asked[:, :, None]))
    inside = sum(min(length, i + radius + 1) - max(0, i - radius) for i in range(length))
    share = found.cells / (inside * len(asked) * len(known))
    print(f"  cells computed: {share:.2%} of those inside the window")


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", default=["GunPoint", "OSULeaf", "noisy"])
    parser.add_argument("--windows", nargs="+", type=float, default=[0.1, 1.0])
    parser.add_argument("--queries", type=int, default=10**6, help="at most so many queries of a set")
    options = parser.parse_args()
    for name in options.sets:
        asked, known = noisy(min(options.queries, 12)) if name == "noisy" else bundled(name, options.queries)
        for window in options.windows:
            compare(name, asked, known, window, options.rounds)


if __name__ == "__main__":
    main()
