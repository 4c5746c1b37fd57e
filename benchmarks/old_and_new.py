"""The rule of the first registration beside that of the second, on the same simulated skills.

`python benchmarks/old_and_new.py [--reports 50]` prints the share of reports of 14 contrasts with a false
word, and the share of contrasts that get the right one. The old rule judges the first 10 or 20 replicates,
the new one up to 30 with its stop. A word counts as false by what its own rule says it means: the old one
compares mean skill with a margin everywhere. Seeds are fixed.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from recurbench.reports.statistics.registered_rule import Word
from recurbench.reports.statistics.verdicts import Skills, judge, parts_of
from registered_rule import CONTRASTS, WORDS, falsehoods, judged, share, simulated
from registered_scenarios import DECLARED, GRADED, POWERS, UNDECLARED, Scenario, alone
from simulated_contrasts import Bools, Contrast, Floats, drawn
from verdicts import HELPS, HURTS, MEMORY, NO_DIFFERENCE, Truth

PAIRS = (10, 20)
SAME = {Word.HELPS: HELPS, Word.HURTS: HURTS, Word.CONTEXT: MEMORY, Word.NO_DIFFERENCE: NO_DIFFERENCE}
SCENARIOS = {
    "normal, edges in turn": GRADED["edges in turn, normal"],
    "R skewed down, edges in turn": GRADED["edges in turn, R down"],
    "normal, easy and edges": GRADED["mixed truth, normal"][:1],
    "both kinds, easy and edges": GRADED["mixed truth, normal"][3:4],
    **{f"declared, {name}": alone({name: DECLARED[name]}) for name in (".55 / .5", ".95 / .9", "1 / .75")},
    **{f"undeclared, {name}": alone({name: UNDECLARED[name]}) for name in (".95 / .9", "1 / .75")},
}
RIGHT = (
    "helps, 1 v 0",
    "helps, R 1, 1, .8, 0 v 0",
    "hurts, 1 v .5",
    "no difference, all 1",
    "recurrence helps by 0.2, sd 0.08",
    "no difference, sd 0.028",
)


def skills_of(contrast: Contrast, test: Floats, rng: np.random.Generator) -> Skills:
    """What the old rule reads of [pairs, methods]; in pools validation is the test skill with added noise."""
    sides = [np.arange(each.start, each.stop) for each in contrast.groups]
    twin = test.shape[1] - 1
    r, f, w = (tuple(f"m{i:02}" for i in each) for each in sides)
    names = [f"m{i:02}" for i in range(test.shape[1])]
    valid = test if len(r) == 1 else test + contrast.scale * rng.standard_normal(test.shape)
    tables = (pd.DataFrame(table, columns=names) for table in (test, valid))
    return Skills(*tables, r, f, w, dict.fromkeys(r, names[twin]))


def truth_of(contrast: Contrast) -> Truth:
    """The best of each group, which is what the old words are about."""
    return Truth(max(contrast.recurrent), contrast.twin, max(contrast.full), max(contrast.window))


def old_falsehoods(scenario: Scenario, reports: int, pairs: int) -> Bools:
    """[reports]: whether the old rule says a false word."""
    rng = np.random.default_rng(0)
    blocks = list(simulated(scenario, reports))
    wrong = np.zeros(reports, dtype=bool)
    for i in range(reports):
        each = [(contrast, skills) for contrast, draws in blocks for skills in draws.skills[i, :, :pairs]]
        found = judge([parts_of(skills_of(contrast, skills, rng)) for contrast, skills in each])
        wrong[i] = any(
            not truth_of(contrast).holds(verdict.code)
            for (contrast, _), verdict in zip(each, found, strict=True)
        )
    return wrong


def old_right(contrast: Contrast, skills: Floats, pairs: int) -> Bools:
    """[contrasts]: whether the old rule says the right word, as one of 14 contrasts."""
    rng = np.random.default_rng(0)
    want = SAME[contrast.predicted]
    parts = [parts_of(skills_of(contrast, each[:pairs], rng)) for each in skills[:, 0]]
    return np.array([judge([each], family=CONTRASTS)[0].code == want for each in parts])


def head(title: str) -> str:
    """The head of a table."""
    return f"{title:<34}" + "".join(f"{f'old, {n}':>15}" for n in PAIRS) + f"{'new':>15}"


def print_false(reports: int) -> None:
    """A line per scenario: the share of reports with a false word."""
    print(head("reports with a false word"))
    for name, (scenario,) in SCENARIOS.items():
        old = "".join(f"{share(old_falsehoods(scenario, reports, n)):>15}" for n in PAIRS)
        print(f"{name:<34}{old}{share(falsehoods(scenario, reports)[0]):>15}", flush=True)


def print_right(reports: int) -> None:
    """A line per truth: the share of contrasts that get its word."""
    print(head("contrasts with the right word"))
    for name in RIGHT:
        contrast = POWERS[name]
        draws = drawn(contrast, reports, 1, np.random.default_rng([1, *name.encode()]))
        old = "".join(f"{share(old_right(contrast, draws.skills, n)):>15}" for n in PAIRS)
        new = judged(draws, contrast).word == WORDS.index(contrast.predicted)
        print(f"{name:<34}{old}{share(new):>15}", flush=True)


def main() -> None:
    """Print both tables."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--reports", type=int, default=50)
    asked.add_argument("--only", choices=("false", "right"))
    options = asked.parse_args()
    if options.only != "right":
        print_false(options.reports)
    if options.only != "false":
        print_right(options.reports)


if __name__ == "__main__":
    main()
