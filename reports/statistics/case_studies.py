"""What is shown of a problem one level down: its exemplars, and what the best of every family answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.address import short
from recurbench.reports.statistics.selection import Chosen, best, of_families
from recurbench.results import Run, answers_of

# Methods whose answers are counted over all seeds; predictions take long to read.
COUNTED = 2

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """A kept excerpt of one array. values: [n, channels], NaN where missing; at: the steps [n] they stand at.

    steps, channels: of the array before it was cut.
    """

    values: Floats
    at: Codes
    steps: int
    channels: int

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Cut:
        """From what the run file keeps."""
        values = np.array(kept["values"], dtype=np.float64)
        flat = values[:, None] if values.ndim == 1 else values
        at = kept["start"] + kept["stride"] * np.arange(len(flat))
        return cls(flat, at, kept["steps"], kept["channels"])

    @property
    def codes(self) -> Codes:
        """Symbols [n]."""
        return self.values[:, 0].astype(np.int64)


@dataclass(frozen=True)
class Unit:
    """One exemplar: its place in the test part, what was asked and what was true."""

    index: int
    x: Cut
    y: Cut
    series: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Answers:
    """What the method that stands for its family answered to the whole test part, with its smallest seed.

    name: of the method in pictures, its address without settings that tell it from none of the others shown.
    seed: that seed, None for a method without one. more: what it answered with its other seeds, for the first
    COUNTED methods of a problem with classes.
    """

    address: str
    name: str
    family: str
    recurrence: str
    given: Sequence[NDArray[Any]]
    seed: int | None = None
    more: Sequence[Sequence[NDArray[Any]]] = ()

    @property
    def seeds(self) -> int:
        """With how many seeds it answered; 1 for a method without seeds."""
        return 1 + len(self.more)

    def codes(self, index: int) -> Codes:
        """The symbols of one answer [S], of chances the likeliest."""
        answer = np.asarray(self.given[index])
        return answer if answer.ndim == 1 else answer.argmax(axis=1)

    def middle(self, index: int, levels: Sequence[float]) -> Floats:
        """The numbers of one answer [S, channels], of quantiles the median."""
        answer = np.asarray(self.given[index], dtype=np.float64)
        return answer if answer.ndim == 2 else answer[:, :, list(levels).index(0.5)]

    def band(self, index: int, levels: Sequence[float]) -> tuple[Floats, Floats] | None:
        """The lowest and the highest quantile [S, channels], None where only numbers were answered."""
        answer = np.asarray(self.given[index], dtype=np.float64)
        if answer.ndim != 3 or len(levels) < 2:
            return None
        return answer[:, :, int(np.argmin(levels))], answer[:, :, int(np.argmax(levels))]


@dataclass(frozen=True)
class Exhibit:
    """A problem on the first of its draws.

    units: its exemplars, empty where the licence allows no excerpt or an older version made the run. shown:
    of every family the method chosen on validation, the best of them first. components: by any method's
    address, what it told of how it came to the first exemplar's answer.
    """

    problem: str
    draw: int | None
    facts: Mapping[str, Any]
    units: tuple[Unit, ...]
    shown: tuple[Answers, ...]
    components: Mapping[str, Mapping[str, Any]]

    @cached_property
    def kept(self) -> Mapping[str, Any]:
        """The exemplars as the run file keeps them."""
        kept: Mapping[str, Any] = self.facts.get("exemplars") or {}
        return kept

    @property
    def kind(self) -> str:
        """The task's kind."""
        return str(self.facts["kind"])

    @property
    def quantiles(self) -> Sequence[float]:
        """The levels the task asks for."""
        levels: Sequence[float] = self.kept.get("quantiles", ())
        return levels

    def symbols(self, side: str) -> bool:
        """Whether a step of "x" or "y" is a symbol."""
        return bool(self.kept[side]["symbols"])

    def name(self, side: str, code: int) -> str:
        """What a symbol or channel of "x" or "y" is called."""
        names = self.kept[side]["names"]
        return str(names[code]) if names and code < len(names) else str(code)


def exhibits(run: Run) -> Iterator[Exhibit]:
    """One exhibit for every problem whose facts hold exemplars or labels, in the order of the run."""
    final = run.final
    for problem in final["problem"].drop_duplicates():
        draws = sorted(run.draws(str(problem)).items(), key=lambda draw: (draw[0] is not None, draw[0]))
        if draws and {"exemplars", "labels"} & draws[0][1].keys():
            yield _exhibit(run, str(problem), *draws[0])


def _exhibit(run: Run, problem: str, draw: int | None, facts: Mapping[str, Any]) -> Exhibit:
    cells = run.cells[run.cells["problem"] == problem]
    mine = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]
    mine = mine[mine["data_seed"].isna() if draw is None else mine["data_seed"] == draw]
    first = mine.sort_values("seed", kind="stable", na_position="first").drop_duplicates("address")
    rows = first.set_index("address")
    chosen = [one for one in _best_first(cells, facts) if one.address in rows.index]
    given = answers_of(run, [str(rows.at[one.address, "key"]) for one in chosen])
    counted = [one.address for one in chosen[:COUNTED]] if facts.get("labels") else []
    more = _other_seeds(run, mine[mine["address"].isin(counted)], set(rows["key"]))
    known = [one.address for one in chosen]
    seeds = {str(name): None if pd.isna(seed) else int(seed) for name, seed in rows["seed"].items()}
    shown = [
        Answers(
            one.address,
            short(one.address, known),
            one.family,
            one.recurrence,
            given[key],
            seeds[one.address],
            more.get(one.address, ()),
        )
        for one in chosen
        if (key := str(rows.at[one.address, "key"])) in given
    ]
    kept = facts.get("exemplars") or {}
    return Exhibit(problem, draw, facts, tuple(map(_unit, kept.get("units", ()))), tuple(shown), _told(first))


def _other_seeds(
    run: Run, cells: pd.DataFrame, first: Set[str]
) -> dict[str, tuple[Sequence[NDArray[Any]], ...]]:
    """By address what these cells answered, without the cells in `first`."""
    others = cells[~cells["key"].isin(first)].sort_values("seed", kind="stable")
    given = answers_of(run, [str(key) for key in others["key"]])
    found: dict[str, tuple[Sequence[NDArray[Any]], ...]] = {}
    for address, key in zip(others["address"], others["key"], strict=True):
        if str(key) in given:
            found[str(address)] = (*found.get(str(address), ()), given[str(key)])
    return found


def _best_first(cells: pd.DataFrame, facts: Mapping[str, Any]) -> list[Chosen]:
    left = list(of_families(cells, facts).values())
    ordered: list[Chosen] = []
    while left:
        winner = best(cells, left, facts["selectors"])
        if winner is None:  # chosen in their families by metrics that they do not share
            return ordered + left
        taken = next(one for one in left if one.address == winner.address)
        ordered.append(taken)
        left.remove(taken)
    return ordered


def _told(rows: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    """By address of a method, the components it told of; its own notes may hold else of that name."""
    told = {
        str(address): notes.get("components")
        for address, notes in zip(rows["address"], rows["notes"], strict=True)
    }
    return {name: own for name, own in told.items() if isinstance(own, dict) and "left out" not in own}


def _unit(kept: Mapping[str, Any]) -> Unit:
    return Unit(
        int(kept["index"]),
        Cut.of(kept["x"]),
        Cut.of(kept["y"]),
        kept.get("series", ""),
        kept.get("origin", ""),
    )


def confusion(labels: Mapping[str, Any], answers: Answers) -> Codes:
    """How many test cases of each true class (rows) were said to be of each class (columns).

    With several seeds every case counts once for each of them.
    """
    size = int(labels["classes"])
    counts = np.zeros((size, size), dtype=np.int64)
    for given in (answers.given, *answers.more):
        of_seed = replace(answers, given=given)
        said = [int(of_seed.codes(i)[0]) for i in range(len(given))]
        np.add.at(counts, (np.asarray(labels["test"], dtype=np.int64), np.asarray(said, dtype=np.int64)), 1)
    return counts
