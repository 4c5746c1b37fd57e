"""The cells of a job on a problem, without a worker and without a run file."""

from __future__ import annotations

from collections.abc import Mapping

from recurbench.record import Record
from recurbench.running.job import Job, JobGroup
from recurbench.running.serve import RowsReady, run_cells
from recurbench.task import Problem


def cells_of(job: Job, problem: Problem, known: Mapping[str, Record] | None = None) -> list[Record]:
    """The new rows of a job, in the order in which they end."""
    events = run_cells(JobGroup.of_jobs([job], known), problem)
    return [row for event in events if isinstance(event, RowsReady) for row in event.rows]
