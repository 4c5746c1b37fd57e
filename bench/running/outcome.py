"""How one split was answered: the answers asked for, checked and stored, and then scored."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from recurbench import answers, exemplars, metrics
from recurbench.packing import pack, pack_units, stored_form
from recurbench.reasons import Reason, raised
from recurbench.record import plain
from recurbench.task import Array, Predictor, Problem, Split, Task, Unsupported

# Bytes of the components of one cell.
COMPONENTS = 20_000


@dataclass
class Outcome:
    """How one split was answered in one fit. The names are columns of `Record`; see there for the units.

    reason: why there is no score, None where there is one.
    """

    status: str = "ok"
    reason: Reason | None = None
    metric: str = ""
    score: float | None = None
    higher_is_better: bool | None = None
    scores: dict[str, float] = field(default_factory=dict)
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    wall_seconds: float | None = None
    fit_cpu_seconds: float | None = None
    predict_cpu_seconds: float | None = None
    cpu_seconds: float | None = None
    start_mb: float | None = None
    peak_mb: float | None = None
    memory_by: str = ""
    parameters: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    data_fingerprint: str = ""
    started: str = ""
    predictions: bytes = b""
    units: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether nothing has gone wrong so far."""
        return self.status == "ok"

    def end(self, status: str, reason: Reason) -> None:
        """It has no score, and nothing of the answers is stored."""
        self.status, self.reason = status, reason
        self.score, self.scores, self.units, self.predictions = None, {}, b"", b""


def cpu_seconds() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    times = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times + children.ru_utime + children.ru_stime


def ending(error: BaseException) -> tuple[str, Reason]:
    """The status and reason of what a method raised."""
    if isinstance(error, Unsupported):
        text = str(error)
        return "unsupported", Reason("raised", {"text": text}) if text else Reason("no_reason")
    # torch's name for a full GPU, which several workers may share: it is no MemoryError.
    full = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return "memory" if full else "failed", raised(error)


def noted(notes: Any) -> dict[str, Any]:
    """A predictor's notes as they are stored; TypeError says what cannot be."""
    if not isinstance(notes, dict) or not all(isinstance(key, str) for key in notes):
        raise TypeError(f"notes must be a dict with words as keys, got {str(notes)[:80]}")
    if not isinstance(notes.get("steps", 0), int | np.integer):
        raise TypeError(f"notes['steps'] must be a whole number, got {notes['steps']!r}")
    stored: dict[str, Any] = json.loads(json.dumps(notes, default=plain))
    return stored


def answer(problem: Problem, predict: Predictor, split: Split, outcome: Outcome) -> list[Array]:
    """Ask, check and store; returns copies of the answers, which the predictor cannot change any more."""
    task = problem.task
    start, cpu = time.perf_counter(), cpu_seconds()
    given = predict(split.blind())
    if isinstance(given, Sequence):
        given = list(given)  # read once: an odd list could give other items when it is read again
    outcome.predict_seconds = time.perf_counter() - start
    outcome.predict_cpu_seconds = cpu_seconds() - cpu
    wrong = answers.form_error(task, split, given)
    copies = [] if wrong else [np.array(one) for one in given]
    wrong = (
        wrong
        or answers.batch_error(task, predict, split, copies)
        or answers.future_error(task, predict, split, copies)
    )
    outcome.notes = noted(getattr(predict, "notes", {}))
    parameters = outcome.notes.get("parameters")
    outcome.parameters = parameters if isinstance(parameters, int) else None
    if wrong:
        outcome.end("invalid", Reason("bad_answer", {"text": wrong}))
        return []
    outcome.predictions = pack(stored_form(copies, task.kind))
    return copies


def score(
    problem: Problem, predict: Predictor, split: Split, outcome: Outcome, given: Sequence[Array], final: bool
) -> None:
    """Score stored answers, and the log-likelihoods of the true ones where the predictor offers them."""
    terms, wrong = _likelihoods(problem.task, predict, split, outcome)
    if wrong:
        outcome.end("invalid", Reason("bad_answer", {"text": wrong}))
        return
    scores = metrics.score(problem.task, split, given, terms)
    metric = problem.about.metric
    if metric not in scores.values:
        outcome.end("unsupported", Reason("missing_metric", {"metric": metric}))
        return
    outcome.metric, outcome.score = metric, scores.values[metric]
    outcome.higher_is_better = metrics.METRICS[metric].higher_is_better
    outcome.scores = scores.values
    outcome.units = pack_units(scores.units, scores.weights)
    if metric == "last_step_accuracy" and final:
        # One score at the last step does not show from which position on a method is wrong.
        outcome.notes["by_position"] = [round(float(v), 4) for v in metrics.by_position(split, given)]


def explain(problem: Problem, predict: Predictor, split: Split, outcome: Outcome) -> None:
    """Note how the predictor came to its answer to the problem's first exemplar, where it can say.

    Only where the licence allows an excerpt, because the components may hold examples of train. All scores of
    the fit are there by now, and an error becomes a note and changes none of them. The time and the memory it
    takes count towards the limits of the cell, and a change of the arrays is found as any other.
    """
    if not len(split) or not exemplars.may_show(problem.about.licence):
        return
    unit = exemplars.choose(problem.task, split)[1][0]
    try:
        components = getattr(predict, "components", None)
        given = components(split.take([unit]).copy().blind()) if callable(components) else None
        if given is None:
            return
        stored = noted(given)
        size = len(json.dumps(stored))
        if size > COMPONENTS:
            stored = {"left out": f"{size} bytes, at most {COMPONENTS} are kept; round or thin them"}
    except (Exception, SystemExit) as error:  # a plugin that fails here loses a picture and not its score
        stored = {"left out": f"{type(error).__name__}: {error}"}
    outcome.notes["components"] = {**stored, "unit": unit}


def _likelihoods(
    task: Task, predict: Predictor, split: Split, outcome: Outcome
) -> tuple[list[Array] | None, str]:
    """The log-likelihoods of the true answers of free length, None where not offered; and what is wrong."""
    likelihood = getattr(predict, "log_likelihood", None)
    if not callable(likelihood) or task.length != "free" or not task.y.symbols:
        return None, ""
    try:
        given = likelihood(split.copy())
    except Unsupported as refusal:  # one class may serve several tasks
        outcome.notes["log_likelihood"] = f"not offered: {refusal}"
        return None, ""
    wrong = answers.likelihood_error(split, given)
    if wrong:
        return None, wrong
    terms = [np.array(one) for one in given]
    return terms, answers.forcing_error(task, likelihood, split, terms)
