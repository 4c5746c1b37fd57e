"""Lags of many series: windows that are scaled by themselves, without a copy of every window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from recurbench.methods._history import context_steps
from recurbench.methods._standard import settled
from recurbench.task import Array, Split, Task, arithmetic
from recurbench.task.arithmetic import divide

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RECENT = 48  # lags before the origin, at most
SEASONS = 2  # earlier seasons whose step and its two neighbours are lags, too
BESIDE = 12  # lags of covariates that are not known ahead, at most
REACH = (
    10.0  # scaled values are clipped here: a jump out of a nearly constant window would outweigh all others
)
LATE = 4  # the last 1 / LATE of every series is held out to choose with, at least one horizon


@dataclass(frozen=True)
class Frame:
    """Which lags a row holds, and how it is scaled.

    A window is scaled by mean and standard deviation of its last `context` steps. What is forecast is the
    difference, in standard deviations of the window, from the value one season before, or from the last value
    if there is no season or the context is shorter.

    Attributes
    ----------
    task : Task
    context : int
        Steps of history in a window.
    known : int
        Covariates known ahead.
    middle, width : arrays [known]
        Their mean and standard deviation in train.
    """

    task: Task
    context: int
    known: int
    middle: Floats
    width: Floats

    @classmethod
    def of(cls, task: Task, series: Split, context: int) -> Frame:
        """Learn from the training series; context 0 stands for the rule of `context_steps`."""
        known = series.ahead[0].shape[1] if len(series.ahead) else 0
        given = np.concatenate([np.asarray(x[:, x.shape[1] - known :], dtype=np.float64) for x in series.x])
        width = arithmetic.spread(given)
        return cls(
            task,
            context or context_steps(task, series),
            known,
            given.mean(axis=0),
            np.where(width > 0, width, np.inf),
        )

    @property
    def back(self) -> int:
        """The distance from a step to the one that its forecast starts from: a season, or 1."""
        return self.task.season if self.task.season <= self.context else 1

    def start(self, step: int) -> int:
        """The column of a window, below 0 from its end, whose value the forecast of `step` starts from."""
        return step % self.back - self.back

    def seasonal(self, step: int) -> list[int]:
        """The columns, below 0, of the same season in SEASONS earlier seasons and of their neighbours."""
        m, found = self.task.season, list[int]()
        if m < 2:
            return found
        first = step - m * (step // m + 1)
        for at in range(first, first - m * SEASONS, -m):
            found += [max(-self.context, min(at + near, -1)) for near in (-1, 0, 1)]
        return found

    def recent(self) -> list[int]:
        """The columns, below 0, of the last steps."""
        return list(range(-min(self.context, RECENT), 0))

    def columns(self, step: int) -> list[int]:
        """All columns that the row for `step` holds, each once."""
        return sorted({*self.recent(), *self.seasonal(step)})


@dataclass(frozen=True)
class Windows:
    """Windows of a pool of series, scaled.

    Attributes
    ----------
    frame : Frame
    scaled : array [N, context]
        The target, in standard deviations from the mean of the window.
    mean, unit : arrays [N]
        Of each window; the unit is 0 if the window is constant.
    answers : array [N, steps]
        The differences to forecast, in the unit; 0 where they are not known.
    beside : array [N, lags]
        Covariates that are not known ahead, scaled by the window.
    known : array [N, context + steps, known]
        Covariates known ahead, scaled by train, over the window and the steps to forecast.
    ratio : array [N]
        Standard deviation of the whole history / unit, at most REACH. The effect of a covariate known ahead
        is in the unit of the series, not of the window.
    """

    frame: Frame
    scaled: Floats
    mean: Floats
    unit: Floats
    answers: Floats
    beside: Floats
    known: Floats
    ratio: Floats

    def __len__(self) -> int:
        return len(self.unit)

    def take(self, rows: Array) -> Windows:
        """Some of the windows."""
        parts = (self.scaled, self.mean, self.unit, self.answers, self.beside, self.known, self.ratio)
        return Windows(self.frame, *(part[rows] for part in parts))

    def row(self, step: int, columns: Sequence[int]) -> Floats:
        """The table [N, features] for `step`: the columns of the windows, and covariates."""
        C = self.frame.context
        change = self.known[:, C + step] - self.known[:, C + self.frame.start(step)]
        parts = [self.scaled[:, columns], self.beside, change, change * self.ratio[:, None]]
        return np.concatenate(parts, axis=1)

    def forecast(self, differences: Floats) -> Floats:
        """From differences [N, steps, ...] in the unit to values in the unit of the series."""
        steps = range(differences.shape[1])
        base = self.scaled_start(steps)
        shape = (-1,) + (1,) * (differences.ndim - 1)
        base = base.reshape(*base.shape, *(1,) * (differences.ndim - 2))
        return self.mean.reshape(shape) + self.unit.reshape(shape) * (base + differences)

    def scaled_start(self, steps: Sequence[int]) -> Floats:
        """The scaled values [N, steps] from which forecasts start."""
        return self.scaled[:, [self.frame.start(step) for step in steps]]


@dataclass(frozen=True)
class Pool:
    """Series one after another in one array, each after `context` copies of its first value.

    Attributes
    ----------
    frame : Frame
    values : array [M]
    beside : array [M, covariates that are not known ahead]
    known : array [M, covariates known ahead]
    spread : array [M]
        Standard deviation of the series before each step; only if covariates are known ahead.
    ends : array [W]
        Where the steps to forecast begin, for every window.
    late : array [W]
        Whether the window is held out to choose with (1), for fitting before that (0), or between (-1).
    example : array [W]
        The number of the example that the window is cut from.
    """

    frame: Frame
    values: Floats
    beside: Floats
    known: Floats
    spread: Floats
    ends: Ints
    late: Ints
    example: Ints

    def windows(self, chosen: Ints) -> Windows:
        """Cut and scale the windows with the numbers `chosen`."""
        frame, ends = self.frame, self.ends[chosen]
        C, steps = frame.context, frame.task.steps
        # Views of the one array; only the chosen windows are copied.
        cut = sliding_window_view(self.values, C + steps)[ends - C]
        seen = np.ascontiguousarray(cut[:, :C])
        mean, unit = seen.mean(axis=1), arithmetic.spread(seen.T)
        scaled = _clipped(divide(seen - mean[:, None], unit[:, None]))
        starts = np.stack([cut[:, C + frame.start(step)] for step in range(steps)], axis=1)
        answers = _clipped(divide(cut[:, C:] - starts, unit[:, None]))
        beside = np.empty((len(ends), 0))
        if self.beside.shape[1]:
            near = sliding_window_view(self.beside, C, axis=0)[ends - C]
            level, width = near.mean(axis=2), near.std(axis=2)
            some = _clipped(divide(near - level[..., None], width[..., None]))[..., -min(C, BESIDE) :]
            beside = some.reshape(len(ends), -1)
        known = np.moveaxis(sliding_window_view(self.known, C + steps, axis=0)[ends - C], 1, 2)
        ratio = np.minimum(divide(self.spread[ends], unit), REACH) if frame.known else np.ones(len(ends))
        return Windows(frame, scaled, mean, unit, answers, beside, known, settled(ratio))


def _clipped(values: Floats) -> Floats:
    # Rounded: a tree may split differently for a difference in the last digit, which depends on the unit.
    return np.clip(settled(values), -REACH, REACH)


def pool(frame: Frame, split: Split) -> Pool:
    """Concatenate series; every target is a series of its own.

    Parameters
    ----------
    frame : Frame
    split : Split
        With answers the windows are those of all origins, otherwise the one at the end of each history.

    Raises
    ------
    ValueError
        If a value is missing or infinite, or a history has no steps.
    """
    k = frame.task.y.size
    parts = [_part(frame, split, i, j) for i in range(len(split)) for j in range(k)]
    least = min(frame.context, *(each.seen for each in parts)) if parts else 1
    ends, late, at = [], [], 0
    for each in parts:
        # As `task.windows`: a window needs its history, and all of its answers.
        last = min(each.seen, len(each.values) - frame.context - frame.task.steps)
        origins = np.arange(least, last + 1) if len(split.y) else np.array([each.seen])
        total = len(each.values) - frame.context
        held = total - max(frame.task.steps, total // LATE)
        ends.append(at + frame.context + origins)
        place = np.where(origins >= held, 1, np.where(origins + frame.task.steps <= held, 0, -1))
        # A series too short to be divided is fitted on.
        late.append(place if (place == 0).any() else np.zeros_like(place))
        at += len(each.values)
    return Pool(
        frame,
        np.concatenate([each.values for each in parts]),
        np.concatenate([each.beside for each in parts]),
        np.concatenate([each.known for each in parts]),
        np.concatenate([each.spread for each in parts]),
        np.concatenate(ends),
        np.concatenate(late),
        np.repeat(np.arange(len(parts)) // k, [len(each) for each in ends]),
    )


@dataclass(frozen=True)
class Part:
    """One series of a pool, with the copies of its first value in front, and its steps of history `seen`."""

    values: Floats
    beside: Floats
    known: Floats
    spread: Floats
    seen: int


def _part(frame: Frame, split: Split, i: int, j: int) -> Part:
    x = np.asarray(split.x[i], dtype=np.float64)
    if not len(x):
        raise ValueError(f"example {i} has no steps of history; at least one is needed: drop it")
    C, k, steps = frame.context, frame.task.y.size, frame.task.steps
    n_own = x.shape[1] - frame.known
    # Without answers there is one window, at the end: only its steps are needed.
    recent = x if len(split.y) else x[-C:]
    y = np.asarray(split.y[i][:, j], dtype=np.float64) if len(split.y) else np.zeros(steps)
    known = np.empty((len(recent) + len(y), 0))
    if frame.known:
        ahead = np.asarray(split.ahead[i], dtype=np.float64)
        y = y[: len(ahead)]
        known = (np.concatenate([recent[:, n_own:], ahead[: len(y)]]) - frame.middle) / frame.width
    values = np.concatenate([recent[:, j], y])
    # What comes after the history is not known of these covariates; no window reads it.
    beside = np.concatenate([recent[:, k:n_own], np.zeros((len(y), n_own - k))])
    for name, each in (("x or y", values), ("x", beside), ("ahead", known)):
        _complete(each, name, i)
    spread = np.zeros(len(values))
    if frame.known:
        _complete(x[:, j], "x", i)
        spread = _running_spread(np.concatenate([x[:, j], y]))[len(x) - len(recent) :]
    return Part(_padded(values, C), _padded(beside, C), _padded(known, C), _padded(spread, C), len(recent))


def _padded(values: Floats, count: int) -> Floats:
    return np.concatenate([np.repeat(values[:1], count, axis=0), values])


def _running_spread(values: Floats) -> Floats:
    """The standard deviation [T] of the values before each step; 0 before the first."""
    centred = values - values[0]
    count = np.maximum(np.arange(len(values)), 1)
    before = [np.concatenate([[0.0], np.cumsum(each)[:-1]]) / count for each in (centred, centred**2)]
    return np.asarray(np.sqrt(np.maximum(before[1] - before[0] ** 2, 0.0)))


def _complete(values: Floats, name: str, i: int) -> None:
    missing = int((~np.isfinite(values)).sum())
    if missing:
        raise ValueError(
            f"{name} of example {i} holds {missing} missing or infinite values of {values.size}; lags need "
            "all values: fill them in, or choose a method that takes missing values"
        )
