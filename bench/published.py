"""Published scores, and our scores for the same computation on the same split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurbench import catalogue
from recurbench.api import Plan, perform
from recurbench.literature import FIGURES, Published
from recurbench.record import RunFile
from recurbench.registry import Registry
from recurbench.running.job import Job
from recurbench.running.limits import Limits, cores
from recurbench.running.runner import Step


@dataclass(frozen=True)
class Compared:
    """A published score and ours. `ours` is None if the fit has no score; `reason` says why."""

    figure: Published
    ours: float | None
    reason: str

    @property
    def equal(self) -> bool:
        """Whether both agree in every published digit."""
        return self.figure.met_by(self.ours)


def wanted(registry: Registry) -> tuple[list[tuple[Published, Job]], list[Published]]:
    """The published scores to reproduce, each with its job; and those whose data are not on this machine."""
    jobs: list[tuple[Published, Job]] = []
    without: list[Published] = []
    data = catalogue.data_folder()
    for one in FIGURES:
        if one.unlike:
            continue
        dataset = registry.select_datasets([one.problem])[0]
        name = dataset.plugin.name
        if name in catalogue.datasets() and not catalogue.entry(name, dataset.settings).present(data):
            without.append(one)
        else:
            jobs.append((one, Job(dataset, None, registry.select_methods([one.method])[0], None)))
    return jobs, without


def compare(
    figures: Sequence[tuple[Published, Job]], folder: Path, tell: Callable[[Step], None] | None = None
) -> list[Compared]:
    """Compute what `folder` does not hold yet, and compare every score with the published one."""
    # Scores in two metrics come from one job.
    jobs = list({job.key("final", 0): job for _, job in figures}.values())
    perform(Plan("published", folder, jobs, cores(), Limits()), tell)
    file = RunFile(folder / "results.sqlite")
    try:
        rows = [(figure, file.get(job.key("final", 0))) for figure, job in figures]
    finally:
        file.close()
    return [
        Compared(figure, row.scores.get(figure.metric) if row else None, row.reason if row else "no fit")
        for figure, row in rows
    ]
