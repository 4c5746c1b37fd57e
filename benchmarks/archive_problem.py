"""A problem of the package or of the archive, as the benchmarks of networks read it."""

from __future__ import annotations

from recurbench.registry import Registry, load
from recurbench.task import Problem


def problem_of(registry: Registry, name: str, archive: bool) -> Problem:
    """Build a problem by its name; one of the archive is standardised if it has one channel."""
    (chosen,) = registry.select_datasets([f"ucr[name={name}]" if archive else name])
    problem: Problem = load(chosen.plugin)(**chosen.settings)
    if archive and problem.task.x.size == 1:
        problem = load(chosen.plugin)(**{**chosen.settings, "normalise": "series"})
    return problem
