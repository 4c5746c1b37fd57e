"""From features of a sequence to answers: a ridge and a random forest, for classes, numbers and forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._learners import Flags, Forest, Learner, Ridge
from recurbench.methods._numeric import Floats, divide
from recurbench.methods._scaling import View, learn_view
from recurbench.methods._standard import settled
from recurbench.task import Array, Split, Task, Unsupported, windows

Describe = Callable[[Floats], Floats]
"""A description: floats [T, channels], T at least 1, to a flat vector whose length does not depend on T."""

Fit = Callable[[Floats, Floats, NDArray[np.int64], bool], Learner]
"""(inputs [n, p], answers [n, outputs], block of each row, whether the answers are one-hot classes)."""

BLOCKS = 5
MOST_WINDOWS = 600


def ridge(
    task: Task, train: Split, describe: Describe, *, normalise: str = "window", calendar: bool = False
) -> Tabular:
    """Fit a linear head; its penalty (and the sharpness of its chances) is chosen on rows left out.

    normalise, calendar: of forecasts, see `learn_view`.
    """
    view = learn_view(task, train, normalise=normalise, calendar=calendar)
    return _fit(task, train, describe, Ridge, view)


def forest(
    task: Task,
    train: Split,
    describe: Describe,
    trees: int,
    seed: int,
    *,
    normalise: str = "window",
    calendar: bool = False,
) -> Tabular:
    """Fit a random forest (Breiman 2001) head; normalise and calendar as in `ridge`."""

    def grow(inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> Learner:
        del blocks  # nothing is chosen by the forest
        return Forest(inputs, answers, classes, trees, seed)

    view = learn_view(task, train, normalise=normalise, calendar=calendar)
    return _fit(task, train, describe, grow, view)


@dataclass(frozen=True)
class Tabular:
    """A predictor: the inputs of each example as seen, then the learner, then the form the task asks for."""

    view: View
    inputs: Callable[[Split, int], Floats]
    finish: Callable[[Split, int, Floats], Array]
    learner: Learner
    notes: dict[str, Any]
    keep: int | None = None

    def __call__(self, split: Split) -> list[Array]:
        """One answer per example."""
        if not len(split):
            return []
        seen = self.view.split(split.blind(), self.keep)
        rows = np.stack([self.inputs(seen, i) for i in range(len(seen))])
        return self.view.answers([self.finish(seen, i, a) for i, a in enumerate(self.learner(rows))])


def _fit(task: Task, train: Split, describe: Describe, fit: Fit, view: View) -> Tabular:
    if not len(train):
        raise ValueError(
            "the training part has no examples; at least one is wanted: give the problem training data"
        )
    if task.kind == "forecasting":
        return _fit_forecast(view, train, describe, fit)

    def inputs(split: Split, i: int) -> Floats:
        return describe(encoded(task, split.x[i], i))

    def finish(_split: Split, _i: int, answer: Floats) -> Array:
        return answer.reshape(task.steps, task.y.size)

    if task.length != "fixed" or (task.y.symbols and task.steps != 1):
        raise Unsupported("a table of features answers with one symbol or a fixed number of values")
    rows = np.stack([inputs(train, i) for i in range(len(train))])
    answers = np.stack(
        [complete(task.y.encode(y), f"the answer of example {i}").ravel() for i, y in enumerate(train.y)]
    )
    learner = fit(rows, answers, np.arange(len(rows)), task.y.symbols)
    if task.y.flags:
        learner = Flags(learner, len(rows))
    notes = {"features": rows.shape[1], "examples": len(rows), **learner.notes}
    return Tabular(view, inputs, finish, learner, notes)


def encoded(task: Task, x: Array, i: int) -> Floats:
    """Example i as floats [T, channels]; an empty one, or one with missing values, is refused in words."""
    series = task.x.encode(x)
    if not len(series):
        raise ValueError(f"example {i} has no steps; at least one is wanted: drop it")
    return complete(series, f"example {i}")


def complete(values: Array, what: str) -> Floats:
    """The values as floats; ValueError in words where one is missing or infinite."""
    known = np.asarray(values, dtype=np.float64)
    missing = int((~np.isfinite(known)).sum())
    if missing:
        raise ValueError(
            f"{what} has {missing} missing or infinite values of {known.size}; this method needs all: "
            "fill them in, or choose a method that takes missing values"
        )
    return known


@dataclass(frozen=True)
class Frame:
    """How a history becomes one row: the last `context` steps, told relative to their own level and scale.

    Level and scale are those of `view`, whose default is the window's own. A row holds the lags of all
    channels, the covariates known ahead and the description of the targets.
    The answer is told as the distance from the value one season before (from the last value where the context
    is shorter than a season), in deviations of the context: levels and units do not matter.
    """

    view: View
    context: int
    known: bool
    describe: Describe

    @property
    def task(self) -> Task:
        """The task as it is seen."""
        return self.view.task

    def last(self, history: Floats) -> Floats:
        """The last `context` steps [context, channels]; a shorter history is led in by its first value."""
        short = self.context - len(history)
        if short <= 0:
            return history[-self.context :]
        return np.concatenate([np.repeat(history[:1], short, axis=0), history])

    def base(self, recent: Floats) -> Floats:
        """Where the answers start from, [steps, targets]."""
        season = self.task.season if self.task.season <= self.context else 1
        last = recent[len(recent) - season :, : self.task.y.size]
        return np.asarray(last[np.arange(self.task.steps) % season])

    def scale(self, history: Floats) -> Floats:
        """The unit of each target, [targets]; 0 for one that stands still.

        Beside covariates known ahead it is that of the whole history: the effect of a covariate keeps one
        slope only in a unit that does not change from window to window.
        """
        window = history if self.known else self.last(history)
        return self.view.level_and_unit(window[:, : self.task.y.size])[1]

    def row(self, history: Floats, ahead: Array | None) -> Floats:
        """The inputs at the end of one history."""
        recent = self.last(history)
        targets = self.task.y.size
        scale = self.scale(history)
        level = self.view.level_and_unit(recent)[0]
        # A tree chooses otherwise for a difference in the last digit, which another unit rounds otherwise.
        scaled = settled(divide(recent[:, :targets] - level[:targets], scale))
        others = recent[:, targets:]
        # The last step is the level itself where a window is told from it.
        lags = scaled[:-1] if self.view.normalise == "window" else scaled
        parts = [lags.ravel(), self.describe(scaled)]
        if ahead is None:
            parts.append((others - level[targets:]).ravel())
        else:
            # As they are: a dummy that was 0 in the whole context has no unit of its own. Their effect is
            # relative to the covariate at the time of the base, which the lags hold.
            past = others.shape[1] - ahead.shape[1]
            parts.append((others[:, :past] - level[targets : targets + past]).ravel())
            known = np.concatenate([others[:, past:], ahead])
            parts.append(known.ravel())
        return np.concatenate(parts)


def _fit_forecast(view: View, train: Split, describe: Describe, fit: Fit) -> Tabular:
    task, train = view.task, view.split(train)
    if task.y.symbols or task.x.symbols:
        raise Unsupported("a table of features forecasts numbers, not symbols")
    histories = [encoded(task, x, i) for i, x in enumerate(train.x)]
    for i, y in enumerate(train.y):
        complete(y, f"the answer of example {i}")
    frame = Frame(view, _context(task, train), len(train.ahead) > 0, describe)
    cut = _cut(task, train, frame.context)

    def inputs(split: Split, i: int) -> Floats:
        ahead = complete(split.ahead[i], f"what is known ahead of example {i}") if len(split.ahead) else None
        return frame.row(encoded(task, split.x[i], i), ahead)

    def finish(split: Split, i: int, answer: Floats) -> Array:
        history = task.x.encode(split.x[i])
        base = frame.base(frame.last(history))
        return base + frame.scale(history) * answer.reshape(task.steps, task.y.size)

    # A window that stands still has no unit to tell its answer in.
    moving = [i for i, x in enumerate(cut.x) if (frame.scale(x) > 0).any()]
    notes: dict[str, Any] = {"context": frame.context, "windows": len(moving), "series": len(histories)}
    notes |= view.notes
    # Beside covariates known ahead the unit is that of the whole history.
    keep = None if frame.known and view.normalise == "window" else max(frame.context, task.season)
    if not moving:
        still = Still(task.steps * task.y.size)
        return Tabular(view, inputs, finish, still, {**notes, **still.notes}, keep)
    rows = np.stack([inputs(cut, i) for i in moving])
    answers = [
        settled(divide(cut.y[i] - frame.base(frame.last(cut.x[i])), frame.scale(cut.x[i]))) for i in moving
    ]
    learner = fit(rows, np.stack(answers).reshape(len(rows), -1), _blocks(cut.take(moving)), False)
    notes |= {"features": rows.shape[1], **learner.notes}
    return Tabular(view, inputs, finish, learner, notes, keep)


class Still:
    """Nothing moved in train: answer with the base."""

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self.notes: dict[str, Any] = {
            "fallback": "no training window moves: the value a season before is repeated"
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Zeros [n, outputs]."""
        return np.zeros((len(inputs), self.outputs))


def _context(task: Task, train: Split) -> int:
    """Two seasons or horizons, at least 16 steps; at most half the longest history, for windows to remain."""
    longest = max(len(x) for x in train.x)
    return max(1, min(max(2 * task.season, 2 * task.steps, 16), longest // 2))


def _cut(task: Task, train: Split, context: int) -> Split:
    """All windows with a full context, thinned evenly to about MOST_WINDOWS; shorter ones if need be."""
    total = sum(max(0, len(x) - context + 1) for x in train.x)
    cut = windows(task, train, stride=max(1, -(-total // MOST_WINDOWS)), shortest=context)
    if not len(cut):
        cut = windows(task, train)
    if not len(cut):
        raise ValueError(
            f"no series holds a step of history and {task.steps} steps to forecast; the longest has "
            f"{max(len(x) for x in train.x)} steps of history: shorten the horizon or give longer series"
        )
    return cut


def _blocks(cut: Split) -> NDArray[np.int64]:
    """Each series in BLOCKS stretches of origins: neighbours overlap, so they are left out together."""
    order: dict[Any, list[int]] = {}
    for i, name in enumerate(cut.series):
        order.setdefault(name, []).append(i)
    blocks = np.zeros(len(cut), dtype=np.int64)
    for members in order.values():
        rising: Sequence[int] = sorted(members, key=lambda i: len(cut.x[i]))
        blocks[rising] = np.arange(len(rising)) * BLOCKS // len(rising)
    return blocks
