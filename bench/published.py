"""Published figures and what this machine gets for the same method on the same split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurbench.api import Plan, perform
from recurbench.job import Job
from recurbench.limits import Limits, cores
from recurbench.record import RunFile
from recurbench.registry import Registry
from recurbench.runner import Step

UCR = "UCR archive 2018, DataSummary.csv, default split"


@dataclass(frozen=True)
class Published:
    """One figure: a method's score on a problem as printed in `source`, to `digits` decimals."""

    dataset: str
    method: str
    metric: str
    value: float
    source: str
    digits: int = 4


# All four archives store their series z-normalised, so the published protocol is the values as shipped.
FIGURES = (
    Published("gunpoint", "euclidean-1nn", "accuracy", 0.9133, UCR),
    Published("arrowhead", "euclidean-1nn", "accuracy", 0.8000, UCR),
    Published("italy-power-demand", "euclidean-1nn", "accuracy", 0.9553, UCR),
    Published("trace", "euclidean-1nn", "accuracy", 0.7600, UCR),
    Published("gunpoint", "dtw-1nn", "accuracy", 0.9067, UCR),
    Published("arrowhead", "dtw-1nn", "accuracy", 0.7029, UCR),
    Published("italy-power-demand", "dtw-1nn", "accuracy", 0.9504, UCR),
    Published("trace", "dtw-1nn", "accuracy", 1.0000, UCR),
    Published("basic-motions", "dtw-1nn", "accuracy", 0.975, "tsml-eval, 1NN-DTW-D, resample 0", digits=3),
)


@dataclass(frozen=True)
class Compared:
    """A published figure beside ours; `ours` is None where the cell has no score, and `reason` says why."""

    figure: Published
    ours: float | None
    reason: str

    @property
    def equal(self) -> bool:
        """Whether ours is the published figure to its last digit."""
        digits = self.figure.digits
        return self.ours is not None and round(self.ours, digits) == round(self.figure.value, digits)


def wanted(registry: Registry) -> list[Job]:
    """The jobs behind the figures, in order."""
    return [
        Job(registry.select_datasets([one.dataset])[0], None, registry.select_methods([one.method])[0], None)
        for one in FIGURES
    ]


def compare(jobs: Sequence[Job], folder: Path, tell: Callable[[Step], None] | None = None) -> list[Compared]:
    """Compute what `folder` does not hold yet, and set every figure beside its published one."""
    perform(Plan("published", folder, jobs, cores(), Limits()), tell)
    file = RunFile(folder / "results.sqlite")
    try:
        rows = [file.get(job.key("final", 0)) for job in jobs]
    finally:
        file.close()
    return [
        Compared(figure, row.scores.get(figure.metric) if row else None, row.reason if row else "no cell")
        for figure, row in zip(FIGURES, rows, strict=True)
    ]
