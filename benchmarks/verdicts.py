"""Error rate and power of the verdicts, on simulated results with a known truth.

`python benchmarks/verdicts.py [--reports 120] [--only NAME]` prints two tables. The first has, by scenario,
the share of reports of 14 contrasts with any false verdict, for 3, 5, 10 and 20 replicates, with its Monte
Carlo standard error. The second has, by verdict and kind of skills, the share of contrasts that get this
verdict, for 10 and 20 replicates and true differences of .1, .2, .5 and 1. `--examples` prints a data set for
each verdict. Seeds are fixed; docs/verdicts.md shows the output.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.verdicts import CLAIMS, Skills, judge, parts_of

HELPS, HURTS, MEMORY, NO_DIFFERENCE = CLAIMS

Floats = NDArray[np.float64]
Noise = Callable[
    [np.random.Generator, int, Floats], Floats
]  # generator, pairs, [methods] -> [pairs, methods]

CONTRASTS = 14
SEED = 0
PAIRS = (3, 5, 10, 20)
EFFECTS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Truth:
    """The true mean skills of one contrast: of the best R, its cut twin, the best F and the best W."""

    recurrent: float
    cut: float
    full: float
    window: float

    def holds(self, word: ContrastVerdict) -> bool:
        """Whether a verdict is right. Exactly on the margin, no verdict is right that needs a side of it.

        Differences are rounded to twelve places, so that .55 - .5 lies on the margin.
        """
        lift, cut, context = (
            round(value, 12)
            for value in (
                self.recurrent - self.full,
                self.recurrent - self.cut,
                max(self.recurrent, self.full) - self.window,
            )
        )
        return {
            HELPS: lift > MARGIN and cut > MARGIN,
            HURTS: lift < -MARGIN,
            MEMORY: context > MARGIN and lift < MARGIN,
            NO_DIFFERENCE: abs(lift) < MARGIN and abs(context) < MARGIN,
        }.get(word, True)


EQUAL = (Truth(0.6, 0.6, 0.6, 0.6),)
# In each, one or two verdicts are just not right, and all their other conditions clearly hold.
EDGES = (
    Truth(0.6 + MARGIN, 0.1, 0.6, 0.1),  # L = d: not "helps", not "context helps"
    Truth(0.6, 0.1, 0.6 + MARGIN, 0.1),  # L = -d: not "hurts"
    Truth(0.6, 0.1, 0.6, 0.6 - MARGIN),  # C = d: not "context helps", not "no difference"
    Truth(0.8, 0.8 - MARGIN, 0.3, 0.1),  # L_cut = d: not "helps"
)
CLEAR = (Truth(0.9, 0.1, 0.4, 0.1), Truth(0.4, 0.1, 0.9, 0.1))


@dataclass(frozen=True)
class Scenario:
    """How skills vary around their true means, and the true means that the contrasts have in turn."""

    noise: Noise
    truths: tuple[Truth, ...]
    pool: int = 1  # methods on each side
    jumps: bool = False  # whether the report is told that results are all or nothing

    def contrast(self, truth: Truth, pairs: int, rng: np.random.Generator) -> Skills:
        """One contrast. Validation scores are the test skills with added noise."""
        sides = {"r": truth.recurrent, "f": truth.full, "w": truth.window, "c": truth.cut}
        names = [f"{side}{i}" for side in sides for i in range(self.pool)]
        means = np.repeat(np.array(list(sides.values())), self.pool)
        test = self.noise(rng, pairs, means)
        valid = test if self.pool == 1 else test + 0.1 * rng.standard_normal(test.shape)
        r, f, w, c = (tuple(n for n in names if n[0] == side) for side in sides)
        return Skills(
            pd.DataFrame(test, columns=names),
            pd.DataFrame(valid, columns=names),
            r,
            f,
            w,
            dict(zip(r, c, strict=True)),
            self.jumps,
        )


def normal(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """Independent normal skills, .1 wide."""
    return means + 0.1 * rng.standard_normal((pairs, len(means)))


def narrow(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """Independent normal skills, .02 wide."""
    return means + 0.02 * rng.standard_normal((pairs, len(means)))


def heavy(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """Student's t with three degrees of freedom: a few replicates are far off."""
    return means + 0.1 * rng.standard_t(3, (pairs, len(means)))


def unequal(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """Normal; the deviation differs between replicates, from .02 to .5."""
    return means + np.geomspace(0.02, 0.5, pairs)[:, None] * rng.standard_normal((pairs, len(means)))


def skewed(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """R exponential with its tail downward, mostly a little better than its mean; the rest within .01."""
    skills = means + 0.01 * rng.standard_normal((pairs, len(means)))
    skills[:, 0] += 0.1 * (1 - rng.standard_exponential(pairs))
    return skills


def solved(rng: np.random.Generator, pairs: int, means: Floats) -> Floats:
    """Skill 1 with the mean as its probability, else 0, with a little noise: all or nothing."""
    return (rng.random((pairs, len(means))) < means) + 0.01 * rng.standard_normal((pairs, len(means)))


SCENARIOS = {
    "normal, equal": Scenario(normal, EQUAL),
    "normal, edges": Scenario(normal, EDGES),
    "normal, edges+clear": Scenario(normal, EDGES + CLEAR),
    "heavy, equal": Scenario(heavy, EQUAL),
    "heavy, edges": Scenario(heavy, EDGES),
    "unequal, edges": Scenario(unequal, EDGES),
    "skewed, equal": Scenario(skewed, EQUAL),
    "skewed, edges": Scenario(skewed, EDGES),
    "solved, half": Scenario(solved, (Truth(0.5, 0.0, 0.5, 0.0),)),
    "solved, edges": Scenario(solved, (Truth(0.55, 0.0, 0.5, 0.0), Truth(0.5, 0.0, 0.55, 0.0))),
    "solved, often": Scenario(solved, (Truth(0.95, 0.0, 0.90, 0.0), Truth(0.90, 0.0, 0.95, 0.0))),
    "solved, often, told": Scenario(
        solved, (Truth(0.95, 0.0, 0.90, 0.0), Truth(0.90, 0.0, 0.95, 0.0)), jumps=True
    ),
    "solved, seldom": Scenario(solved, (Truth(0.10, 0.05, 0.05, 0.0), Truth(0.15, 0.1, 0.1, 0.0))),
    "solved, seldom, told": Scenario(
        solved, (Truth(0.10, 0.05, 0.05, 0.0), Truth(0.15, 0.1, 0.1, 0.0)), jumps=True
    ),
    "selection, equal": Scenario(normal, EQUAL, 4),
    "selection, edges": Scenario(normal, EDGES, 4),
    "selection, solved": Scenario(solved, (Truth(0.55, 0.0, 0.5, 0.0), Truth(0.5, 0.0, 0.55, 0.0)), 4),
    "selection, often": Scenario(solved, (Truth(0.85, 0.0, 0.8, 0.0), Truth(0.8, 0.0, 0.85, 0.0)), 4),
}


def words(scenario: Scenario, pairs: int, report: int) -> list[tuple[Truth, ContrastVerdict]]:
    """The verdict of one report on each of its contrasts, with the truth."""
    rng = np.random.default_rng([SEED, pairs, report])
    truths = [scenario.truths[i % len(scenario.truths)] for i in range(CONTRASTS)]
    found = judge([parts_of(scenario.contrast(truth, pairs, rng)) for truth in truths])
    return [(truth, verdict.code) for truth, verdict in zip(truths, found, strict=True)]


def wrong_share(scenario: Scenario, pairs: int, reports: int) -> tuple[float, float]:
    """The share of reports with at least one false verdict, and its Monte Carlo standard error."""
    wrong = sum(any(not t.holds(word) for t, word in words(scenario, pairs, i)) for i in range(reports))
    share = wrong / reports
    return share, math.sqrt(share * (1 - share) / reports)


def powers(effect: float) -> dict[ContrastVerdict, Truth]:
    """By verdict a truth for which it is right."""
    return {
        HELPS: Truth(effect, 0.0, 0.0, 0.0),
        HURTS: Truth(0.0, 0.0, effect, 0.0),
        MEMORY: Truth(effect, 0.0, effect, 0.0),
        NO_DIFFERENCE: Truth(effect, 0.0, effect, effect),
    }


def print_wrong(reports: int, only: str) -> None:
    """A line per scenario whose name begins with `only`: share of reports with a false word, by pairs."""
    print(f"share of reports of {CONTRASTS} contrasts with a false word (Monte Carlo standard error)")
    print(f"{'skills, truth':<22}{'reports':>8}" + "".join(f"{n:>7} pairs  " for n in PAIRS))
    for name, scenario in SCENARIOS.items():
        if not name.startswith(only):
            continue
        count = max(1, reports // scenario.pool)
        cells = (wrong_share(scenario, pairs, count) for pairs in PAIRS)
        print(f"{name:<22}{count:>8}" + "".join(f"{s:>7.3f} ({e:.3f})" for s, e in cells), flush=True)


def print_power(reports: int) -> None:
    """A line per word and kind of skills: the share of contrasts that earn it, by pairs and effect."""
    print(f"\nshare of contrasts that get the right word, effects {', '.join(map(str, EFFECTS))}")
    print(f"{'word':<38}{'skills':<8}" + "".join(f"{n:>13} pairs    " for n in PAIRS[2:]))
    for kind, noise in (("narrow", narrow), ("normal", normal), ("solved", solved)):
        for word in CLAIMS:
            cells = ""
            for pairs in PAIRS[2:]:
                for effect in EFFECTS:
                    scenario = Scenario(noise, (powers(effect)[word],))
                    found = [w for i in range(reports) for _, w in words(scenario, pairs, i)]
                    cells += f"{found.count(word) / len(found):>5.2f}"
                cells += "   "
            print(f"{word:<38}{kind:<8}{cells}", flush=True)


def print_examples() -> None:
    """For each word twelve simulated pairs that earn it, judged as one of CONTRASTS contrasts."""
    rng = np.random.default_rng(SEED)
    truths = {**powers(0.5), ContrastVerdict.UNDECIDED: EDGES[0]}
    print("word; mean and interval of L, L_cut and C at the level of the verdict; p after Holm; L by pair")
    for word, truth in truths.items():
        parts = parts_of(Scenario(narrow, (truth,)).contrast(truth, 12, rng))
        (found,) = judge([parts], family=CONTRASTS)
        (idle,) = judge([replace(parts, idle=("recurrent",))], family=CONTRASTS)
        assert found.code == word
        means = [each for each in (parts.lift, parts.cut, parts.context) if each]
        cells = ["{:+.3f} [{:+.3f}, {:+.3f}]".format(m.mean, *m.interval(found.level)) for m in means]
        print(f"{found.code}: {'; '.join(cells)}; {found.p_adjusted:.4f}")
        print("   ", *(f"{value:+.3f}" for value in parts.lift.values))
    print(f"the last again where R learned nothing: {idle.code}")


def main() -> None:
    """Print the tables, or the examples."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--reports", type=int, default=120, help="simulated reports per scenario")
    asked.add_argument(
        "--only", default="", help="only scenarios of the first table whose names begin with this"
    )
    asked.add_argument("--examples", action="store_true", help="print a data set per verdict instead")
    options = asked.parse_args()
    if options.examples:
        print_examples()
        return
    reports = options.reports
    print_wrong(reports, options.only)
    if not options.only:
        print_power(max(1, reports // 40))


if __name__ == "__main__":
    main()
