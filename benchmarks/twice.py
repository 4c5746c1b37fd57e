"""How often a side that learned nothing is taken for one that still learns, by the re-run at twice the steps.

`python benchmarks/twice.py [--draws 20000]` prints, for scores that are shares of right answers among n test
sequences and by the number of pairs run again, how often a side of four methods at chance fails the check of
`recurrence.still_learns` by luck: at .1 of skill or above, or more than .05 above the first run.
"""

from __future__ import annotations

import argparse

import numpy as np
from recurbench.reports.statistics.primary_contrasts import still_learns

SEQUENCES = (200, 400, 1000)
AGAIN = (3, 5, 10)
FIRST = 10  # pairs of the run itself
METHODS = 4


def failed(sequences: int, again: int, draws: int, rng: np.random.Generator) -> float:
    """The share of draws in which a side at chance fails; skill is 2 * accuracy - 1, chance is .5."""
    accuracy = rng.binomial(sequences, 0.5, (2, draws, METHODS, max(FIRST, again))) / sequences
    first, twice = 2 * accuracy - 1
    # Validation knows nothing here, so what it chose is any of the methods.
    now = first[:, 0, :FIRST].mean(axis=1)
    later = twice[:, :, :again].mean(axis=2).max(axis=1)
    return float(still_learns(now, later).mean())


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--draws", type=int, default=20000, help="simulated sides per row")
    draws = asked.parse_args().draws
    rng = np.random.default_rng(0)
    print("test sequences" + "".join(f"{n:>9} pairs" for n in AGAIN))
    for sequences in SEQUENCES:
        shares = [failed(sequences, again, draws, rng) for again in AGAIN]
        print(f"{sequences:>14}" + "".join(f"{share:>15.3f}" for share in shares))


if __name__ == "__main__":
    main()
