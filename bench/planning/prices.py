"""What jobs are likely to take: like cells first, else the model as what was taken here corrects it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
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
    """What a job is likely to take.

    seconds: CPU seconds, None where nobody knows how large its problem is. basis: what they rest on, an index
    of `costs.BASES`. fit: jobs with the same number share their fits and run one after the other.
    """

    seconds: float | None
    basis: int | None
    fit: int


def prices(
    jobs: Sequence[Job], trials: Sequence[int], folder: Path, built: Mapping[Place, Size], workers: int
) -> list[Price]:
    """A price per job, with so many trials left. Reads the run in `folder` and those beside it.

    built: the sizes of problems that were built already. workers: each has a first cell of every method.
    """
    model = costs.shipped()
    defaults = {job.method.plugin.name: job.method.plugin.settings for job in jobs}
    evidence = Evidence(model, measured(folder), defaults)
    known = Sizes(built, evidence.sizes)
    fits = shared(jobs)
    together = Counter(fits)
    first: Counter[str] = Counter()
    found = []
    for job, count, fit in zip(jobs, trials, fits, strict=True):
        size, method, more = known.of(job), Asked.of(job.method), 0.0
        said = evidence.like(job, size)
        if said is None and size is not None:
            said = model.estimate(method, size, tuned=bool(job.trials), together=together[fit])
            if said is not None:
                said = evidence.corrected(size.kind, method.name, said)
                name, once = model.opening(size.kind, method)
                first[name] += 1
                more = once * math.exp(evidence.machine) if first[name] <= workers else 0.0
        seconds = None if said is None else count * said.inner + said.final + more
        found.append(Price(seconds, None if said is None else said.basis, fit))
    return found


def shared(jobs: Sequence[Job]) -> list[int]:
    """By job the number of the fit that it has a part in, as `runner.grouped` puts seeds together."""
    numbers: dict[Hashable, int] = {}
    counts: Counter[Hashable] = Counter()
    found = []
    for place, job in enumerate(jobs):
        same: Hashable = alike(job) or place
        whole = (same, counts[same] // GROUP)
        counts[same] += 1
        found.append(numbers.setdefault(whole, len(numbers)))
    return found


class Sizes:
    """How large problems are: as this plan built them, a run found them, the package knows, else built."""

    def __init__(self, built: Mapping[Place, Size], seen: Mapping[str, Size]) -> None:
        """seen: by the address of a problem of a finished run."""
        self._found: dict[str, Size | None] = {**sizes.known(), **seen}
        # What this plan built is newest: a file may have grown since a run.
        self._found.update({address: size for (address, _), size in built.items()})

    def of(self, job: Job) -> Size | None:
        """The size of a job's problem, of any of its draws; None where it cannot be built."""
        address = job.dataset.address
        if address not in self._found:
            try:
                self._found[address] = sizes.size_of(build(job.dataset, job.data_seed))
            except Exception:  # whatever a dataset plugin raises: the run will say it in the rows of its jobs
                self._found[address] = None
        return self._found[address]
