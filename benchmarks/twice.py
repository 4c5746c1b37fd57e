"""How often chance alone makes networks that learned nothing look as if more steps would help.

`primary_contrasts.still_learns` compares a run with a second one at twice the optimizer steps. `python
benchmarks/twice.py [--draws 20000]` simulates four methods that guess, with accuracy on n test sequences as
the score. It prints, by the number of repeated replicates, how often the check says that they still learn: a
skill of .1 or more, or more than .05 above the first run.
"""

from __future__ import annotations

import argparse

import numpy as np
from recurbench.reports.statistics.primary_contrasts import still_learns

SEQUENCES = (200, 400, 1000)
AGAIN = (3, 5, 10)
FIRST = 10  # replicates of the first run
METHODS = 4


def failed(sequences: int, again: int, draws: int, rng: np.random.Generator) -> float:
    """The share of simulations in which guessing methods fail the check; skill is 2 * accuracy - 1."""
    accuracy = rng.binomial(sequences, 0.5, (2, draws, METHODS, max(FIRST, again))) / sequences
    first, twice = 2 * accuracy - 1
    # Validation cannot tell guessing methods apart, so it chooses any of them: here the first.
    now = first[:, 0, :FIRST].mean(axis=1)
    later = twice[:, :, :again].mean(axis=2).max(axis=1)
    return float(still_learns(now, later).mean())


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--draws", type=int, default=20000, help="simulations per row")
    draws = asked.parse_args().draws
    rng = np.random.default_rng(0)
    print("test sequences" + "".join(f"{n:>9} pairs" for n in AGAIN))
    for sequences in SEQUENCES:
        shares = [failed(sequences, again, draws, rng) for again in AGAIN]
        print(f"{sequences:>14}" + "".join(f"{share:>15.3f}" for share in shares))


if __name__ == "__main__":
    main()
