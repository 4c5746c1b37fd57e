"""What changes if a graded problem needs both rules where several methods together have solved and lost fits.

`python benchmarks/mixed_fits.py [--reports 1000]` prints two lines, each by the rule as it is (one method has
both kinds of fit) and by the other reading (the judged methods together have both). The first says how often
a true "context helps" passes at some look. The second says how many reports of 14 contrasts have a false word
where every problem is all or nothing and was declared graded. docs/verdicts.md shows the figures. Seeds are
fixed.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.registered_rule import (
    ERROR,
    LOOKS,
    LOST,
    SOLVED,
    TESTED,
    Outcome,
    Word,
    claims_of,
)
from registered_scenarios import UNDECLARED
from simulated_contrasts import Bools, Contrast, Draws, drawn, false_words, normal

CONTRASTS = 14
LEVEL = Contrast((0.93,) * 4, (0.93,) * 4, (0.2,) * 2, 0.1, normal, Outcome.GRADED, Word.CONTEXT)


def together(skills: NDArray[np.float64]) -> Bools:
    """[...]: whether the methods together have a solved and a lost fit.

    skills: [..., replicates, methods].
    """
    over = (-2, -1)
    return np.asarray((skills >= SOLVED).any(axis=over) & (skills <= LOST).any(axis=over))


def passed(draws: Draws, contrast: Contrast) -> tuple[dict[Word, Bools], dict[Word, Bools]]:
    """By word [reports, contrasts], where its p passes at some look: by the rule, by the other reading."""
    none = dict.fromkeys(TESTED, np.zeros(draws.memory_is_full.shape, dtype=bool))
    by_rule, by_other = dict(none), dict(none)
    at, bar = contrast.at(False), ERROR / CONTRASTS
    for n, _ in LOOKS[Outcome.GRADED]:
        seen = draws.skills[..., :n, :]
        one = claims_of(seen, at, Outcome.GRADED)
        exact = claims_of(seen, at, Outcome.SOLVED)
        mixed = together(seen[..., at.judged])
        for word, p in one.items():
            by_rule[word] = by_rule[word] | (p <= bar)
            by_other[word] = by_other[word] | (np.where(mixed, np.maximum(p, exact[word]), p) <= bar)
    return by_rule, by_other


def found(reports: int) -> tuple[float, float]:
    """The share of contrasts that pass a true "context helps", by both readings."""
    draws = drawn(LEVEL, reports, 1, np.random.default_rng(1))
    one, other = passed(draws, LEVEL)
    return float(one[Word.CONTEXT].mean()), float(other[Word.CONTEXT].mean())


def falsehoods(reports: int) -> tuple[float, float]:
    """The share of reports with a false word, by both readings."""
    contrast = UNDECLARED["1 / .75"]
    draws = drawn(contrast, reports, CONTRASTS, np.random.default_rng(1))
    false = false_words(draws.means, contrast.at(False), contrast.declared)
    one, other = (
        np.any([words[word] & false[word] for word in TESTED], axis=0) for words in passed(draws, contrast)
    )
    return float(one.any(axis=-1).mean()), float(other.any(axis=-1).mean())


def main() -> None:
    """Print the two lines."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--reports", type=int, default=1000)
    reports = asked.parse_args().reports
    print(f"{'':<52}{'one method':>12}{'together':>12}")
    for name, (one, other) in {
        "true: context helps, R and F .93, W .2, sd .02": found(reports),
        "false: undeclared, 1 / .75": falsehoods(reports),
    }.items():
        print(f"{name:<52}{one:>12.3f}{other:>12.3f}")


if __name__ == "__main__":
    main()
