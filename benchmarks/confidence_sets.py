"""How often a model confidence set of nominal level .9 holds what it should, on the test part of one series.

    python benchmarks/confidence_sets.py [--draws 500]

Methods with absolute errors of equal expectation: normal errors, of which all methods share half, with an
autoregressive coefficient of 0 or .5 from origin to origin. Printed: the share of draws in which all methods
stay in the set, with the correction for few blocks (`confidence_set.as_normal`) and without it, and the share
in which a method with 1.5 times the error leaves it. The level promises that all of the best methods stay in
.9 of the draws. It takes about 5 CPU-minutes.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import argparse

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.confidence_set import LEVEL_OF_SET, block_length, p_values, resampled
from recurbench.reports.statistics.long_run import Origins

ORIGINS, METHODS, DEPENDENCE = (10, 20, 40, 80), (2, 5, 10), (0.0, 0.5)
HORIZON, TIMES, WORSE = 6, 400, 1.5


def errors(n: int, methods: int, dependence: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """[n, methods]: absolute errors of equal expectation at n origins that follow each other."""
    noise = rng.normal(size=(n + 50, methods)) + rng.normal(size=(n + 50, 1))
    for now in range(1, len(noise)):
        noise[now] += dependence * noise[now - 1]
    found: NDArray[np.float64] = np.abs(noise[50:])
    return found


def rates(n: int, methods: int, dependence: float, draws: int) -> tuple[float, float, float]:
    """The shares of draws in which all equal methods stay, corrected and not, and a worse one leaves."""
    rng = np.random.default_rng(n * 100 + methods)
    block = block_length(Origins(n, HORIZON, HORIZON))
    kept, plain, left = 0, 0, 0
    for _ in range(draws):
        losses = errors(n, methods, dependence, rng)
        again = resampled(losses, block, TIMES, rng)
        kept += bool((p_values(losses, again, -(-n // block)) > 1 - LEVEL_OF_SET).all())
        plain += bool((p_values(losses, again) > 1 - LEVEL_OF_SET).all())
        scale = np.ones(methods)
        scale[-1] = WORSE
        worse = p_values(losses * scale, again * scale, -(-n // block))
        left += bool(worse[-1] <= 1 - LEVEL_OF_SET)
    return kept / draws, plain / draws, left / draws


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draws", type=int, default=500)
    draws = parser.parse_args().draws
    print(f"{'origins':>7}{'methods':>9}{'AR':>5}{'all stay':>10}{'uncorrected':>13}{'worse leaves':>14}")
    for n in ORIGINS:
        for methods in METHODS:
            for dependence in DEPENDENCE:
                kept, plain, left = rates(n, methods, dependence, draws)
                row = f"{n:>7}{methods:>9}{dependence:>5}{kept:>10.3f}{plain:>13.3f}{left:>14.3f}"
                print(row, flush=True)


if __name__ == "__main__":
    main()
