"""How the gradient of the networks of a run fades over past steps: trained again, stored as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench import metrics, provenance
from recurbench.methods._networks.gradients import FARTHEST, NEAREST, gradient_by_lag, slope
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.record import plain
from recurbench.registry import Choice, Registry, load
from recurbench.reports.statistics.gradients import EARLIER, EARLY, MOMENTS, NAME, START, TRAINED, networks
from recurbench.results import Run
from recurbench.running.job import build
from recurbench.task import Problem

SEQUENCES = 64  # of the test part, the first
# Learning rate of one step that leaves the initial weights unchanged; weights of 0 become as small as this.
STILL = 1e-30
DIGITS = 6


@dataclass(frozen=True)
class Moment:
    """Gradients of a network at one moment of its training.

    norms: mean norm of the gradient of the last state with respect to the input k steps before, for k = 0,
    1, ... slope: d ln(norm) / d lag over the lags NEAREST to FARTHEST, or to the longest lag there is. None
    if a norm is 0, or the sequences are too short.
    """

    when: str
    norms: Sequence[float]
    slope: float | None


@dataclass(frozen=True)
class Measured:
    """One network of a run, trained again.

    key: key of its final cell. score, recorded: test score now and in the run. steps: optimizer steps, as in
    the run. moments: START, then EARLIER if training was longer than EARLY steps, then TRAINED.
    """

    key: str
    problem: str
    method: str
    family: str
    seed: int
    data_seed: int | None
    initialisation: str
    steps: int
    score: float
    recorded: float
    moments: Sequence[Moment]


def measure(
    run: Run, registry: Registry, problems: Sequence[str] = (), methods: Sequence[str] = ()
) -> Iterator[Measured]:
    """Measure the recurrent networks of a run and its TCN, each with its first seed.

    problems: addresses; the first problem with such a network by default. methods: addresses or glob
    patterns, by default the recurrent networks and the TCN. ValueError if the run has no such network, or
    its code has changed.
    """
    cells = _networks(run, methods, {choice.address for choice in registry.select_methods(methods)})
    wanted = [choice.address for choice in registry.select_datasets(problems)]
    wanted = wanted or [str(name) for name in cells.sort_index()["problem"].head(1)]
    for problem in wanted:
        on_problem = cells[cells["problem"] == problem]
        if not len(on_problem):
            known = ", ".join(cells["problem"].drop_duplicates()) or "none"
            raise ValueError(f"the run has no trained network on {problem}; problems that have one: {known}")
        built: dict[int | None, Problem] = {}
        for record in on_problem.drop_duplicates("address").to_dict("records"):
            row = {str(name): value for name, value in record.items()}
            dataset, method = _choices(registry, row)
            draw = _whole(row["data_seed"])
            if draw not in built:
                built[draw] = build(dataset, draw)
            yield _measured(row, built[draw], method)
    if not wanted:
        raise ValueError("the run has no recurrent network that was trained by optimizer steps, and no TCN")


def _networks(run: Run, methods: Sequence[str], addresses: Set[str]) -> pd.DataFrame:
    """The final cells with a score of networks trained by optimizer steps, in the order of their seeds."""

    def meant(address: str, name: str, family: str, role: str) -> bool:
        if methods:
            return address in addresses or any(fnmatchcase(name, pattern) for pattern in methods)
        return role != "ablation" and (family == "recurrent" or name == "tcn")

    final = run.final
    final = final[(final["status"] == "ok") & final["score"].notna()]
    named = final[["address", "method", "family", "role"]].itertuples(index=False)
    stepwise = zip(final["notes"], final["settings"], strict=True)
    kept = [
        meant(*names) and isinstance(notes.get("steps"), int) and "learning_rate" in settings
        for names, (notes, settings) in zip(named, stepwise, strict=True)
    ]
    return final[kept].sort_values(["data_seed", "seed"], kind="stable")


def _choices(registry: Registry, row: Mapping[str, Any]) -> tuple[Choice, Choice]:
    """Data set and method of a row. ValueError if their code has changed since."""
    dataset = registry.select_datasets([row["problem"]])[0]
    method = Choice(registry.select_methods([row["address"]])[0].plugin, row["settings"])
    for choice, code in ((dataset, row["dataset_code"]), (method, row["code"])):
        if provenance.known_code_hash(choice.plugin) != code:
            raise ValueError(
                f"the code of {choice.plugin.name}, or of a package it uses, has changed since the run; "
                "run it again first"
            )
    return dataset, method


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _measured(row: Mapping[str, Any], problem: Problem, method: Choice) -> Measured:
    function, steps = load(method.plugin), int(row["notes"]["steps"])

    def fit(count: int, **changes: float) -> TrainedNetwork:
        settings = {**method.settings, **changes}
        # The learning rate depends on the step only, so a shorter training is the beginning of a longer one.
        fitted = function(problem.task, problem.train, **settings, seed=int(row["seed"]), steps=count)
        if not isinstance(fitted, TrainedNetwork):
            raise ValueError(
                f"{row['address']} gives no access to the states of its network; leave it out with --methods"
            )
        return fitted

    fits = {START: fit(1, learning_rate=STILL)}
    if steps > EARLY:
        fits[EARLIER] = fit(EARLY)
    fits[TRAINED] = trained = fit(steps)
    answers = trained(problem.test.blind())
    scores = metrics.score(problem.task, problem.test, answers).values
    return Measured(
        key=str(row["key"]),
        problem=str(row["problem"]),
        method=str(row["address"]),
        family=str(row["family"]),
        seed=int(row["seed"]),
        data_seed=_whole(row["data_seed"]),
        initialisation=str(trained.notes.get("initialisation", "")),
        steps=steps,
        score=float(scores[problem.about.metric]),
        recorded=float(row["score"]),
        moments=[_moment(when, fitted, problem) for when, fitted in fits.items()],
    )


def _moment(when: str, fitted: TrainedNetwork, problem: Problem) -> Moment:
    first = problem.test.take(range(min(SEQUENCES, len(problem.test))))
    examples = fitted.coding.examples(first.copy().blind())
    batch = examples.batch(np.arange(len(examples)))
    norms = gradient_by_lag(fitted.net.body, batch.x, batch.lengths)
    last = min(FARTHEST, len(norms) - 1)
    steepness = slope(norms, farthest=last) if last >= 2 * NEAREST else -math.inf
    rounded = [float(f"{norm:.{DIGITS}g}") for norm in norms]
    return Moment(when, rounded, round(steepness, DIGITS) if math.isfinite(steepness) else None)


def line(one: Measured, first: bool) -> list[str]:
    """The line of a network: slope at each moment, and score. The first line has a header."""
    slopes = {moment.when: moment.slope for moment in one.moments}
    by_moment = [slopes.get(when, math.nan) for when in MOMENTS]
    cells = ["none" if value is None else "" if math.isnan(value) else f"{value:.3f}" for value in by_moment]
    again = "" if math.isclose(one.score, one.recorded, abs_tol=1e-6) else f"  in the run {one.recorded:.3f}"
    head = [
        f"slope of the log gradient over lags {NEAREST} to {FARTHEST} at most; none: a gradient is 0",
        f"{'network':<28}{'start':>8}{EARLIER:>11}{'trained':>9}{'score':>8}{'steps':>7}",
    ]
    row = f"{one.method:<28}{cells[0]:>8}{cells[1]:>11}{cells[2]:>9}{one.score:>8.3f}{one.steps:>7}{again}"
    return [*(head if first else []), row]


class GradientsFile:
    """The JSON file in a run directory that holds the measured networks, the newest for each cell."""

    def __init__(self, folder: Path) -> None:
        """Read the file if it exists. ValueError if it is another file, before any network is trained."""
        self.path = folder / NAME
        self._networks = {one["key"]: one for one in networks(self.path)}

    def add(self, one: Measured) -> None:
        """Add a network and write the file again."""
        self._networks[one.key] = asdict(one)
        part = self.path.with_suffix(".part")
        content = {"networks": list(self._networks.values())}
        part.write_text(json.dumps(content, default=plain), encoding="utf-8")
        part.replace(self.path)
