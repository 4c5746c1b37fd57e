"""One job: a method with one seed on one problem; its inner cells, which choose, and its final cell."""

from __future__ import annotations

import functools
import hashlib
import json
import random
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from recurbench import answers, memory, metrics, provenance
from recurbench.record import Record, pack, pack_units, plain
from recurbench.registry import Choice, load
from recurbench.task import Predictor, Problem, Split, Unsupported, holdout
from threadpoolctl import ThreadpoolController

SMALL = 200
SMALL_CUTS = 5


@dataclass(frozen=True)
class Job:
    """A method with one seed on one problem, in words; it travels to whoever runs it.

    threads: of BLAS, OpenMP, torch and numba; part of the key where it is not 1, for it changes sums.
    """

    dataset: Choice
    data_seed: int | None
    method: Choice
    seed: int | None
    threads: int = 1

    @property
    def answered(self) -> bool:
        """Whether the method declares the dataset's kind."""
        return bool(self.dataset.plugin.kinds & self.method.plugin.kinds)

    @property
    def problem_key(self) -> str:
        """The content address of the job's problem."""
        return _digest(self._problem_words())

    def key(self, stage: str, cut: int) -> str:
        """The content address of one of the job's cells."""
        words = {
            **self._problem_words(),
            "method": [self.method.plugin.name, self.method.plugin.function],
            "settings": dict(self.method.settings),
            "seed": self.seed,
            "stage": stage,
            "cut": cut,
            "method code": provenance.known_code_hash(self.method.plugin),
        }
        return _digest(words if self.threads == 1 else {**words, "threads": self.threads})

    def _problem_words(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.plugin.name,
            "dials": dict(self.dataset.settings),
            "files": provenance.known_data(self.dataset),
            "data_seed": self.data_seed,
            "dataset code": provenance.known_code_hash(self.dataset.plugin),
        }


def _digest(words: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True, default=str).encode()).hexdigest()[:32]


def build(dataset: Choice, data_seed: int | None) -> Problem:
    """Make the problem a dataset choice names."""
    seed = {} if data_seed is None else {"seed": data_seed}
    problem: Problem = load(dataset.plugin)(**dataset.settings, **seed)
    return problem


def cuts(problem: Problem) -> int:
    """How often train is cut for the inner stage: five times where it is small, once otherwise."""
    if problem.valid is not None or problem.task.kind == "forecasting":
        return 1
    return SMALL_CUTS if len(set(problem.train.series)) < SMALL else 1


def execute(
    job: Job,
    problem: Problem,
    known: Callable[[str], Record | None],
    begin: Callable[[str, int], None] | None = None,
) -> Iterator[list[Record]]:
    """Run the job's cells that `known` has no record of; yields rows to be written together.

    Where the problem brings its own `valid` draw, one fit serves both stages. `begin` is told the stage and
    cut of every cell before it runs.
    """
    try:
        yield from _cells(job, problem, known, begin or (lambda _stage, _cut: None))
    except Exception as error:  # what escapes a cell is a row too
        yield [ended(job, "failed", f"{type(error).__name__}: {error}")]


def _cells(
    job: Job, problem: Problem, known: Callable[[str], Record | None], tell: Callable[[str, int], None]
) -> Iterator[list[Record]]:
    if not job.answered:
        kinds = ", ".join(sorted(job.method.plugin.kinds))
        reason = f"{job.method.plugin.name} answers {kinds}, not {problem.task.kind}"
        yield [ended(job, "unsupported", reason)]
        return
    if problem.valid is not None:
        tell("final", 0)
        yield _both(job, problem)
        return
    inner: list[Record] = []
    for cut in range(cuts(problem)):
        fit, check = holdout(problem.task, problem.train, cut)
        if not len(check) or not len(fit):
            break
        record = known(job.key("inner", cut))
        if record is None:
            tell("inner", cut)
            record = _blank(job, "inner", cut)
            _attempt(job, problem, fit, {"check": check}, [(record, check)])
            yield [record]
        inner.append(record)
        if record.status != "ok":
            break
    tell("final", 0)
    yield [_final(job, problem, inner)]


def _both(job: Job, problem: Problem) -> list[Record]:
    assert problem.valid is not None
    rows = [_blank(job, stage, 0) for stage in ("inner", "final")]
    asked = list(zip(rows, (problem.valid, problem.test), strict=True))
    _attempt(job, problem, problem.train, {"check": problem.valid}, asked)
    return rows


def _final(job: Job, problem: Problem, inner: list[Record]) -> Record:
    record = _blank(job, "final", 0)
    bad = next((r for r in inner if r.status != "ok"), None)
    if bad is not None:
        # Without all its validation scores a method cannot be chosen fairly, whatever it gets on test.
        prefix = "" if bad.status == "unsupported" else f"inner stage, cut {bad.cut}: "
        record.status, record.reason = bad.status, prefix + bad.reason
        return record
    steps = [r.notes["steps"] for r in inner if "steps" in r.notes]
    given = {"steps": round(statistics.median(steps))} if steps else {}
    _attempt(job, problem, problem.train, given, [(record, problem.test)])
    if not inner:
        record.notes["validation"] = "train is too small to hold any of it out; the defaults were used"
    return record


def ended(job: Job, status: str, reason: str, stage: str = "final", cut: int = 0) -> Record:
    """The row of a cell that ended without an answer."""
    record = _blank(job, stage, cut)
    record.status, record.reason = status, reason
    return record


def _blank(job: Job, stage: str, cut: int) -> Record:
    plugin = job.method.plugin
    return Record(
        key=job.key(stage, cut),
        job=job.key("final", 0),
        problem_key=job.problem_key,
        dataset=job.dataset.plugin.name,
        problem=job.dataset.address,
        dials=dict(job.dataset.settings),
        kind=next(iter(job.dataset.plugin.kinds)),
        method=plugin.name,
        address=job.method.address,
        family=plugin.family,
        recurrence=plugin.recurrence,
        role=plugin.role,
        settings=dict(job.method.settings),
        seed=job.seed,
        data_seed=job.data_seed,
        stage=stage,
        cut=cut,
        versions=provenance.versions(),
        code=provenance.known_code_hash(plugin),
        dataset_code=provenance.known_code_hash(job.dataset.plugin),
        threads=job.threads,
        machine=provenance.machine(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _attempt(
    job: Job, problem: Problem, train: Split, given: dict[str, Any], asked: list[tuple[Record, Split]]
) -> None:
    """Fit once, answer every asked split, and write into its record how that went."""
    splits = [split for _, split in asked]
    before = answers.fingerprint(train, *splits)
    how, resident = memory.reset_peak(), memory.now_mb()
    start, cpu = time.perf_counter(), _cpu()
    try:
        function = load(job.method.plugin)
        with (
            warnings.catch_warnings(record=True) as caught,
            _pools(len(sys.modules)).limit(limits=job.threads),
        ):
            warnings.simplefilter("default")
            start, cpu = time.perf_counter(), _cpu()  # an import is not the method's cost
            _seed_everyone(asked[-1][0].key, job.threads)
            predict = _fit(job, function, problem, train, given)
            fitted, fitted_cpu = time.perf_counter() - start, _cpu() - cpu
            for record, split in asked:
                record.fit_seconds, record.fit_cpu_seconds = fitted, fitted_cpu
                _answer(problem, predict, split, record)
        for record, _ in asked:
            if caught:
                record.notes["warnings"] = sorted({str(w.message)[:200] for w in caught})[:5]
    except Unsupported as error:
        _end(asked, "unsupported", str(error))
    except MemoryError as error:
        _end(asked, "memory", f"MemoryError: {error}")
    except (Exception, SystemExit) as error:  # what a method raises is a row with its reason
        _end(asked, "failed", f"{type(error).__name__}: {error}")
    if answers.fingerprint(train, *splits) != before:
        _end(asked, "invalid", "the method changed the arrays it was given; work on copies")
    spent, wall = _cpu() - cpu, time.perf_counter() - start
    for record, _ in asked:
        record.cpu_seconds, record.wall_seconds = spent, wall
        record.start_mb, record.peak_mb, record.memory_by = resident, memory.peak_mb(), how
        record.data_fingerprint = before


@functools.lru_cache(maxsize=1)
def _pools(_modules: int) -> ThreadpoolController:
    """The thread pools of the loaded libraries; looked for again only when a module more was imported."""
    return ThreadpoolController()


def _cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    times = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times + children.ru_utime + children.ru_stime


def _seed_everyone(key: str, threads: int) -> None:
    """Start the global generators at a point of the cell's own: no cell depends on those before it."""
    seed = int(key[:8], 16)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (it is the global state that is set)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
        torch.set_num_threads(threads)


def _end(asked: list[tuple[Record, Split]], status: str, reason: str) -> None:
    for record, _ in asked:
        record.status, record.reason = status, reason or "no reason given"
        record.score, record.scores, record.units, record.predictions = None, {}, b"", b""


def _fit(
    job: Job, function: Callable[..., Any], problem: Problem, train: Split, given: dict[str, Any]
) -> Predictor:
    plugin = job.method.plugin
    words = {name: value for name, value in given.items() if name in plugin.takes}
    if "seed" in plugin.takes:
        words["seed"] = job.seed
    predict: Predictor = function(problem.task, train, **job.method.settings, **words)
    if not callable(predict):
        raise TypeError(
            f"{plugin.name} returned {type(predict).__name__}; return a callable: Split -> answers"
        )
    return predict


def noted(notes: Any) -> dict[str, Any]:
    """A predictor's notes as they are stored; TypeError says what cannot be."""
    if not isinstance(notes, dict) or not all(isinstance(key, str) for key in notes):
        raise TypeError(f"notes must be a dict with words as keys, got {str(notes)[:80]}")
    if not isinstance(notes.get("steps", 0), int | np.integer):
        raise TypeError(f"notes['steps'] must be a whole number, got {notes['steps']!r}")
    stored: dict[str, Any] = json.loads(json.dumps(notes, default=plain))
    return stored


def _answer(problem: Problem, predict: Predictor, split: Split, record: Record) -> None:
    task = problem.task
    start, cpu = time.perf_counter(), _cpu()
    given = predict(split.blind())
    record.predict_seconds, record.predict_cpu_seconds = time.perf_counter() - start, _cpu() - cpu
    wrong = (
        answers.form_error(task, split, given)
        or answers.batch_error(task, predict, split, given)
        or answers.future_error(task, predict, split, given)
    )
    record.notes = noted(getattr(predict, "notes", {}))
    parameters = record.notes.get("parameters")
    record.parameters = parameters if isinstance(parameters, int) else None
    if wrong:
        record.status, record.reason = "invalid", wrong
        return
    scores = metrics.score(task, split, given)
    metric = problem.about.metric
    if metric not in scores.values:
        raise Unsupported(f"the problem is scored by {metric}, which answers of this form do not have")
    record.metric, record.score = metric, scores.values[metric]
    record.higher_is_better = metrics.METRICS[metric].higher_is_better
    record.scores = scores.values
    record.units = pack_units(scores.units, scores.weights)
    record.predictions = pack([np.asarray(a) for a in given])
