"""False words and power of the registered rule, on simulated reports of 14 contrasts with a known truth.

`python benchmarks/registered_rule.py [--reports 1000] [--only PART]` prints four tables: false words of
graded and of all-or-nothing problems, "neither learned", and power. A false word counts as *said* where a
report stopped at the predicted word prints it, and as *possible* where its p passes at any look, whatever was
predicted. In brackets the Monte Carlo standard error. Seeds are fixed; docs/verdicts.md shows the output.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.registered_rule import (
    CLAIMS,
    ERROR,
    LEAST,
    LOOKS,
    TESTED,
    Outcome,
    Word,
    claims_of,
)
from registered_scenarios import GRADED, NEITHER, POWERS, SOLVED, Scenario
from simulated_contrasts import Bools, Contrast, Draws, drawn, false_words

CONTRASTS = 14
BAR = ERROR / CONTRASTS
WORDS = (*TESTED, Word.UNDECIDED)


@dataclass(frozen=True)
class Judged:
    """What the rule says. word: [...] place in WORDS. n: [...] replicates. passed: by look, then by word."""

    word: NDArray[np.int64]
    n: NDArray[np.int64]
    passed: list[dict[Word, Bools]]


def judged(draws: Draws, contrast: Contrast) -> Judged:
    """The rule with its stop at the predicted word, for many contrasts at once."""
    word = np.zeros(draws.memory_is_full.shape, dtype=int)
    n = np.zeros_like(word)
    passed = []
    looks = [size for size, _ in LOOKS[contrast.declared]]
    for size in looks:
        now = _passed(draws, contrast, size)
        passed.append(now)
        ends = (n == 0) & (now[contrast.predicted] | (size == looks[-1]))
        word = np.where(ends, _word(draws.skills[..., :size, :], contrast, now), word)
        n = np.where(ends, size, n)
    return Judged(word, n, passed)


def _passed(draws: Draws, contrast: Contrast, n: int) -> dict[Word, Bools]:
    seen = draws.skills[..., :n, :]
    p = claims_of(seen, contrast.at(False), contrast.declared)
    found = {word: p[word] <= BAR for word in TESTED}
    if draws.memory_is_full.any():
        other = claims_of(seen, contrast.at(True), contrast.declared)[Word.CONTEXT] <= BAR
        found[Word.CONTEXT] = np.where(draws.memory_is_full, other, found[Word.CONTEXT])
    return found


def _word(skills: NDArray[np.float64], contrast: Contrast, passed: dict[Word, Bools]) -> NDArray[np.int64]:
    idle = (skills[..., : contrast.groups[1].stop].mean(axis=-2) < LEAST).all(axis=-1)
    undecided = WORDS.index(Word.UNDECIDED)
    claimed = np.select([passed[word] for word in CLAIMS], [WORDS.index(word) for word in CLAIMS], undecided)
    neither = np.where(passed[Word.NEITHER], WORDS.index(Word.NEITHER), undecided)
    return np.where(idle, neither, claimed)


def simulated(scenario: Scenario, reports: int) -> Iterator[tuple[Contrast, Draws]]:
    """The draws of a report's contrasts, those of one kind together."""
    rng = np.random.default_rng([reports, *scenario.name.encode()])
    for contrast, count in Counter(islice(cycle(scenario.contrasts), CONTRASTS)).items():
        yield contrast, drawn(contrast, reports, count, rng)


def falsehoods(scenario: Scenario, reports: int) -> tuple[Bools, Bools]:
    """[reports]: whether a false word was said, and whether one was possible."""
    said, possible = np.zeros(reports, dtype=bool), np.zeros(reports, dtype=bool)
    for contrast, draws in simulated(scenario, reports):
        false = _false(draws, contrast)
        found = judged(draws, contrast)
        for word in TESTED:
            said |= ((found.word == WORDS.index(word)) & false[word]).any(axis=-1)
            for now in found.passed:
                possible |= (now[word] & false[word]).any(axis=-1)
    return said, possible


def _false(draws: Draws, contrast: Contrast) -> dict[Word, Bools]:
    one, other = (false_words(draws.means, contrast.at(full), contrast.declared) for full in (False, True))
    return {word: np.where(draws.memory_is_full, other[word], one[word]) for word in TESTED}


def share(hits: Bools) -> str:
    """A share with its standard error."""
    part = float(hits.mean())
    return f"{part:.3f} ({math.sqrt(part * (1 - part) / hits.size):.3f})"


def print_false(title: str, families: dict[str, Sequence[Scenario]], reports: int) -> None:
    """A line per family of scenarios: the one with the most false words, by what is possible."""
    print(f"\n{title}\n{'':<34}{'said':>14}{'possible':>15}  worst of")
    for name, scenarios in families.items():
        found = [(each, *falsehoods(each, reports)) for each in scenarios]
        worst, _, possible = max(found, key=lambda each: each[2].mean())
        said = max((each[1] for each in found), key=lambda hits: hits.mean())
        count = f"{len(scenarios)}: {worst.name}" if len(scenarios) > 1 else worst.name
        print(f"{name:<34}{share(said):>14}{share(possible):>15}  {count}", flush=True)


def print_neither(reports: int) -> None:
    """Reports that say "neither learned" falsely, by the test and by the mean over the replicates alone."""
    print(f"\nreports with a false 'neither learned'\n{'':<34}{'by the test':>14}{'by the mean':>15}")
    for scenario in NEITHER:
        (contrast,) = scenario.contrasts
        draws = drawn(contrast, reports, CONTRASTS, np.random.default_rng(0))
        tested = (judged(draws, contrast).word == WORDS.index(Word.NEITHER)).any(axis=-1)
        sides = draws.skills[..., : contrast.groups[1].stop].mean(axis=-2)
        bare = (sides < LEAST).all(axis=-1).any(axis=-1)
        print(f"{scenario.name:<34}{share(tested):>14}{share(bare):>15}", flush=True)


def print_power(reports: int) -> None:
    """A line per truth: share that passes the true word by each look, and replicates until it stops."""
    print("\nshare that passes the word by each look; mean replicates until it stops")
    for outcome in Outcome:
        looks = [n for n, _ in LOOKS[outcome]]
        print(f"{outcome + ', R4 F4 W2':<52}" + "".join(f"{n:>7}" for n in looks) + "   stops at")
        for name, contrast in POWERS.items():
            if contrast.declared is not outcome:
                continue
            draws = drawn(contrast, reports, 1, np.random.default_rng([1, *name.encode()]))
            found = judged(draws, contrast)
            shares = "".join(f"{now[contrast.predicted].mean():>7.3f}" for now in found.passed)
            print(f"{name:<52}{shares}   {found.n.mean():>8.1f}", flush=True)
    print(f"standard error of a share: at most {0.5 / math.sqrt(reports):.3f}")


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--reports", type=int, default=1000)
    asked.add_argument("--only", choices=("graded", "solved", "neither", "power"))
    options = asked.parse_args()
    reports, only = options.reports, options.only
    if only in (None, "graded"):
        print_false("graded: reports with a false word", GRADED, reports)
    if only in (None, "solved"):
        print_false("all or nothing: reports with a false word", SOLVED, reports)
    if only in (None, "neither"):
        print_neither(reports)
    if only in (None, "power"):
        print_power(reports)


if __name__ == "__main__":
    main()
