"""The loop that serves jobs: build their problem, run their cells, and say what happens, event by event.

`Inline` runs it in this process; a worker process runs it and sends the events to the pool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from recurbench.isolation import third_party
from recurbench.reasons import Reason, raised
from recurbench.record import Record
from recurbench.running.cell import Cells, Chosen, Ended, Fit, chosen, parts
from recurbench.running.fit_and_score import SeedInput, fit_and_score
from recurbench.running.job import JobGroup, blank, close, ended
from recurbench.running.outcome import Outcome
from recurbench.running.problem_cache import Facts, ProblemCache
from recurbench.task import Problem


@dataclass(frozen=True)
class Started:
    """A fit begins, or the building of the problem (None)."""

    fit: Fit | None = None


@dataclass(frozen=True)
class ProblemBuilt:
    """A problem was built just now; what reports need to know of it."""

    facts: Facts


@dataclass(frozen=True)
class RowsReady:
    """Cells have ended; their rows are to be written together."""

    rows: list[Record]


@dataclass(frozen=True)
class JobsDone:
    """Jobs of the group have ended: their places. reusable: their process may serve other jobs."""

    places: tuple[int, ...]
    reusable: bool = True


@dataclass(frozen=True)
class NotRun:
    """All jobs of the group end without a row, because a budget is spent; a later run may do them.

    started: whether a fit of the group was stopped, and not only kept from starting.
    """

    started: bool = False


@dataclass(frozen=True)
class ProcessChanged:
    """Third-party code changed this process for good; what is left of the group needs another one."""

    changes: list[str]


Event = Started | ProblemBuilt | RowsReady | JobsDone | NotRun | ProcessChanged


class StaleError(ValueError):
    """The code or data of a job changed between planning and running it."""


def serve(group: JobGroup, problems: ProblemCache) -> Iterator[Event]:
    """Run the cells of a group that it has no rows of. The last event is JobsDone or ProcessChanged.

    StaleError where the code on disk is not what the group was planned with.
    """
    first = group.jobs[0]
    if JobGroup.of_jobs(group.jobs).keys != group.keys:
        raise StaleError(
            f"the code or the data behind {first.method.address} changed during the run; start it again, "
            "every finished fit is kept"
        )
    yield Started()
    problem, facts = problems.problem(first)
    if facts is not None:
        yield ProblemBuilt(facts)
    if isinstance(problem, Reason):
        yield RowsReady([ended(job, "failed", problem) for job in group.jobs])
    else:
        for event in run_cells(group, problem):
            yield event
            if isinstance(event, RowsReady) and third_party.changed():
                break
        else:
            problems.check(first)
    changes = third_party.changed()
    yield ProcessChanged(changes) if changes else JobsDone(tuple(range(len(group.jobs))))


def run_cells(group: JobGroup, problem: Problem) -> Iterator[Started | RowsReady]:
    """Run the cells of a group on a built problem, in the order that `Cells` decides."""
    known = dict(group.known)
    try:
        cells = Cells.of(group, problem)
        while (step := cells.next_step(known)) is not None:
            if isinstance(step, Ended):
                rows = [ended(group.jobs[i], *ending) for i, ending in step.endings.items()]
            else:
                yield Started(step)
                rows = _fitted(step, cells, problem, known)
            known.update((row.key, row) for row in rows)
            yield RowsReady(rows)
    except Exception as error:  # an error outside of a fit is a row too
        left = [job for job, key in zip(group.jobs, group.keys, strict=True) if key not in known]
        yield RowsReady([ended(job, "failed", raised(error)) for job in left])


def _fitted(fit: Fit, cells: Cells, problem: Problem, known: Mapping[str, Record]) -> list[Record]:
    """Do a fit; returns the rows of its cells, seed by seed."""
    if fit.stage == "inner":
        return _inner(fit, cells, problem)
    jobs = cells.group.jobs
    if fit.stage == "both":
        assert problem.valid is not None
        splits = {"inner": problem.valid, "final": problem.test}
        decided = [Chosen(jobs[i], None, {}) for i in fit.places]
    else:
        splits = {"final": problem.test}
        decided = [chosen(jobs[i], cells.inner(i, known), problem) for i in fit.places]
    inputs = [SeedInput(one.job, splits, one.job.key("final", 0), one.steps) for one in decided]
    outcomes = fit_and_score(inputs, problem, problem.train, problem.valid)
    rows = []
    for place, one, by_stage in zip(fit.places, decided, outcomes, strict=True):
        for stage, outcome in by_stage.items():
            row = _row(blank(jobs[place], stage, 0), outcome)
            row.settings = dict(one.job.method.settings)
            row.notes.update(one.notes)
            if stage == "final":
                row.key = cells.group.keys[place]
            rows.append(row)
    return rows


def _inner(fit: Fit, cells: Cells, problem: Problem) -> list[Record]:
    train, check = parts(problem, fit.cut)
    # Keys as they were before the first fit: a method may change its settings, a list for example.
    blanks = [
        replace(blank(cells.group.fits[place], "inner", fit.cut), key=cells.keys[place][fit.cut])
        for place in fit.places
    ]
    inputs = [
        # A problem that brings a validation part is fitted on all of train, so the random start is that of
        # the final cell.
        SeedInput(cells.group.fits[place], {"inner": check}, row.key if problem.valid is None else row.job)
        for place, row in zip(fit.places, blanks, strict=True)
    ]
    outcomes = fit_and_score(inputs, problem, train, check)
    return [_row(row, by_stage["inner"]) for row, by_stage in zip(blanks, outcomes, strict=True)]


def _row(record: Record, outcome: Outcome) -> Record:
    """The row of a cell, given how its fit went."""
    values: dict[str, Any] = {one.name: getattr(outcome, one.name) for one in fields(outcome)}
    reason = values.pop("reason")
    row = replace(record, **{**values, "notes": {**outcome.notes, **record.notes}})
    if reason is not None:
        close(row, outcome.status, reason)
    return row
