"""Several problems, each with its own methods and samples, as one plan that goes into one run folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from recurbench.api import Plan, Request, prepare


def plan_of(
    problem: str,
    methods: Sequence[str],
    first: int,
    count: int,
    folder: Path,
    workers: int,
    judging: bool = False,
) -> Plan:
    """The plan of one problem: `count` replicates from sample `first` on, and the reference method.

    judging: whether judged samples of a registered problem may be among them.
    """
    return prepare(
        Request(
            datasets=(problem,),
            methods=tuple(methods),
            first_seed=first,
            seeds=count,
            out=folder,
            jobs=workers,
        ),
        judging=judging,
    )


def merged(plans: Sequence[Plan]) -> Plan:
    """One plan with the jobs of all, in their order. A report then shows them all: it shows one plan."""
    return replace(plans[0], jobs=[job for plan in plans for job in plan.jobs])
