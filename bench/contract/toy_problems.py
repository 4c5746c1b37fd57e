"""Tiny generated problems of every kind, which the contract checks use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task, Values

Floats = NDArray[np.float64]
Answer = Callable[[Array, int], Array]  # of the sequence and its number

CLASSES = 3
LENGTH = 12
UNEQUAL = (12, 9, 7, 10)
HORIZON = 3
HISTORY = 24
LONGEST = 60
REALS = Values(2)
LETTERS = Values(3, symbols=True)


@dataclass(frozen=True)
class Tiny:
    """A problem that a method fits quickly.

    name: what goes in and comes out. plain: asked by every check, not by the check of the form alone.
    watch: a part held out for the argument `check`. test: lengths as in train; in forecasting two later
    origins of each series. unseen: longer and shorter than anything in train. shortest: single steps among
    others.
    """

    name: str
    task: Task
    train: Split
    watch: Split
    test: Split
    unseen: Split
    shortest: Split
    plain: bool = True


def tinies(kind: str, unequal: bool = False) -> list[Tiny]:
    """The tiny problems of a kind, with new arrays at every call; [] for a kind without problems.

    unequal: the training examples differ in length.
    """
    return [make(unequal) for make in PROBLEMS.get(kind, ())]


def still(tiny: Tiny, levels: Sequence[int]) -> Tiny:
    """The same with every x constant, at the levels in turn; in forecasting y has the same level."""

    def at_rest(split: Split) -> Split:
        def rest(items: Sequence[Array]) -> list[Array]:
            # By series, so that all origins of one series agree.
            names = [hash(name) for name in split.series]
            return [np.full_like(a, levels[n % len(levels)]) for a, n in zip(items, names, strict=True)]

        y = rest(split.y) if tiny.task.kind == "forecasting" else split.y
        return Split(rest(split.x), y, rest(split.ahead) if len(split.ahead) else (), split.series)

    return replace(tiny, train=at_rest(tiny.train), watch=at_rest(tiny.watch), test=at_rest(tiny.test))


def few(tiny: Tiny) -> Tiny:
    """The same with the smallest training set: one example per class, or a single example."""
    if tiny.task.kind == "classification":
        return replace(tiny, train=tiny.train.take(range(CLASSES)))
    own = [i for i, name in enumerate(tiny.test.series) if name == tiny.train.series[0]]
    test = tiny.test.take(own) if tiny.task.kind == "forecasting" else tiny.test
    return replace(tiny, train=tiny.train.take([0]), test=test)


def lacking(tiny: Tiny) -> Tiny:
    """The same without the last symbol among the answers of train."""
    last = tiny.task.y.size - 1
    if tiny.task.length == "fixed":
        others = [i for i, y in enumerate(tiny.train.y) if last not in y]
        return replace(tiny, train=tiny.train.take(others))
    return replace(tiny, train=replace(tiny.train, y=[np.minimum(y, last - 1) for y in tiny.train.y]))


def decoy(tiny: Tiny) -> Tiny:
    """The same with other training data: half the examples with exchanged answers; a shifted series."""
    train = tiny.train
    if tiny.task.kind == "forecasting":
        x, y = [x + 3.0 for x in train.x], [y + 3.0 for y in train.y]
        return replace(tiny, train=replace(train, x=x, y=y))
    half = train.take(range(0, len(train), 2))
    return replace(tiny, train=replace(half, y=[*half.y[1:], half.y[0]]))


def gaps(split: Split, name: str) -> Split:
    """The same with the middle and the last value of the first example's x, y or ahead missing."""
    holed = split.copy()
    first = getattr(holed, name)[0]
    first[[len(first) // 2, -1], 0] = np.nan
    return holed


def _sequences(
    name: str, task: Task, answer: Answer, plain: bool = True, one_step: bool = False
) -> Callable[[bool], Tiny]:
    """A maker of the problem to answer x with `answer(x, i)`; every x has a single step where it says so."""

    def split(lengths: Sequence[int], seed: int) -> Split:
        rng = np.random.default_rng([seed, 3])
        x = [_sequence(task.x, 1 if one_step else steps, i, rng) for i, steps in enumerate(lengths)]
        return Split(x, [answer(sequence, i) for i, sequence in enumerate(x)])

    def make(unequal: bool) -> Tiny:
        normal = list(islice(cycle(UNEQUAL if unequal else (LENGTH,)), 4 * CLASSES))
        parts = (normal, normal[:6], normal[:5], (5, 30, LENGTH, 19), (1, LENGTH, 1))
        train, watch, test, unseen, shortest = (split(part, seed) for seed, part in enumerate(parts))
        return Tiny(name, task, train, watch, test, unseen, shortest, plain)

    return make


def _sequence(values: Values, steps: int, i: int, rng: np.random.Generator) -> Array:
    """Sequence i, of class i modulo CLASSES, which shows."""
    if values.symbols:
        return np.where(rng.random(steps) < 0.5, i % CLASSES, rng.integers(0, values.size, steps))
    return rng.normal(size=(steps, values.size)) + i % CLASSES


def _class(_x: Array, i: int) -> Array:
    return np.array([i % CLASSES])


def _level(x: Array, _i: int) -> Array:
    """The mean of what goes in, [1, 1]."""
    return np.array([[x.mean()]])


def _levels(x: Array, _i: int) -> Array:
    """The mean and the largest, each also halved, [2, 2]."""
    return np.outer([1.0, 0.5], [x.mean(), x.max()])


def _parity(x: Array, _i: int) -> Array:
    """Whether a symbol and the one before it sum to an odd number, [T]."""
    return np.asarray((x + np.concatenate([[0], x[:-1]])) % 2)


def _echo(x: Array, _i: int) -> Array:
    """The first channel, half of its past added, [T, 1]."""
    return np.asarray(x[:, :1] + 0.5 * np.concatenate([np.zeros((1, 1)), x[:-1, :1]]))


def _signs(x: Array, _i: int) -> Array:
    """Which channels exceed 1, [T, 2] flags."""
    return (x > 1).astype(np.float64)


def _either(x: Array, i: int) -> Array:
    """Whether the first channel exceeds 1, [T] symbols."""
    return _signs(x, i)[:, 0].astype(np.int64)


def _backwards(x: Array, _i: int) -> Array:
    """The symbols from the last to the first."""
    return np.array(x[::-1])


def _count(x: Array, i: int) -> Array:
    """The symbol of the class, once for every four steps or part of them."""
    return np.full(-(-len(x) // 4), i % CLASSES)


def _path(x: Array, _i: int) -> Array:
    """Four steps from x on, each half as far from 0 as the one before, [4, 2]."""
    return np.asarray(x[0] * 0.5 ** np.arange(1, 5)[:, None])


def _labelling() -> list[Callable[[bool], Tiny]]:
    two = Values(2, symbols=True)
    sorts: list[tuple[str, Values, Values, Answer]] = [
        ("numbers to numbers", REALS, Values(1), _echo),
        ("symbols to symbols", LETTERS, two, _parity),
        ("numbers to symbols", REALS, two, _either),
    ]
    makers = []
    for name, x, y, answer in sorts:
        makers.append(_sequences(name, Task("labelling", x, y, "same"), answer))
        causal = Task("labelling", x, y, "same", causal=True)
        makers.append(_sequences(f"{name}, causal", causal, answer, plain=False))
    flags = Task("labelling", REALS, Values(2, flags=True), "same")
    return [*makers, _sequences("numbers to flags", flags, _signs, plain=False)]


def _forecasts(
    name: str,
    *,
    period: int | None = 4,
    targets: int = 1,
    past: int = 0,
    known: int = 0,
    quantiles: tuple[float, ...] = (),
    plain: bool = False,
) -> Callable[[bool], Tiny]:
    """A maker of series to forecast, two where plain, one with covariates known up to now or in advance."""
    x = Values(targets + past + known)
    task = Task("forecasting", x, Values(targets), "fixed", HORIZON, period, quantiles)

    def split(origins: Sequence[tuple[int, int]]) -> Split:
        whole = [_series(s, x.size) for s, _ in origins]
        ends = [end for _, end in origins]
        pairs = list(zip(whole, ends, strict=True))
        ahead = [w[end : end + HORIZON, x.size - known :] for w, end in pairs] if known else ()
        y = [w[end : end + HORIZON, :targets] for w, end in pairs]
        return Split([w[:end] for w, end in pairs], y, ahead, [s for s, _ in origins])

    def make(unequal: bool) -> Tiny:
        numbers = (0, 1) if plain else (0,)
        last = (HISTORY, HISTORY - 7 if unequal else HISTORY)

        def later(*horizons: int) -> Split:
            return split([(s, last[s] + h * HORIZON) for s in numbers for h in horizons])

        # Series 8 and 9 are new to the method: the histories of the others have grown past such lengths.
        unseen = split([(8, 5), (0, 40), (9, 14)])
        shortest = split([(8, 1), (0, last[0] + HORIZON), (9, 2)])
        return Tiny(name, task, later(0), later(1), later(2, 3), unseen, shortest, plain)

    return make


def _series(number: int, channels: int) -> Floats:
    """A series of its own per number, [LONGEST, channels]: level, trend, season of 4 steps and noise."""
    t, rng = np.arange(LONGEST), np.random.default_rng([number, 5])
    columns = [10 + number + 0.1 * t + np.sin(np.pi * t / 2 + c) for c in range(channels)]
    return np.stack(columns, axis=1) + rng.normal(scale=0.2, size=(LONGEST, channels))


PROBLEMS: dict[str, Sequence[Callable[[bool], Tiny]]] = {
    "classification": [
        _sequences("numbers", Task("classification", REALS, Values(CLASSES, symbols=True), "fixed"), _class),
        _sequences(
            "symbols", Task("classification", LETTERS, Values(CLASSES, symbols=True), "fixed"), _class
        ),
    ],
    "regression": [
        _sequences("numbers", Task("regression", REALS, Values(1), "fixed"), _level),
        _sequences("symbols", Task("regression", LETTERS, Values(1), "fixed"), _level),
        _sequences(
            "two steps of two", Task("regression", REALS, Values(2), "fixed", 2), _levels, plain=False
        ),
    ],
    "forecasting": [
        _forecasts("series", plain=True),
        _forecasts("series without a period", period=None),
        _forecasts("two channels with quantiles", targets=2, quantiles=(0.1, 0.5, 0.9)),
        _forecasts("a covariate of the past only", past=1),
        _forecasts("covariates of the past and known in advance", past=1, known=1),
    ],
    "labelling": _labelling(),
    "translation": [
        _sequences("symbols", Task("translation", LETTERS, LETTERS, "free"), _backwards),
        _sequences("numbers", Task("translation", REALS, LETTERS, "free"), _count),
    ],
    "generation": [
        _sequences("path", Task("generation", REALS, Values(2), "fixed", 4), _path, one_step=True),
        _sequences("words", Task("generation", REALS, LETTERS, "free"), _count, one_step=True),
    ],
}
