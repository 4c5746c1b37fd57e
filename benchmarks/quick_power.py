"""What each candidate problem of the suite `quick` can decide, from its size alone, and what it costs.

    python benchmarks/quick_power.py

prints the table of docs/decisions/0008-quick.md. No method is run. The verdicts are those of
`reports/statistics/lift_verdicts.py`, on simulated differences of skill between two methods.

Two sizes matter: how much the difference varies from test unit to test unit, and how much from seed to seed.
Both are assumed, and every figure is also computed with both one and a half times as large:

- A class or label: one of the two methods is right and the other wrong on a share `DISPUTED` of the cases.
- A problem that a method solves or does not: it is solved on a sample with probability `SOLVED`.
- Forecasts: the spread between two closed formulas on the training part (`formulas`).
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import tempfile
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recurbench import Problem, suites
from recurbench.api import Request, prepare
from recurbench.planning.plan_costs import prospects
from recurbench.registry import discover
from recurbench.reports.statistics.draws import Spread
from recurbench.reports.statistics.lift_verdicts import verdict_of
from recurbench.reports.statistics.long_run import ratio_of_means
from recurbench.reports.statistics.outcomes import LiftVerdict
from recurbench.running.job import build

Floats = NDArray[np.float64]

DISPUTED = 0.045  # share of test cases on which one of two methods is right and the other wrong
SOLVED = 0.97  # probability that the chosen network solves a solvable problem on one sample
STATE = 0.004  # spread of the difference of skill from sample to sample, close to the exact best
SEEDS = 0.012  # the same from seed to seed, on real data
WIDER = 1.5  # both spreads are also tried so many times as large
PRIOR = (-0.03, 0.08)  # mean and standard deviation of the true lift on real data
LEAST = 3  # steps of history that a formula needs
TRIALS = 2000
TRUTHS = (0.0, 0.1, -0.1)
LIMIT = 30.0  # CPU-seconds; a method that costs more per seed on a problem is left out of it
TAKEN = 542 / 860  # the last run of the suite before this choice: CPU-seconds taken, of those estimated
STREAM = 8
HEAD = """\
| problem | test units | samples | seeds | half-width | none | apart | decided | wider | CPU-s | left out |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Candidate:
    """A problem that could be in the suite.

    expected: the verdict where theory says it ("ahead", "no difference"), else "". methods: a key of `pools`.
    chosen: whether it is in the suite.
    """

    address: str
    seeds: int
    expected: str = ""
    methods: str = "all"
    chosen: bool = True


CANDIDATES = (
    Candidate("parity[n_test=1000,test_length=100,train_length=20]", 3, "ahead", "general"),
    Candidate("temporal-order[length=20,n_test=1000]", 3, "no difference", "general"),
    Candidate("hmm-filter[length=20]", 3, "no difference", "general"),
    Candidate("italy-power-demand", 4),
    Candidate("japanese-vowels", 5),
    Candidate("sequential-digits[order=rows]", 5),
    Candidate("m1-yearly[horizon=4,origins=2]", 3),
    Candidate("parity", 3, "ahead", "general", chosen=False),
    Candidate("hmm-filter", 3, "no difference", "general", chosen=False),
    Candidate("temporal-order[length=20,n_test=1000]", 3, "no difference", chosen=False),
    Candidate("italy-power-demand", 3, chosen=False),
    Candidate("japanese-vowels", 3, chosen=False),
    Candidate("sequential-digits[order=rows]", 3, chosen=False),
    Candidate("m1-yearly", 3, chosen=False),
    Candidate("gunpoint", 3, chosen=False),
    Candidate("breast-cancer", 3, chosen=False),
)


@dataclass(frozen=True)
class Sizes:
    """How a difference of skill varies on a problem.

    units: independent test units of one sample. draws: samples, 1 where every seed has the same test part.
    seeds: seeds, one per sample where there are several. by_unit, by_seed: standard deviations of one unit
    and of one seed or sample, in skill. shared: test cases per training case of resamples.
    """

    units: int
    draws: int
    seeds: int
    by_unit: float
    by_seed: float
    shared: float

    def wider(self) -> Sizes:
        """The same with both spreads `WIDER` times as large."""
        return Sizes(
            self.units, self.draws, self.seeds, WIDER * self.by_unit, WIDER * self.by_seed, self.shared
        )


def sizes(candidate: Candidate, problem: Problem, drawn: bool) -> Sizes:
    """The sizes of a candidate. drawn: whether every seed has a sample of its own."""
    about, units = problem.about, len(set(problem.test.series))
    generated = about.best is not None
    if problem.task.kind == "forecasting":
        by_unit = formulas(problem)
    elif generated and candidate.expected != "ahead" and problem.task.kind == "labelling":
        by_unit = float(np.sqrt(DISPUTED / np.mean([len(y) for y in problem.test.y]))) / _range(problem)
    else:
        by_unit = float(np.sqrt(DISPUTED)) / _range(problem)
    shared = 0.0 if generated or not drawn else len(problem.test) / len(problem.train)
    draws = candidate.seeds if drawn else 1
    return Sizes(units, draws, candidate.seeds, by_unit, STATE if generated else SEEDS, shared)


def _range(problem: Problem) -> float:
    """From the best constant answer to all answers right, or the exact best: what skill is measured in."""
    constant, best = problem.about.constant, problem.about.best
    if constant is None:
        answers = np.concatenate([np.ravel(y) for y in problem.test.y])
        most = np.bincount(np.concatenate([np.ravel(y) for y in problem.train.y])).argmax()
        constant = float((answers == most).mean())
    return (1.0 if best is None else best) - constant


def formulas(problem: Problem) -> float:
    """The spread of the difference of skill per series, between closed formulas, on the training part.

    Three formulas without a fit: the line through the first and last value, the same over the last five
    steps, and that slope fading by .9 a step. They forecast the last steps of the training part, from as many
    origins as the test part has. The largest spread of the three pairs is returned.
    """
    steps, origins = problem.task.steps, len(problem.test) // len(set(problem.test.series))
    losses: dict[str, list[Floats]] = {}
    for x, y in zip(problem.train.x, problem.train.y, strict=True):
        values = np.concatenate([x[:, 0], y[:, 0]])
        found = [_errors(values, len(values) - k * steps, steps) for k in range(origins, 0, -1)]
        if all(each is not None for each in found):
            for name in ("naive", "whole", "late", "fading"):
                losses.setdefault(name, []).append(np.mean([each[name] for each in found if each]))
    scores = {name: np.array(each, dtype=float) for name, each in losses.items()}
    naive = scores.pop("naive")
    pairs = combinations(scores.values(), 2)
    return max(float(ratio_of_means(one - other, naive)[1].std(ddof=1)) for one, other in pairs)


def _errors(values: Floats, origin: int, steps: int) -> dict[str, float] | None:
    """The scaled absolute errors of the formulas at one origin; None with fewer than three values before."""
    if origin < LEAST:
        return None
    past, future, ahead = values[:origin], values[origin : origin + steps], np.arange(1, steps + 1)
    scale = np.abs(np.diff(past)).mean()
    if not scale > 0:
        return None
    back = min(5, len(past) - 1)
    slope, late = (past[-1] - past[0]) / (len(past) - 1), (past[-1] - past[-1 - back]) / back
    moves = {
        "naive": 0 * ahead,
        "whole": slope * ahead,
        "late": late * ahead,
        "fading": late * np.cumsum(0.9**ahead),
    }
    return {name: float(np.abs(past[-1] + move - future).mean() / scale) for name, move in moves.items()}


def outcomes(size: Sizes, truths: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Simulated half-widths, and whether there is a verdict and it is right, per true lift.

    A verdict is right if it is "ahead" for a lift above the margin, "behind" below minus the margin, and "no
    difference" in between; a lift on the margin itself is not drawn.
    """
    halves, right = np.empty(len(truths)), np.empty(len(truths))
    for k, truth in enumerate(truths):
        noise = rng.standard_normal(size.draws) * size.by_unit / np.sqrt(size.units)
        lifts = truth + size.by_seed * rng.standard_normal(size.seeds)
        lifts = lifts + (noise if size.draws > 1 else noise[0])
        halves[k], verdict = judged(size, lifts)
        right[k] = verdict is _true(truth)
    return halves, right


def judged(size: Sizes, lifts: Floats) -> tuple[float, LiftVerdict]:
    """Half the interval's width and the verdict, as a report forms them, from the lift of every seed."""
    units = size.units * size.draws
    shared = size.shared if size.draws > 1 else 0.0
    by_seeds = float(lifts.var(ddof=1)) * (1 / len(lifts) + shared)
    spread = Spread(size.by_unit**2 / units, by_seeds, units, len(lifts), size.draws)
    half = spread.half_width()
    verdict, _ = verdict_of(float(lifts.mean()), half, spread, True)
    return half or 0.0, verdict


def _true(lift: float) -> LiftVerdict:
    if abs(lift) <= 0.05:
        return LiftVerdict.NO_DIFFERENCE
    return LiftVerdict.AHEAD if lift > 0 else LiftVerdict.BEHIND


def solved(size: Sizes, expected: str, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The same where methods solve a sample or not: the recurrent one alone, or ("no difference") both.

    A recurrent network that does not solve its sample has skill 0. Methods at skill 0 guess.
    """
    halves, right = np.empty(TRIALS), np.empty(TRIALS)
    wanted = LiftVerdict.AHEAD if expected == "ahead" else LiftVerdict.NO_DIFFERENCE
    guess = 2 * np.sqrt(0.25 / size.units)  # of a share of right answers at chance, in skill
    for k in range(TRIALS):
        one, other = (rng.random((2, size.draws)) < SOLVED).astype(float)
        if expected == "ahead":
            other = guess * rng.standard_normal(size.draws)
        halves[k], verdict = judged(size, one - other)
        right[k] = verdict is wanted
    return halves, right


def row(candidate: Candidate, size: Sizes) -> list[str]:
    """The figures of one candidate with one assumption on the spread."""
    rng = np.random.default_rng([STREAM, size.units, size.draws, size.seeds])
    if candidate.expected and not candidate.address.startswith("hmm"):
        halves, right = solved(size, candidate.expected, rng)
        known = f"{right.mean():.2f}"
        none, apart = (known, "") if candidate.expected == "no difference" else ("", known)
        return [f"{np.median(halves):.3f}", none, apart, known]
    halves, _ = outcomes(size, np.zeros(TRIALS), rng)
    shares = [outcomes(size, np.full(TRIALS, truth), rng)[1].mean() for truth in TRUTHS]
    by_prior = outcomes(size, PRIOR[0] + PRIOR[1] * rng.standard_normal(TRIALS), rng)[1].mean()
    decided = shares[0] if candidate.expected else by_prior
    return [
        f"{np.median(halves):.3f}",
        f"{shares[0]:.2f}",
        "" if candidate.expected else f"{min(shares[1:]):.2f}",
        f"{decided:.2f}",
    ]


def pools() -> dict[str, tuple[str, ...]]:
    """The methods of a candidate: those of real problems, or those of generated ones ("general")."""
    general, real = suites.SUITES["quick"].blocks[:2]
    return {"all": real.methods, "general": general.methods}


def costs(candidate: Candidate, kinds: frozenset[str], methods: tuple[str, ...]) -> tuple[float, list[str]]:
    """CPU-seconds of a problem, as `recurbench plan` estimates them, and which methods are above `LIMIT`."""
    known = discover().methods
    methods = tuple(name for name in methods if known[name].kinds & kinds)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "runs" / "one"
        request = Request(methods=methods, datasets=(candidate.address,), seeds=candidate.seeds, out=out)
        found: dict[str, list[float]] = {}
        for each in prospects(prepare(request).jobs, out, workers=2):
            found.setdefault(each.job.method.address, []).append(each.price.seconds or 0.0)
    above = [name for name, jobs in found.items() if np.mean(jobs) > LIMIT]
    return sum(sum(jobs) for name, jobs in found.items() if name not in above), above


def at_least(count: int, chances: list[float]) -> float:
    """The probability that at least `count` of independent events happen."""
    known = np.array([1.0])
    for chance in chances:
        known = np.convolve(known, [1 - chance, chance])
    return float(known[count:].sum())


def name_of(candidate: Candidate) -> str:
    """The first cell of its row; a problem that is in the suite with fewer methods is told apart by them."""
    if candidate.chosen:
        return f"`{candidate.address}`"
    fewer = any(
        each.chosen and (each.address, each.methods) == (candidate.address, "general") for each in CANDIDATES
    )
    more = " (with all methods)" if fewer and candidate.methods == "all" else ""
    return f"not chosen: `{candidate.address}`{more}"


def main() -> None:
    """Print the table: the candidates that were chosen, then the others."""
    registry = discover()
    print(HEAD)
    total, chances = 0.0, []
    for candidate in CANDIDATES:
        (choice,) = registry.select_datasets([candidate.address])
        drawn = "seed" in choice.plugin.takes
        size = sizes(candidate, build(choice, 0 if drawn else None), drawn)
        figures, wide = row(candidate, size), row(candidate, size.wider())
        seconds, above = costs(candidate, choice.plugin.kinds, pools()[candidate.methods])
        cells = [name_of(candidate), str(size.units), str(size.draws), str(size.seeds), *figures, wide[3]]
        print(f"| {' | '.join([*cells, f'{seconds:.0f}', ', '.join(above)])} |", flush=True)
        if candidate.chosen:
            total, chances = total + seconds, [*chances, float(figures[3])]
    print(
        f"\nchosen: {sum(chances):.1f} of {len(chances)} decided on average, at least five with probability "
        f"{at_least(5, chances):.2f}; {total:.0f} CPU-s estimated, {TAKEN * total:.0f} by the last run"
    )


if __name__ == "__main__":
    main()
