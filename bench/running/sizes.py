"""How large a problem is: what the time that a method takes on it depends on."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Any

from recurbench.running.cell import cuts, parts
from recurbench.running.refits import by_rank
from recurbench.task import Array, Problem, Task

TABLE = Path(__file__).with_name("sizes.toml")
WINDOWS = 1000  # a forecasting network learns from at most so many origins, see `Training.windows`


@dataclass(frozen=True)
class Size:
    """How large a problem is.

    examples, length, longest: the training examples and their steps, mean and most. asked, asked_length:
    those of test. held, cuts: examples of the validation part, 0 where train is too small for one, and how
    often one is cut. valid: the problem brings the validation part, so that one fit serves both stages.
    channels, outputs: numbers or symbols in a step of x and of y. horizon: steps of one answer. season:
    steps, 1 where there is none. free: an answer has no fixed number of steps, or one per step of x. fits:
    how often the final stage fits a method.
    """

    kind: str
    examples: int
    length: float
    longest: int
    channels: int
    outputs: int
    horizon: float
    season: int
    asked: int
    asked_length: float
    held: int
    cuts: int
    valid: bool = False
    free: bool = False
    fits: int = 1

    @property
    def steps(self) -> float:
        """Steps of all training examples together."""
        return self.examples * self.length

    @property
    def windows(self) -> float:
        """Origins in forecasting that a method may learn from, at most WINDOWS; else the examples."""
        return min(float(WINDOWS), self.steps) if self.kind == "forecasting" else float(self.examples)


def size_of(problem: Problem) -> Size:
    """Measure a problem; nothing is fitted."""
    task, train, test = problem.task, problem.train, problem.test
    held = _held(problem)
    return Size(
        kind=task.kind,
        examples=len(train),
        length=_mean(train.x),
        longest=max((len(x) for x in train.x), default=0),
        channels=task.x.size,
        outputs=task.y.size,
        horizon=_horizon(task, train.y),
        season=task.season,
        asked=len(test),
        asked_length=_mean(test.x),
        held=held,
        cuts=cuts(problem) if held else 0,
        valid=problem.valid is not None,
        free=task.length != "fixed",
        fits=len(by_rank(test)) if problem.refit else 1,
    )


def _held(problem: Problem) -> int:
    """Examples of the validation part, as a cell would cut it."""
    if problem.valid is not None:
        return len(problem.valid)
    try:
        return len(parts(problem, 0)[1])
    except Exception:  # examples of no sound form: its cells will say so, and a size must not stop them
        return 0


def _mean(sequences: Sequence[Array]) -> float:
    return round(fmean(len(one) for one in sequences), 2) if len(sequences) else 0.0


def _horizon(task: Task, answers: Sequence[Array]) -> float:
    return float(task.steps) if task.length == "fixed" else _mean(answers)


def written(size: Size) -> dict[str, Any]:
    """A size as it stands in the facts of a problem and in the table."""
    return asdict(size)


def read(stored: Mapping[str, Any] | None) -> Size | None:
    """What `written` gave, or None where it is missing or of another version."""
    names = {field.name for field in fields(Size)}
    return Size(**stored) if stored is not None and set(stored) == names else None


@functools.cache
def known() -> Mapping[str, Size]:
    """The sizes of the problems that come with the package, by address; of a generated one draw 0."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {address: parsed(text) for address, text in table["sizes"].items()}


def row(size: Size) -> str:
    """A size as a row of the table: one text, which is read ten times faster than as many numbers."""
    return " ".join(
        f"{value:d}" if isinstance(value, bool) else str(value) for value in asdict(size).values()
    )


def parsed(text: str) -> Size:
    """What `row` gave."""
    kind, *values = text.split()
    sorts = [str(field.type) for field in fields(Size)][1:]
    return Size(kind, *(_value(word, sort) for word, sort in zip(values, sorts, strict=True)))


def _value(word: str, sort: str) -> Any:
    return word == "1" if sort == "bool" else float(word) if sort == "float" else int(word)
