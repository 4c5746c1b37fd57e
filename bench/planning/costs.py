"""What a job is likely to cost: a small measured model per method, by the size of the problem."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

from recurbench.registry import Choice
from recurbench.running.sizes import Size

TABLE = Path(__file__).with_name("costs.toml")
# What the seconds of one fit, or of answering one split, grow with; each exponent is 0 or more.
FEATURES = ("examples", "length", "windows", "channels", "outputs", "horizon", "season", "asked")
# Where the numbers of an estimate come from, the best first.
BASES = ("like cells", "the method", "its family", "its kind of task")

NETWORKS = "networks"
FAMILY = "family"  # begins the name of a row that stands for methods nobody measured

Point = tuple[float, ...]
"""The logarithms of FEATURES."""


@dataclass(frozen=True)
class Curve:
    """Seconds of one part of a cell: floor + exp(level + sum of exponent x log feature)."""

    floor: float
    level: float
    exponents: tuple[float, ...]

    def seconds(self, point: Point) -> float:
        """CPU seconds at a point, above 0."""
        total = self.level + sum(b * x for b, x in zip(self.exponents, point, strict=True))
        return self.floor + math.exp(min(total, 50.0))


@dataclass(frozen=True)
class Curves:
    """The parts of a method's cells: one fit, or one optimizer step of a network; and answering one split."""

    fit: Curve
    answer: Curve
    stepped: bool


@dataclass(frozen=True)
class Asked:
    """A method with its settings; defaults: those that it has, as far as they are known."""

    name: str
    family: str
    settings: Mapping[str, Any]
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, method: Choice) -> Asked:
        """What a choice asks for."""
        plugin = method.plugin
        return cls(plugin.name, plugin.family, method.settings, plugin.settings)


@dataclass(frozen=True)
class Estimate:
    """CPU seconds of the inner stage of one trial and of the final stage; basis: an index of BASES."""

    inner: float
    final: float
    basis: int


@dataclass(frozen=True)
class Model:
    """The measured numbers.

    methods: by kind of task and method. families: by kind and family, "" for all of the kind. once: by
    method, or NETWORKS, what its first cell in a worker takes more. budgets: optimizer steps of a network
    on small data and otherwise, from `many` examples on. inner, final: the share of its budget that it
    takes. settings: by setting, the exponent of its value over the default. together: the exponent of how
    many seeds share a fit, in what each of them costs. factors: by basis, what 8 of 10 runs are within.
    """

    methods: Mapping[tuple[str, str], Curves]
    families: Mapping[tuple[str, str], Curves]
    once: Mapping[str, float]
    budgets: tuple[int, int]
    many: int
    inner: float
    final: float
    settings: Mapping[str, float]
    together: float
    factors: tuple[float, ...]

    def curves(self, kind: str, name: str, family: str) -> tuple[Curves | None, int]:
        """The curves of a method, else of its family, else of the kind of task; and their place in BASES."""
        own = self.methods.get((kind, name))
        if own is not None:
            return own, 1
        kin = self.families.get((kind, family))
        return (kin, 2) if kin is not None else (self.families.get((kind, "")), 3)

    def estimate(self, method: Asked, size: Size, tuned: bool = False, together: int = 1) -> Estimate | None:
        """What a job with this method costs on a problem of this size; None for a kind nobody measured.

        tuned: several trials are to be chosen from. together: seeds that share its fits.
        """
        curves, basis = self.curves(size.kind, method.name, method.family)
        if curves is None:
            return None
        share: float = self.share(method) * max(together, 1) ** self.together

        def cell(stage: str) -> float:
            fit = curves.fit.seconds(fitting(size, stage)) * share
            if curves.stepped:
                fit *= self.steps(method, size, stage)
            return fit + curves.answer.seconds(answering(size, stage))

        if size.valid and not tuned:
            return Estimate(cell("both"), 0.0, basis)
        return Estimate(size.cuts * cell("inner"), cell("final"), basis)

    def opening(self, kind: str, method: Asked) -> tuple[str, float]:
        """What its first cell in a worker takes more, and who shares that with it."""
        curves, _ = self.curves(kind, method.name, method.family)
        name = NETWORKS if curves is not None and curves.stepped else method.name
        return name, self.once.get(name, 0.0)

    def share(self, method: Asked) -> float:
        """How many times what it costs with its defaults, by the settings that make a method larger."""
        found = 1.0
        for name, exponent in self.settings.items():
            value, default = method.settings.get(name), method.defaults.get(name)
            if _counts(value) and _counts(default):
                found *= (value / default) ** exponent
        return found

    def steps(self, method: Asked, size: Size, stage: str) -> float:
        """Optimizer steps of one fit: a share of the budget, for training ends where nothing improves."""
        rule = float(self.budgets[1] if size.free or size.examples >= self.many else self.budgets[0])
        wanted = method.settings.get("max_steps")
        most = float(wanted) if _counts(wanted) else rule
        share = self.final if stage == "final" and size.held and not size.valid else self.inner
        # Patience is counted in steps, so a budget that is smaller than the rule's is used to its end.
        return max(1.0, min(most, share * max(most, rule)))


def _counts(value: Any) -> TypeGuard[float]:
    """Whether a setting says how much of something there is."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def fitting(size: Size, stage: str) -> Point:
    """What one fit of a stage depends on."""
    if stage == "inner" and not size.valid and size.kind != "forecasting":
        size = replace(size, examples=max(1, size.examples - size.held))
    return _logs(size, size.length, 1)


def answering(size: Size, stage: str) -> Point:
    """What answering depends on: the validation part, test, or both after one fit."""
    asked, length = size.asked, size.asked_length
    if stage == "inner":
        asked, length = size.held, size.length
    elif stage == "both":
        asked = size.asked + size.held
    return _logs(size, length, asked)


def _logs(size: Size, length: float, asked: int) -> Point:
    horizon = 1.0 if size.free and size.kind == "labelling" else size.horizon
    values = (size.examples, length, size.windows, size.channels, size.outputs, horizon, size.season, asked)
    return tuple(math.log(max(float(value), 1.0)) for value in values)


@functools.cache
def shipped() -> Model:
    """The numbers that come with the package, measured on one machine (`benchmarks/fit_costs.py`)."""
    return model(tomllib.loads(TABLE.read_text(encoding="utf-8")))


def model(table: Mapping[str, Any]) -> Model:
    """The model that a table of numbers holds."""
    every = {
        (kind, name): _curves(row) for kind, rows in table["curves"].items() for name, row in rows.items()
    }
    return Model(
        methods={key: curves for key, curves in every.items() if not key[1].startswith(FAMILY)},
        families={
            (kind, name.removeprefix(FAMILY).strip()): curves
            for (kind, name), curves in every.items()
            if name.startswith(FAMILY)
        },
        once={name: float(value) for name, value in table["once"].items()},
        budgets=(int(table["steps"]["short"]), int(table["steps"]["long"])),
        many=int(table["steps"]["many"]),
        inner=float(table["steps"]["inner"]),
        final=float(table["steps"]["final"]),
        settings={name: float(value) for name, value in table["settings"].items()},
        together=float(table["together"]),
        factors=tuple(float(table["factors"][name]) for name in BASES),
    )


def _curves(row: str) -> Curves:
    """A row is one text, which is read ten times faster than as many numbers."""
    stepped, *numbers = (float(word) for word in row.split())
    half = len(numbers) // 2
    return Curves(_curve(numbers[:half]), _curve(numbers[half:]), bool(stepped))


def _curve(numbers: Sequence[float]) -> Curve:
    return Curve(numbers[0], numbers[1], tuple(numbers[2:]))
