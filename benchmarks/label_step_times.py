"""CPU time of an optimizer step of each network that answers every step of a sequence.

    python benchmarks/label_step_times.py [--networks lstm lru ...] [--lengths 40 100] [--rounds 5]

One thread; 640 sequences of random bits, all of one length, labelled with their running parity; batches of
64. A step is the difference between a fit of 25 steps and one of 5, divided by 20, so start-up cancels. Every
figure is a median over rounds, in each of which all networks come one after the other. "Default" is the
network as it is, "5,000" the one with about so many parameters.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import statistics
import time

import numpy as np
from recurbench import Split, Task, Values
from recurbench.registry import Choice, discover, load

NETWORKS = ("lstm", "gru", "mingru", "lru", "s5", "deltanet", "deltanet-signed", "tcn", "transformer")
FEW, MORE = 5, 25  # optimizer steps of the two fits
BITS = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)


def parities(count: int, length: int) -> Split:
    """Random bits and their running sum modulo 2."""
    bits = np.random.default_rng(0).integers(2, size=(count, length))
    return Split(list(bits), [each.cumsum() % 2 for each in bits])


def step_ms(one: Choice, train: Split, parameters: int) -> float:
    """CPU milliseconds of an optimizer step of this network."""
    size = {"parameters": parameters} if parameters else {}
    times = []
    for steps in (FEW, MORE):
        began = time.process_time()
        load(one.plugin)(BITS, train, seed=0, steps=steps, **{**one.settings, **size})
        times.append(time.process_time() - began)
    return 1000 * (times[1] - times[0]) / (MORE - FEW)


def main() -> None:
    """Print one line per network, with a column per length and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--lengths", nargs="+", type=int, default=[40, 100])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = discover(()).select_methods(options.networks)
    cases = [(length, size) for length in options.lengths for size in (0, 5000)]
    found: dict[tuple[str, int, int], list[float]] = {}
    for length, size in cases:
        train = parities(640, length)
        for _ in range(options.rounds):
            for one in chosen:
                found.setdefault((one.address, length, size), []).append(step_ms(one, train, size))
    heads = [f"{length} steps, {f'{size:,}' if size else 'default'}" for length, size in cases]
    print(f"| network | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for one in chosen:
        cells = [f"{statistics.median(found[one.address, *case]):.1f}" for case in cases]
        print(f"| {one.address} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
