"""Splits as padded tensors: scaling learnt on train, forecasting windows, batches of similar length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from recurbench.methods import _numeric
from recurbench.methods._networks.examples import Examples
from recurbench.methods._scaling import View
from recurbench.task import Array, Split, Task, Unsupported, windows

MAX_WINDOWS = 1000  # more overlapping windows of the same few series cost time and teach little
TINY = 1e-9  # a penalty that keeps a solution finite and changes none


@dataclass(frozen=True)
class Coding:
    """How examples become numbers for a network; everything in it was learnt on train alone.

    view: how forecasting examples are looked at first; `task` and all else is that of the examples as seen.
    centre, spread: [inputs] per channel of x; y_centre, y_spread: [K] per channel of numeric answers.
    width: interpolate every x to this many steps, None to keep its length.
    context: steps of history a forecast looks at; known: covariates known ahead; naive: the forecast the
    network corrects, "last" or "seasonal", to which the `effect` [2, known, K] of a change in what is known
    ahead is added; usual: [K] the usual spread of a window. longest: steps of train's longest free answer,
    the end among them.
    """

    view: View
    centre: Array
    spread: Array
    y_centre: Array
    y_spread: Array
    width: int | None = None
    context: int = 0
    known: int = 0
    naive: str = "last"
    effect: Array | None = None
    usual: Array | None = None
    longest: int = 0

    @property
    def task(self) -> Task:
        """The task as it is seen: its sizes are those a network is built for."""
        return self.view.task

    @property
    def extras(self) -> int:
        """Numbers known ahead per example."""
        return int(self.known * self.task.steps)

    def examples(self, split: Split) -> Examples:
        """Encode `split`, which becomes `view.apart` examples for one."""
        return self.encode(self.view.split(split, max(self.context, self.view.original.season)))

    def encode(self, split: Split) -> Examples:
        """Encode examples that are seen already; a value that is not finite raises ValueError."""
        if self.task.kind == "forecasting":
            parts = [self._forecast(split, i) for i in range(len(split))]
            x, extra, base, scale = ([part[k] for part in parts] for k in range(4))
        else:
            x = [self._input(split.x[i], i) for i in range(len(split))]
            extra = [np.empty(0)] * len(split)
            base, scale = [self.y_centre] * len(split), [self.y_spread] * len(split)
        y = [self._target(split.y[i], base[i], scale[i], i) for i in range(len(split.y))]
        return Examples(self.task, x, extra, y, base, scale)

    def _input(self, sequence: Array, i: int) -> Array:
        x = (_finite(self.task.x.encode(sequence), "x", i) - self.centre) / self.spread
        return x if self.width is None else resample(x, self.width)

    def _target(self, y: Array, base: Array, scale: Array, i: int) -> Array:
        if self.task.y.symbols:
            symbols = np.asarray(y, dtype=np.int64)
            return np.append(symbols, self.task.y.size) if self.task.length == "free" else symbols
        y = _finite(np.asarray(y, dtype=np.float64), "y", i)
        if self.task.y.flags:
            return y
        # A window that does not move is answered by its naive forecast alone: nothing to learn there.
        moves = scale > 0
        return np.where(moves, (y - _first(base, len(y))) / np.where(moves, scale, 1.0), 0.0)

    def _forecast(self, split: Split, i: int) -> tuple[Array, Array, Array, Array]:
        """Context [context, inputs], covariates ahead [extras], naive forecast [steps, K], its spread [K]."""
        history = np.asarray(split.x[i], dtype=np.float64)
        recent = _finite(history[-self.context :], "x", i)
        n_own = history.shape[1] - self.known
        level, spread = self.view.level_and_unit(recent[:, :n_own])
        x = np.empty_like(recent)
        x[:, :n_own] = (recent[:, :n_own] - level) / np.where(spread > 0, spread, 1.0)
        # What is known ahead keeps its level: a holiday flag means the same in every window.
        x[:, n_own:] = (recent[:, n_own:] - self.centre[n_own:]) / self.spread[n_own:]
        x = np.concatenate([np.repeat(x[:1], self.context - len(x), axis=0), x])
        extra = np.empty(0)
        if self.known:
            ahead = _finite(np.asarray(split.ahead[i], dtype=np.float64), "ahead", i)
            extra = ((_first(ahead, self.task.steps) - self.centre[n_own:]) / self.spread[n_own:]).ravel()
        k = self.task.y.size
        at = naive_positions(len(history), self.task.steps, self.task.season, self.naive)
        base = _finite(history[at, :k], "x", i)
        if self.effect is not None:
            change = self.changes(extra, history, i)
            for j in range(k):
                base[:, j] += self.features(change, spread[j], j) @ self.effect[..., j].ravel()
        return x, extra, base, spread[:k]

    def changes(self, extra: Array, history: Array, i: int) -> Array:
        """How the scaled covariates ahead differ from those at the steps the naive forecast repeats."""
        at = naive_positions(len(history), self.task.steps, self.task.season, self.naive)
        before = _finite(history[at, -self.known :], "x", i)
        n_own = history.shape[1] - self.known
        scaled = (before - self.centre[n_own:]) / self.spread[n_own:]
        return np.asarray(extra.reshape(self.task.steps, -1) - scaled)

    def features(self, change: Array, spread: float, j: int) -> Array:
        """`change` [steps, known] in the usual spread of target `j` and in this window's, side by side."""
        usual = 1.0 if self.usual is None else self.usual[j]
        return np.concatenate([change * usual, change * spread], axis=1)


def learn_coding(
    task: Task,
    train: Split,
    *,
    width: int | None = None,
    context: int | None = None,
    naive: str = "auto",
    view: View | None = None,
    most: int = MAX_WINDOWS,
) -> tuple[Coding, Split]:
    """The coding learnt on `train`, and the examples to fit on as the view sees them, to `encode`.

    Forecasting: about `most` windows cut from `train`, each `view.apart` examples. view: None for the plain.
    """
    if not len(train):
        raise Unsupported("there is nothing to train on: train holds no example")
    if task.length == "free" and not task.y.symbols:
        raise Unsupported("free-length answers of numbers have no end symbol; this method writes symbols")
    if naive not in ("auto", "last", "seasonal"):
        raise ValueError(f"residual must be auto, last or seasonal, got {naive!r}")
    if most < 1:
        raise ValueError(f"windows must be at least 1, got {most}")
    forecasting = task.kind == "forecasting"
    view = View(task) if view is None else view
    task, train = view.task, view.split(train)
    if task.x.symbols:
        centre, spread = np.zeros(task.x.size), np.ones(task.x.size)
    else:
        centre, spread = _centre_spread([_finite(task.x.encode(x), "x", i) for i, x in enumerate(train.x)])
    coding = Coding(view, centre, spread, np.zeros(task.y.size), np.ones(task.y.size), width=width)
    if task.length == "free":
        coding = replace(coding, longest=1 + max(len(y) for y in train.y))
    if not forecasting:
        if not (task.y.symbols or task.y.flags):
            y_centre, y_spread = _centre_spread([_finite(y, "y", i) for i, y in enumerate(train.y)])
            coding = replace(coding, y_centre=y_centre, y_spread=y_spread)
        return coding, train
    if task.x.symbols or task.y.symbols:
        raise Unsupported("forecasts of symbols are not built; this method forecasts numbers")
    known = train.ahead[0].shape[1] if len(train.ahead) else 0
    steps = context_steps(task, train) if context is None else context
    if steps < 1:
        raise ValueError(f"context must be at least 1 step, got {steps}")
    cut = training_windows(task, train, steps, most * view.parts)
    coding = replace(coding, context=steps, known=known, naive=naive)
    return (better_naive(coding, cut) if naive == "auto" else with_effect(coding, cut)), cut


def context_steps(task: Task, train: Split) -> int:
    """Two seasons (one when a season is longer than 100 steps), two horizons, at least 24 steps.

    Where the shortest history is less than twice that, half of it (but a season if it holds one), so that
    several windows remain.
    """
    seasons = 2 * task.season if task.season <= 100 else task.season
    shortest = min(len(x) for x in train.x)
    room = max(shortest // 2, min(task.season, shortest), 1)
    return int(min(max(seasons, 2 * task.steps, 24), room))


def training_windows(task: Task, train: Split, context: int, most: int = MAX_WINDOWS) -> Split:
    """At most about `most` windows with a whole context behind them, spread evenly."""
    least = min(context, *(len(x) for x in train.x)) if len(train) else context
    total = sum(max(1, len(x) - least + 1) for x in train.x)
    cut = windows(task, train, stride=-(-total // most), shortest=least)
    if not len(cut):
        cut = windows(task, train, shortest=1)
    if not len(cut):
        longest = max(len(x) + len(y) for x, y in zip(train.x, train.y, strict=True))
        raise Unsupported(f"no training window fits: {longest} steps at most for a horizon of {task.steps}")
    return cut


def better_naive(coding: Coding, cut: Split) -> Coding:
    """With the naive forecast of the smaller squared error over the training windows, in window spreads."""
    codings = [with_effect(replace(coding, naive=naive), cut) for naive in ("last", "seasonal")]
    errors = [np.mean(np.concatenate([y.ravel() for y in each.encode(cut).y]) ** 2) for each in codings]
    return codings[1] if errors[1] < errors[0] else codings[0]


def with_effect(coding: Coding, cut: Split) -> Coding:
    """The coding with the linear effect of what is known ahead on the naive forecast's error (ridge).

    Left to gradient steps, a few dozen windows are learnt by heart before a covariate's weight has grown.
    """
    if not coding.known:
        return coding
    examples = coding.encode(cut)
    spread = np.array(examples.scale)
    usual = np.array([np.median(s[s > 0]) if (s > 0).any() else 1.0 for s in spread.T])
    coding = replace(coding, usual=usual)
    effect = np.zeros((2, coding.known, coding.task.y.size))
    for j in range(coding.task.y.size):
        A, b = [], []
        for i in np.flatnonzero(spread[:, j] > 0):
            change = coding.changes(examples.extra[i], cut.x[i], int(i))
            features = coding.features(change, spread[i, j], j)
            A.append(features[: len(examples.y[i])] / spread[i, j])
            b.append(examples.y[i][:, j])
        if A:
            effect[..., j] = ridge(np.concatenate(A), np.concatenate(b)).reshape(2, -1)
    return replace(coding, effect=effect)


def ridge(A: Array, b: Array, share: float = 1e-3) -> Array:
    """Least squares with a penalty of `share` of the mean square of the features."""
    gram = A.T @ A
    penalty = share * max(float(np.trace(gram)) / len(gram), TINY)
    return np.asarray(np.linalg.solve(gram + penalty * np.eye(len(gram)), A.T @ b))


def naive_positions(length: int, steps: int, season: int, naive: str) -> Array:
    """Where the naive forecast of each step stands in the history: its end, or its last season, repeated.

    A history of less than a season gives its last value.
    """
    period = season if naive == "seasonal" and length >= season else 1
    return length - period + np.arange(steps) % period


def resample(x: Array, width: int) -> Array:
    """`x` [T, channels] interpolated linearly to [width, channels]; one step becomes a constant."""
    if len(x) == width:
        return x
    at = np.linspace(0, len(x) - 1, width)
    low = np.minimum(at.astype(int), max(len(x) - 2, 0))
    high = np.minimum(low + 1, len(x) - 1)
    share = (at - low)[:, None]
    between: Array = x[low] * (1 - share) + x[high] * share
    return between


def _centre_spread(sequences: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and standard deviation per channel over all steps; a channel that does not move gets spread 1."""
    together = np.concatenate([np.asarray(item, dtype=np.float64) for item in sequences])
    spread = _numeric.spread(together)
    return together.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _first(values: Array, steps: int) -> Array:
    """The first `steps` rows of per-step values; per-channel values as they are."""
    return values[:steps] if values.ndim == 2 else values


def _finite(values: Array, name: str, i: int) -> Array:
    values = np.asarray(values, dtype=np.float64)
    if not len(values):
        raise ValueError(
            f"{name} of example {i} has no step; a network needs at least 1: leave the example out"
        )
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        raise ValueError(
            f"{name} of example {i} holds {bad} missing or infinite values of {values.size}; a network needs "
            "every value: fill the gaps first or choose a method that takes them"
        )
    return values
