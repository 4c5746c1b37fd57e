"""How far back the networks of a run feel their input: trained again, measured, kept as JSON."""

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
# Rate of one step that leaves every weight as it was drawn, but for zeros, which become as small as this.
STILL = 1e-30
DIGITS = 6


@dataclass(frozen=True)
class Moment:
    """The gradient of the last state by the input k steps before, by lag k = 0, 1, ...: its mean size.

    slope: d ln norm / d lag over the lags NEAREST to FARTHEST, or as far as there are any; None where
    nothing arrives at one of them, or there are too few.
    """

    when: str
    norms: Sequence[float]
    slope: float | None


@dataclass(frozen=True)
class Measured:
    """One network of a run. key: of its final cell. score: on test, trained again; recorded: in the run.

    steps: optimizer steps, as many as the run chose. moments: START, EARLY steps where training
    was longer, TRAINED.
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
    """Measure the recurrent networks of a run and its TCN, each with the first of its seeds.

    problems: addresses; the first problem with such a network by default. methods: addresses or globs in
    place of the recurrent networks and the TCN. ValueError where there is none, or its code has changed.
    """
    cells = _networks(run, methods, {choice.address for choice in registry.select_methods(methods)})
    wanted = [choice.address for choice in registry.select_datasets(problems)]
    wanted = wanted or [str(name) for name in cells.sort_index()["problem"].head(1)]
    for problem in wanted:
        own = cells[cells["problem"] == problem]
        if not len(own):
            known = ", ".join(cells["problem"].drop_duplicates()) or "none"
            raise ValueError(
                f"the run holds no trained network for {problem}; problems that have one: {known}"
            )
        built: dict[int | None, Problem] = {}
        for found in own.drop_duplicates("address").to_dict("records"):
            row = {str(name): value for name, value in found.items()}
            dataset, method = _choices(registry, row)
            draw = _whole(row["data_seed"])
            if draw not in built:
                built[draw] = build(dataset, draw)
            yield _measured(row, built[draw], method)
    if not wanted:
        raise ValueError("the run holds no recurrent network that was trained step by step, and no TCN")


def _networks(run: Run, methods: Sequence[str], addresses: Set[str]) -> pd.DataFrame:
    """The good final cells, in the order of their seeds, of networks trained step by step."""

    def meant(address: str, name: str, family: str, role: str) -> bool:
        if methods:
            return address in addresses or any(fnmatchcase(name, pattern) for pattern in methods)
        return role != "ablation" and (family == "recurrent" or name == "tcn")

    final = run.final
    final = final[(final["status"] == "ok") & final["score"].notna()]
    named = final[["address", "method", "family", "role"]].itertuples(index=False)
    stepwise = zip(final["notes"], final["settings"], strict=True)
    kept = [
        meant(*words) and isinstance(notes.get("steps"), int) and "learning_rate" in settings
        for words, (notes, settings) in zip(named, stepwise, strict=True)
    ]
    return final[kept].sort_values(["data_seed", "seed"], kind="stable")


def _choices(registry: Registry, row: Mapping[str, Any]) -> tuple[Choice, Choice]:
    """The row's dataset and method, whose code must be what it was."""
    dataset = registry.select_datasets([row["problem"]])[0]
    method = Choice(registry.select_methods([row["address"]])[0].plugin, row["settings"])
    for choice, code in ((dataset, row["dataset_code"]), (method, row["code"])):
        if provenance.known_code_hash(choice.plugin) != code:
            raise ValueError(
                f"the code of {choice.plugin.name} or of a package it uses is not what the run was computed "
                "with; run it anew, then measure"
            )
    return dataset, method


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _measured(row: Mapping[str, Any], problem: Problem, method: Choice) -> Measured:
    function, steps = load(method.plugin), int(row["notes"]["steps"])

    def fit(count: int, **changes: float) -> TrainedNetwork:
        settings = {**method.settings, **changes}
        # The rate of a step depends on the step alone, so fewer steps are the first of all of them.
        fitted = function(problem.task, problem.train, **settings, seed=int(row["seed"]), steps=count)
        if not isinstance(fitted, TrainedNetwork):
            raise ValueError(f"{row['address']} shows no states of a network; leave it out with --methods")
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
    found = slope(norms, farthest=last) if last >= 2 * NEAREST else -math.inf
    short = [float(f"{norm:.{DIGITS}g}") for norm in norms]
    return Moment(when, short, round(found, DIGITS) if math.isfinite(found) else None)


def line(one: Measured, first: bool) -> list[str]:
    """What is printed of a network, under a header where it is the first: slopes by moment, and its score."""
    slopes = {moment.when: moment.slope for moment in one.moments}
    told = [slopes.get(when, math.nan) for when in MOMENTS]
    cells = ["none" if value is None else "" if math.isnan(value) else f"{value:.3f}" for value in told]
    again = "" if math.isclose(one.score, one.recorded, abs_tol=1e-6) else f"  in the run {one.recorded:.3f}"
    head = [
        f"slope of the log gradient over lags {NEAREST} to {FARTHEST} at most; none: nothing arrives",
        f"{'network':<28}{'start':>8}{EARLIER:>11}{'trained':>9}{'score':>8}{'steps':>7}",
    ]
    row = f"{one.method:<28}{cells[0]:>8}{cells[1]:>11}{cells[2]:>9}{one.score:>8.3f}{one.steps:>7}{again}"
    return [*(head if first else []), row]


class Kept:
    """The file of a run's directory that holds what was measured of its networks, the newest of each cell."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; ValueError, before anything was trained, where it is not such a file."""
        self.path = folder / NAME
        self._networks = {one["key"]: one for one in networks(self.path)}

    def add(self, one: Measured) -> None:
        """Write the file anew with this network in it."""
        self._networks[one.key] = asdict(one)
        beside = self.path.with_suffix(".part")
        whole = {"networks": list(self._networks.values())}
        beside.write_text(json.dumps(whole, default=plain), encoding="utf-8")
        beside.replace(self.path)
