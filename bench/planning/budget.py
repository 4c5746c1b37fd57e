"""The jobs that a budget of CPU time buys."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurbench.planning import order
from recurbench.planning.levels import Level, Selection, choose, levels
from recurbench.planning.plan_costs import Prospect, prospects, within
from recurbench.planning.prices import Place
from recurbench.registry import Registry
from recurbench.request import Request
from recurbench.running.allowance import Allowance
from recurbench.running.job import Job
from recurbench.running.runner import jobs
from recurbench.running.sizes import Size
from recurbench.suites import Suite

# Share of the budget that is planned; the rest is a reserve for fits that take longer than estimated.
FILL = 0.9
START = 3.5  # CPU seconds in which a worker starts and imports torch and the scientific packages


@dataclass(frozen=True)
class Terms:
    """What the user asked for, as far as the choice depends on it.

    references: by kind of task the method with skill 0, which is always the first.
    named: addresses of methods that were named one by one, in order; empty where a suite, a pattern or the
    kind of task names them. seeds, trials: None where the budget chooses. blocks: number of blocks of the
    suite; with several, the budget drops problems instead of methods. The others are those of `runner.jobs`.
    """

    seconds: float
    references: Mapping[str, str]
    named: tuple[str, ...] = ()
    seeds: int | None = None
    trials: int | None = None
    data_seeds: int | None = None
    threads: int = 1
    device: str = "cpu"
    first_seed: int = 0
    folds: int | None = None
    blocks: int = 1
    retry: str = "limits"
    force: bool = False

    @classmethod
    def of(
        cls, request: Request, seconds: float, suite: Suite, registry: Registry, references: Mapping[str, str]
    ) -> Terms:
        """From a request."""
        patterns = any(set(name.partition("[")[0]) & set("*?") for name in request.methods)
        named = () if patterns else registry.select_methods(request.methods)
        single = bool(request.methods or request.data is not None)
        return cls(
            seconds,
            references,
            tuple(choice.address for choice in named),
            request.seeds,
            request.trials,
            request.data_seeds,
            request.threads,
            request.device,
            suite.blocks[0].first if request.first_seed is None else request.first_seed,
            request.folds,
            1 if single else len(suite.blocks),
            request.retry,
            request.force,
        )


@dataclass(frozen=True)
class Bid:
    """A method, or a problem of a suite with several blocks, and what it would cost.

    seconds: estimated CPU seconds, 0 where all is stored. left: CPU seconds that were left when it was not
    taken, None where it is in.
    """

    name: str
    seconds: float
    left: float | None


@dataclass(frozen=True)
class Purchase:
    """What a budget buys.

    seconds: the budget. jobs: in the order in which they run. reserve: jobs that do not fit, which run after
    them if CPU time is left. estimates: CPU seconds by key of a job's final cell. factor: within which 8 of
    10 estimates are. further: the next number of seeds and trials and its cost, None where there is none.
    """

    seconds: float
    what: str
    level: Level
    bids: tuple[Bid, ...]
    jobs: tuple[Job, ...]
    estimates: Mapping[str, float]
    factor: float
    further: tuple[Level, float] | None = None
    reserve: tuple[Job, ...] = ()

    @property
    def allowance(self) -> Allowance:
        """The budget as an executor keeps it."""
        return Allowance(self.seconds, self.estimates, frozenset(job.key("final", 0) for job in self.reserve))

    def without(self, not_run: Collection[tuple[Job, bool]] | None = None) -> dict[tuple[str, str], str]:
        """What is left out, as `left_out.write` takes it.

        not_run: as in `runner.Tally`; before the run (None) all that was not chosen.
        """
        if not_run is None:
            not_run = [(job, False) for job in self.reserve]
        spare = {job.key("final", 0) for job in self.reserve}
        left = Counter(_place(job) for job in (*self.jobs, *self.reserve))
        left.subtract(_place(job) for job, _ in not_run)
        stopped = {_place(job) for job, started in not_run if started}
        found = {}
        for job, _ in not_run:
            place = _place(job)
            why = "not chosen" if job.key("final", 0) in spare else "budget spent"
            found[place] = "stopped" if place in stopped else "fewer seeds" if left[place] else why
        return found

    @property
    def planned(self) -> float:
        """Estimated CPU seconds of all that is in."""
        return sum(bid.seconds for bid in self.bids if bid.left is None)


def _place(job: Job) -> tuple[str, str]:
    return job.dataset.address, job.method.address


class Market:
    """Prices of candidates at any level of seeds and trials."""

    def __init__(
        self,
        candidates: Sequence[Job],
        terms: Terms,
        folder: Path,
        built: Mapping[Place, Size],
        workers: int,
    ) -> None:
        """candidates: the jobs of every method and problem that may be chosen."""
        self.terms, self._folder, self._built, self._workers = terms, folder, built, workers
        self._given = list(candidates)
        self._methods = list({job.method.address: job.method for job in candidates}.values())
        self._datasets = list({job.dataset.address: job.dataset for job in candidates}.values())
        self.kinds = frozenset[str]().union(*(choice.plugin.kinds for choice in self._datasets))
        self._references = {name for kind, name in terms.references.items() if kind in self.kinds}
        self.by_problem = terms.blocks > 1
        self._priced: dict[Level, list[Prospect]] = {}

    def names(self) -> list[str]:
        """What is offered, the most important first: references, then as the user or `order` says."""
        if self.by_problem:
            return [choice.address for choice in self._datasets]
        methods = self._methods
        if self.terms.named:
            place = {name: i for i, name in enumerate(self.terms.named)}
            methods = sorted(methods, key=lambda one: place.get(one.address, len(place)))
        else:
            methods = order.sort(methods, self.kinds)
        methods = sorted(methods, key=lambda one: one.address not in self._references)
        return [choice.address for choice in methods]

    def first(self) -> frozenset[str]:
        """What comes before more seeds: all that the user named, else the first group of the order."""
        if self.by_problem or self.terms.named:
            return frozenset(self.names())
        names = order.first(self.kinds) | self._references
        return frozenset(one.address for one in self._methods if one.plugin.name in names)

    def costs(self, level: Level) -> Mapping[str, float]:
        """CPU seconds by name; a job without an estimate counts as the mean of the others."""
        found = [one.price.seconds for one in self.at(level) if one.why]
        known = [seconds for seconds in found if seconds is not None]
        mean = sum(known) / len(known) if known else 0.0
        by_name: dict[str, float] = defaultdict(float)
        for one in self.at(level):
            by_name[self.name(one.job)] += (
                0.0 if not one.why else mean if one.price.seconds is None else one.price.seconds
            )
        return {name: by_name[name] for name in self.names()}

    def name(self, job: Job) -> str:
        """What a job belongs to: its method, or its problem."""
        return job.dataset.address if self.by_problem else job.method.address

    def at(self, level: Level) -> list[Prospect]:
        """The jobs of all candidates at a level, with their prices."""
        if level not in self._priced:
            listed = self._given if self.by_problem else self._listed(level)
            self._priced[level] = prospects(
                listed,
                self._folder,
                self.terms.retry,
                self.terms.force,
                built=self._built,
                workers=self._workers,
            )
        return self._priced[level]

    def _listed(self, level: Level) -> list[Job]:
        terms = self.terms
        place = {name: i for i, name in enumerate(self.names())}
        listed = jobs(
            self._methods,
            self._datasets,
            level.seeds,
            terms.data_seeds,
            terms.threads,
            terms.device,
            level.trials,
            terms.first_seed,
            terms.folds,
        )
        return sorted(listed, key=lambda job: place[job.method.address])


def buy(
    candidates: Sequence[Job],
    terms: Terms,
    folder: Path,
    built: Mapping[Place, Size],
    workers: int,
) -> Purchase:
    """Choose the jobs that a budget buys. Stored fits cost nothing.

    Parameters
    ----------
    candidates : sequence of Job
        The jobs of every method and problem that may be chosen.
    terms : Terms
        The budget, and what the user fixed.
    folder : path
        Directory of the run.
    built : mapping
        Sizes of problems that are known already, see `Plan.sizes`.
    workers : int
        Worker processes; each takes START to begin.

    Raises
    ------
    ValueError
        If the budget holds nothing; the message says how much is needed.
    """
    market = Market(candidates, terms, folder, built, workers)
    room = max(0.0, FILL * terms.seconds - START * workers)
    steps = [Level(1, 1)] if market.by_problem else levels(terms.seeds, terms.trials)
    found = choose(market.names(), market.first(), room, market.costs, steps, in_turn=bool(terms.named))
    if not found.names:
        least = min(found.costs.values(), default=0.0)
        needed = math.ceil((least + START * max(workers, 1)) / FILL)
        raise ValueError(
            f"--budget {terms.seconds:g}s is too small: the start of the workers and the cheapest of all "
            f"{'problems' if market.by_problem else 'methods'} take about {needed} CPU-s; "
            f"write at least --budget {needed}s"
        )
    return _purchase(market, found)


def _purchase(market: Market, found: Selection) -> Purchase:
    bids = tuple(Bid(name, found.costs[name], found.left.get(name)) for name in market.names())
    held = [one for one in market.at(found.level) if market.name(one.job) in found.names]
    spare = [one for one in market.at(found.level) if market.name(one.job) not in found.names]
    return Purchase(
        seconds=market.terms.seconds,
        what="problem" if market.by_problem else "method",
        level=found.level,
        bids=bids,
        jobs=tuple(one.job for one in held),
        estimates={one.job.key("final", 0): one.price.seconds or 0.0 for one in (*held, *spare) if one.why},
        factor=within([one for one in held if one.why]),
        further=found.further,
        reserve=tuple(one.job for one in spare),
    )
