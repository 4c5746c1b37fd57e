"""The cells of one job: its inner cells, which choose among its trials, and its final cell."""

from __future__ import annotations

import functools
import json
import random
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np
from recurbench import answers, memory, metrics, tune
from recurbench.job import Job, blank, ended
from recurbench.record import Record, pack, pack_units, plain
from recurbench.registry import load
from recurbench.task import Array, Predictor, Problem, Split, Task, Unsupported, holdout
from threadpoolctl import ThreadpoolController

SMALL = 200
SMALL_CUTS = 5

Known = Callable[[str], Record | None]
Tell = Callable[[str, int, int], None]
"""Is told stage, cut and trial of every cell before it runs."""


def cuts(problem: Problem) -> int:
    """How often train is cut for the inner stage: five times where it is small, once otherwise."""
    if problem.valid is not None or problem.task.kind == "forecasting":
        return 1
    return SMALL_CUTS if len(set(problem.train.series)) < SMALL else 1


def execute(job: Job, problem: Problem, known: Known, begin: Tell | None = None) -> Iterator[list[Record]]:
    """Run the job's cells that `known` has no record of; yields rows to be written together.

    Where the problem brings its own `valid` draw, one fit serves both stages; of several trials the chosen
    one is fitted once more, alike to the last bit, for a test split must not be asked before the choice.
    """
    try:
        yield from _cells(job, problem, known, begin or (lambda _stage, _cut, _trial: None))
    except Exception as error:  # what escapes a cell is a row too
        yield [ended(job, "failed", f"{type(error).__name__}: {error}")]


def _cells(job: Job, problem: Problem, known: Known, tell: Tell) -> Iterator[list[Record]]:
    if not job.answered:
        kinds = ", ".join(sorted(job.method.plugin.kinds))
        reason = f"{job.method.plugin.name} answers {kinds}, not {problem.task.kind}"
        yield [ended(job, "unsupported", reason)]
        return
    if problem.valid is not None and not job.trials:
        tell("final", 0, 0)
        yield _both(job, problem)
        return
    tried: list[list[Record]] = []
    for number, trial in enumerate(job.tries):
        tried.append((yield from _inner(trial, number, problem, known, tell)))
    tell("final", 0, 0)
    yield [_final(job, problem, tried)]


def _inner(
    trial: Job, number: int, problem: Problem, known: Known, tell: Tell
) -> Generator[list[Record], None, list[Record]]:
    """Yields the trial's inner cells that are new; returns all of them, up to the first that is not ok."""
    rows: list[Record] = []
    for cut in range(cuts(problem)):
        fit, check = problem.train, problem.valid
        if check is None:
            fit, check = holdout(problem.task, problem.train, cut)
        if not len(check) or not len(fit):
            break
        record = known(trial.key("inner", cut))
        if record is None:
            tell("inner", cut, number)
            record = blank(trial, "inner", cut)
            # A fit on all of train is that of the final cell.
            start_at = record.key if problem.valid is None else record.job
            _attempt(trial, problem, fit, {"check": check}, [(record, check)], start_at)
            yield [record]
        rows.append(record)
        if record.status != "ok":
            break
    return rows


def _both(job: Job, problem: Problem) -> list[Record]:
    assert problem.valid is not None
    rows = [blank(job, stage, 0) for stage in ("inner", "final")]
    asked = list(zip(rows, (problem.valid, problem.test), strict=True))
    _attempt(job, problem, problem.train, {"check": problem.valid}, asked, rows[-1].key)
    return rows


def _final(job: Job, problem: Problem, tried: list[list[Record]]) -> Record:
    record = blank(job, "final", 0)
    bad = [row for rows in tried for row in rows if row.status != "ok"]
    if len(bad) == len(tried):
        # Without all its validation scores a method cannot be chosen fairly, whatever it gets on test.
        first = next((row for row in bad if row.status != "unsupported"), bad[0])
        prefix = "" if first.status == "unsupported" else f"inner stage, cut {first.cut}: "
        if job.trials and prefix:
            prefix = f"all of {len(tried)} trials dropped out, {first.address}: {prefix}"
        record.status, record.reason = first.status, prefix + first.reason
        return record
    means = [None if any(r.status != "ok" for r in rows) else _means(rows) for rows in tried]
    number, selector = tune.choose(means, metrics.selectors(problem.task))
    chosen, inner = job.tries[number], tried[number]
    record.settings = dict(chosen.method.settings)
    steps = [r.notes["steps"] for r in inner if "steps" in r.notes]
    given: dict[str, Any] = {"steps": round(statistics.median(steps))} if steps else {}
    if problem.valid is not None:
        given = {"check": problem.valid}
    _attempt(chosen, problem, problem.train, given, [(record, problem.test)], chosen.key("final", 0))
    if not inner:
        record.notes["validation"] = "train is too small to hold any of it out; the defaults were used"
    if job.trials:
        validation = [None if scores is None else scores.get(selector) for scores in means]
        record.notes["tuning"] = {
            "trials": len(tried),
            "chosen": number,
            "metric": selector,
            "validation": validation,
        }
    return record


def _means(inner: Sequence[Record]) -> dict[str, float]:
    """The mean over the cuts of every score that all of them have."""
    shared = [name for name in (inner[0].scores if inner else ()) if all(name in r.scores for r in inner)]
    return {name: statistics.fmean(r.scores[name] for r in inner) for name in shared}


def _attempt(
    job: Job,
    problem: Problem,
    train: Split,
    given: dict[str, Any],
    asked: list[tuple[Record, Split]],
    start_at: str,
) -> None:
    """Fit once, answer every asked split, and write into its record how that went.

    start_at: the key that says where the global random generators start.
    """
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
            _seed_everyone(start_at, job.threads)
            predict = _fit(job, function, problem, train, given)
            fitted, fitted_cpu = time.perf_counter() - start, _cpu() - cpu
            kept = []
            for record, split in asked:
                record.fit_seconds, record.fit_cpu_seconds = fitted, fitted_cpu
                kept.append(_answer(problem, predict, split, record))
            # True answers are shown when all predictions are stored: those of `valid` must not help with
            # `test`.
            for (record, split), own in zip(asked, kept, strict=True):
                if record.status == "ok":
                    _score(problem, predict, split, record, own)
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


def _answer(problem: Problem, predict: Predictor, split: Split, record: Record) -> list[Array]:
    """Ask, check and store; returns copies of the answers, which the predictor cannot change any more."""
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
        return []
    kept = [np.array(answer) for answer in given]
    record.predictions = pack(kept)
    return kept


def _score(
    problem: Problem, predict: Predictor, split: Split, record: Record, given: Sequence[Array]
) -> None:
    """Score stored answers, and the log-likelihoods of the true ones where they are offered."""
    terms, wrong = _likelihoods(problem.task, predict, split, record)
    if wrong:
        _end([(record, split)], "invalid", wrong)
        return
    scores = metrics.score(problem.task, split, given, terms)
    metric = problem.about.metric
    if metric not in scores.values:
        raise Unsupported(f"the problem is scored by {metric}, which answers of this form do not have")
    record.metric, record.score = metric, scores.values[metric]
    record.higher_is_better = metrics.METRICS[metric].higher_is_better
    record.scores = scores.values
    record.units = pack_units(scores.units, scores.weights)


def _likelihoods(
    task: Task, predict: Predictor, split: Split, record: Record
) -> tuple[list[Array] | None, str]:
    """The log chances of the true answers of free length, None where not offered; and what is wrong."""
    tell = getattr(predict, "log_likelihood", None)
    if not callable(tell) or task.length != "free" or not task.y.symbols:
        return None, ""
    try:
        told = tell(split.copy())
    except Unsupported as refusal:  # one class may serve several tasks
        record.notes["log_likelihood"] = f"not offered: {refusal}"
        return None, ""
    wrong = answers.likelihood_error(split, told)
    if wrong:
        return None, wrong
    terms = [np.array(own) for own in told]
    return terms, answers.forcing_error(task, tell, split, terms)
