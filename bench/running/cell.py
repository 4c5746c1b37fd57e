"""The cells of a job, or of a group of them: inner ones, which choose among trials, and the final one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from recurbench import metrics, validation
from recurbench.reasons import Reason, of_row, raised
from recurbench.record import Record
from recurbench.running import tune
from recurbench.running.fit_and_score import Part, attempt
from recurbench.running.job import Job, blank, close, ended
from recurbench.task import Problem, holdout

SMALL = 200
SMALL_CUTS = 5

Known = Callable[[str], Record | None]
Tell = Callable[[str, int, Sequence[int]], None]
"""Is told stage, cut and which cells (by their trial, or by their job in a group) before they run."""


def cuts(problem: Problem) -> int:
    """How often train is cut for the inner stage: five times where it is small, once otherwise."""
    if problem.valid is not None or problem.task.kind == "forecasting":
        return 1
    return SMALL_CUTS if len(set(problem.train.series)) < SMALL else 1


def execute(
    jobs: Sequence[Job], problem: Problem, known: Known, begin: Tell | None = None
) -> Iterator[list[Record]]:
    """Run the cells of a job that `known` has no record of; yields rows to be written together.

    Several jobs differ in nothing but the seed, and their method takes `seeds`: each cut is fitted once for
    all that need it. Where the problem brings its own `valid` draw, one fit serves both stages; of several
    trials the chosen one is fitted once more, alike to the last bit, for a test split must not be asked
    before the choice.
    """
    try:
        yield from _cells(jobs, problem, known, begin or (lambda _stage, _cut, _which: None))
    except Exception as error:  # what escapes a cell is a row too
        yield [ended(job, "failed", raised(error)) for job in jobs]


def _cells(jobs: Sequence[Job], problem: Problem, known: Known, tell: Tell) -> Iterator[list[Record]]:
    first = jobs[0]
    if not first.answered:
        plugin = first.method.plugin
        kinds = {"kinds": sorted(plugin.kinds), "kind": problem.task.kind}
        reason = Reason("other_kind", {"method": plugin.name, **kinds})
        yield [ended(job, "unsupported", reason) for job in jobs]
        return
    if problem.valid is not None and not first.trials:
        tell("final", 0, range(len(jobs)))
        yield _both(jobs, problem)
        return
    if first.trials:
        rows: list[list[Record]] = []
        for number, trial in enumerate(first.tries):
            rows.extend((yield from _inner({number: trial}, problem, known, tell)))
        tried = [rows]
    else:
        tried = [[rows] for rows in (yield from _inner(dict(enumerate(jobs)), problem, known, tell))]
    yield _final(jobs, problem, tried, tell)


def _inner(
    jobs: Mapping[int, Job], problem: Problem, known: Known, tell: Tell
) -> Generator[list[Record], None, list[list[Record]]]:
    """Yields the jobs' inner cells that are new; returns all of each, up to its first that is not ok."""
    rows: dict[int, list[Record]] = {place: [] for place in jobs}
    for cut in range(cuts(problem)):
        fit, check = problem.train, problem.valid
        if check is None:
            fit, check = holdout(problem.task, problem.train, cut)
        going = [place for place, own in rows.items() if all(row.status == "ok" for row in own)]
        if not len(check) or not len(fit) or not going:
            break
        found = {place: known(jobs[place].key("inner", cut)) for place in going}
        new = [place for place, record in found.items() if record is None]
        if new:
            tell("inner", cut, new)
            records = [blank(jobs[place], "inner", cut) for place in new]
            # A fit on all of train is that of the final cell.
            parts = [
                Part(jobs[place], [(record, check)], record.key if problem.valid is None else record.job)
                for place, record in zip(new, records, strict=True)
            ]
            attempt(parts, problem, fit, check)
            found.update(zip(new, records, strict=True))
            yield records
        for place, record in found.items():
            if record is not None:
                rows[place].append(record)
    return list(rows.values())


def _both(jobs: Sequence[Job], problem: Problem) -> list[Record]:
    assert problem.valid is not None
    parts = []
    for job in jobs:
        rows = [blank(job, stage, 0) for stage in ("inner", "final")]
        parts.append(Part(job, list(zip(rows, (problem.valid, problem.test), strict=True)), rows[-1].key))
    attempt(parts, problem, problem.train, problem.valid)
    return [record for part in parts for record, _ in part.asked]


def _final(
    jobs: Sequence[Job], problem: Problem, tried: Sequence[list[list[Record]]], tell: Tell
) -> list[Record]:
    """The final row of each job, given the inner rows of each of its trials."""
    records: list[Record] = []
    parts: dict[int, Part] = {}
    notes: dict[int, dict[str, Any]] = {}
    for place, (job, own) in enumerate(zip(jobs, tried, strict=True)):
        records.append(blank(job, "final", 0))
        dropped = _dropped_out(job, own)
        if dropped is not None:
            close(records[-1], *dropped)
            continue
        parts[place], notes[place] = _chosen(job, own, records[-1], problem)
    if parts:
        tell("final", 0, list(parts))
        attempt(list(parts.values()), problem, problem.train, problem.valid)
    for place, words in notes.items():
        records[place].notes.update(words)
    return records


def _dropped_out(job: Job, tried: Sequence[list[Record]]) -> tuple[str, Reason] | None:
    """Status and reason of a job none of whose trials has all its validation scores.

    Without them a method cannot be chosen fairly, whatever it gets on test.
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


def _chosen(
    job: Job, tried: Sequence[list[Record]], record: Record, problem: Problem
) -> tuple[Part, dict[str, Any]]:
    """The part in the final fit that the inner stage decides on, and what to note of how it did."""
    means = [None if any(r.status != "ok" for r in rows) else _means(rows) for rows in tried]
    number, selector = tune.choose(means, metrics.selectors(problem.task))
    chosen, inner = job.tries[number], tried[number]
    record.settings = dict(chosen.method.settings)
    part = Part(chosen, [(record, problem.test)], chosen.key("final", 0))
    steps = [r.notes["steps"] for r in inner if "steps" in r.notes]
    if steps and problem.valid is None:
        part.steps = round(statistics.median(steps))
    notes: dict[str, Any] = {}
    part_held = validation.described(problem)
    if not inner:
        why = validation.lacking(part_held) or "there is no validation part"
        notes["validation"] = f"{why}; nothing was chosen, and the defaults were used"
    elif short := validation.partial(part_held):
        notes["validation"] = short
    if job.trials:
        by_trial = [None if scores is None else scores.get(selector) for scores in means]
        notes["tuning"] = {
            "trials": len(tried),
            "chosen": number,
            "metric": selector,
            "validation": by_trial,
        }
    return part, notes


def _means(inner: Sequence[Record]) -> dict[str, float]:
    """The mean over the cuts of every score that all of them have."""
    shared = [name for name in (inner[0].scores if inner else ()) if all(name in r.scores for r in inner)]
    return {name: statistics.fmean(r.scores[name] for r in inner) for name in shared}
