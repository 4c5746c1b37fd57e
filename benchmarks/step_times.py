"""CPU time of an optimizer step, of a fit and of answering, for each network that classifies series.

    python benchmarks/step_times.py [--networks mlp lstm ...] [--rounds 3]

One thread, noisy waves of two classes with one channel: 100 series of 150 steps, and 500 of 300 steps. A step
is the difference between a fit of 25 steps and one of 5, divided by 20, so start-up cancels. A fit is 400
steps, as many as a network takes on so few series. Every figure is a median over rounds, in each of which all
networks come one after the other.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import statistics
import time

import numpy as np
from recurbench import Split, Task, Values
from recurbench.registry import discover, load
from sized import waves

SIZES = ((100, 150), (500, 300))
NETWORKS = (
    *("mlp", "cnn", "tcn", "fcn", "resnet", "inception", "lstm-fcn"),
    *("rnn", "gru", "lstm", "bilstm", "mingru", "lru", "s5", "deltanet", "transformer"),
)
FEW, MORE = 5, 25  # optimizer steps of the two fits
STEPS = 400  # of a fit by default, with fewer than 1,000 training cases
CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def cases(count: int, length: int) -> Split:
    """Waves of two classes; the second class is shifted."""
    series = waves(count, length, 1, seed=0)
    return Split([x + i % 2 for i, x in enumerate(series)], [np.array([i % 2]) for i in range(count)])


def main() -> None:
    """Print one line per network and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    chosen = discover(()).select_methods(options.networks)
    print("| network | series | ms per step | s per fit | s to answer as many |\n|---|---|---|---|---|")
    for count, length in SIZES:
        train = cases(count, length)
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(options.rounds):
            for one in chosen:
                train_by, times = load(one.plugin), list[float]()
                train_by(CLASSES, train, seed=0, steps=1, **one.settings)  # the first fit imports
                for steps in (FEW, MORE):
                    began = time.process_time()
                    predict = train_by(CLASSES, train, seed=0, steps=steps, **one.settings)
                    times.append(time.process_time() - began)
                began = time.process_time()
                list(predict(train))
                found.setdefault(one.address, []).append(
                    ((times[1] - times[0]) / (MORE - FEW), time.process_time() - began)
                )
        for one in chosen:
            step, answer = (statistics.median(each) for each in zip(*found[one.address], strict=True))
            size, fit = f"{count} x {length}", step * STEPS
            print(f"| {one.address} | {size} | {1000 * step:.1f} | {fit:.1f} | {answer:.2f} |", flush=True)


if __name__ == "__main__":
    main()
