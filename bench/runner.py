"""From what was asked for to rows in the run file: the jobs, what is cached, and a loop over the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from recurbench import metrics
from recurbench.cell import Job, build, ended, execute
from recurbench.record import Record, RunFile, pack_units
from recurbench.registry import Choice
from recurbench.task import Problem

# Ends of a cell after which a run is not as it should be; the command line exits with 1.
BAD = ("failed", "invalid", "timeout", "memory", "crashed")


def jobs(
    methods: Sequence[Choice], datasets: Sequence[Choice], seeds: int, data_seeds: int | None = None
) -> list[Job]:
    """Every method with every one of its seeds on every problem of a kind it declares, problem by problem.

    A generated dataset is drawn anew with every seed, so that seed s of a method meets draw s: independent
    pairs. With `data_seeds`, every seed meets every one of that many draws instead.
    """
    if seeds < 1 or (data_seeds is not None and data_seeds < 1):
        raise ValueError(f"seeds and data seeds must be at least 1, got {seeds} and {data_seeds}")
    found: list[Job] = []
    for dataset in datasets:
        drawn = "seed" in dataset.plugin.takes
        draws: Iterable[int | None] = range(data_seeds or seeds) if drawn else (None,)
        for draw in draws:
            for method in (m for m in methods if m.plugin.kinds & dataset.plugin.kinds):
                found.extend(
                    Job(dataset, draw, method, seed) for seed in _seeds(method, draw, seeds, data_seeds)
                )
    return found


def _seeds(method: Choice, draw: int | None, seeds: int, crossed: int | None) -> Iterable[int | None]:
    if "seed" not in method.plugin.takes:
        return (None,)
    return range(seeds) if draw is None or crossed is not None else (draw,)


@dataclass(frozen=True)
class Step:
    """What just happened: a job and its newly computed rows; none when all of it was cached."""

    job: Job
    rows: Sequence[Record]


@dataclass
class Tally:
    """How a run went: jobs by the status of their final cell, and what was computed for it."""

    jobs: int = 0
    cached: int = 0
    cells: int = 0
    cpu_seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def bad(self) -> int:
        """Jobs whose final cell failed or is invalid."""
        return sum(self.statuses[status] for status in BAD)


def run_jobs(
    wanted: Sequence[Job],
    file: RunFile,
    suite: str = "",
    *,
    force: bool = False,
    built: Iterable[tuple[Job, Problem]] = (),
    tell: Callable[[Step], None] | None = None,
) -> Tally:
    """Run the jobs `file` does not hold, in order, and write every row when its cell ends.

    force: compute everything anew. built: problems that stand already, with a job that asks for them.
    """
    file.ask(suite, [job.key("final", 0) for job in wanted])
    statuses = {} if force else file.statuses()
    tally = Tally(jobs=len(wanted))
    desk = _Desk(file, {_place(job): problem for job, problem in built})
    for job in wanted:
        status = statuses.get(job.key("final", 0))
        rows: list[Record] = []
        if status is None:
            rows = _run(job, desk, file, force)
            status = rows[-1].status
            tally.cells += len(rows)
            tally.cpu_seconds += _spent(rows)
        else:
            tally.cached += 1
        tally.statuses[status] += 1
        if tell is not None:
            tell(Step(job, rows))
    return tally


def _run(job: Job, desk: _Desk, file: RunFile, force: bool) -> list[Record]:
    rows: list[Record] = []
    problem = desk.problem(job)
    if isinstance(problem, str):
        rows.append(ended(job, "failed", problem))
        file.write(rows)
        return rows
    for together in execute(job, problem, _nothing if force else file.get):
        file.write(together)
        rows.extend(together)
    return rows


def _nothing(_key: str) -> None:
    """A memory that knows no cell."""


def _spent(rows: Sequence[Record]) -> float:
    """CPU seconds of the cells; rows of one shared fit count once."""
    shared = {(row.job, row.started, row.cpu_seconds): row.cpu_seconds or 0.0 for row in rows}
    return sum(shared.values())


def _place(job: Job) -> tuple[str, int | None]:
    return job.dataset.address, job.data_seed


class _Desk:
    """The problem in work: built when its first job needs it, and described in the run file."""

    def __init__(self, file: RunFile, built: dict[tuple[str, int | None], Problem]) -> None:
        self._file, self._built = file, built
        self._place: tuple[str, int | None] | None = None
        self._problem: Problem | str = ""

    def problem(self, job: Job) -> Problem | str:
        """The job's problem, or the reason why it cannot be built."""
        if _place(job) != self._place:
            self._place = _place(job)
            self._problem = self._open(job)
        return self._problem

    def _open(self, job: Job) -> Problem | str:
        try:
            problem = self._built.get(_place(job)) or build(job.dataset, job.data_seed)
        except Exception as error:  # whatever a dataset plugin raises becomes the reason of its rows
            return f"the dataset cannot be built: {type(error).__name__}: {error}"
        facts, units = describe(problem)
        self._file.write_problem(*_place(job), facts, units)
        return problem


def describe(problem: Problem) -> tuple[dict[str, Any], bytes]:
    """What reports need to know of a problem, and the scores of its exact best example by example."""
    task, about = problem.task, problem.about
    facts = {
        **asdict(about),
        "kind": task.kind,
        "higher_is_better": metrics.METRICS[about.metric].higher_is_better,
        "selectors": metrics.selectors(task),
        "length": task.length,
        "steps": task.steps,
        "period": task.period,
        "causal": task.causal,
        "n_train": len(problem.train),
        "n_test": len(problem.test),
        "series": [str(name) for name in problem.test.series],
    }
    if not len(problem.oracle):
        return facts, b""
    scores = metrics.score(task, problem.test, problem.oracle)
    return facts, pack_units(scores.units, scores.weights)
