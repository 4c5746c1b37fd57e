"""From what was asked for to rows in the run file: the jobs, what is cached, an executor for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from recurbench.isolation import third_party
from recurbench.reasons import Reason
from recurbench.record import BAD, RETRIED, Record, RunFile
from recurbench.registry import Choice
from recurbench.running import tune
from recurbench.running.cell import execute
from recurbench.running.job import Job, ended
from recurbench.running.pool import Event, Order
from recurbench.running.problem_cache import Desk

GROUP = 10  # seeds fitted together at most; measured, see benchmarks/stacked.py
# Which finished cells a run tries once more: none, those that met a limit or crashed, all that are not ok.
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
) -> list[Job]:
    """Every method with every one of its seeds on every problem of a kind it declares, problem by problem.

    A generated dataset is drawn anew with every seed, so that seed s of a method meets draw s: independent
    pairs; seeds are counted from `first`. With `data_seeds`, every seed meets every one of that many draws
    instead. trials: how many settings of a method each of its jobs tries; one without a choice makes the same
    job as ever.
    """
    if seeds < 1 or first < 0 or (data_seeds is not None and data_seeds < 1):
        raise ValueError(
            f"seeds and data seeds must be at least 1 and the first at least 0, "
            f"got {seeds}, {data_seeds} and {first}"
        )
    tried = {method.address: tune.trials(method, trials) for method in methods}
    found: list[Job] = []
    for dataset in datasets:
        drawn = "seed" in dataset.plugin.takes
        draws: Iterable[int | None] = range(first, first + (data_seeds or seeds)) if drawn else (None,)
        for draw in draws:
            for method in (m for m in methods if m.plugin.kinds & dataset.plugin.kinds):
                chosen = _seeds(method, draw, range(first, first + seeds), data_seeds)
                own = tried[method.address]
                choice = tuple(own) if len(own) > 1 else ()
                found.extend(Job(dataset, draw, method, seed, threads, choice, device) for seed in chosen)
    return found


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

    cut: cells that met a limit or crashed now; what they took in CPU time nobody could measure.
    """

    jobs: int = 0
    cached: int = 0
    cells: int = 0
    cpu_seconds: float = 0.0
    cut: int = 0
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def bad(self) -> int:
        """Jobs whose final cell failed or is invalid."""
        return sum(self.statuses[status] for status in BAD)


class Executor(Protocol):
    """Where jobs run: in this process, in workers, on other machines."""

    def run(self, orders: Iterable[Order]) -> Iterator[Event]:
        """Do the orders, in any order; rows as cells end, then the jobs' end, all at once or some first."""
        ...


class Inline:
    """Runs jobs one after the other in this very process: for a debugger; no limit can be kept.

    Third-party plugins come last, one after the other. What one of them changes in the process nobody can
    take back with certainty, so ChangedError ends the run then, unless nothing is left to do.
    """

    def run(self, orders: Iterable[Order]) -> Iterator[Event]:
        """Do the orders in turn."""
        desk, ran = Desk(), frozenset[str]()
        third_party.begin()
        for order in sorted(orders, key=lambda each: sorted(each.guests)):
            _refuse(ran, third_party.changed() if ran <= order.guests else third_party.since_start())
            ran = order.guests
            problem, facts = desk.problem(order.jobs[0])
            if facts is not None:
                yield Event(order, facts=facts)
            if isinstance(problem, Reason):
                yield Event(order, rows=[ended(job, "failed", problem) for job in order.jobs])
            else:
                left = set(order.keys)
                for rows in execute(order.jobs, problem, order.known.get):
                    yield Event(order, rows=rows)
                    left -= {row.key for row in rows}
                    _refuse(ran, third_party.changed() if left else [])
                desk.check(order.jobs[0])
            yield Event(order, done=True)


class ChangedError(ValueError):
    """A third-party plugin changed the process that all cells of `--jobs 0` run in."""


def _refuse(ran: frozenset[str], changed: list[str]) -> None:
    if changed:
        raise ChangedError(
            f"{' with '.join(sorted(ran))} {third_party.listed(changed)}; with --jobs 0 all cells run in "
            "this one process, and the next would stand on it, so the run ends here; every finished cell is "
            "kept; run the rest in worker processes with --jobs 1"
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
    tell: Callable[[Step], None] | None = None,
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
    orders = []
    for job, key in zip(wanted, keys, strict=True):
        if ledger.due(job, key):
            known = {} if force else _known(file, tries.get(key, [key]), retry)
            orders.append(Order((job,), (key,), known))
            continue
        tally.cached += 1
        tally.statuses[ledger.statuses[key]] += 1
        if tell is not None:
            tell(Step(job, []))
    rows: dict[str, list[Record]] = {order.keys[0]: [] for order in orders}
    for event in (executor or Inline()).run(grouped(orders, group)):
        if event.facts is not None:
            file.write_problem(*event.facts)
        if event.rows:
            file.write(event.rows)
        done = event.order.keys
        for row in event.rows:
            # The inner cells of a lone job may be those of its trials.
            rows[row.job if len(done) > 1 else done[0]].append(row)
        if event.done:
            for job, key in zip(event.order.jobs, done, strict=True):
                _count(tally, rows.pop(key), job, tell)
    return tally


def alike(job: Job) -> tuple[Hashable, ...] | None:
    """What jobs that share their fits have in common; None for a job that is fitted alone."""
    if job.trials or job.seed is None or "seeds" not in job.method.plugin.takes:
        return None
    return job.dataset.address, job.data_seed, job.method.address, job.threads, job.device


def grouped(orders: Sequence[Order], most: int) -> list[Order]:
    """Orders that differ in nothing but the seed, put together `most` at a time where a method takes `seeds`.

    Tuned jobs stay alone: every seed goes on with another setting.
    """
    found: dict[Hashable, list[Order]] = {}
    for order in orders:
        found.setdefault(alike(order.jobs[0]) or order.keys, []).append(order)
    return [
        _merged(same[start : start + most]) for same in found.values() for start in range(0, len(same), most)
    ]


def _merged(orders: Sequence[Order]) -> Order:
    known = {key: row for order in orders for key, row in order.known.items()}
    return Order(
        tuple(job for order in orders for job in order.jobs),
        tuple(key for order in orders for key in order.keys),
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


def _count(tally: Tally, rows: list[Record], job: Job, tell: Callable[[Step], None] | None) -> None:
    tally.statuses[rows[-1].status] += 1
    tally.cells += len(rows)
    tally.cpu_seconds += spent(rows)
    tally.cut += sum(row.status in RETRIED for row in rows)
    if tell is not None:
        tell(Step(job, rows))


def spent(rows: Iterable[Record]) -> float:
    """CPU seconds of the cells; rows of one shared fit bear the same figure, which counts once."""
    shared = {(row.job, row.started, row.cpu_seconds): row.cpu_seconds or 0.0 for row in rows}
    return sum(shared.values())
