"""The methods that tables mark: the best on validation, and the confidence set on test."""

from __future__ import annotations

from dataclasses import dataclass

from recurbench.reports.statistics.confidence_set import set_of
from recurbench.reports.statistics.selection import best_of_all
from recurbench.results import Run, once_per_problem


@dataclass(frozen=True)
class Marked:
    """The marked methods of one problem, by address.

    best: the best on validation, with those that are equal to it. alike: the model confidence set on test;
    None where there is none, because the test part is too small or keeps no score per example.
    """

    best: frozenset[str]
    alike: frozenset[str] | None


@once_per_problem
def marked(run: Run, problem: str) -> Marked:
    """The marked methods of a problem."""
    cells = run.cells[run.cells["problem"] == problem]
    facts = next(iter(run.draws(problem).values()), None)
    if facts is None:
        return Marked(frozenset(), None)
    chosen = best_of_all(cells, facts)
    found = set_of(run, problem)
    return Marked(
        frozenset((chosen.address, *chosen.tied) if chosen else ()),
        frozenset(found.members) if found and found.members else None,
    )
