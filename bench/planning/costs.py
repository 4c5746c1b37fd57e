"""Estimated CPU time of a job: a small measured model for each method, by the size of the problem."""

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
# What the seconds to train, or to predict one split, grow with; no exponent is negative.
FEATURES = ("examples", "length", "windows", "channels", "outputs", "horizon", "season", "asked")
# What an estimate is based on, the most precise first.
BASES = ("like cells", "the method", "its family", "its kind of task")

SMALL = 250  # cases of a validation part; with fewer nothing stops a classifier early (docs/networks.md)
NETWORKS = "networks"
FAMILY = "family"  # begins the name of a row for methods that were not measured

Point = tuple[float, ...]
"""The logarithms of FEATURES."""


@dataclass(frozen=True)
class Curve:
    """Seconds to train or to predict: floor + exp(level + sum of exponent x log feature)."""

    floor: float
    level: float
    exponents: tuple[float, ...]

    def seconds(self, point: Point) -> float:
        """CPU seconds at a point, above 0."""
        total = self.level + sum(b * x for b, x in zip(self.exponents, point, strict=True))
        return self.floor + math.exp(min(total, 50.0))


@dataclass(frozen=True)
class Curves:
    """The two curves of a method: to train (for a network, one optimizer step) and to predict one split."""

    fit: Curve
    answer: Curve
    stepped: bool


@dataclass(frozen=True)
class Asked:
    """A method with its settings. defaults: its default settings, as far as they are known."""

    name: str
    family: str
    settings: Mapping[str, Any]
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, method: Choice) -> Asked:
        """From a method of the registry with its settings."""
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

    methods: curves by kind of task and method. families: curves by kind of task and family; family "" stands
    for every method of that kind. once: by method, or NETWORKS, extra seconds of its first fit in a worker.
    budgets: optimizer steps of a network with fewer than `many` examples, and with more. inner, final: share
    of that budget which training takes. settings: by setting, the exponent of (value / default). together:
    exponent of the number of seeds that share a fit, in the cost per seed. factors: by basis, the factor
    within which 8 of 10 estimates are.
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
        """The curves of a method, else of its family, else of the kind of task; and their index in BASES."""
        of_method = self.methods.get((kind, name))
        if of_method is not None:
            return of_method, 1
        of_family = self.families.get((kind, family))
        return (of_family, 2) if of_family is not None else (self.families.get((kind, "")), 3)

    def estimate(self, method: Asked, size: Size, tuned: bool = False, together: int = 1) -> Estimate | None:
        """CPU time of a job with this method on a problem of this size; None for an unknown kind of task.

        tuned: whether there are several trials. together: number of seeds that share its fits.
        """
        curves, basis = self.curves(size.kind, method.name, method.family)
        if curves is None:
            return None
        share: float = self.share(method) * max(together, 1) ** self.together

        def cell(stage: str) -> float:
            fit = curves.fit.seconds(fitting(size, stage)) * share
            if curves.stepped:
                fit *= self.steps(method, size, stage)
            if stage == "final":
                fit *= size.fits
            return fit + curves.answer.seconds(answering(size, stage))

        if size.valid and not tuned:
            return Estimate(cell("both"), 0.0, basis)
        return Estimate(size.cuts * cell("inner"), cell("final"), basis)

    def opening(self, kind: str, method: Asked) -> tuple[str, float]:
        """The key in `once` for a method (all networks share one), and the extra seconds of its first fit."""
        curves, _ = self.curves(kind, method.name, method.family)
        name = NETWORKS if curves is not None and curves.stepped else method.name
        return name, self.once.get(name, 0.0)

    def share(self, method: Asked) -> float:
        """Cost relative to the default settings, from the settings that make a method larger."""
        factor = 1.0
        for name, exponent in self.settings.items():
            value, default = method.settings.get(name), method.defaults.get(name)
            if _counts(value) and _counts(default):
                factor *= (value / default) ** exponent
        return factor

    def steps(self, method: Asked, size: Size, stage: str) -> float:
        """Optimizer steps of one fit: a share of the budget, because training stops early.

        Nothing stops it without a validation part, and in small classification problems.
        """
        small = (
            size.kind == "classification"
            and not size.free
            and size.examples - (0 if size.valid else size.held) < self.many
            and size.held < SMALL
            and not _counts(method.settings.get("patience"))
        )
        long = not small and (size.free or size.examples >= self.many)
        rule = float(self.budgets[1] if long else self.budgets[0])
        wanted = method.settings.get("max_steps")
        most = float(wanted) if _counts(wanted) else rule
        if small or (not size.held and not size.valid):
            return max(1.0, most)
        share = self.final if stage == "final" and not size.valid else self.inner
        # Patience is counted in steps, so a small budget is used to its end.
        return max(1.0, min(most, share * max(most, rule)))


def _counts(value: Any) -> TypeGuard[float]:
    """Whether the value of a setting is a positive number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def fitting(size: Size, stage: str) -> Point:
    """The features on which one fit of a stage depends."""
    if stage == "inner" and not size.valid and size.kind != "forecasting":
        size = replace(size, examples=max(1, size.examples - size.held))
    return _logs(size, size.length, 1)


def answering(size: Size, stage: str) -> Point:
    """The features on which predicting depends: for the validation part, for test, or for both."""
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
    """The model in a table of numbers."""
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
    """Curves from a row. A row is one text, because TOML reads it ten times faster than many numbers."""
    stepped, *numbers = (float(number) for number in row.split())
    half = len(numbers) // 2
    return Curves(_curve(numbers[:half]), _curve(numbers[half:]), bool(stepped))


def _curve(numbers: Sequence[float]) -> Curve:
    return Curve(numbers[0], numbers[1], tuple(numbers[2:]))
