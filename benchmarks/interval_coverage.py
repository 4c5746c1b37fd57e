"""How often the intervals of forecasts contain the true value: on files, and in a simulation.

    python benchmarks/interval_coverage.py [FOLDER ...]

Files: the CSV files in the folders, each run with its default protocol and four cheap methods; the method
that validation chose. Coverage of the test values by intervals made from the errors that were known at each
origin, and by intervals made from the validation errors alone. Simulation: errors of AR(1) processes over a
horizon of 12 steps; intervals from n held-out forecasts, and the share of a new forecast's errors that they
contain.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import numpy as np
from recurbench.api import Request, perform
from recurbench.api import prepare as planned
from recurbench.forecasting.beyond import Question, prepare
from recurbench.forecasting.conformal import LEVELS, half_widths
from recurbench.forecasting.held_out import rolling_coverage, validation_coverage

METHODS = ("theta", "drift", "mean", "seasonal-naive")
MEMORY = (0.0, 0.5, 0.9, 1.0)
HELD_OUT = (3, 6, 13, 25, 50, 100)
STEPS, DRAWS = 12, 1000


def on_files(folders: list[str]) -> Iterator[dict[str, float]]:
    """For each file the coverage by level and kind; a file that cannot be run is named on standard error."""
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*.csv")):
        with tempfile.TemporaryDirectory() as out:
            try:
                perform(planned(Request(data=path, methods=METHODS, out=out, jobs=0)))
                found = prepare(out, Question()).held_out
            except ValueError as error:
                print(f"{path.name}: {error}", file=sys.stderr)
                continue
        shares = {}
        for level in LEVELS:
            kinds = {"known": rolling_coverage(found, level), "validation": validation_coverage(found, level)}
            shares |= {f"{kind} {level:g}": one.share for kind, one in kinds.items() if one is not None}
        yield shares


def simulated(memory: float, count: int) -> list[float]:
    """The coverage at each of LEVELS, with `count` held-out forecasts."""
    rng = np.random.default_rng([int(10 * memory), count])
    inside = np.zeros(len(LEVELS))
    for _ in range(DRAWS):
        errors = rng.normal(size=(count + 1, STEPS))
        for step in range(1, STEPS):
            errors[:, step] += memory * errors[:, step - 1]
        for place, level in enumerate(LEVELS):
            widths = half_widths(errors[:-1, :, None], level).values[:, 0]
            inside[place] += np.mean(np.abs(errors[-1]) <= widths)
    return (inside / DRAWS).tolist()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Coverage of conformal intervals.")
    parser.add_argument("folders", nargs="*", metavar="FOLDER")
    files = list(on_files(parser.parse_args().folders))
    for name in files[0] if files else ():
        shares = [each[name] for each in files if name in each]
        print(
            f"{len(shares)} files, errors: {name:<16} lowest {min(shares):.2f}  median "
            f"{np.median(shares):.2f}  highest {max(shares):.2f}"
        )
    print("AR(1)  " + "  ".join(f"{count:>4} held out" for count in HELD_OUT))
    for memory in MEMORY:
        cells = ["/".join(f"{share:.2f}" for share in simulated(memory, count)) for count in HELD_OUT]
        print(f"{memory:<5}  " + "  ".join(f"{cell:>13}" for cell in cells))


if __name__ == "__main__":
    main()
