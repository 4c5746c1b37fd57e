"""Windows that `dtw-1nn[window=learned]` learns beside the published ones of the UCR archive.

    RECURBENCH_DATA=FOLDER python benchmarks/learned_windows.py SCORES.csv [--most 60000000] [--sets 'T*']

SCORES.csv is a table as for `recurbench published --scores`: columns dataset, method and accuracy, with
methods such as 1NN-DTW(learned_w=4%). The files of the archive must be in FOLDER/ucr (docs/data.md). Series
are padded and z-normalised as in the archive's protocol. Data sets with more than `--most` cells in all
matrices between training examples are left out. A row: the window and the test error that were learned and
published, the error of leave-one-out, and CPU seconds.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import argparse
import time
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from recurbench import catalogue
from recurbench.address import joined
from recurbench.methods.neighbours import dtw_1nn
from recurbench.published_cases import LEARNED
from recurbench.published_table import Printed, read_scores
from recurbench.registry import Registry, discover
from recurbench.running.job import build
from recurbench.task import Problem


def problem(registry: Registry, name: str) -> Problem:
    """The data set as in the archive's protocol."""
    address = joined("ucr", {"name": name, "normalise": "series", "unequal": "pad"})
    (dataset,) = registry.select_datasets([address])
    return build(dataset, None)


def learned(scores: Path, pattern: str) -> list[tuple[Printed, int]]:
    """The published scores of learned windows whose files are here, and their windows in percent."""
    found = []
    for one in read_scores(scores):
        match = LEARNED.fullmatch(one.method.rpartition(":")[2].lower())
        entry = catalogue.entry("ucr", {"name": one.dataset})
        if match and fnmatchcase(one.dataset, pattern) and entry.present(catalogue.data_folder()):
            found.append((one, int(match[1])))
    return found


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scores", type=Path)
    parser.add_argument("--most", type=float, default=6e7)
    parser.add_argument("--sets", default="*")
    options = parser.parse_args()
    registry, windows, errors, sets = discover(), 0, 0, 0
    print("data set                       learned published   test error published  left out  CPU s")
    for one, percent in learned(options.scores, options.sets):
        made = problem(registry, one.dataset)
        train, test = made.train, made.test
        longest = max(len(x) for x in train.x)
        if (len(train) * longest) ** 2 > options.most:
            continue
        begun = time.process_time()
        known = dtw_1nn(made.task, train, window="learned")
        taken = time.process_time() - begun
        answers = known(test.blind())
        wrong = float(np.mean([a.item() != y.item() for a, y in zip(answers, test.y, strict=True)]))
        share = round(100 * known.notes["window"])
        sets, windows = sets + 1, windows + (share == percent)
        errors += round(1 - wrong, 4) == one.value
        print(
            f"{one.dataset:30} {share:5} % {percent:7} % {wrong:12.4f} {1 - one.value:9.4f} "
            f"{known.notes['error_left_out']:9.4f} {taken:6.1f}",
            flush=True,
        )
    print(f"of {sets} sets the same window on {windows}, the same test error on {errors}")


if __name__ == "__main__":
    main()
