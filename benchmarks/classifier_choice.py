"""Which validation score should choose a classifier: mean test regret by rule on the development sets.

    RECURBENCH_DATA=FOLDER python benchmarks/classifier_choice.py runs/classifier-choice

Regret: the test accuracy of the best method minus that of the method that a rule chooses. Methods that a rule
cannot tell apart count with their mean. The sets are those of `benchmarks/development.toml`; the archive sets
must be in FOLDER/ucr (docs/data.md). Fast methods are fitted on the published split and on three resamples,
the others on the published split. The same command continues a killed run and repeats only fits whose code
has changed; `--print` prints the tables of the fits that are there. Takes about an hour of CPU time.

Rules see the validation predictions that a run stores. Calibrated: each method's probabilities are raised to
one power (temperature scaling: Guo et al. 2017) that has the least log loss on the other four fifths of its
validation cases. The folds of a method are taken together. A training case is in the same fifth in all folds,
so no case calibrates itself.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported

import argparse
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.api import Request, perform, prepare
from recurbench.registry import discover
from recurbench.results import Run, answers_of, read_run
from recurbench.running.cell import parts
from recurbench.running.job import build
from recurbench.task import Problem
from scipy.optimize import minimize_scalar
from scipy.stats import t

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

HERE = Path(__file__).parent
PLUGIN = HERE / "random_kernels.py"
UNCALIBRATED = "random-kernels"
FAST = (
    *("fourier-ridge", "wavelet-ridge", "time-domain-ridge", "fourier-forest", "time-domain-forest"),
    *("esn", "euclidean-1nn", UNCALIBRATED),
)
NETWORKS = ("mlp", "cnn", "lstm")
SLOW = ("dtw-1nn", "hmm")
BARE = ("euclidean-1nn", "dtw-1nn")  # methods that give no probabilities
REFERENCE = "most-common"  # the runner adds it
# Run directories: their methods and the resample of every set. 0 is the published split.
RUNS = {
    "split-0": (FAST, 0),
    "split-1": (FAST, 1),
    "networks": (NETWORKS, 0),
    "slow": (SLOW, 0),
    "split-2": (FAST, 2),
    "split-3": (FAST, 3),
}
TIMEOUT = 240  # seconds of one fit
PARTS = 5
# The powers that calibration may take. On cases that a method all gets right, the best power is infinite.
LEAST, MOST = 0.05, 20.0
TINY = 1e-12  # what a probability of 0 counts as


def problems(resample: int) -> list[str]:
    """The addresses of the development sets, dealt anew where `resample` is not 0."""
    named = tomllib.loads((HERE / "development.toml").read_text())["development"]
    more = f"resample={resample}" if resample else ""
    bundled = [f"{name}[{more}]" if more else name for name in named["bundled"]]
    archive = [f"name={name},normalise=series" + (f",{more}" if more else "") for name in named["archive"]]
    return [*bundled, *(f"ucr[{settings}]" for settings in archive)]


def fit(folder: Path, methods: Sequence[str], resample: int) -> None:
    """Fit methods on one split of every set."""
    request = Request(
        methods=methods,
        datasets=problems(resample),
        seeds=1,
        plugins=[PLUGIN],
        jobs=1,
        timeout=TIMEOUT,
        out=folder,
    )
    perform(
        prepare(request), lambda step: print(step.job.dataset.address, step.job.method.address, flush=True)
    )


# What validation says of a method


@dataclass(frozen=True)
class Fold:
    """The validation cases of one fold. chances: [cases, classes], None where a method gives none."""

    chances: Floats | None
    right: Floats
    truth: Whole
    cases: Whole


@dataclass(frozen=True)
class Validated:
    """The mean validation scores of a method over its folds; NaN where it gives no probabilities."""

    accuracy: float
    log_loss: float
    calibrated: float
    brier: float
    right: pd.Series = field(repr=False)

    @classmethod
    def of(cls, folds: Sequence[Fold]) -> Validated:
        """Score the answers of every fold."""
        # Nine digits, so that a mean that was rounded in another way is equal.
        accuracy = round(float(np.mean([fold.right.mean() for fold in folds])), 9)
        right = pd.concat([pd.Series(fold.right, index=fold.cases) for fold in folds]).groupby(level=0).mean()
        chances = [fold.chances for fold in folds if fold.chances is not None]
        if len(chances) < len(folds):
            return cls(accuracy, np.nan, np.nan, np.nan, right)
        truths = [fold.truth for fold in folds]
        losses = [
            surprise(np.log(np.maximum(p, TINY)), y).mean() for p, y in zip(chances, truths, strict=True)
        ]
        briers = [
            ((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1).mean()
            for p, y in zip(chances, truths, strict=True)
        ]
        return cls(accuracy, float(np.mean(losses)), calibrated(folds), float(np.mean(briers)), right)


def surprise(logs: Floats, truth: Whole) -> Floats:
    """-log of the probability of the true class [cases], from log probabilities up to a constant."""
    highest = logs.max(axis=1, keepdims=True)
    total = highest[:, 0] + np.log(np.exp(logs - highest).sum(axis=1))
    return np.asarray(total - logs[np.arange(len(truth)), truth])


def calibrated(folds: Sequence[Fold]) -> float:
    """The mean log loss of the folds, each case with the power that the other fifths of the cases chose."""
    logs = np.concatenate(
        [np.log(np.maximum(fold.chances, TINY)) for fold in folds if fold.chances is not None]
    )
    truth = np.concatenate([fold.truth for fold in folds])
    cases = np.concatenate([fold.cases for fold in folds])
    number = np.concatenate([np.full(len(fold.truth), k) for k, fold in enumerate(folds)])
    known, place = np.unique(cases, return_inverse=True)
    part = (np.random.default_rng(0).permutation(len(known)) % PARTS)[place]
    losses = np.empty(len(truth))
    for k in range(PARTS):
        own = part == k
        losses[own] = surprise(best_power(logs[~own], truth[~own]) * logs[own], truth[own])
    return float(np.mean([losses[number == k].mean() for k in range(len(folds))]))


def best_power(logs: Floats, truth: Whole) -> float:
    """The power of the probabilities that has the least log loss; 1 without a case."""
    if not len(truth):
        return 1.0
    found = minimize_scalar(
        lambda log_power: surprise(np.exp(log_power) * logs, truth).mean(),
        bounds=(np.log(LEAST), np.log(MOST)),
        method="bounded",
    )
    return float(np.exp(found.x))


Rule = Callable[[Mapping[str, Validated]], list[str]]
"""The methods that a rule cannot tell from the best, by their validation scores. Rules do not see test."""


def least(key: Callable[[Validated], tuple[float, ...]]) -> Rule:
    """The methods with the least key; a missing score comes last."""

    def chosen(found: Mapping[str, Validated]) -> list[str]:
        keys = {name: tuple(np.nan_to_num(key(one), nan=np.inf)) for name, one in found.items()}
        return [name for name, own in keys.items() if own == min(keys.values())]

    return chosen


def before(found: Mapping[str, Validated]) -> list[str]:
    """Log loss where all methods give probabilities, else accuracy alone."""
    if any(np.isnan(one.log_loss) for one in found.values()):
        return least(lambda one: (-one.accuracy,))(found)
    return least(lambda one: (one.log_loss, -one.accuracy))(found)


def within(key: Callable[[Validated], tuple[float, ...]]) -> Rule:
    """The least key among the methods whose accuracy is within one standard error of the best one's.

    The error is that of the paired difference over validation cases.
    """

    def chosen(found: Mapping[str, Validated]) -> list[str]:
        top = found[max(found, key=lambda name: found[name].accuracy)]
        near = {}
        for name, one in found.items():
            gaps = (top.right - one.right).to_numpy()
            error = gaps.std(ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
            if top.accuracy - one.accuracy <= error:
                near[name] = one
        return least(key)(near)

    return chosen


RULES: dict[str, Rule] = {
    "log loss (accuracy if one gives no probabilities)": before,
    "calibrated log loss": least(lambda one: (one.calibrated,)),
    "accuracy": least(lambda one: (-one.accuracy,)),
    "accuracy, then log loss": least(lambda one: (-one.accuracy, one.log_loss)),
    "accuracy, then calibrated log loss": least(lambda one: (-one.accuracy, one.calibrated)),
    "Brier score": least(lambda one: (one.brier,)),
    "accuracy within one SE, then log loss": within(lambda one: (one.log_loss,)),
    "accuracy within one SE, then calibrated log loss": within(lambda one: (one.calibrated,)),
}


@dataclass(frozen=True)
class Case:
    """One split of a set: by method its validation scores and its test accuracy; and the methods to come."""

    name: str
    resample: int
    found: dict[str, Validated]
    test: dict[str, float]
    waiting: set[str] = field(default_factory=set)


def read(folder: Path) -> list[Case]:
    """The splits of all sets with the methods that have no failed fit."""
    cases: dict[tuple[str, int], Case] = {}
    for name, (_, resample) in RUNS.items():
        if not (folder / name / "results.sqlite").exists():
            continue
        run = read_run(folder / name)
        for problem in run.cells["problem"].unique():
            label = str(problem).replace(f",resample={resample}", "").replace(f"[resample={resample}]", "")
            case = cases.setdefault((label, resample), Case(label, resample, {}, {}))
            case.waiting.update(method for name_of, method in run.absent if name_of == problem)
            for method, folds, accuracy in answered(run, str(problem)):
                case.found[method], case.test[method] = Validated.of(folds), accuracy
    return [case for case in cases.values() if case.found]


def answered(run: Run, problem: str) -> Iterator[tuple[str, list[Fold], float]]:
    """By method its validation folds and its test accuracy."""
    (choice,) = discover().select_datasets([problem])
    built = build(choice, None)
    cells = run.cells[(run.cells["problem"] == problem) & (run.cells["address"] != REFERENCE)]
    for method, own in cells.groupby("address", sort=False):
        inner, final = own[own["stage"] == "inner"].sort_values("cut"), own[own["stage"] == "final"]
        if not len(inner) or not len(final) or (own["status"] != "ok").any():
            continue
        given = answers_of(run, list(inner["key"]))
        folds = [
            folded(built, int(cut), given[key]) for key, cut in zip(inner["key"], inner["cut"], strict=True)
        ]
        yield str(method), folds, float(final["accuracy"].mean())


def folded(problem: Problem, cut: int, given: Sequence[NDArray[np.generic]]) -> Fold:
    """The answers to the validation part of a fold beside its true classes."""
    check = parts(problem, cut)[1]
    truth = np.array([int(y[0]) for y in check.y])
    numbers = {name: i for i, name in enumerate(dict.fromkeys(problem.train.series))}
    cases = np.array([numbers[name] for name in check.series])
    if given[0].ndim < 2:
        guess = np.array([int(answer[0]) for answer in given])
        return Fold(None, (guess == truth).astype(float), truth, cases)
    chances = np.stack([np.asarray(answer[0], dtype=np.float64) for answer in given])
    chances /= chances.sum(axis=1, keepdims=True)
    return Fold(chances, (chances.argmax(axis=1) == truth).astype(float), truth, cases)


# Tables


@dataclass(frozen=True)
class Pool:
    """Which methods a rule may choose from, and on which splits."""

    title: str
    left_out: tuple[str, ...]
    resamples: bool

    def holds(self, case: Case) -> bool:
        """Whether a split belongs to the pool, and every fit of it is there."""
        networks = set(NETWORKS) - set(self.left_out)
        whole = not case.waiting - set(self.left_out) and networks <= set(case.found)
        return whole and (self.resamples or not case.resample)


POOLS = (
    Pool("all methods that give probabilities; published split", BARE, False),
    Pool("the same without networks; published split", (*BARE, *NETWORKS), False),
    Pool("the fast ones of these; published split and resamples", (*BARE, *SLOW, *NETWORKS), True),
    Pool(f"the same without {UNCALIBRATED}", (*BARE, *SLOW, *NETWORKS, UNCALIBRATED), True),
    Pool("with nearest neighbours; published split", (), False),
    Pool("with nearest neighbours, fast methods; published split and resamples", (*SLOW, *NETWORKS), True),
)


def outcomes(cases: Sequence[Case], pool: Pool) -> dict[str, pd.DataFrame]:
    """By rule, one row per set (the mean over its splits): accuracy, regret and changed.

    changed: the share of splits on which the rule chooses another method than the first rule; methods that a
    rule cannot tell apart count in part.
    """
    rows: dict[str, list[dict[str, object]]] = {rule: [] for rule in RULES}
    for case in cases:
        found = {name: one for name, one in case.found.items() if name not in pool.left_out}
        if len(found) < 2 or not pool.holds(case):
            continue
        best = max(case.test[name] for name in found)
        first = before(found)
        for rule, choose in RULES.items():
            chosen = choose(found)
            accuracy = float(np.mean([case.test[name] for name in chosen]))
            row = {"set": case.name, "accuracy": accuracy, "regret": best - accuracy}
            rows[rule].append({**row, "changed": float(np.mean([name not in first for name in chosen]))})
    return {rule: pd.DataFrame(own).groupby("set").mean() for rule, own in rows.items() if own}


def interval(values: Floats) -> tuple[float, float]:
    """The mean and the half-width of its 95 % interval (Student's t)."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(t.ppf(0.975, len(values) - 1) * error)


def table(cases: Sequence[Case], pool: Pool) -> None:
    """Print one row per rule."""
    found = outcomes(cases, pool)
    if not found:
        return
    first = next(iter(found.values()))
    bare = not set(BARE) <= set(pool.left_out)
    print(f"\n{pool.title}: {len(first)} sets\n")
    print("| rule | accuracy | regret | SE | another choice | regret minus that of log loss, 95 % |")
    print("|---|---|---|---|---|---|")
    for rule, own in found.items():
        if bare and rule in ("calibrated log loss", "Brier score"):
            continue
        error = own["regret"].std(ddof=1) / np.sqrt(len(own))
        gap, half = interval((own["regret"] - first["regret"]).to_numpy())
        compared = f"{gap:+.4f} [{gap - half:+.4f}, {gap + half:+.4f}]" if own is not first else ""
        print(
            f"| {rule} | {own['accuracy'].mean():.4f} | {own['regret'].mean():.4f} | {error:.4f} "
            f"| {own['changed'].mean():.2f} | {compared} |"
        )


def choices(cases: Sequence[Case], pool: Pool) -> None:
    """Print the choices of every rule on every split, and their test accuracy."""
    for case in cases:
        found = {name: one for name, one in case.found.items() if name not in pool.left_out}
        if len(found) < 2 or not pool.holds(case):
            continue
        print(f"\n{case.name}, resample {case.resample}; best on test {max(case.test[n] for n in found):.4f}")
        for rule, choose in RULES.items():
            chosen = choose(found)
            print(f"  {rule}: {', '.join(f'{name} {case.test[name]:.4f}' for name in chosen)}")


def main() -> None:
    """Fit what is missing and print the tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("folder", type=Path, help="where the runs are kept")
    asked.add_argument("--print", action="store_true", help="fit nothing")
    asked.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS), help="fit these only")
    asked.add_argument("--choices", action="store_true", help="also print the choices on every split")
    given = asked.parse_args()
    for name in () if given.print else given.runs:
        fit(given.folder / name, *RUNS[name])
    cases = read(given.folder)
    for pool in POOLS:
        table(cases, pool)
        if given.choices:
            choices(cases, pool)


if __name__ == "__main__":
    main()
