"""How far a run is: a bar in a terminal, one plain line per problem elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from recurbench.record import BAD
from recurbench.running.job import Job
from recurbench.running.runner import Step
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

WIDTH = 28  # of the text in front of the bar: the line fits 80 columns


@contextmanager
def watching(jobs: Sequence[Job], console: Console | None = None) -> Iterator[Callable[[Step], None]]:
    """Yields what to call after every job. Everything goes to standard error, or to `console`."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(jobs)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=8),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[bad]} failed[/red]"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=len(jobs), bad=0)
        bad = 0

        def notify(step: Step) -> None:
            nonlocal bad
            bad += _bad(step)
            text = escape(f"{step.job.dataset.label}: {step.job.method.address}")
            bar.update(task, advance=1, description=text[:WIDTH].ljust(WIDTH), bad=bad)

        yield notify


def _bad(step: Step) -> bool:
    return bool(step.rows) and step.rows[-1].status in BAD


class _Lines:
    """One line when the last job of a problem has ended, unless all of it was cached."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._left = Counter(job.dataset.address for job in jobs)
        self._cells: Counter[str] = Counter()
        self._bad: Counter[str] = Counter()

    def __call__(self, step: Step) -> None:
        name = step.job.dataset.address
        self._left[name] -= 1
        self._cells[name] += len(step.rows)
        self._bad[name] += _bad(step)
        if not self._left[name] and self._cells[name]:
            counted = f"{self._cells[name]} fits, {self._bad[name]} failed"
            print(f"{step.job.dataset.label}: {counted}", file=sys.stderr, flush=True)
