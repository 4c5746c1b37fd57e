"""The estimated CPU time of each job: from stored jobs like it, else from the corrected model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recurbench.planning import costs
from recurbench.planning.costs import Asked
from recurbench.planning.evidence import Evidence, measured
from recurbench.running import sizes
from recurbench.running.job import Job, build
from recurbench.running.runner import GROUP, alike
from recurbench.running.sizes import Size

Place = tuple[str, int | None]


@dataclass(frozen=True)
class Price:
    """The estimated time of a job.

    seconds: CPU seconds; None if the size of its problem is unknown. basis: index in `costs.BASES` of what
    the estimate is based on. fit: jobs with the same number share their fits and run one after the other.
    """

    seconds: float | None
    basis: int | None
    fit: int


def prices(
    jobs: Sequence[Job], trials: Sequence[int], folder: Path, built: Mapping[Place, Size], workers: int
) -> list[Price]:
    """One price per job, in the same order.

    trials: by job, settings still to try. folder: directory of the run; runs in the same parent directory
    are read too. built: sizes of problems that are known already. workers: number of processes; in each the
    first fit of a method takes longer.
    """
    model = costs.shipped()
    defaults = {job.method.plugin.name: job.method.plugin.settings for job in jobs}
    evidence = Evidence(model, measured(folder), defaults)
    known = Sizes(built, evidence.sizes)
    fits = shared(jobs)
    together = Counter(fits)
    first: Counter[str] = Counter()
    priced = []
    for job, count, fit in zip(jobs, trials, fits, strict=True):
        size, method, extra = _folded(known.of(job), job), Asked.of(job.method), 0.0
        estimate = evidence.like(job, size)
        if estimate is None and size is not None:
            estimate = model.estimate(method, size, tuned=bool(job.trials), together=together[fit])
            if estimate is not None:
                estimate = evidence.corrected(size.kind, method.name, estimate)
                name, once = model.opening(size.kind, method)
                first[name] += 1
                extra = once * math.exp(evidence.machine) if first[name] <= workers else 0.0
        seconds = None if estimate is None else count * estimate.inner + estimate.final + extra
        priced.append(Price(seconds, None if estimate is None else estimate.basis, fit))
    return priced


def _folded(size: Size | None, job: Job) -> Size | None:
    """The size with the number of folds that the job was given; none are made where train is too small."""
    if size is None or job.folds is None or not size.cuts or size.valid:
        return size
    return replace(size, cuts=job.folds)


def shared(jobs: Sequence[Job]) -> list[int]:
    """By job the number of the fit that it shares, as `runner.grouped` puts seeds together."""
    numbers: dict[Hashable, int] = {}
    counts: Counter[Hashable] = Counter()
    by_job = []
    for place, job in enumerate(jobs):
        same: Hashable = alike(job) or place
        group = (same, counts[same] // GROUP)
        counts[same] += 1
        by_job.append(numbers.setdefault(group, len(numbers)))
    return by_job


class Sizes:
    """Sizes of problems: from this plan, from a finished run, from the package, or by building them."""

    def __init__(self, built: Mapping[Place, Size], seen: Mapping[str, Size]) -> None:
        """seen: sizes of the problems of finished runs, by address."""
        self._known: dict[str, Size | None] = {**sizes.known(), **seen}
        # Sizes from this plan are the newest: a file may have changed since a run.
        self._known.update({address: size for (address, _), size in built.items()})

    def of(self, job: Job) -> Size | None:
        """The size of a job's problem, in any of its samples; None if it cannot be built."""
        address = job.dataset.address
        if address not in self._known:
            try:
                self._known[address] = sizes.size_of(build(job.dataset, job.data_seed))
            except Exception:  # a data set may raise anything; the run stores the error in its rows
                self._known[address] = None
        return self._known[address]
