"""Recipes for training networks on small sets of cases, compared on the development problems.

    python benchmarks/small_sets.py runs/small_sets.csv [--only RECIPE ...] [--problems NAME ...]
    python benchmarks/small_sets.py runs/small_sets.csv --table

Each recipe trains mlp, cnn, rnn, gru and lstm (with `--networks` others) on each development problem
(`development.toml`), on the default split, with seed 0. Rows that are in the CSV file are not computed again.
The data folder must have the archive problems. The table shows test accuracies, so these problems are no
evidence afterwards. "now" is the recipe of the package.

A cell of the table is the mean accuracy of a recipe, in brackets that of the base on the same problems, and
their number. "constant": networks that give one class for all of test. "did not train": the loss on the
training examples is not 5 % below that of the class frequencies.

Of the built-in problems, breast-cancer (classes), diabetes and covid-3-month (numbers) are added, because
they are noisy; they have a table of their own. The score of numbers is 1 - squared error / variance of test
(R squared).
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import csv
import math
import statistics
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from archive_problem import problem_of
from recurbench.methods._networks import budget, training
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import Budget, Progress, Recipe
from recurbench.methods._networks.constant_answer import gain_of
from recurbench.methods._networks.examples import Batch, Examples
from recurbench.methods._networks.network import Net, ReadoutNet, summed_loss
from recurbench.registry import Registry, discover, load
from recurbench.reports.text import markdown
from recurbench.task import Predictor, Problem, Split, Task, holdout
from torch import Tensor, nn
from torch.nn import functional

NETWORKS = ("mlp", "cnn", "rnn", "gru", "lstm")
SHOWN = (*NETWORKS, "fcn")
DEVELOPMENT = Path(__file__).parent / "development.toml"
# The cheapest problems come first.
ORDER = (
    "italy-power-demand", "Chinatown", "BME", "gunpoint", "japanese-vowels", "basic-motions", "ECGFiveDays",
    "DistalPhalanxTW", "Fungi", "GunPointOldVersusYoung", "PowerCons", "arrowhead", "Wine", "trace",
    "ProximalPhalanxOutlineCorrect", "ToeSegmentation2", "FacesUCR", "PickupGestureWiimoteZ",
    "GesturePebbleZ1", "Fish", "Herring",
)  # fmt: skip
CONTROLS = ("breast-cancer", "diabetes", "covid-3-month")


@dataclass(frozen=True)
class Candidate:
    """A recipe. `steps` None: early stopping on folds, then their median number of steps on all of train.

    `nested`: a part of what is fitted on in a fold stops training early; the network is then trained for that
    many steps on all of it, so that the fold's validation part chooses nothing.
    """

    name: str
    steps: int | None
    batch: int = 64
    rate: float | None = 0.003  # None: the rate that the network has by default
    decay: float = 0.0  # weight decay of AdamW
    dropout: float = 0.0  # of the state before the readout
    smoothing: float = 0.0  # of the labels
    average: float = 0.0  # decay of a moving average of the weights
    restarts: int = 1  # networks of which the one with the smallest training loss is taken
    folds: int = 0  # validation folds
    bfloat16: bool = False  # products and convolutions of an optimizer step in this precision
    nested: bool = False


NOW = "now"
PLAIN = "400 steps"
CANDIDATES = (
    Candidate("early stopping", None, folds=1),
    Candidate(PLAIN, 400),
    Candidate("1000 steps", 1000),
    Candidate("2000 steps", 2000),
    Candidate("nested early stopping", None, folds=1, nested=True),
    Candidate("400 steps, AdamW .01", 400, decay=0.01),
    Candidate("400 steps, AdamW .1", 400, decay=0.1),
    Candidate("400 steps, dropout .3", 400, dropout=0.3),
    Candidate("400 steps, smoothing .1", 400, smoothing=0.1),
    Candidate("400 steps, average .98", 400, average=0.98),
    Candidate("400 steps, batch 16", 400, batch=16),
    Candidate("400 steps, rate .01", 400, rate=0.01),
    Candidate("400 steps, 3 restarts", 400, restarts=3),
    Candidate("400 steps, validated", 400, folds=2),
    # The recipe of the package, and what changes one thing of it. rnn has a lower rate of its own.
    Candidate(NOW, budget.FIXED, rate=None, smoothing=budget.SMOOTHING),
    Candidate("now, bfloat16", budget.FIXED, rate=None, smoothing=budget.SMOOTHING, bfloat16=True),
    Candidate("now, without smoothing", 400, rate=None),
    Candidate("now, weights averaged", 400, rate=None, smoothing=0.1, average=0.98),
    Candidate("now, rate .01", 400, rate=0.01, smoothing=0.1),
    Candidate("now, batch 16", 400, batch=16, rate=None, smoothing=0.1),
    Candidate("now, 1000 steps", 1000, rate=None, smoothing=0.1),
    Candidate("now, 1000 steps, batch 32", 1000, batch=32, rate=None, smoothing=0.1),
    Candidate("now, 1000 steps, batch 16", 1000, batch=16, rate=None, smoothing=0.1),
    Candidate("now, 2000 steps, batch 16", 2000, batch=16, rate=None, smoothing=0.1),
    Candidate("now, 1000 steps, batch 16, without smoothing", 1000, batch=16, rate=None),
)


@dataclass(frozen=True)
class Row:
    """What one recipe gave on one problem with one network; a validation that was not made is nan."""

    recipe: str
    problem: str
    network: str
    score: float
    loss: float
    fit: float
    constant: bool
    trained: bool
    steps: int
    epochs: float
    seconds: float
    validation: float = math.nan
    test_of_folds: float = math.nan

    @classmethod
    def read(cls, row: dict[str, str]) -> Row:
        """A row of the CSV file."""
        kinds = {"float": float, "int": int, "str": str, "bool": lambda text: text == "True"}
        return cls(**{each.name: kinds[str(each.type)](row[each.name]) for each in fields(cls)})


def loop(
    how: Candidate, net: Net, train: Examples, check: Examples | None, recipe: Recipe, allowed: Budget
) -> Progress:
    """Train as `train_network` does for a number of steps, with what the candidate adds."""
    if how.steps is None or recipe.steps is None:
        return training_of_the_package(net, train, check, recipe, allowed)
    assert isinstance(net, ReadoutNet)
    if how.dropout:
        net.V = nn.Sequential(nn.Dropout(how.dropout), net.V)  # type: ignore[assignment]
    progress, weights = Progress(), list(net.parameters())
    rate = recipe.learning_rate if how.rate is None else how.rate
    adam = torch.optim.AdamW(weights, lr=rate, weight_decay=how.decay, fused=True)
    rates = Budget(recipe.steps, recipe.steps, recipe.steps)
    loaded, losses = TensorExamples(train), list[float]()
    average = [each.detach().clone() for each in weights]
    for chosen in training.batches(loaded.lengths, recipe):
        adam.param_groups[0]["lr"] = rate * rates.rate(progress.done)
        adam.zero_grad()
        net.train()
        loss = _loss(net, loaded.batch(chosen), how)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, recipe.training.clip)
        adam.step()
        progress.done, progress.seen = progress.done + 1, progress.seen + len(chosen)
        losses.append(loss.item())
        if how.average:
            torch._foreach_lerp_(average, [each.detach() for each in weights], 1 - how.average)
        if progress.done == recipe.steps:
            break
    if how.average:
        for each, mean in zip(weights, average, strict=True):
            each.data.copy_(mean)
    net.eval()
    progress.best_step, progress.best_seen = progress.done, progress.seen
    progress.curve.append([progress.done, float(np.mean(losses[-20:])), None, None])
    return progress


training_of_the_package = training.train_network


def _loss(net: Net, batch: Batch, how: Candidate) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled=how.bfloat16):
        output = net(batch)
    if not net.task.y.symbols:
        return summed_loss(net.task, output, batch)[0] / len(batch.y)
    return functional.cross_entropy(
        output.float().flatten(0, 1), batch.y.flatten(0, 1), label_smoothing=how.smoothing
    )


@dataclass(frozen=True)
class Fit:
    """A trained network, whether it beats the class frequencies on train, and its last training loss."""

    predict: Predictor
    notes: dict[str, Any]
    trained: bool
    loss: float


def fit(
    registry: Registry,
    network: str,
    how: Candidate,
    task: Task,
    part: Split,
    check: Split | None,
    **asked: Any,
) -> Fit:
    """Train `network` by its own function, with the loop of the candidate in place of ours."""
    (method,) = registry.select_methods([network])
    gains: list[bool] = []

    def looped(net: Net, train: Examples, check: Examples | None, *rest: Any) -> Progress:
        progress = loop(how, net, train, check, *rest)
        gains.append(gain_of(net, train, train).learned)
        return progress

    settings = {**method.settings, "batch": how.batch}
    if how.steps is None:
        settings["patience"] = 100
    else:
        settings["max_steps"] = how.steps
    with patch.object(training, "train_network", looped):
        predict = load(method.plugin)(task, part, check=check, **settings, **asked)
    return Fit(predict, predict.notes, gains[-1], predict.notes["curve"][-1][1])


def measured(registry: Registry, how: Candidate, problem: Problem, name: str, network: str) -> Row:
    """Train and test one network by one recipe."""
    began = time.process_time()
    task, train = problem.task, problem.train
    make = partial(fit, registry, network, how, task)
    inner: list[Fit] = []
    parts = [holdout(task, train, cut) for cut in range(how.folds)]
    within = partial(_within, task) if how.nested else lambda pair: pair
    if how.folds:
        inner = [make(part, check, steps=how.steps) for part, check in map(within, parts)]
    if how.nested:
        inner = [
            make(part, None, steps=each.notes["steps"]) for (part, _), each in zip(parts, inner, strict=True)
        ]
    steps = how.steps or round(statistics.median(each.notes["steps"] for each in inner))
    made = [make(train, None, steps=steps, seed=seed) for seed in range(how.restarts)]
    best = min(made, key=lambda each: each.loss)
    seconds = time.process_time() - began
    validation = of_folds = math.nan
    if inner:
        pairs = zip(inner, parts, strict=True)
        validation = statistics.fmean(scored(task, each.predict, check)[0] for each, (_, check) in pairs)
        of_folds = statistics.fmean(scored(task, each.predict, problem.test)[0] for each in inner)
    score, loss, constant = scored(task, best.predict, problem.test)
    fitted, _, _ = scored(task, best.predict, train)
    numbers = (score, loss, fitted, validation, of_folds)
    score, loss, fitted, validation, of_folds = (round(number, 4) for number in numbers)
    counts = steps, best.notes["epochs"], round(seconds, 2)
    return Row(
        how.name, name, network, score, loss, fitted, constant, best.trained, *counts, validation, of_folds
    )


def _within(task: Task, pair: tuple[Split, Split]) -> tuple[Split, Split]:
    """The part that a fold is fitted on, split once more."""
    return holdout(task, pair[0], 0)


def scored(task: Task, predict: Predictor, split: Split) -> tuple[float, float, bool]:
    """Score, loss, and whether all answers are one class.

    Classes: accuracy and log loss (chances of at least 1e-6). Numbers: R squared and 1 - R squared.
    """
    answers, truth = np.concatenate(list(predict(split))), np.concatenate(list(split.y))
    if not task.y.symbols:
        loss = float(((answers - truth) ** 2).mean() / truth.var())
        return 1 - loss, loss, False
    chosen = answers.argmax(axis=1)
    loss = -np.log(np.maximum(answers[np.arange(len(truth)), truth], 1e-6)).mean()
    return float((chosen == truth).mean()), float(loss), len(set(chosen.tolist())) == 1


def problems(registry: Registry, names: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    """The development problems in ORDER; series of one channel from the archive are standardised."""
    listed = tomllib.loads(DEVELOPMENT.read_text())["development"]
    if sorted(ORDER) != sorted(listed["bundled"] + listed["archive"]):
        raise ValueError(f"ORDER must name the development problems of {DEVELOPMENT.name}, each once")
    for name in names:
        yield name, problem_of(registry, name, name in listed["archive"])


def stored(path: Path) -> list[Row]:
    """The rows that are there."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [Row.read(row) for row in csv.DictReader(file)]


def table(rows: Sequence[Row], base: str) -> list[str]:
    """One line per recipe: each network, with the accuracy of `base` on the same problems in brackets."""
    found = {(row.recipe, row.problem, row.network): row for row in rows if row.problem not in CONTROLS}
    lines = []
    for name in (each.name for each in CANDIDATES):
        pairs = [
            (row, found[base, row.problem, row.network])
            for row in rows
            if row.recipe == name and (base, row.problem, row.network) in found
        ]
        if not pairs:
            continue
        cells = [name]
        for network in SHOWN:
            own = [(row.score, other.score) for row, other in pairs if row.network == network]
            cells.append(f"{_pair(own)}, {len(own)}" if own else "")
        cells.append(f"{_pair([(row.score, other.score) for row, other in pairs])}, {len(pairs)}")
        cells.append(_pair([(row.loss, other.loss) for row, other in pairs]))
        sides = ([row for row, _ in pairs], [other for _, other in pairs])
        for flag in ("constant", "trained"):
            cells.append("{} ({})".format(*(_count(side, flag) for side in sides)))
        cells.append("{:.0f} ({:.0f})".format(*(sum(row.seconds for row in side) for side in sides)))
        lines.append(cells)
    heads = ("recipe", *SHOWN, "all fits", "log loss", "constant", "did not train", "CPU s")
    return markdown.table(heads, lines)


def _count(rows: Sequence[Row], flag: str) -> int:
    """The number of constant networks, or of those that did not train."""
    return sum(getattr(row, flag) == (flag == "constant") for row in rows)


def _pair(values: Sequence[tuple[float, float]]) -> str:
    """The mean of the first numbers, and that of the second ones in brackets."""
    first, second = (f"{statistics.fmean(side):.3f}".lstrip("0") for side in zip(*values, strict=True))
    return f"{first} ({second})"


def controls(rows: Sequence[Row]) -> list[str]:
    """One line per recipe: its mean score on each problem that is in no other mean."""
    lines = []
    for name in (each.name for each in CANDIDATES):
        own = {
            control: [r.score for r in rows if (r.recipe, r.problem) == (name, control)]
            for control in CONTROLS
        }
        if any(own.values()):
            means = (f"{statistics.fmean(scores):.3f}" if scores else "" for scores in own.values())
            lines.append([name, *means])
    return markdown.table(("recipe", *CONTROLS), lines)


def main() -> None:
    """Compute the rows that lack, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument(
        "--only", nargs="+", help="recipes by name", default=[each.name for each in CANDIDATES]
    )
    parser.add_argument("--problems", nargs="+", default=[*ORDER, *CONTROLS])
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--base", help="the recipe in brackets", default=NOW)
    options = parser.parse_args()
    rows = stored(options.path)
    registry = discover()
    done = {(row.recipe, row.problem, row.network) for row in rows}
    options.path.parent.mkdir(parents=True, exist_ok=True)
    for name, problem in () if options.table else problems(registry, options.problems):
        for how in (each for each in CANDIDATES if each.name in options.only):
            for network in options.networks:
                if (how.name, name, network) in done:
                    continue
                row = measured(registry, how, problem, name, network)
                rows.append(row)
                with options.path.open("a", newline="") as file:
                    writer = csv.DictWriter(file, asdict(row))
                    if not file.tell():
                        writer.writeheader()
                    writer.writerow(asdict(row))
    print("\n".join([*table(rows, options.base), "", *controls(rows)]))


if __name__ == "__main__":
    main()
