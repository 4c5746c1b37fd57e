"""What finished jobs took on this machine, and how it corrects the numbers that come with the package."""

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

NEIGHBOURS = 20  # other runs beside this one whose times are looked at, the newest first
ALIKE = 1.1  # two problems of one name are alike where no size differs by more than this factor
NEAR = 2.0  # in the logarithm of seconds: how far what was seen of a method speaks for another size
DOUBT = 0.5  # so many jobs' worth of trust in the shipped numbers of a method, against what it took here
STRANGE = 2.0  # and in those of the whole machine


def measured(folder: Path) -> Iterator[tuple[Spent, Size | None]]:
    """What jobs took in this run and in those beside it, and how large their problems were."""
    beside = [path for path in folder.parent.glob("*/results.sqlite") if path.parent != folder]
    beside.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [folder / "results.sqlite", *beside[:NEIGHBOURS]]:
        try:
            with opened(path) as file:
                kept, rows = (file.sizes(), file.costs()) if file is not None else ({}, [])
        except (ValueError, sqlite3.DatabaseError):
            continue  # not ours, of another layout or damaged: no figures to learn from
        for row in rows:
            own = sizes.read(kept.get(row.problem_key))
            yield row, own or sizes.known().get(row.problem)


class Evidence:
    """What was taken here, beside what the model says of it.

    Like cells, of the same problem and method, speak for themselves. All others say how much dearer this
    machine is than the model, and beyond that how much dearer each method is, the more so the nearer in cost.
    """

    def __init__(
        self,
        model: Model,
        found: Iterable[tuple[Spent, Size | None]],
        defaults: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """defaults: the settings of the methods that are known."""
        self._model, self._defaults = model, defaults
        self._like: dict[tuple[str, str], list[tuple[Spent, Size | None]]] = defaultdict(list)
        self._seen: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        self.sizes: dict[str, Size] = {}
        for row, size in found:
            self._like[row.problem, row.address].append((row, size))
            if size is not None:
                self.sizes.setdefault(row.problem, size)
        every: list[float] = []
        for rows in self._like.values():
            held = [one for one in (self._held(row, size) for row, size in rows) if one is not None]
            if held:
                error = statistics.median(error for _, error in held)
                every.append(error)
                row = rows[0][0]
                self._seen[row.kind, row.method].append((held[0][0], error))
        self.machine = statistics.median(every) * len(every) / (len(every) + STRANGE) if every else 0.0

    def _held(self, row: Spent, size: Size | None) -> tuple[float, float] | None:
        """The logarithm of what the model says of a job, and by how much it took more."""
        changed = split_address(row.address)[1]
        if size is None or (
            row.method not in self._defaults and self._model.settings.keys() & changed.keys()
        ):
            return None
        method = Asked(row.method, row.family, row.settings, self._defaults.get(row.method, {}))
        said = self._model.estimate(method, size, tuned=bool(row.inner and row.final), together=row.together)
        if said is None:
            return None
        taken = (row.inner or 0.0) + (row.final or 0.0)
        least = (said.inner if row.inner is not None else 0.0) + (said.final if row.final else 0.0)
        if not taken > 0 or not least > 0:
            return None
        # A first cell in its worker may have taken as much more as that takes, and says no more than this.
        most = least + self._model.opening(row.kind, method)[1]
        nearest = min(max(taken, least), most)
        return math.log(least), math.log(taken / nearest)

    def like(self, job: Job, size: Size | None) -> Estimate | None:
        """The medians of like cells; None where there are none with a good end."""
        rows = self._like.get((job.dataset.address, job.method.address), [])
        same = [row for row, own in rows if own is None or size is None or _alike(own, size)]
        finals = [row.final for row in same if row.final is not None]
        if not finals:
            return None
        # Without an inner figure train was too small to hold any of it out.
        inner = [row.inner for row in same if row.inner is not None]
        return Estimate(statistics.median(inner) if inner else 0.0, statistics.median(finals), 0)

    def corrected(self, kind: str, method: str, said: Estimate) -> Estimate:
        """What the model says, as this machine and what was seen of the method here change it."""
        total = math.log(max(said.inner + said.final, 1e-9))
        weighed = [
            (math.exp(-0.5 * ((total - place) / NEAR) ** 2), error)
            for place, error in self._seen[kind, method]
        ]
        own = sum(weight * (error - self.machine) for weight, error in weighed)
        change = math.exp(self.machine + own / (sum(weight for weight, _ in weighed) + DOUBT))
        return Estimate(said.inner * change, said.final * change, said.basis)


def _alike(one: Size, other: Size) -> bool:
    pairs = (
        (one.examples, other.examples),
        (one.length, other.length),
        (one.channels, other.channels),
        (one.asked, other.asked),
    )
    return all(max(a, b) <= ALIKE * max(min(a, b), 1) for a, b in pairs)
