"""Baselines without a model: frequencies, means and the last values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._seasonal import (
    Floats,
    deseasonalised,
    filled,
    naive,
    naive_spread,
    passes_seasonal_test,
    quantile_lines,
)
from recurbench.task import Array, Predictor

Line = Callable[[Floats], tuple[Floats, Floats]]


@method("most-common", family="baseline", kinds={"classification", "labelling", "translation"})
def most_common(task: Task, train: Split) -> Predictor:
    """The frequencies of the symbols in the training answers, the same at every step.

    Answers of free length: the training answer that occurs most often; ties go to the first one.
    """
    if not task.y.symbols:
        raise Unsupported("most-common answers with symbols; for numbers use mean")
    if task.length == "free":
        most_frequent = _most_frequent(train.y)
        return lambda split: [most_frequent.copy() for _ in split.x]
    counts = np.bincount(np.concatenate([np.ravel(y) for y in train.y]), minlength=task.y.size)
    chances = counts / counts.sum()
    return lambda split: [np.tile(chances, (_steps(task, x), 1)) for x in split.x]


@method("mean", family="baseline", kinds={"regression", "forecasting", "labelling", "generation"})
def mean(task: Task, train: Split) -> Predictor:
    """The mean of the training answers at each step; in forecasting the mean of the history."""
    if task.y.symbols:
        raise Unsupported("mean answers with numbers; for symbols use most-common")
    if task.length == "free":
        raise Unsupported("a mean has no length, and the answers of this task are of free length")
    if task.kind == "forecasting":
        return Carried(task, lambda history: _level(history, task.steps))
    if task.length == "fixed":
        path = _mean_path(train.y, task.steps)
        return lambda split: [path.copy() for _ in split.x]
    overall = np.nanmean(np.concatenate([np.asarray(y, dtype=np.float64) for y in train.y]), axis=0)
    return lambda split: [np.tile(overall, (len(x), 1)) for x in split.x]


@method("last-value", family="baseline", kinds={"forecasting"})
def last_value(task: Task, _train: Split) -> Predictor:
    """The naive forecast: the last observed value of every channel."""
    return Carried(
        task, lambda history: (naive(history, 1, task.steps), naive_spread(history, 1, task.steps))
    )


@method("seasonal-naive", family="baseline", kinds={"forecasting"})
def seasonal_naive(task: Task, _train: Split) -> Predictor:
    """The seasonal naive forecast: the last season, repeated (the last value in a shorter history)."""
    m = task.season
    return Carried(
        task, lambda history: (naive(history, m, task.steps), naive_spread(history, m, task.steps))
    )


@method("naive2", family="baseline", kinds={"forecasting"})
def naive2(task: Task, _train: Split) -> Predictor:
    """Naive2 of the M competitions (Makridakis et al. 2020): the last value, adjusted for the season.

    If the 90 % test of the M4 competition finds a season in the history, it is removed by classical
    decomposition; the last value without it is repeated and gets the season of each step ahead. The season is
    multiplicative, or additive if a value is not positive. The overall weighted average (OWA) of M4 is told
    in units of this method. Quantiles are those of a random walk.
    """
    return Carried(task, lambda history: _adjusted(history, task.season, task.steps))


@method("drift", family="baseline", kinds={"forecasting"})
def drift(task: Task, _train: Split) -> Predictor:
    """The straight line through the first and the last value of every channel, continued."""
    return Carried(task, lambda history: _drift(history, task.steps))


def _adjusted(history: Floats, season: int, steps: int) -> tuple[Floats, Floats]:
    season = season if passes_seasonal_test(history, season) else 1
    multiplicative = bool(history.min() > 0)
    adjusted, factors = deseasonalised(history, season, multiplicative)
    middle, spread = naive(adjusted, 1, steps), naive_spread(adjusted, 1, steps)
    coming = factors[(len(history) + np.arange(steps)) % season]
    return (middle * coming, spread * coming) if multiplicative else (middle + coming, spread)


def _drift(history: Floats, steps: int) -> tuple[Floats, Floats]:
    last, h = len(history) - 1, np.arange(1.0, steps + 1)
    if last < 1:
        return np.full(steps, history[-1]), np.zeros(steps)
    slope = (history[-1] - history[0]) / last
    # The standard errors of Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.5.
    spread = np.std(np.diff(history), ddof=min(1, last - 1)) * np.sqrt(h * (1 + h / last))
    return history[-1] + slope * h, spread


def _level(history: Floats, steps: int) -> tuple[Floats, Floats]:
    spread = history.std(ddof=min(1, len(history) - 1)) * np.sqrt(1 + 1 / len(history))
    return np.full(steps, history.mean()), np.full(steps, spread)


def _most_frequent(answers: Sequence[Array]) -> Array:
    """The answer that occurs most often, the first of equally frequent ones."""
    if not len(answers):
        raise ValueError("the most common answer needs at least one training example, train has none")
    counts = Counter(tuple(np.asarray(y).tolist()) for y in answers)
    # A Counter keeps the order of first occurrence, and max takes the first of the largest.
    return np.array(max(counts, key=counts.__getitem__), dtype=np.int64)


def _mean_path(answers: Sequence[Array], steps: int) -> Floats:
    """The mean [steps, K] at each step, over the answers that have this step; later the last mean."""
    longest = max(len(y) for y in answers)
    padded = np.full((len(answers), longest, np.shape(answers[0])[1]), np.nan)
    for row, y in zip(padded, answers, strict=True):
        row[: len(y)] = y
    path: Floats = np.nanmean(padded, axis=0)
    return np.asarray(path[np.minimum(np.arange(steps), longest - 1)])


def _steps(task: Task, x: Array) -> int:
    return len(x) if task.length == "same" else task.steps


class Carried:
    """Forecasts every channel of an example from its own history; quantiles are normal."""

    def __init__(self, task: Task, line: Line) -> None:
        if task.x.symbols or task.y.symbols:
            raise Unsupported("this method forecasts numbers, not symbols")
        self.task, self._line = task, line
        self.notes: dict[str, Any] = {"parameters": 0}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, channels] or [steps, channels, Q]."""
        answers = []
        for x in split.x:
            lines = [self._line(filled(x[:, c], self.task.season)) for c in range(self.task.y.size)]
            levels = self.task.quantiles
            answers.append(
                np.stack([quantile_lines(middle, spread, levels) for middle, spread in lines], axis=1)
            )
        return answers
