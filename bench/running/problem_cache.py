"""The problems of a process: built for their first job, kept for the next, and checked after every job."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict
from typing import Any

from recurbench import answers, choosing, exemplars, metrics, validation
from recurbench.contract.problems import part_errors
from recurbench.fetching import known_files
from recurbench.packing import pack_units
from recurbench.reasons import Reason, raised
from recurbench.registry import Choice
from recurbench.running.job import Job, build
from recurbench.running.sizes import size_of, written
from recurbench.task import Problem
from recurbench.traits import traits

ProblemId = tuple[str, int | None]
Facts = tuple[str, dict[str, Any], bytes]
"""A problem's key, what reports need to know of it, and the scores per test unit of its exact best."""

CAPACITY = 2


def problem_id(job: Job) -> ProblemId:
    """The problem of a job: its address and the seed of its sample."""
    return job.dataset.address, job.data_seed


class ProblemCache:
    """The last CAPACITY problems that were built in this process."""

    def __init__(self) -> None:
        self._problems: OrderedDict[ProblemId, tuple[Problem | Reason, str]] = OrderedDict()

    def problem(self, job: Job) -> tuple[Problem | Reason, Facts | None]:
        """The job's problem, or the reason why it cannot be built; its facts when it was built just now."""
        which = problem_id(job)
        if which in self._problems:
            self._problems.move_to_end(which)
            return self._problems[which][0], None
        try:
            problem: Problem | Reason = sound(build(job.dataset, job.data_seed), job.dataset)
            facts = _facts(problem, job) if isinstance(problem, Problem) else None
        except Exception as error:  # whatever a dataset plugin raises becomes the reason of its rows
            problem, facts = Reason("not_built", {"text": str(raised(error))}), None
        self._problems[which] = problem, _fingerprint(problem)
        while len(self._problems) > CAPACITY:
            self._problems.popitem(last=False)
        return problem, facts

    def check(self, job: Job) -> None:
        """Forget the job's problem if a method changed it: the next job builds it anew."""
        problem, before = self._problems[problem_id(job)]
        if _fingerprint(problem) != before:
            del self._problems[problem_id(job)]


def sound(problem: object, dataset: Choice) -> Problem:
    """What a dataset returned; TypeError where that is not the kind of problem it declares.

    ValueError where its metric is unknown or its parts are no problem that a method could answer.
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"{dataset.address} returned {type(problem).__name__}, not a Problem")
    if problem.task.kind not in dataset.plugin.kinds:
        declared = ", ".join(dataset.plugin.kinds)
        raise TypeError(f"{dataset.address} declares {declared} and returned a task of {problem.task.kind}")
    if problem.about.metric not in metrics.METRICS:
        raise ValueError(
            f"{dataset.address} is scored by {problem.about.metric!r}, which is no metric; "
            f"known: {', '.join(metrics.METRICS)}"
        )
    wrong = next(part_errors(problem), "")
    if wrong:
        raise ValueError(wrong)
    return problem


def _facts(problem: Problem, job: Job) -> Facts:
    facts, units = describe(problem)
    files = known_files.noted(job.dataset)
    return job.problem_key, {**facts, **({"files": files} if files else {})}, units


def _fingerprint(problem: Problem | Reason) -> str:
    if isinstance(problem, Reason):
        return str(problem)
    return answers.fingerprint(problem.train, problem.valid, problem.test)


def describe(problem: Problem) -> tuple[dict[str, Any], bytes]:
    """What reports need to know of a problem, and the scores of its exact best example by example."""
    task, about = problem.task, problem.about
    facts = {
        **asdict(about),
        "kind": task.kind,
        "higher_is_better": metrics.METRICS[about.metric].higher_is_better,
        "selectors": choosing.selectors(task, about),
        "length": task.length,
        "steps": task.steps,
        "period": task.period,
        "causal": task.causal,
        "n_train": len(problem.train),
        "n_test": len(problem.test),
        "series": [str(name) for name in problem.test.series],
        "fingerprint": _fingerprint(problem),
        "size": written(size_of(problem)),
        "traits": traits(task, problem.train),
        "validation": validation.described(problem),
        **exemplars.described(problem),
    }
    if task.kind == "forecasting":
        facts["no_scale"] = metrics.unscaled(task, problem.test)
        facts["origins"] = [len(history) for history in problem.test.x]
    if not len(problem.oracle):
        return facts, b""
    scores = metrics.score(task, problem.test, problem.oracle)
    return facts, pack_units(scores.units, scores.weights)
