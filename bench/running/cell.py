"""What a job runs next: a pure decision from its jobs, the rows it has, and the fits that were lost.

A job has one cell per fold (stage `inner`), which only serves to choose settings and training steps, and a
last one (stage `final`), which is trained on all of train and scored on test. Several jobs that differ in
nothing but the seed form a group and share each fit. This module decides; `serve` carries out.

    next_step   which fit comes next, or which jobs end without one
    after_loss  what a worker that was lost leaves: rows, and the groups that go on in another worker
    chosen      which settings and how many steps the final fit takes
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from recurbench import choosing, validation
from recurbench.reasons import Reason, of_row
from recurbench.record import Record
from recurbench.running import tune
from recurbench.running.job import Job, JobGroup, ended
from recurbench.task import Problem, Split, holdout, unscored

SMALL = 200
SMALL_CUTS = 5

Ending = tuple[str, Reason]
"""The status and the reason of a cell that has no score."""


@dataclass(frozen=True)
class Fit:
    """The fit that comes next.

    stage: "inner" (fitted on fold `cut`, scored on the rest of train), "final" (fitted on train, scored on
    test), or "both" (fitted on train, scored on the validation part that the problem brings and on test).
    places: which jobs of the group it is for; in the inner stage of a tuned job, which trial.
    """

    stage: str
    cut: int
    places: tuple[int, ...]


@dataclass(frozen=True)
class Ended:
    """Jobs that end without a final fit: by place in the group, their status and reason."""

    endings: Mapping[int, Ending]


@dataclass(frozen=True)
class Loss:
    """What a lost worker leaves.

    rows: of the cells that were lost. over: places of the jobs that have ended. left: what goes on.
    """

    rows: list[Record] = field(default_factory=list)
    over: tuple[int, ...] = ()
    left: list[JobGroup] = field(default_factory=list)


@dataclass(frozen=True)
class Chosen:
    """What the inner stage decided: the job with its settings, the training steps, and notes for its row."""

    job: Job
    steps: int | None
    notes: dict[str, Any]


def cuts(problem: Problem, folds: int | None = None) -> int:
    """The number of folds of the inner stage: `folds`, else five where train is small and one otherwise.

    It is always one where the problem brings a validation part, and in forecasting, unless `folds` is 0.
    """
    if folds == 0:
        return 0
    if problem.valid is not None or problem.task.kind == "forecasting":
        return 1
    if folds is not None:
        return folds
    return SMALL_CUTS if len(set(problem.train.series)) < SMALL else 1


def parts(problem: Problem, cut: int) -> tuple[Split, Split]:
    """What a fold is fitted on and what it is scored on; true values that were missing are NaN in the second.

    The second is empty where none of its true values is known.
    """
    if problem.valid is not None:
        return problem.train, problem.valid
    fit, check = holdout(problem.task, problem.train, cut, problem.rolling)
    if not problem.missing:
        return fit, check
    check = unscored(check, problem.missing)
    return fit, check if any(not np.isnan(y).all() for y in check.y) else check.take([])


class Cells:
    """The cells of a group of jobs on one problem. keys: of the inner ones, by place and fold."""

    def __init__(self, group: JobGroup, folds: int, brings_validation: bool = False) -> None:
        """folds: 0 where train is too small to hold out a part; the same number for every job."""
        self.group, self.brings_validation = group, brings_validation
        first = group.jobs[0]
        self.tuned = bool(first.trials)
        self.one_fit = brings_validation and not self.tuned and first.folds != 0
        self.folds = range(0 if self.one_fit or not first.answered else folds)
        self.keys = [[job.key("inner", cut) for cut in self.folds] for job in group.fits]

    @classmethod
    def of(cls, group: JobGroup, problem: Problem) -> Cells:
        """The cells on this problem; whether a fold has an empty part does not depend on its number."""
        fit, check = parts(problem, 0) if group.jobs[0].answered else ((), ())
        folds = cuts(problem, group.jobs[0].folds) if len(fit) and len(check) else 0
        return cls(group, folds, problem.valid is not None)

    def next_step(self, known: Mapping[str, Record]) -> Fit | Ended | None:
        """The next fit, or the jobs that end without one; None when every job has its final row.

        known: all rows so far by their keys. Where the problem brings a validation part, one fit serves both
        stages. Of several trials the chosen one is fitted once more, although its weights are the same:
        methods must not be asked about test before the choice.
        """
        left = [i for i, key in enumerate(self.group.keys) if key not in known]
        if not left:
            return None
        first = self.group.jobs[0]
        if not first.answered:
            return Ended(dict.fromkeys(left, ("unsupported", _other_kind(first))))
        if self.one_fit:
            return Fit("both", 0, tuple(left))
        fit = self._next_inner(left, known)
        if fit is not None:
            return fit
        endings = {i: dropped_out(self.group.jobs[i], self.inner(i, known)) for i in left}
        lost = {i: ending for i, ending in endings.items() if ending is not None}
        return Ended(lost) if lost else Fit("final", 0, tuple(left))

    def inner(self, place: int, known: Mapping[str, Record]) -> list[list[Record]]:
        """The inner rows of a job: for each of its trials, up to the first row that is not ok."""
        places = range(len(self.keys)) if self.tuned else (place,)
        return [self._rows(each, known) for each in places]

    def _rows(self, place: int, known: Mapping[str, Record]) -> list[Record]:
        rows: list[Record] = []
        for key in self.keys[place]:
            if key not in known or (rows and rows[-1].status != "ok"):
                break
            rows.append(known[key])
        return rows

    def _next_inner(self, left: Sequence[int], known: Mapping[str, Record]) -> Fit | None:
        """The first fold that lacks rows, for all seeds that need it; trials come one after the other."""
        missing: dict[int, int] = {}
        for place in range(len(self.keys)) if self.tuned else left:
            rows = self._rows(place, known)
            if len(rows) < len(self.folds) and all(row.status == "ok" for row in rows):
                missing[place] = len(rows)
        if not missing:
            return None
        if self.tuned:
            place, cut = next(iter(missing.items()))
            return Fit("inner", cut, (place,))
        cut = min(missing.values())
        return Fit("inner", cut, tuple(place for place, first in missing.items() if first == cut))


def _other_kind(job: Job) -> Reason:
    plugin, (kind, *_) = job.method.plugin, sorted(job.dataset.plugin.kinds)
    return Reason("other_kind", {"method": plugin.name, "kinds": sorted(plugin.kinds), "kind": kind})


def dropped_out(job: Job, tried: Sequence[Sequence[Record]]) -> Ending | None:
    """Why a job cannot be chosen fairly: each of its trials lacks a validation score; None where one has all.

    tried: the inner rows of each trial. Such a job is not scored on test.
    """
    bad = [row for rows in tried for row in rows if row.status != "ok"]
    if len(bad) < len(tried):
        return None
    first = next((row for row in bad if row.status != "unsupported"), bad[0])
    reason = of_row(first.notes, first.reason)
    if first.status == "unsupported":
        return first.status, reason
    reason = Reason("inner_cut", {"cut": first.cut, "reason": reason})
    if job.trials:
        reason = Reason("no_trial_left", {"trials": len(tried), "method": first.address, "reason": reason})
    return first.status, reason


def chosen(job: Job, tried: Sequence[Sequence[Record]], problem: Problem) -> Chosen:
    """What the final fit takes: the best trial, and the median of the steps that its folds trained."""
    means = [None if any(row.status != "ok" for row in rows) else _means(rows) for rows in tried]
    number, selector = tune.choose(means, choosing.selectors(problem.task, problem.about))
    inner = tried[number]
    steps = [row.notes["steps"] for row in inner if "steps" in row.notes]
    notes: dict[str, Any] = {}
    facts = validation.described(problem)
    if job.folds == 0:
        notes["validation"] = "no validation score was asked for; the defaults were used"
    elif not inner:
        why = validation.lacking(facts) or "no value of the validation part is known"
        notes["validation"] = f"{why}; nothing was chosen, and the defaults were used"
    elif short := validation.partial(facts):
        notes["validation"] = short
    if job.trials:
        notes["tuning"] = {
            "trials": len(tried),
            "chosen": number,
            "metric": selector,
            "validation": [None if scores is None else scores.get(selector) for scores in means],
        }
    trained = round(statistics.median(steps)) if steps and problem.valid is None else None
    return Chosen(job.tries[number], trained, notes)


def _means(inner: Sequence[Record]) -> dict[str, float]:
    """The mean over the folds of every score that all of them have."""
    shared = [name for name in (inner[0].scores if inner else ()) if all(name in row.scores for row in inner)]
    return {name: statistics.fmean(row.scores[name] for row in inner) for name in shared}


def after_loss(
    group: JobGroup, known: Mapping[str, Record], running: Fit | None, status: str, reason: Reason
) -> Loss:
    """What is left of a group whose worker was lost, or met a limit, during the fit `running`.

    running: None while the problem was built. known: all rows so far; a row that has arrived stands, for then
    the worker was lost between two fits. A tuned job goes on without the trial that was lost, and a group
    without the seeds that were.
    """
    everyone = tuple(range(len(group.jobs)))
    if running is None:
        why = Reason("during_build", {"reason": reason})
        return Loss([ended(job, status, why) for job in group.jobs], everyone)
    if len(running.places) > 1 and status != "timeout":
        # It is unknown which of the seeds used the memory or ended the process: each is fitted alone.
        return remaining(group, known, alone=True)
    if running.stage != "inner":
        lost = [i for i in running.places if group.keys[i] not in known]
        rows = [ended(group.jobs[i], status, reason) for i in lost]
        return _joined(rows, lost, remaining(group, known, without=lost))
    rows = [ended(group.fits[i], status, reason, "inner", running.cut) for i in running.places]
    rows = [row for row in rows if row.key not in known]
    if group.jobs[0].trials:
        rest = remaining(group, {**known, **{row.key: row for row in rows}})
        return _joined(rows, (), rest)
    why = Reason("inner_stage", {"reason": reason})
    rows += [ended(group.jobs[i], status, why) for i in running.places]
    return _joined(rows, running.places, remaining(group, known, without=running.places))


def _joined(rows: list[Record], over: Iterable[int], rest: Loss) -> Loss:
    return Loss(rows, (*over, *rest.over), rest.left)


def remaining(
    group: JobGroup, known: Mapping[str, Record], without: Iterable[int] = (), alone: bool = False
) -> Loss:
    """What is left of a group that needs another worker; jobs with a final row are over.

    without: places of jobs that have ended besides. alone: each job goes on in a group of its own.
    """
    rest = [i for i in range(len(group.jobs)) if i not in set(without)]
    over = tuple(i for i in rest if group.keys[i] in known)
    left = [i for i in rest if i not in over]
    parts = [[i] for i in left] if alone else [left] if left else []
    return Loss(over=over, left=[group.of(places, known) for places in parts])
