"""One fit, of one seed or of several at once: what it costs, what it answers, and how that is scored."""

from __future__ import annotations

import functools
import json
import random
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench import answers, exemplars, metrics
from recurbench.isolation import third_party
from recurbench.packing import pack, pack_units, stored_form
from recurbench.reasons import Reason, raised
from recurbench.record import Record, plain
from recurbench.registry import load
from recurbench.running import memory
from recurbench.running.job import Job, close
from recurbench.task import Array, Predictor, Problem, Split, Task, Unsupported
from threadpoolctl import ThreadpoolController

Asked = list[tuple[Record, Split]]
# Bytes of the components of one cell.
COMPONENTS = 20_000


@dataclass
class Part:
    """One seed's part in a fit: the rows it fills, its own given words, and what it cost beside the fit."""

    job: Job
    asked: Asked
    start_at: str
    steps: int | None = None
    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What is done for this seed alone: its time is its own, and so is whatever goes wrong."""
        wall, cpu = time.perf_counter(), _cpu()
        try:
            yield
        except (Exception, SystemExit) as error:  # what a predictor raises is a row with its reason
            _end(self.asked, *_ending(error))
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += _cpu() - cpu


def attempt(parts: Sequence[Part], problem: Problem, train: Split, check: Split | None) -> None:
    """Fit once, answer every asked split of every part, and write into the records how that went."""
    job = parts[0].job
    splits = [split for _, split in parts[0].asked]  # those of all parts
    before = answers.fingerprint(train, *splits)
    how, resident = memory.reset_peak(), memory.now_mb()
    loaded = set(sys.modules)
    start, cpu = time.perf_counter(), _cpu()
    shares = [1 / len(parts)] * len(parts)
    try:
        if job.method.plugin.foreign:
            third_party.admit(job.method.plugin)
        function = load(job.method.plugin)
        with (
            warnings.catch_warnings(record=True) as caught,
            _pools(len(sys.modules)).limit(limits=job.threads),
        ):
            warnings.simplefilter("default")
            start, cpu = time.perf_counter(), _cpu()  # an import is not the method's cost
            # Where the global generators start; of a group, where its first seed's do.
            _seed_everyone(parts[0].start_at, job.threads)
            fitted = _fit(parts, function, problem, train, check)
            wall, spent = time.perf_counter() - start, _cpu() - cpu
            shares = _shares(fitted)
            kept = _ask(parts, fitted, problem, [(wall * share, spent * share) for share in shares])
            looked, counted = time.perf_counter(), _cpu()
            touched = third_party.touched() if job.method.plugin.foreign else []
            start, cpu = start + time.perf_counter() - looked, cpu + _cpu() - counted  # not its cost either
            _judge(parts, fitted, problem, kept, touched)
        _note(parts, caught)
    except (Exception, SystemExit) as error:  # what a method raises is a row with its reason
        for part in parts:
            _end(part.asked, *_ending(error))
    if answers.fingerprint(train, *splits) != before:
        for part in parts:
            _end(part.asked, "invalid", Reason("changed_data"))
    wall = time.perf_counter() - start - sum(part.wall for part in parts)
    spent = _cpu() - cpu - sum(part.cpu for part in parts)
    for part, share in zip(parts, shares, strict=True):
        for record, _ in part.asked:
            record.wall_seconds, record.cpu_seconds = part.wall + share * wall, part.cpu + share * spent
            record.start_mb, record.peak_mb, record.memory_by = resident, memory.peak_mb(), how
            record.data_fingerprint = before
    if job.method.plugin.foreign:
        late = third_party.late_imports(job.method.plugin, loaded)
        for part in parts if late else ():
            _end(part.asked, "invalid", Reason("hidden_import", {"imports": late}))
        third_party.settle()


def _ask(
    parts: Sequence[Part],
    fitted: Sequence[Predictor | Exception],
    problem: Problem,
    costs: Sequence[tuple[float, float]],
) -> list[list[list[Array]]]:
    """Have every split answered by the predictor of each part."""
    kept: list[list[list[Array]]] = [[] for _ in parts]
    for part, predict, cost, own in zip(parts, fitted, costs, kept, strict=True):
        with part.at_work():
            for record, _ in part.asked:
                record.fit_seconds, record.fit_cpu_seconds = cost
            if isinstance(predict, Exception):
                raise predict
            own.extend(_answer(problem, predict, split, record) for record, split in part.asked)
    return kept


def _judge(
    parts: Sequence[Part],
    fitted: Sequence[Predictor | Exception],
    problem: Problem,
    kept: Sequence[Sequence[list[Array]]],
    touched: list[str],
) -> None:
    """Score the answers, then ask how they came about; nothing is worth a score where it was touched."""
    if touched:
        reason = Reason("changed_library", {"changes": third_party.listed(touched)})
        for part in parts:
            _end(part.asked, "invalid", reason)
        return
    # True answers are shown when all predictions are stored: those of `valid` must not help with `test`.
    for part, predict, own in zip(parts, fitted, kept, strict=True):
        with part.at_work():
            for (record, split), given in zip(part.asked, own, strict=False):  # fewer where one went wrong
                if record.status == "ok" and not isinstance(predict, Exception):
                    _score(problem, predict, split, record, given)
    for part, predict in zip(parts, fitted, strict=True):
        with part.at_work():
            for record, split in part.asked:
                if record.status == "ok" and record.stage == "final" and not isinstance(predict, Exception):
                    _explain(problem, predict, split, record)


def _shares(fitted: Sequence[Predictor | Exception]) -> list[float]:
    """What part of a fit's cost each seed bears: by the steps it notes, else the mean of the others."""
    found = [getattr(each, "notes", None) for each in fitted]
    notes = [each if isinstance(each, dict) else {} for each in found]
    steps = [each.get("steps_done", each.get("steps")) for each in notes]
    known = [each for each in steps if isinstance(each, int) and each > 0]
    mean = statistics.fmean(known) if known else 1.0
    weights = [each if isinstance(each, int) and each > 0 else mean for each in steps]
    return [weight / sum(weights) for weight in weights]


def _note(parts: Sequence[Part], caught: Sequence[warnings.WarningMessage]) -> None:
    """Note the warnings of a fit and its answers, and which seeds it was for, where they are several."""
    for record in (record for part in parts for record, _ in part.asked):
        if caught:
            record.notes["warnings"] = sorted({str(w.message)[:200] for w in caught})[:5]
        if len(parts) > 1:
            record.notes["seeds"] = [part.job.seed for part in parts]


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


def _end(asked: Asked, status: str, reason: Reason) -> None:
    for record, _ in asked:
        close(record, status, reason)
        record.score, record.scores, record.units, record.predictions = None, {}, b"", b""


def _ending(error: BaseException) -> tuple[str, Reason]:
    """The status and reason of what a method raised."""
    if isinstance(error, Unsupported):
        text = str(error)
        return "unsupported", Reason("raised", {"text": text}) if text else Reason("no_reason")
    # torch's name for a full GPU, which several workers may share: it is no MemoryError.
    full = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    status = "memory" if full else "failed"
    return status, raised(error)


def _fit(
    parts: Sequence[Part],
    function: Callable[..., Any],
    problem: Problem,
    train: Split,
    check: Split | None,
) -> list[Predictor | Exception]:
    """A predictor per part, or why it has none.

    A method that takes `seeds` is given a lone seed that way too: nothing depends on who shares a fit.
    """
    plugin, first = parts[0].job.method.plugin, parts[0]
    words: dict[str, Any] = {}
    several = "seeds" in plugin.takes
    if several:
        words["seeds"] = tuple(part.job.seed for part in parts)
    elif "seed" in plugin.takes:
        words["seed"] = first.job.seed
    if "check" in plugin.takes and check is not None:
        words["check"] = check
    if "steps" in plugin.takes and any(part.steps for part in parts):
        words["steps"] = tuple(part.steps for part in parts) if several else first.steps
    if "device" in plugin.takes and first.job.device != "cpu":
        words["device"] = first.job.device
    made = function(problem.task, train, **first.job.method.settings, **words)
    if not several:
        made = [made]
    elif not isinstance(made, list | tuple) or len(made) != len(parts):
        what = f"{len(made)} of them" if isinstance(made, list | tuple) else type(made).__name__
        raise TypeError(f"{plugin.name} was given {len(parts)} seeds; return a list of as many, not {what}")
    return [_fitted(plugin.name, one, several) for one in made]


def _fitted(name: str, made: Any, several: bool) -> Predictor | Exception:
    if callable(made) or (several and isinstance(made, Exception)):
        return made  # type: ignore[no-any-return]
    return TypeError(f"{name} returned {type(made).__name__}; return a callable: Split -> answers")


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
    if isinstance(given, Sequence):
        given = list(given)  # read once, for what makes its items anew may make others
    record.predict_seconds, record.predict_cpu_seconds = time.perf_counter() - start, _cpu() - cpu
    wrong = answers.form_error(task, split, given)
    kept = [] if wrong else [np.array(answer) for answer in given]
    wrong = (
        wrong
        or answers.batch_error(task, predict, split, kept)
        or answers.future_error(task, predict, split, kept)
    )
    record.notes = noted(getattr(predict, "notes", {}))
    parameters = record.notes.get("parameters")
    record.parameters = parameters if isinstance(parameters, int) else None
    if wrong:
        close(record, "invalid", Reason("bad_answer", {"text": wrong}))
        return []
    record.predictions = pack(stored_form(kept, task.kind))
    return kept


def _explain(problem: Problem, predict: Predictor, split: Split, record: Record) -> None:
    """Note how the predictor came to its answer to the problem's first exemplar, where it can say.

    Only where the licence allows an excerpt, as what it says may hold examples of train. Every score of the
    fit stands by now, and an error is noted in words and changes none. The time and the memory it takes count
    as the method's, towards the limits of its cell too; and a change of the arrays is found as any other.
    """
    if not len(split) or not exemplars.may_show(problem.about.licence):
        return
    unit = exemplars.choose(problem.task, split)[1][0]
    try:
        tell = getattr(predict, "components", None)
        given = tell(split.take([unit]).copy().blind()) if callable(tell) else None
        if given is None:
            return
        told = noted(given)
        size = len(json.dumps(told))
        if size > COMPONENTS:
            told = {"left out": f"{size} bytes, at most {COMPONENTS} are kept; round or thin them"}
    except (Exception, SystemExit) as error:  # whatever a plugin raises here costs it a picture, not its row
        told = {"left out": f"{type(error).__name__}: {error}"}
    record.notes["components"] = {**told, "unit": unit}


def _score(
    problem: Problem, predict: Predictor, split: Split, record: Record, given: Sequence[Array]
) -> None:
    """Score stored answers, and the log-likelihoods of the true ones where they are offered."""
    terms, wrong = _likelihoods(problem.task, predict, split, record)
    if wrong:
        _end([(record, split)], "invalid", Reason("bad_answer", {"text": wrong}))
        return
    scores = metrics.score(problem.task, split, given, terms)
    metric = problem.about.metric
    if metric not in scores.values:
        _end([(record, split)], "unsupported", Reason("missing_metric", {"metric": metric}))
        return
    record.metric, record.score = metric, scores.values[metric]
    record.higher_is_better = metrics.METRICS[metric].higher_is_better
    record.scores = scores.values
    record.units = pack_units(scores.units, scores.weights)
    if metric == "last_step_accuracy" and record.stage == "final":
        # One score at the last step hides where beyond the trained length a method loses its way.
        record.notes["by_position"] = [round(float(v), 4) for v in metrics.by_position(split, given)]


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
