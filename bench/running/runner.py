"""From jobs to rows in the run file: what is cached, what must run, and an executor that runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from recurbench.isolation import third_party
from recurbench.record import BAD, RETRIED, Record, RunFile
from recurbench.registry import Choice
from recurbench.running import tune
from recurbench.running.allowance import Allowance
from recurbench.running.job import Job, JobGroup
from recurbench.running.outcome import cpu_seconds
from recurbench.running.problem_cache import ProblemCache
from recurbench.running.serve import Event, JobsDone, NotRun, ProblemBuilt, ProcessChanged, RowsReady, serve

GROUP = 10  # seeds fitted together at most; measured, see benchmarks/stacked.py
# Which finished cells a run tries once more: none, the ones that met a limit or crashed, or all but ok.
RETRIES = {"none": (), "limits": RETRIED, "all": (*BAD, "unsupported")}


def jobs(
    methods: Sequence[Choice],
    datasets: Sequence[Choice],
    seeds: int,
    data_seeds: int | None = None,
    threads: int = 1,
    device: str = "cpu",
    trials: int = 1,
    first: int = 0,
    folds: int | None = None,
) -> list[Job]:
    """Every method with every one of its seeds on every problem of a kind it declares, problem by problem.

    A generated dataset is drawn anew with every seed: seed s of a method meets sample s, so that replicates
    are independent. Seeds are counted from `first`. With `data_seeds`, every seed meets each of that many
    samples instead. trials: how many settings of a method each of its jobs tries; a method without a search
    space makes the same job as without trials. folds: as in `Job`.
    """
    if seeds < 1 or first < 0 or (data_seeds is not None and data_seeds < 1):
        raise ValueError(
            f"seeds and data seeds must be at least 1 and the first at least 0, "
            f"got {seeds}, {data_seeds} and {first}"
        )
    tried = {method.address: tune.trials(method, trials) for method in methods}
    listed: list[Job] = []
    for dataset in datasets:
        drawn = "seed" in dataset.plugin.takes
        draws: Iterable[int | None] = range(first, first + (data_seeds or seeds)) if drawn else (None,)
        for draw in draws:
            for method in (m for m in methods if m.plugin.kinds & dataset.plugin.kinds):
                chosen = _seeds(method, draw, range(first, first + seeds), data_seeds)
                settings = tried[method.address]
                choice = tuple(settings) if len(settings) > 1 else ()
                how = (threads, choice, device, folds)
                listed.extend(Job(dataset, draw, method, seed, *how) for seed in chosen)
    return listed


def _seeds(
    method: Choice, draw: int | None, seeds: Iterable[int], crossed: int | None
) -> Iterable[int | None]:
    if "seed" not in method.plugin.takes:
        return (None,)
    return seeds if draw is None or crossed is not None else (draw,)


@dataclass(frozen=True)
class Step:
    """What just happened: a job has ended, with its newly computed rows; none when all of it was cached."""

    job: Job
    rows: Sequence[Record]


@dataclass
class Tally:
    """How a run went: jobs by the status of their final cell, and what was computed for it.

    cut: cells that met a limit or crashed now; their CPU time is unknown. not_run: jobs that a budget did not
    hold, and whether a fit of them was stopped. used: CPU seconds of the workers, None without a budget.
    """

    jobs: int = 0
    cached: int = 0
    cells: int = 0
    cpu_seconds: float = 0.0
    cut: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    not_run: list[tuple[Job, bool]] = field(default_factory=list)
    used: float | None = None

    @property
    def bad(self) -> int:
        """Jobs whose final cell failed or is invalid."""
        return sum(self.statuses[status] for status in BAD)


class Executor(Protocol):
    """Runs jobs: in this process, in worker processes, or on other machines."""

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Event]]:
        """Run the groups in any order: rows as cells end, then JobsDone for some or all jobs of a group."""
        ...


class Inline:
    """Runs groups one after the other in this very process: for a debugger; no limit can be kept.

    Third-party plugins come last, one after the other. What one of them changes in the process cannot be
    undone with certainty, so ChangedError ends the run then, unless nothing is left to do.
    allowance: a budget of CPU time. A group that has started is never stopped.
    """

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Event]]:
        """Run the groups in turn."""
        problems, ran = ProblemCache(), frozenset[str]()
        start = cpu_seconds()
        third_party.begin()
        for group in sorted(groups, key=lambda each: sorted(each.third_party)):
            if self._allowance is not None:
                self._allowance.used = cpu_seconds() - start
                if not self._allowance.may_start(group.keys, 0.0):
                    yield group, NotRun()
                    continue
            allowed = ran <= group.third_party
            _refuse(ran, third_party.changed() if allowed else third_party.since_start())
            ran = group.third_party
            left = set(group.keys)
            for event in serve(group, problems):
                if isinstance(event, RowsReady):
                    left -= {row.key for row in event.rows}
                if isinstance(event, ProcessChanged):
                    _refuse(ran, event.changes if left else [])
                    event = JobsDone(tuple(range(len(group.jobs))))
                yield group, event
        if self._allowance is not None:
            self._allowance.used = cpu_seconds() - start


class ChangedError(ValueError):
    """A third-party plugin changed the process that all cells of `--jobs 0` run in."""


def _refuse(ran: frozenset[str], changed: list[str]) -> None:
    if changed:
        raise ChangedError(
            f"{' with '.join(sorted(ran))} {third_party.listed(changed)}; with --jobs 0 all fits run in "
            "this one process, and the change could alter the next scores, so the run ends here; every "
            "finished fit is kept; run the rest in worker processes with --jobs 1"
        )


def run_jobs(
    wanted: Sequence[Job],
    file: RunFile,
    suite: str = "",
    *,
    executor: Executor | None = None,
    force: bool = False,
    retry: str = "limits",
    group: int = GROUP,
    notify: Callable[[Step], None] | None = None,
) -> Tally:
    """Run the jobs `file` does not hold, and write every row when its cell ends.

    force: compute everything anew. retry: a word of RETRIES. group: how many seeds share a fit at most, where
    their method takes `seeds`; it changes no result, only what they cost.
    """
    keys = [job.key("final", 0) for job in wanted]
    names = [(job.dataset.address, job.method.address) for job in wanted]
    tries = {key: _tried(job) for key, job in zip(keys, wanted, strict=True) if job.trials}
    file.ask(suite, [(key, *name) for key, name in zip(keys, names, strict=True)], tries)
    tally = Tally(jobs=len(wanted))
    ledger = Ledger.of(file, retry, force)
    groups = []
    for job, key in zip(wanted, keys, strict=True):
        if ledger.due(job, key):
            known = {} if force else _known(file, tries.get(key, [key]), retry)
            groups.append(JobGroup((job,), (key,), known))
            continue
        tally.cached += 1
        tally.statuses[ledger.statuses[key]] += 1
        if notify is not None:
            notify(Step(job, []))
    rows: dict[str, list[Record]] = {one.keys[0]: [] for one in groups}
    for served, event in (executor or Inline()).run(grouped(groups, group)):
        match event:
            case ProblemBuilt(facts):
                file.write_problem(*facts)
            case RowsReady(new):
                file.write(new)
                for row in new:
                    # The inner cells of a tuned job are those of its trials.
                    rows[row.job if len(served.keys) > 1 else served.keys[0]].append(row)
            case JobsDone(places):
                for i in places:
                    _count(tally, rows.pop(served.keys[i]), served.jobs[i], notify)
            case NotRun(started):
                for job in served.jobs:
                    tally.not_run.append((job, started))
                    if notify is not None:
                        notify(Step(job, []))
    if tally.not_run:
        lost = {job.key("final", 0) for job, _ in tally.not_run}
        left = [(key, *name) for key, name in zip(keys, names, strict=True) if key not in lost]
        file.ask(suite, left, {key: tried for key, tried in tries.items() if key not in lost})
    return tally


def alike(job: Job) -> tuple[Hashable, ...] | None:
    """What jobs that share their fits have in common; None for a job that is fitted alone."""
    if job.trials or job.seed is None or "seeds" not in job.method.plugin.takes:
        return None
    return job.dataset.address, job.data_seed, job.method.address, job.threads, job.device, job.folds


def grouped(groups: Sequence[JobGroup], most: int) -> list[JobGroup]:
    """Jobs that differ in nothing but the seed, put together `most` at a time where a method takes `seeds`.

    Tuned jobs stay alone, because each seed may choose another setting.
    """
    by_shared: dict[Hashable, list[JobGroup]] = {}
    for group in groups:
        by_shared.setdefault(alike(group.jobs[0]) or group.keys, []).append(group)
    return [
        _merged(same[start : start + most])
        for same in by_shared.values()
        for start in range(0, len(same), most)
    ]


def _merged(groups: Sequence[JobGroup]) -> JobGroup:
    known = {key: row for group in groups for key, row in group.known.items()}
    return JobGroup(
        tuple(job for group in groups for job in group.jobs),
        tuple(key for group in groups for key in group.keys),
        known,
    )


def _tried(job: Job) -> list[str]:
    """What the inner cells of every trial name as their `job`."""
    return [one.key("final", 0) for one in job.tries]


@dataclass(frozen=True)
class Ledger:
    """What a run file holds, as far as it decides which jobs must run.

    statuses: of every cell by its key. dropped: by the `job` of inner cells, an end that is tried once more.
    """

    retry: str
    statuses: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, file: RunFile | None, retry: str, force: bool) -> Ledger:
        """What counts of a file: nothing where all is forced or there is none."""
        if file is None or force:
            return cls(retry)
        return cls(retry, file.statuses(), file.unfinished(RETRIES[retry]))

    def due(self, job: Job, key: str) -> str:
        """Why the job with this key must run, "" where it need not."""
        status = self.statuses.get(key)
        if status is None:
            return "new"
        if status in RETRIES[self.retry]:
            return f"{status}, tried once more"
        if job.trials and self.dropped:
            ends = [self.dropped[one] for one in _tried(job) if one in self.dropped]
            # A worker that was killed from outside must not leave a method with fewer trials for good.
            return f"a trial {ends[0]}, tried once more" if ends else ""
        return ""


def _known(file: RunFile, tries: Sequence[str], retry: str) -> dict[str, Record]:
    """The inner cells of a job's trials that need not run again, without their predictions."""
    marks = ", ".join("?" * len(tries))
    rows = file.rows(f"job IN ({marks}) AND stage = 'inner'", tries)
    return {row["key"]: Record(**row) for row in rows if row["status"] not in RETRIES[retry]}


def _count(tally: Tally, rows: list[Record], job: Job, notify: Callable[[Step], None] | None) -> None:
    tally.statuses[rows[-1].status] += 1
    tally.cells += len(rows)
    tally.cpu_seconds += spent(rows)
    tally.cut += sum(row.status in RETRIED for row in rows)
    if notify is not None:
        notify(Step(job, rows))


def spent(rows: Iterable[Record]) -> float:
    """CPU seconds of the cells; rows of one shared fit bear the same figure, which counts once."""
    shared = {(row.job, row.started, row.cpu_seconds): row.cpu_seconds or 0.0 for row in rows}
    return sum(shared.values())
