"""On which data networks choose steps, reference and weight in forecasting: errors, and bias of validation.

    python benchmarks/forecast_recipes.py runs/forecast_recipes.csv [FILE ...] [--networks mlp gru]

On each series (those of the package, and the files given) every network is trained as a run does it: once on
the part before the validation origins, once on all of train. Seed 0. Candidates:

- today: training stops early on the validation part, and reference and weight are chosen on it.
- N steps: a fixed number of steps; reference and weight are chosen on the validation part.
- N steps, own: the validation part chooses nothing. The network holds out the last origins of the part it is
  trained on, chooses reference and weight there, and is trained again on the whole part.
- nested: as "own", but the held out origins also choose the step (early stopping).

Columns: the mean MASE on test; the median and the mean ratio of test MASE to that of "today"; the bias, which
is the mean of log(validation / test) of the network minus that of the classical methods (theta, ets, nlinear,
seasonal naive); and the mean of its absolute value. A negative bias means that validation flatters the
network. Rows in the CSV file are not computed again.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import csv
import statistics
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from recurbench import metrics
from recurbench.api import Request, prepare
from recurbench.methods._networks import weighing
from recurbench.registry import Registry, discover, load
from recurbench.task import Predictor, Problem, Split, Task, holdout

SERIES = ("airline", "sunspots", "elnino", "macrodata", "co2")
CLASSICAL = ("theta", "ets", "nlinear", "seasonal-naive")
NETWORKS = ("mlp", "cnn", "gru", "lstm")


@dataclass(frozen=True)
class Candidate:
    """`steps` None: early stopping. `own`: the validation part chooses nothing."""

    name: str
    steps: int | None
    own: bool


CANDIDATES = (
    Candidate("today", None, own=False),
    Candidate("300 steps", 300, own=False),
    Candidate("300 steps, own", 300, own=True),
    Candidate("nested", None, own=True),
    Candidate("1000 steps", 1000, own=False),
    Candidate("1000 steps, own", 1000, own=True),
)


@dataclass(frozen=True)
class Row:
    """MASE of one method on one problem, on the validation part and on test."""

    candidate: str
    problem: str
    method: str
    validation: float
    test: float
    steps: int
    weight: float
    seconds: float

    @classmethod
    def read(cls, row: dict[str, str]) -> Row:
        """A row of the CSV file."""
        kinds = {"float": float, "int": int, "str": str}
        return cls(**{each.name: kinds[str(each.type)](row[each.name]) for each in fields(cls)})


def trained(
    registry: Registry, name: str, how: Candidate, task: Task, part: Split, check: Split
) -> tuple[Predictor, int]:
    """The network of the inner stage, and its number of steps."""
    with patch.object(weighing, "is_small", lambda *_: how.own):
        predict = fitted(registry, name, task, part, check=check, steps=how.steps)
    return predict, int(predict.notes["steps"])


def fitted(registry: Registry, name: str, task: Task, part: Split, **asked: Any) -> Any:
    """Train by the method's own function."""
    (method,) = registry.select_methods([name])
    return load(method.plugin)(task, part, **method.settings, **asked)


def mase(task: Task, predict: Predictor, split: Split) -> float:
    """The mean MASE."""
    return float(metrics.score(task, split, predict(split)).values["mase"])


def measured(registry: Registry, how: Candidate, problem: Problem, address: str, name: str) -> Row:
    """Train one network by one candidate, as both stages of a run."""
    began, task = time.process_time(), problem.task
    part, check = holdout(task, problem.train, 0, problem.rolling)
    inner, steps = trained(registry, name, how, task, part, check)
    final = fitted(registry, name, task, problem.train, steps=steps)
    seconds = time.process_time() - began
    scores = mase(task, inner, check), mase(task, final, problem.test)
    return Row(
        how.name, address, name, *(round(score, 4) for score in scores), steps, final.notes["weight"],
        round(seconds, 2),
    )  # fmt: skip


def classical(registry: Registry, problem: Problem, address: str, name: str) -> Row:
    """Fit a classical method, as both stages of a run."""
    (method,) = registry.select_methods([name])
    task, scores = problem.task, []
    part, check = holdout(task, problem.train, 0, problem.rolling)
    for train, asked in ((part, check), (problem.train, problem.test)):
        predict = load(method.plugin)(task, train, **method.settings)
        scores.append(round(mase(task, predict, asked), 4))
    return Row("classical", address, name, *scores, 0, 1.0, 0.0)


def problems(registry: Registry, files: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    """The series of the package, then the files."""
    choices = [choice for name in SERIES for choice in registry.select_datasets([name])]
    for file in files:
        plan = prepare(Request(data=file, methods=["drift"]))
        choices += list({job.dataset.address: job.dataset for job in plan.jobs}.values())[:1]
    for choice in choices:
        yield Path(choice.label).name, load(choice.plugin)(**choice.settings)


def table(rows: Sequence[Row]) -> None:
    """Print one line per candidate and network."""
    ratios = {
        problem: statistics.fmean(
            np.log(row.validation / row.test)
            for row in rows
            if row.candidate == "classical" and row.problem == problem
        )
        for problem in {row.problem for row in rows}
    }
    before = {(row.problem, row.method): row for row in rows if row.candidate == "today"}
    print("| candidate | network | series | test MASE | ratio | bias | absolute bias | weight 0 | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for how in CANDIDATES:
        for name in (*NETWORKS, "all"):
            own = [row for row in rows if row.candidate == how.name and name in (row.method, "all")]
            both = [row for row in own if (row.problem, row.method) in before]
            if not both:
                continue
            bias = [np.log(row.validation / row.test) - ratios[row.problem] for row in own]
            against = [row.test / before[row.problem, row.method].test for row in both]
            print(
                f"| {how.name} | {name} | {len(own)} | {statistics.fmean(row.test for row in own):.3f} "
                f"| {statistics.median(against):.3f} (mean {statistics.fmean(against):.3f}) "
                f"| {statistics.fmean(bias):+.3f} | {np.mean(np.abs(bias)):.3f} "
                f"| {sum(row.weight == 0 for row in own)} | {sum(row.seconds for row in own):.0f} |"
            )


def main() -> None:
    """Compute the rows that lack, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--only", nargs="+", default=[each.name for each in CANDIDATES])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows: list[Row] = []
    if options.path.exists():
        with options.path.open(newline="") as file:
            rows = [Row.read(row) for row in csv.DictReader(file)]
    done = {(row.candidate, row.problem, row.method) for row in rows}
    registry = discover()
    for address, problem in problems(registry, options.files):
        make = [("classical", name, partial(classical, registry)) for name in CLASSICAL]
        make += [
            (how.name, name, partial(measured, registry, how))
            for how in CANDIDATES
            if how.name in options.only
            for name in options.networks
        ]
        for label, name, one in make:
            if (label, address, name) in done:
                continue
            row = one(problem, address, name)
            rows.append(row)
            with options.path.open("a", newline="") as file:
                writer = csv.DictWriter(file, asdict(row))
                if not file.tell():
                    writer.writeheader()
                writer.writerow(asdict(row))
    table(rows)


if __name__ == "__main__":
    main()
