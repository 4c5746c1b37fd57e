"""The judged samples of the registered problems, which no other run may use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recurbench.contrasts import FIRST, registration
from recurbench.registered_roles import agreed

if TYPE_CHECKING:
    from recurbench.request import Request
    from recurbench.running.job import Job

JUDGED = range(FIRST, FIRST + 30)  # reports.statistics.registered_rule.LAST replicates
SUITE = "registered"  # the suite that runs them


def refuse_judged(request: Request, wanted: Iterable[Job]) -> None:
    """ValueError if a job would use a judged sample.

    The suite `registered` may, with its own methods, if the frozen roles agree with the registration.
    """
    if request.suite == SUITE and not request.methods and agreed():
        return
    problems = {each.problem for each in registration().contrasts}
    for job in wanted:
        problem, sample = job.dataset.address, job.data_seed
        if sample in JUDGED and problem in problems:
            raise ValueError(
                f"{problem}: sample {sample} is one of the samples {JUDGED[0]} to {JUDGED[-1]}, which decide "
                "a registered contrast and may run only after its methods are frozen (benchmarks/judge.py); "
                "choose others with --first-seed and --seeds"
            )
