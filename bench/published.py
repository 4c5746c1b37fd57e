"""Published scores, and our scores for the same computation on the same split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from recurbench import catalogue, provenance
from recurbench.api import Plan, perform
from recurbench.literature import FIGURES, Published
from recurbench.packing import unpack_units
from recurbench.record import Record, RunFile, opened
from recurbench.registry import Registry
from recurbench.running.job import Job, build
from recurbench.running.limits import Limits, cores
from recurbench.running.runner import Step

Verdict = Literal["agrees", "differs", "cannot agree", "no score"]


@dataclass(frozen=True)
class Compared:
    """A published score and ours. `ours` is None if the fit has no score; `reason` says why.

    cases: how many test cases or windows ours is of; 0 where that is unknown.
    """

    figure: Published
    ours: float | None
    reason: str
    unsupported: bool = False
    cases: int = 0

    @property
    def equal(self) -> bool:
        """Whether both agree in every published digit, or as closely as the figure says."""
        return self.figure.met_by(self.ours)

    @property
    def verdict(self) -> Verdict:
        """Whether the scores agree; two that come from different computations cannot be asked to."""
        if self.ours is None and (self.unsupported or self.figure.unlike):
            return "no score"
        if self.figure.unlike:
            return "cannot agree"
        return "agrees" if self.equal else "differs"

    @property
    def why(self) -> str:
        """Why the scores cannot agree, or why there is none of ours; "" otherwise."""
        if self.ours is None:
            return self.reason
        return self.figure.unlike

    @property
    def apart(self) -> str:
        """How far our score is from the published one, as a share of it; "" without a score."""
        if self.ours is None or not self.figure.value:
            return ""
        return f"{self.ours / self.figure.value - 1:+.2%}"


@dataclass
class Wanted:
    """The published scores to set beside ours.

    Attributes
    ----------
    jobs : list
        Each score with the job that computes ours.
    without_files : list
        Scores on data that are not on this machine.
    without_method : list
        Scores of methods that are not registered, for example those of a package that is not installed.
    """

    jobs: list[tuple[Published, Job]] = field(default_factory=list)
    without_files: list[Published] = field(default_factory=list)
    without_method: list[Published] = field(default_factory=list)


def wanted(registry: Registry, *, costly: bool = False) -> Wanted:
    """The published scores to reproduce.

    Taken are all scores of the same computation, and those of a similar one whose method is not random: our
    score beside them is one number. The networks of classification papers are compared on the page of a run.

    Parameters
    ----------
    registry : Registry
    costly : bool
        Also take the scores that take many minutes.
    """
    found = Wanted()
    data = catalogue.data_folder()
    for one in FIGURES:
        name = one.method.partition("[")[0]
        if name not in registry.methods:
            if not one.costly:
                found.without_method.append(one)
            continue
        if (one.unlike and "seed" in registry.methods[name].takes) or (one.costly and not costly):
            continue
        dataset = registry.select_datasets([one.problem])[0]
        place = dataset.plugin.name
        if place in catalogue.datasets() and not catalogue.entry(place, dataset.settings).present(data):
            found.without_files.append(one)
        else:
            job = Job(dataset, None, registry.select_methods([one.method])[0], None)
            found.jobs.append((one, job))
    return found


def _alone(job: Job) -> Job:
    """The job without validation scores, which no published score is compared with.

    The networks need them: the folds decide how many steps the last fit trains.
    """
    return job if job.trials or "steps" in job.method.plugin.takes else replace(job, folds=0)


def distinct(jobs: Sequence[Job]) -> list[Job]:
    """Each job once: scores in two metrics or of two sources come from one job."""
    return list({job.key("final", 0): job for job in jobs}.values())


def compare(
    figures: Sequence[tuple[Published, Job]], folder: Path, tell: Callable[[Step], None] | None = None
) -> list[Compared]:
    """Compute what `folder` does not hold yet, and compare every score with the published one.

    Only test scores are computed, unless the fit needs its score on validation. A score that a run has left
    in `folder` is taken as it is.
    """
    provenance.forget()  # files may have changed since an earlier call
    with opened(folder / "results.sqlite") as stored:
        known = {} if stored is None else stored.statuses()
    figures = [(figure, job if job.key("final", 0) in known else _alone(job)) for figure, job in figures]
    perform(Plan("published", folder, distinct([job for _, job in figures]), cores(), Limits()), tell)
    file = RunFile(folder / "results.sqlite")
    try:
        rows = [(figure, file.get(job.key("final", 0))) for figure, job in figures]
    finally:
        file.close()
    return [
        Compared(
            figure,
            row.scores.get(figure.metric) if row else None,
            row.reason if row else "no fit",
            bool(row and row.status == "unsupported"),
            _cases(row, figure.metric),
        )
        for figure, row in rows
    ]


def _cases(row: Record | None, metric: str) -> int:
    known = unpack_units(row.units).get(metric) if row is not None and row.units else None
    return 0 if known is None else len(known[0])


def left_out(jobs: Sequence[Job]) -> list[str]:
    """What the protocols of the problems say that they leave out, such as series that are too short."""
    datasets = {job.dataset.address: job.dataset for job in jobs}
    return [
        f"{address}: {part}"
        for address, dataset in datasets.items()
        if dataset.plugin.kinds == {"forecasting"}
        for part in build(dataset, None).about.protocol.split("; ")
        if "left out" in part
    ]
