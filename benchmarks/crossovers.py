"""Coverage of the interval of a crossing along a difficulty parameter, on simulated lifts.

`python benchmarks/crossovers.py [--draws 1000]` prints, by scenario and number of replicates: the share of
simulations with exactly one crossing, the coverage of its interval (Monte Carlo standard error), the coverage
of plain percentiles, the share of intervals that reach beyond the values of the parameter, and the median
width of the others in steps of the parameter. Seeds are fixed; docs/verdicts.md shows the output.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics import crossover
from recurbench.reports.statistics.crossover import crossing

Floats = NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, int]], Floats]

PAIRS = (5, 10, 20)
DIAL = np.arange(5.0)
TRUTH = 1.7
RESAMPLES = 2000
SEED = 0


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Independent at every value of the difficulty parameter."""
    return rng.standard_normal(shape)


def shared(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Half of the variance is shared by all values of a replicate."""
    return math.sqrt(0.5) * (rng.standard_normal(shape) + rng.standard_normal((shape[0], 1)))


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Student's t with 3 degrees of freedom, of variance 1."""
    return rng.standard_t(3, shape) / math.sqrt(3)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Exponential, one long tail."""
    return rng.exponential(size=shape) - 1


# Change of the true lift from one value to the next, and the noise of a replicate (deviation .25).
SCENARIOS: dict[str, tuple[float, Noise]] = {
    "steep": (0.5, normal),
    "medium": (0.2, normal),
    "shallow": (0.05, normal),
    "medium, shared": (0.2, shared),
    "medium, heavy": (0.2, heavy),
    "medium, skewed": (0.2, skewed),
}


def lifts(slope: float, noise: Noise, pairs: int, rng: np.random.Generator) -> Floats:
    """[replicates, values]: a line that falls through 0 at TRUTH, and noise."""
    return slope * (TRUTH - DIAL) + 0.25 * noise(rng, (pairs, len(DIAL)))


def solved(pairs: int, rng: np.random.Generator) -> Floats:
    """[replicates, values]: whether each is solved, with a probability that falls through .5 at TRUTH."""
    chance = np.clip(0.5 + 0.25 * (TRUTH - DIAL), 0.02, 0.98)
    return (rng.random((pairs, len(DIAL))) < chance).astype(float)


def plain(values: Floats, level: float) -> tuple[float, float]:
    """The same interval by percentiles that are not widened for few replicates."""

    def percentile(values: Floats, _: int) -> float:
        return float(np.sort(values)[math.floor(0.025 * len(values))])

    with patch.object(crossover, "_percentile", percentile):
        found = crossing(DIAL, values, level, resamples=RESAMPLES)
    return found.low, found.high


def line(name: str, draw: Callable[[int, np.random.Generator], Floats], level: float, draws: int) -> None:
    """Print a line of the table for every number of replicates."""
    for pairs in PAIRS:
        held, simple, single, beyond, widths = 0, 0, 0, 0, []
        for number in range(draws):
            values = draw(pairs, np.random.default_rng([SEED, pairs, number]))
            found = crossing(DIAL, values, level, resamples=RESAMPLES)
            if len(found.at) != 1:
                continue
            single += 1
            held += found.low <= TRUTH <= found.high
            low, high = plain(values, level)
            simple += low <= TRUTH <= high
            if math.isinf(found.low) or math.isinf(found.high):
                beyond += 1
            else:
                widths.append(found.high - found.low)
        share, n = held / max(single, 1), max(single, 1)
        error = math.sqrt(share * (1 - share) / n)
        width = f"{np.median(widths):.2f}" if widths else "-"
        print(
            f"{name:<18}{pairs:>6}{single / draws:>9.3f}{share:>9.3f} ({error:.3f}){simple / n:>9.3f}"
            f"{beyond / n:>9.3f}{width:>8}",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument(
        "--draws", type=int, default=1000, help="simulations per scenario and number of replicates"
    )
    draws = asked.parse_args().draws
    print(
        f"{'scenario':<18}{'pairs':>6}{'single':>9}{'holds':>9}{'':>8}{'plain':>9}{'beyond':>9}{'width':>8}"
    )
    for name, (slope, noise) in SCENARIOS.items():
        line(name, lambda pairs, rng, s=slope, n=noise: lifts(s, n, pairs, rng), 0.0, draws)
    line("share solved", solved, 0.5, draws)


if __name__ == "__main__":
    main()
