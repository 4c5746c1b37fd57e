"""One fit, for one seed or for several at once: what it costs, what it answers, and how that is scored."""

from __future__ import annotations

import functools
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from recurbench import answers
from recurbench.isolation import third_party
from recurbench.reasons import Reason
from recurbench.registry import load
from recurbench.running import memory, outcome
from recurbench.running.job import Job
from recurbench.running.outcome import Outcome, cpu_seconds
from recurbench.running.refits import refitted
from recurbench.task import Array, Predictor, Problem, Split, Task, until_unscored
from threadpoolctl import ThreadpoolController


@dataclass(frozen=True)
class SeedInput:
    """What one seed brings to a fit.

    splits: to answer, by stage ("inner", "final"). start_at: a hexadecimal key; global random generators
    start from it. steps: how many optimizer steps to train, None where the method decides.
    """

    job: Job
    splits: Mapping[str, Split]
    start_at: str
    steps: int | None = None


@dataclass
class _Seed:
    """One seed during a fit: its outcomes, its answers, and what it costs beside the shared fit."""

    asked: SeedInput
    outcomes: dict[str, Outcome]
    answers: dict[str, list[Array]] = field(default_factory=dict)
    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What is done for this seed alone: its time counts for it, and an error ends this seed only."""
        wall, cpu = time.perf_counter(), cpu_seconds()
        try:
            yield
        except (Exception, SystemExit) as error:  # what a predictor raises is a row with its reason
            self.end(*outcome.ending(error))
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += cpu_seconds() - cpu

    def end(self, status: str, reason: Reason) -> None:
        """No split of this seed has a score."""
        for one in self.outcomes.values():
            one.end(status, reason)


def fit_and_score(
    inputs: Sequence[SeedInput], problem: Problem, train: Split, check: Split | None
) -> list[dict[str, Outcome]]:
    """Fit once for all seeds, answer every split of each, and score the answers.

    If the problem has `refit`, the final stage fits at every test origin instead, and costs the sum of these
    fits. train: what is fitted on. check: what a method that takes `check` may choose its steps on. All
    inputs have the same method, settings and splits. Returns the outcomes by stage, seed by seed; whatever a
    method raises is an outcome with a reason.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    job = inputs[0].job
    seeds = [_Seed(one, {stage: Outcome(started=started) for stage in one.splits}) for one in inputs]
    splits = list(inputs[0].splits.values())
    before = answers.fingerprint(train, *splits)
    memory_by, resident = memory.reset_peak(), memory.now_mb()
    loaded = set(sys.modules)
    start, cpu = time.perf_counter(), cpu_seconds()
    shares = [1 / len(seeds)] * len(seeds)
    try:
        if job.method.plugin.foreign:
            third_party.admit(job.method.plugin)
        function = load(job.method.plugin)
        with (
            warnings.catch_warnings(record=True) as caught,
            _pools(len(sys.modules)).limit(limits=job.threads),
        ):
            warnings.simplefilter("default")
            start, cpu = time.perf_counter(), cpu_seconds()  # an import is not the method's cost
            fitted = _fit_all(inputs, function, problem, train, check)
            wall, spent = time.perf_counter() - start, cpu_seconds() - cpu
            shares = _shares(fitted)
            _ask(seeds, fitted, problem, [(wall * share, spent * share) for share in shares])
            looked, counted = time.perf_counter(), cpu_seconds()
            touched = third_party.touched() if job.method.plugin.foreign else []
            # The method does not pay for being looked at.
            start, cpu = start + time.perf_counter() - looked, cpu + cpu_seconds() - counted
            _judge(seeds, fitted, problem, touched)
        _note(seeds, caught)
    except (Exception, SystemExit) as error:  # what a method raises is a row with its reason
        for seed in seeds:
            seed.end(*outcome.ending(error))
    if answers.fingerprint(train, *splits) != before:
        for seed in seeds:
            seed.end("invalid", Reason("changed_data"))
    wall, spent = time.perf_counter() - start, cpu_seconds() - cpu
    _charge(seeds, shares, wall, spent)
    for one in (one for seed in seeds for one in seed.outcomes.values()):
        one.start_mb, one.peak_mb, one.memory_by = resident, memory.peak_mb(), memory_by
        one.data_fingerprint = before
    _settle(seeds, loaded)
    return [seed.outcomes for seed in seeds]


def _charge(seeds: Sequence[_Seed], shares: Sequence[float], wall: float, cpu: float) -> None:
    """Each seed bears its own time and its share of the rest."""
    wall -= sum(seed.wall for seed in seeds)
    cpu -= sum(seed.cpu for seed in seeds)
    for seed, share in zip(seeds, shares, strict=True):
        for one in seed.outcomes.values():
            one.wall_seconds, one.cpu_seconds = seed.wall + share * wall, seed.cpu + share * cpu


def _settle(seeds: Sequence[_Seed], loaded: set[str]) -> None:
    """After a third-party method: look for imports that its key does not include, bring settings back."""
    plugin = seeds[0].asked.job.method.plugin
    if not plugin.foreign:
        return
    late = third_party.late_imports(plugin, loaded)
    for seed in seeds if late else ():
        seed.end("invalid", Reason("hidden_import", {"imports": late}))
    third_party.settle()


def _ask(
    seeds: Sequence[_Seed],
    fitted: Sequence[Predictor | Exception],
    problem: Problem,
    costs: Sequence[tuple[float, float]],
) -> None:
    """Have every split answered by the predictor of each seed."""
    for seed, predict, cost in zip(seeds, fitted, costs, strict=True):
        with seed.at_work():
            for one in seed.outcomes.values():
                one.fit_seconds, one.fit_cpu_seconds = cost
            if isinstance(predict, Exception):
                raise predict
            for stage, split in seed.asked.splits.items():
                seed.answers[stage] = outcome.answer(problem, predict, split, seed.outcomes[stage])


def _judge(
    seeds: Sequence[_Seed], fitted: Sequence[Predictor | Exception], problem: Problem, touched: list[str]
) -> None:
    """Score the answers, then ask how they came about; no score counts where its computation was changed."""
    if touched:
        for seed in seeds:
            seed.end("invalid", Reason("changed_library", {"changes": third_party.listed(touched)}))
        return
    # True answers are shown after all predictions are stored, so those of validation cannot help on test.
    for seed, predict in zip(seeds, fitted, strict=True):
        with seed.at_work():
            for stage, given in seed.answers.items():
                one, split = seed.outcomes[stage], seed.asked.splits[stage]
                if one.ok and not isinstance(predict, Exception):
                    outcome.score(problem, predict, split, one, given, final=stage == "final")
    for seed, predict in zip(seeds, fitted, strict=True):
        with seed.at_work():
            last = seed.outcomes.get("final")
            if last is not None and last.ok and not isinstance(predict, Exception):
                outcome.explain(problem, predict, seed.asked.splits["final"], last)


def _shares(fitted: Sequence[Predictor | Exception]) -> list[float]:
    """What part of a fit's cost each seed bears: by the steps it notes, else the mean of the others."""
    given = [getattr(each, "notes", None) for each in fitted]
    notes = [each if isinstance(each, dict) else {} for each in given]
    steps = [each.get("steps_done", each.get("steps")) for each in notes]
    known = [each for each in steps if isinstance(each, int) and each > 0]
    mean = statistics.fmean(known) if known else 1.0
    weights = [each if isinstance(each, int) and each > 0 else mean for each in steps]
    return [weight / sum(weights) for weight in weights]


def _note(seeds: Sequence[_Seed], caught: Sequence[warnings.WarningMessage]) -> None:
    """Note the warnings of a fit and its answers, and which seeds it was for, where they are several."""
    for one in (one for seed in seeds for one in seed.outcomes.values()):
        if caught:
            one.notes["warnings"] = sorted({str(w.message)[:200] for w in caught})[:5]
        if len(seeds) > 1:
            one.notes["seeds"] = [seed.asked.job.seed for seed in seeds]


@functools.lru_cache(maxsize=1)
def _pools(_modules: int) -> ThreadpoolController:
    """The thread pools of the loaded libraries; looked for again only when a module more was imported."""
    return ThreadpoolController()


def _seed_everyone(key: str, threads: int) -> None:
    """Start the global generators where the cell's key says: no cell depends on those before it."""
    seed = int(key[:8], 16)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (it is the global state that is set)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
        torch.set_num_threads(threads)


def fit_alone(one: SeedInput, task: Task, train: Split) -> Predictor:
    """Fit one seed on `train` in this process, with the threads and the random start of a fit of a run.

    Nothing is scored and no limit holds. Whatever the method raises is passed on.
    """
    function = load(one.job.method.plugin)
    with warnings.catch_warnings(), _pools(len(sys.modules)).limit(limits=one.job.threads):
        warnings.simplefilter("ignore")
        _seed_everyone(one.start_at, one.job.threads)
        fitted = _fit([one], function, task, train, None)[0]
    if isinstance(fitted, Exception):
        raise fitted
    return fitted


def _fit_all(
    inputs: Sequence[SeedInput],
    function: Callable[..., Any],
    problem: Problem,
    train: Split,
    check: Split | None,
) -> list[Predictor | Exception]:
    """A predictor per seed: fitted on train, or again at every test origin if the problem says so."""

    def fit(part: Split) -> list[Predictor | Exception]:
        # Where the global generators start; several seeds start where the first of them does.
        _seed_everyone(inputs[0].start_at, inputs[0].job.threads)
        return _fit(inputs, function, problem.task, part, check)

    test = inputs[0].splits.get("final")
    return refitted(problem.task, test, fit) if problem.refit and test is not None else fit(train)


def _fit(
    inputs: Sequence[SeedInput],
    function: Callable[..., Any],
    task: Task,
    train: Split,
    check: Split | None,
) -> list[Predictor | Exception]:
    """A predictor per seed, or why it has none.

    A method that takes `seeds` is given a lone seed that way too: nothing depends on who shares a fit.
    """
    plugin, first = inputs[0].job.method.plugin, inputs[0]
    arguments: dict[str, Any] = {}
    several = "seeds" in plugin.takes
    if several:
        arguments["seeds"] = tuple(one.job.seed for one in inputs)
    elif "seed" in plugin.takes:
        arguments["seed"] = first.job.seed
    if "check" in plugin.takes and check is not None:
        # A step that is not scored should not decide when to stop; answers may be short, not missing.
        arguments["check"] = until_unscored(check) if task.kind == "forecasting" else check
    if "steps" in plugin.takes and any(one.steps for one in inputs):
        arguments["steps"] = tuple(one.steps for one in inputs) if several else first.steps
    if "device" in plugin.takes and first.job.device != "cpu":
        arguments["device"] = first.job.device
    made = function(task, train, **first.job.method.settings, **arguments)
    if not several:
        made = [made]
    elif not isinstance(made, list | tuple) or len(made) != len(inputs):
        what = f"{len(made)} of them" if isinstance(made, list | tuple) else type(made).__name__
        raise TypeError(f"{plugin.name} was given {len(inputs)} seeds; return a list of as many, not {what}")
    return [_fitted(plugin.name, one, several) for one in made]


def _fitted(name: str, made: Any, several: bool) -> Predictor | Exception:
    if callable(made) or (several and isinstance(made, Exception)):
        return made  # type: ignore[no-any-return]
    return TypeError(f"{name} returned {type(made).__name__}; return a callable: Split -> answers")
