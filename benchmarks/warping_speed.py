"""CPU time of the nearest-neighbour search under dynamic time warping, beside other libraries.

    python benchmarks/warping_speed.py [--rounds 5] [--sets GunPoint OSULeaf noisy] [--windows .1 1]
    python benchmarks/warping_speed.py --growth     # by length, training size and window; two threads
    python benchmarks/warping_speed.py --learning   # the learned window, beside aeon from scratch
    python benchmarks/warping_speed.py --calls      # aeon pair by pair and as a classifier

Each library gets the same queries, known series and radius, in one thread of one process. In every round each
runs once, in turn; a figure is the median over rounds of the CPU time of the process, and a ratio is
that of two medians. Every round checks that all libraries find the same neighbours; ties go to the first.
Compiling is not measured. dtaidistance and wildboar take part where they are installed. wildboar needs an
older scikit-learn, so install it, dtaidistance and this package into an environment of their own. wildboar's
window is one step narrower than the radius of the others, so it is given one more.
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
from numba import njit
from numpy.typing import NDArray
from recurbench.methods._warping_search import WarpingSearch
from recurbench.methods._warping_windows import neighbours_by_radius
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
    share = found.cells / (inside(length, radius) * len(asked) * len(known))
    print(f"  cells computed: {share:.2%} of those inside the window")


@njit  # type: ignore[untyped-decorator]
def bare(x: Floats, y: Floats, radius: int, rows: Floats) -> float:
    """The squared DTW distance of x [n] and y [n] with a plain loop over all cells of the band."""
    n = len(x)
    rows[:] = np.inf
    rows[0, 0] = 0.0
    for i in range(n):
        above, here = rows[i % 2], rows[1 - i % 2]
        low, high = max(0, i - radius), min(n, i + radius + 1)
        here[low] = np.inf
        for j in range(low, high):
            here[j + 1] = (x[i] - y[j]) ** 2 + min(above[j], above[j + 1], here[j])
        if high < n:
            here[high + 1] = np.inf
    return float(rows[n % 2, n])


def cpu(call: Callable[[], object], rounds: int) -> float:
    """The median CPU time of a call in seconds, after one that is not counted."""
    call()
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        call()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def inside(length: int, radius: int) -> int:
    """The cells of one matrix within the band."""
    return sum(min(length, i + radius + 1) - max(0, i - radius) for i in range(length))


def grow(rounds: int) -> None:
    """Print how the time for a query grows, the cells computed, and their rate beside a bare loop's."""
    print("noisy: known x steps, window; time of a query; cells computed of the matrix; per us; bare loop's")
    for count, length, window in (
        *((200, length, 0.1) for length in (75, 150, 300, 600)),
        *((count, 150, 0.1) for count in (50, 400, 800)),
        *((200, 150, window) for window in (0.0, 0.05, 0.2, 1.0)),
    ):
        asked, known = noisy(20, count, length)
        radius = min(length, math.ceil(window * length))
        search = WarpingSearch(list(known[:, :, None]), radius)
        queries = list(asked[:, :, None])
        seconds = cpu(lambda search=search, queries=queries: search.nearest(queries), rounds)
        cells = search.nearest(queries).cells
        rows = np.empty((2, length + 1))

        def loop(
            asked: Floats = asked, known: Floats = known, radius: int = radius, rows: Floats = rows
        ) -> None:
            for y in known[:50]:
                bare(asked[0], y, radius, rows)

        plain = 50 * inside(length, radius) / cpu(loop, rounds)
        print(
            f"  {count:4} x {length:3} {window:5.0%} {1e6 * seconds / 20:9.1f} us "
            f"{cells / (20 * count * length**2):7.2%} {cells / seconds / 1e6:7.0f} {plain / 1e6:7.0f}"
        )


def beside_one_thread(rounds: int) -> None:
    """Print the wall-clock time of one thread over that of two, the best of the rounds."""
    asked, known = noisy(64)
    search, queries = WarpingSearch(list(known[:, :, None]), 30), list(asked[:, :, None])
    best = {1: math.inf, 2: math.inf}
    for _ in range(rounds + 1):
        for threads in best:
            begun = time.perf_counter()
            search.nearest(queries, threads=threads)
            best[threads] = min(best[threads], time.perf_counter() - begun)
    print(f"two threads: {best[1] / best[2]:.2f} times as fast as one (wall clock, best of {rounds + 1})")


def learn(name: str, rounds: int) -> None:
    """Print the time for the neighbours in the windows 0 to 100 % beside a matrix for each with aeon."""
    _, known = bundled(name, 1)
    length = known.shape[1]
    radii = sorted({math.ceil(percent * length / 100) for percent in range(101)})
    series = list(known[:, :, None])

    def scratch() -> list[NDArray[np.int64]]:
        found = []
        for radius in radii:
            far = dtw_pairwise_distance(known, window=min(1.0, (radius + 0.5) / length))
            np.fill_diagonal(far, np.inf)
            found.append(far.argmin(axis=1))
        return found

    ours = cpu(lambda: neighbours_by_radius(series, radii), rounds)
    begun = time.process_time()
    theirs = scratch()
    taken = time.process_time() - begun
    made = neighbours_by_radius(series, radii)
    same = np.mean(made.indices[:, :, 0] == np.array(theirs))
    print(
        f"{name}, {len(known)} known x {length} steps, {len(radii)} windows: {ours:.3f} s, "
        f"aeon {taken:.2f} s ({taken / ours:.0f} times as long), same neighbours {same:.0%}, "
        f"searches {made.searches / (len(radii) * len(known)):.1%} of those from scratch"
    )


def calls_of_aeon(name: str, rounds: int) -> None:
    """Print the time of aeon's distance pair by pair, and of its classifier, beside ours."""
    from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
    from aeon.distances import dtw_distance

    asked, known = bundled(name, 10**6)
    radius = math.ceil(0.1 * known.shape[1])
    share = (radius + 0.5) / known.shape[1]
    model = KNeighborsTimeSeriesClassifier(1, distance="dtw", distance_params={"window": share})
    model.fit(known[:, None], np.arange(len(known)))
    found = {
        "recurbench": lambda: WarpingSearch(list(known[:, :, None]), radius).nearest(list(asked[:, :, None])),
        "matrix": lambda: dtw_pairwise_distance(asked, known, window=share),
        "pair by pair": lambda: [[dtw_distance(x, y, window=share) for y in known] for x in asked],
        "classifier": lambda: model.predict(asked[:, None]),
    }
    taken = {way: cpu(call, rounds) for way, call in found.items()}
    for way, seconds in taken.items():
        print(
            f"{name}, radius {radius}: {way:13} {1e3 * seconds:9.1f} ms "
            f"{seconds / taken['recurbench']:7.1f} x"
        )


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", default=["GunPoint", "OSULeaf", "noisy"])
    parser.add_argument("--windows", nargs="+", type=float, default=[0.1, 1.0])
    parser.add_argument("--queries", type=int, default=10**6, help="at most so many queries of a set")
    for part in ("growth", "learning", "calls"):
        parser.add_argument(f"--{part}", action="store_true")
    options = parser.parse_args()
    if options.growth:
        grow(options.rounds)
        beside_one_thread(options.rounds)
    if options.learning:
        for name in ("GunPoint", "ArrowHead"):
            learn(name, options.rounds)
    if options.calls:
        calls_of_aeon("GunPoint", options.rounds)
    if options.growth or options.learning or options.calls:
        return
    for name in options.sets:
        asked, known = noisy(min(options.queries, 12)) if name == "noisy" else bundled(name, options.queries)
        for window in options.windows:
            compare(name, asked, known, window, options.rounds)


if __name__ == "__main__":
    main()
