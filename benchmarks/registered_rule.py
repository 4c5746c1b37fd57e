"""False words of the registered rule, on simulated reports of 14 contrasts with a known truth.

`python benchmarks/registered_rule.py [--reports 1000]` prints the share of reports with a false word by
scenario, with its Monte Carlo standard error. Every contrast is judged at 30 replicates.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from recurbench.reports.statistics.registered_rule import CLAIMS, ERROR, Columns, Outcome, Word, claims_of

AT = Columns((0,), (1,), (2,), 0, 1, 2, 0, 3)
CONTRASTS = 14
# By scenario: outcome, mean skill or solve rate of R, F, W and the twin, words that are false there.
SCENARIOS = {
    "solved, F on .75": (
        Outcome.SOLVED,
        (1, 0.75, 1, 0),
        (Word.CONTEXT, Word.NO_DIFFERENCE, Word.NOT_NEEDED),
    ),
    "solved, R = F = .5": (Outcome.SOLVED, (0.5, 0.5, 0, 0), CLAIMS),
    "graded, L = d": (Outcome.GRADED, (0.65, 0.6, 0.1, 0.1), CLAIMS),
    "graded, L = -d": (Outcome.GRADED, (0.6, 0.65, 0.1, 0.1), (Word.HELPS, Word.HURTS, Word.NO_DIFFERENCE)),
}


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--reports", type=int, default=1000)
    reports = asked.parse_args().reports
    for name, (outcome, means, false) in SCENARIOS.items():
        rng = np.random.default_rng(0)
        shape = (reports, CONTRASTS, 30, 4)
        skills = np.array(means) + 0.02 * rng.standard_normal(shape)
        if outcome is Outcome.SOLVED:
            skills = (rng.random(shape) < np.array(means)).astype(float)
        p = claims_of(skills, AT, outcome)
        share = float(np.any([p[word] <= ERROR / CONTRASTS for word in false], axis=0).any(axis=-1).mean())
        print(f"{name:<22}{share:.3f} ({math.sqrt(share * (1 - share) / reports):.3f})", flush=True)


if __name__ == "__main__":
    main()
