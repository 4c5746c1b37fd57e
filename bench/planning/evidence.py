"""Times of finished jobs on this machine, which correct the numbers that come with the package."""

from __future__ import annotations

import math
import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recurbench.address import split_address
from recurbench.planning.costs import Asked, Estimate, Model
from recurbench.record import Spent, opened
from recurbench.running import sizes
from recurbench.running.job import Job
from recurbench.running.sizes import Size

NEIGHBOURS = 20  # other runs in the same folder whose times are used, the newest first
ALIKE = 1.1  # two problems of one name are alike if no size differs by more than this factor
NEAR = 2.0  # width, in log seconds, of the weights with which jobs of other sizes correct an estimate
DOUBT = 0.5  # weight of the shipped numbers of a method, in jobs, against its jobs on this machine
STRANGE = 2.0  # weight of the shipped numbers, in jobs, when the speed of this machine is estimated


def measured(folder: Path) -> Iterator[tuple[Spent, Size | None]]:
    """CPU times of jobs in this run and in runs in the same folder, with the sizes of their problems."""
    others = [path for path in folder.parent.glob("*/results.sqlite") if path.parent != folder]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [folder / "results.sqlite", *others[:NEIGHBOURS]]:
        try:
            with opened(path) as file:
                stored, rows = (file.sizes(), file.costs()) if file is not None else ({}, [])
        except (ValueError, sqlite3.DatabaseError):
            continue  # no run file, of another layout, or damaged
        for row in rows:
            size = sizes.read(stored.get(row.problem_key))
            yield row, size or sizes.known().get(row.problem)


class Evidence:
    """Times measured on this machine against those of the model.

    Jobs with the same problem and method give an estimate directly. All other jobs give two corrections of
    the model: how much slower this machine is, and how much slower each method is beyond that. For the
    second, jobs of similar cost count more.
    """

    def __init__(
        self,
        model: Model,
        jobs: Iterable[tuple[Spent, Size | None]],
        defaults: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """jobs: as from `measured`. defaults: the default settings of the known methods."""
        self._model, self._defaults = model, defaults
        self._like: dict[tuple[str, str], list[tuple[Spent, Size | None]]] = defaultdict(list)
        self._seen: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        self.sizes: dict[str, Size] = {}
        for row, size in jobs:
            self._like[row.problem, row.address].append((row, size))
            if size is not None:
                self.sizes.setdefault(row.problem, size)
        every: list[float] = []
        for rows in self._like.values():
            errors = [one for one in (self._error(row, size) for row, size in rows) if one is not None]
            if errors:
                error = statistics.median(error for _, error in errors)
                every.append(error)
                row = rows[0][0]
                self._seen[row.kind, row.method].append((errors[0][0], error))
        self.machine = statistics.median(every) * len(every) / (len(every) + STRANGE) if every else 0.0

    def _error(self, row: Spent, size: Size | None) -> tuple[float, float] | None:
        """The log seconds that the model gives for a job, and by how much (log) the job took longer."""
        changed = split_address(row.address)[1]
        if size is None or (
            row.method not in self._defaults and self._model.settings.keys() & changed.keys()
        ):
            return None
        method = Asked(row.method, row.family, row.settings, self._defaults.get(row.method, {}))
        estimate = self._model.estimate(
            method, size, tuned=bool(row.inner and row.final), together=row.together
        )
        if estimate is None:
            return None
        taken = (row.inner or 0.0) + (row.final or 0.0)
        least = (estimate.inner if row.inner is not None else 0.0) + (estimate.final if row.final else 0.0)
        if not taken > 0 or not least > 0:
            return None
        # The first fit in a worker takes longer by a known time. A job within that range has no error.
        most = least + self._model.opening(row.kind, method)[1]
        nearest = min(max(taken, least), most)
        return math.log(least), math.log(taken / nearest)

    def like(self, job: Job, size: Size | None) -> Estimate | None:
        """The median times of jobs with the same problem and method; None if none has finished."""
        rows = self._like.get((job.dataset.address, job.method.address), [])
        same = [row for row, other in rows if other is None or size is None or _alike(other, size)]
        finals = [row.final for row in same if row.final is not None]
        if not finals:
            return None
        # A job without inner cells had a training part too small for a validation part.
        inner = [row.inner for row in same if row.inner is not None]
        return Estimate(statistics.median(inner) if inner else 0.0, statistics.median(finals), 0)

    def corrected(self, kind: str, method: str, estimate: Estimate) -> Estimate:
        """The estimate of the model, corrected for this machine and for the method on it."""
        total = math.log(max(estimate.inner + estimate.final, 1e-9))
        weighed = [
            (math.exp(-0.5 * ((total - other) / NEAR) ** 2), error)
            for other, error in self._seen[kind, method]
        ]
        of_method = sum(weight * (error - self.machine) for weight, error in weighed)
        change = math.exp(self.machine + of_method / (sum(weight for weight, _ in weighed) + DOUBT))
        return Estimate(estimate.inner * change, estimate.final * change, estimate.basis)


def _alike(one: Size, other: Size) -> bool:
    pairs = (
        (one.examples, other.examples),
        (one.length, other.length),
        (one.channels, other.channels),
        (one.asked, other.asked),
    )
    return all(max(a, b) <= ALIKE * max(min(a, b), 1) for a, b in pairs)
