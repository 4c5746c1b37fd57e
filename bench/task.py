"""What is asked and the examples it is asked about; re-windowing and hold-out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KINDS = ("classification", "regression", "forecasting", "labelling", "generation", "translation")


class Unsupported(Exception):
    """Raised by a method that cannot honestly do what is asked; the reason becomes a visible n/a cell."""


class Several(ValueError):
    """Raised by a dataset whose dials leave open which of several problems is meant; says how to choose.

    choices: for each of the problems the dials that name it.
    """

    def __init__(self, message: str, choices: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message)
        self.choices = choices


def hyphenated(words: str) -> str:
    """The one way to write a choice of some words, so that it has one address: "Business Daily" too."""
    return "-".join(words.lower().replace("_", " ").split())


@dataclass(frozen=True)
class Values:
    """What one step of a sequence holds: `size` real channels, or one of `size` symbols.

    flags: every channel is 0 or 1 and predictions are chances.
    names: one name per channel or symbol.
    """

    size: int
    symbols: bool = False
    flags: bool = False
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        least, what = (2, "symbols") if self.symbols else (1, "numbers")
        if self.size < least:
            raise ValueError(f"Values of {what} need size at least {least}, got {self.size}")
        if self.names is not None and len(self.names) != self.size:
            raise ValueError(f"Values of size {self.size} need {self.size} names, got {len(self.names)}")

    def encode(self, sequence: Array) -> NDArray[np.float64]:
        """One sequence, [steps] symbols or [steps, size] numbers, as floats [steps, size] (one-hot)."""
        if not self.symbols:
            return np.asarray(sequence, dtype=np.float64)
        codes = np.asarray(sequence)
        if codes.size and (codes.min() < 0 or codes.max() >= self.size):
            raise ValueError(
                f"symbols must be 0..{self.size - 1}, got {int(codes.min())}..{int(codes.max())}"
            )
        # Filled in, not taken from an identity matrix, which a vocabulary of thousands would not allow.
        one_hot = np.zeros((*codes.shape, self.size))
        np.put_along_axis(one_hot, codes[..., None], 1.0, axis=-1)
        return one_hot


@dataclass(frozen=True)
class Task:
    """The question: what goes in, what comes out and how long the answer is.

    length: "fixed" (`steps` values), "same" (one per input step) or "free" (until the end symbol).
    period: steps in one season of a forecasting series, None where there is none.
    quantiles: the levels at which numbers may also be answered; contains .5 when not empty.
    causal: an aligned answer at step t may not use x after t.
    """

    kind: str
    x: Values
    y: Values
    length: Literal["fixed", "same", "free"]
    steps: int = 1
    period: int | None = None
    quantiles: tuple[float, ...] = ()
    causal: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown task kind {self.kind!r}; known: {', '.join(KINDS)}")
        if self.length not in ("fixed", "same", "free"):
            raise ValueError(f"length must be fixed, same or free, got {self.length!r}")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        if self.period is not None and self.period < 1:
            raise ValueError(f"period must be at least 1 or None, got {self.period}")
        if self.quantiles and 0.5 not in self.quantiles:
            raise ValueError(f"quantiles must contain .5, got {self.quantiles}")

    @property
    def season(self) -> int:
        """Steps in one season, 1 where there is none."""
        return self.period or 1


@dataclass(frozen=True)
class Split:
    """Examples as parallel lists of arrays; sequences of different length are the normal case.

    x[i]: [T, channels] floats or [T] symbols. y[i]: [S, channels] floats or [S] symbols.
    ahead[i]: [steps, known] covariates known in advance; they continue the last `known` channels of x[i].
    series[i]: the series or group the example belongs to. time[i]: T + S time stamps, or more.
    y, ahead and time may be empty when there is nothing to say.
    """

    x: Sequence[Array]
    y: Sequence[Array] = ()
    ahead: Sequence[Array] = ()
    series: Sequence[Hashable] = ()
    time: Sequence[Array] = ()

    def __post_init__(self) -> None:
        if not len(self.series):
            object.__setattr__(self, "series", tuple(range(len(self.x))))
        for name in ("y", "ahead", "series", "time"):
            got = len(getattr(self, name))
            if got not in (0, len(self.x)):
                raise ValueError(f"Split.{name} has {got} entries for {len(self.x)} examples in x")

    def __len__(self) -> int:
        return len(self.x)

    def blind(self) -> Split:
        """The same examples without their answers."""
        return replace(self, y=())

    def take(self, indices: Sequence[int] | Array) -> Split:
        """The examples at `indices`, in that order, sharing memory."""
        if np.asarray(indices).dtype == bool:
            raise ValueError("take wants indices, got a mask; write take(np.flatnonzero(mask))")
        chosen = [int(i) for i in indices]

        def pick(items: Sequence[Any]) -> Sequence[Any]:
            return [items[i] for i in chosen] if len(items) else ()

        return Split(pick(self.x), pick(self.y), pick(self.ahead), tuple(pick(self.series)), pick(self.time))

    def copy(self) -> Split:
        """The same examples in memory of their own."""

        def own(items: Sequence[Array]) -> Sequence[Array]:
            return [np.array(item) for item in items]

        return Split(own(self.x), own(self.y), own(self.ahead), self.series, own(self.time))


Predictor = Callable[[Split], Sequence[Array]]


@dataclass(frozen=True)
class About:
    """Where a problem comes from and the levels that give its scores a meaning.

    reference: the method whose error is skill 0 on real data.
    metric: the metric the table shows and skill is formed from.
    constant, memoryless, best: that metric for the best constant answer, the best answer without memory
    and the exact best (skill 1), where they are known.
    headroom: facts about what a window of w steps can reach, by name.
    role: for probes, "positive" (predicted to need recurrence), "control" (predicted not to) or "crossover".
    """

    source: str
    licence: str
    protocol: str
    reference: str
    metric: str
    version: str = ""
    constant: float | None = None
    memoryless: float | None = None
    best: float | None = None
    headroom: dict[str, float] = field(default_factory=dict)
    role: str = ""


@dataclass(frozen=True)
class Problem:
    """A task with its examples. `valid` is a draw of its own, where a generator can make one.

    oracle: on probes, the exact best predictor's answers to `test`, so that a method can be compared with it
    example by example.
    """

    task: Task
    train: Split
    test: Split
    about: About
    valid: Split | None = None
    oracle: Sequence[Array] = ()


def windows(task: Task, split: Split, stride: int = 1, shortest: int = 1) -> Split:
    """Cut more forecasting examples out of `split`, as views: the only re-windowing there is.

    Every example's own origin is kept; earlier origins follow at distances of `stride`, as long as at least
    `shortest` steps of history remain. Each answer holds `task.steps` steps.
    """
    if task.kind != "forecasting":
        raise ValueError(f"windows re-cuts forecasting examples only, not {task.kind}")
    if stride < 1 or shortest < 1:
        raise ValueError(f"stride and shortest must be at least 1, got {stride} and {shortest}")
    x: list[Array] = []
    y: list[Array] = []
    ahead: list[Array] = []
    series: list[Hashable] = []
    time: list[Array] = []
    for i, history in enumerate(split.x):
        targets = np.concatenate([history[:, : task.y.size], split.y[i]])
        known = np.empty((0, 0))
        if len(split.ahead):
            width = split.ahead[i].shape[1]
            known = np.concatenate([history[:, history.shape[1] - width :], split.ahead[i]])
        for origin in _origins(len(history), len(targets), task.steps, stride, shortest):
            x.append(history[:origin])
            y.append(targets[origin : origin + task.steps])
            series.append(split.series[i])
            if len(split.ahead):
                ahead.append(known[origin : origin + task.steps])
            if len(split.time):
                time.append(split.time[i][: origin + task.steps])
    return Split(x, y, ahead, series, time)


def _origins(history: int, total: int, steps: int, stride: int, shortest: int) -> list[int]:
    """Origins in rising order; the first counted back from is the last that has all its `steps`."""
    last = min(history, total - steps)
    return list(range(last, shortest - 1, -stride))[::-1]


CHECK_ORIGINS = 3
CHECK_SHARE = 0.25


def holdout(task: Task, split: Split, seed: int) -> tuple[Split, Split]:
    """Cut `split` into a part to fit on and a part to check on; either may be empty.

    Forecasting: each series is asked again at its last origins (`check_origins`), and its fit part ends where
    the first of them begins, so no fitted answer overlaps a checked one. The answers of the check part may be
    shorter than `task.steps`; whoever answers still writes all steps. Otherwise a quarter of the groups goes
    to the check part, stratified when the answer is one symbol; a class with one group stays in the fit part.
    """
    if task.kind == "forecasting":
        return _holdout_origins(task, split)
    found = strata(task, split)
    rng = np.random.default_rng([seed, 7])
    checked: set[Hashable] = set()
    for label in sorted(found):
        names = found[label]
        if len(names) > 1:
            share = max(1, round(CHECK_SHARE * len(names)))
            checked.update(names[i] for i in rng.permutation(len(names))[:share])
    fit = [i for i, name in enumerate(split.series) if name not in checked]
    check = [i for i, name in enumerate(split.series) if name in checked]
    return split.take(fit), split.take(check)


def strata(task: Task, split: Split) -> dict[int, list[Hashable]]:
    """The groups of `split` by the class they are drawn with; all under 0 unless the answer is one symbol."""
    groups: dict[Hashable, list[int]] = {}
    for i, name in enumerate(split.series):
        groups.setdefault(name, []).append(i)
    one_symbol = task.y.symbols and task.length == "fixed" and task.steps == 1
    labels = {name: {int(split.y[i][0]) if one_symbol else 0 for i in m} for name, m in groups.items()}
    common = Counter(label for found in labels.values() for label in found)
    drawn: dict[int, list[Hashable]] = {}
    for name, found in labels.items():
        # A group of several classes counts for the rarest: its last group must not leave the fit part.
        drawn.setdefault(min(found, key=lambda label: (common[label], label)), []).append(name)
    return drawn


def check_origins(task: Task, split: Split, i: int) -> tuple[int, int]:
    """At how many origins forecasting example `i` is checked, and how many steps of each; (0, 0) for none.

    Before the first of them lie one horizon to fit on and, as history, two seasons or two horizons. Where
    that leaves room for three origins one horizon apart, three are taken, or else two, or one. Where it does
    not leave room for one, one origin is checked on the steps that are left, if they are at least half of the
    horizon: fewer would choose by another question. A series with covariates is not checked so: its own
    origin is the last at which they are known.
    """
    spare = spare_steps(task, split, i)
    whole = min(CHECK_ORIGINS, spare // task.steps)
    if whole > 0:
        return whole, task.steps
    return (1, spare) if spare >= least_steps(task, split, i) else (0, 0)


def spare_steps(task: Task, split: Split, i: int) -> int:
    """How many steps the check part of forecasting example `i` may take; below 0, how many are lacking."""
    end = min(len(split.x[i]) + task.steps, len(split.x[i]) + len(split.y[i]))
    return end - task.steps - 2 * max(task.season, task.steps)


def least_steps(task: Task, split: Split, i: int) -> int:
    """The fewest steps that forecasting example `i` may be checked on."""
    covariates = split.x[i].shape[1] > task.y.size
    return task.steps if covariates else -(-task.steps // 2)


def _holdout_origins(task: Task, split: Split) -> tuple[Split, Split]:
    """Move every series back by what its check part takes, keeping enough history to fit on."""
    fit: list[Split] = []
    check: list[Split] = []
    for i in range(len(split)):
        alone = split.take([i])
        origins, steps = check_origins(task, split, i)
        if not origins:
            fit.append(alone)
        elif steps < task.steps:
            fitted, checked = _short_check(task, alone, steps)
            fit.append(fitted)
            check.append(checked)
        else:
            cut = windows(task, alone, stride=task.steps)
            first = len(cut) - origins
            check.append(cut.take(range(first, len(cut))))
            fit.append(cut.take([first - 1]))
    return _join(fit), _join(check)


def _short_check(task: Task, alone: Split, steps: int) -> tuple[Split, Split]:
    """One series without covariates: its fit part, and its last `steps` steps, fewer than a horizon."""
    values = np.concatenate([alone.x[0], alone.y[0][: task.steps]])
    origin, before = len(values) - steps, len(values) - steps - task.steps
    time: Sequence[Array] = [each[:origin] for each in alone.time]
    fit = Split([values[:before]], [values[before:origin]], (), alone.series, time)
    # Answers have all their steps, and a calendar wants the stamps of those beyond the end as well.
    time = [_longer(each, origin + task.steps) for each in alone.time]
    return fit, Split([values[:origin]], [values[origin:]], (), alone.series, time)


def _longer(time: Array, count: int) -> Array:
    """`count` time stamps, those beyond the last of `time` as far apart as its last two."""
    more = np.arange(1, count - len(time) + 1) * (time[-1] - time[-2])
    return np.concatenate([time, time[-1] + more])


def _join(parts: Sequence[Split]) -> Split:
    def chain(name: str) -> list[Any]:
        return [item for part in parts for item in getattr(part, name)]

    return Split(chain("x"), chain("y"), chain("ahead"), chain("series"), chain("time"))
