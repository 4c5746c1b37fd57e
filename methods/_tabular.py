"""Methods that compute features of a sequence and predict from them with a linear model or a forest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._learners import NO_CLASSES, Flags, Forest, Learner, Logistic, Ridge
from recurbench.methods._preparation import Preparation, learn_preparation, refuse_unsuited
from recurbench.methods._scaling import View, learn_view
from recurbench.methods._standard import settled
from recurbench.task import Array, Split, Task, Unsupported, windows
from recurbench.task.arithmetic import Floats, divide

Describe = Callable[[Floats], Floats]
"""Computes features: floats [T, channels], T at least 1, to a vector whose length does not depend on T."""

Fit = Callable[[Floats, Floats, NDArray[np.int64], bool], Learner]
"""Fits a learner to inputs [n, p], answers [n, outputs], the block of each row; last: are answers classes?"""

BLOCKS = 5
MOST_WINDOWS = 600


def ridge(
    task: Task,
    train: Split,
    describe: Describe,
    *,
    unequal: str = "native",
    normalise: str = "auto",
    calendar: bool = False,
) -> Tabular:
    """Fit a ridge regression on features of the sequences; see `_learners.Ridge`.

    Parameters
    ----------
    task : Task
    train : Split
    describe : callable
        Computes the features of one sequence.
    unequal, normalise : str
        See `_preparation`.
    calendar : bool
        For forecasting, see `learn_view`.

    Raises
    ------
    Unsupported
        If a value is missing, or the task asks for answers of another form than one symbol, or a fixed number
        of values.
    ValueError
        If the training part is empty, or a value is infinite.
    """
    view = learn_view(task, train, normalise=normalise, calendar=calendar)
    return _fit(task, train, describe, Ridge, view, unequal, normalise)


def forest(
    task: Task,
    train: Split,
    describe: Describe,
    trees: int,
    seed: int,
    *,
    unequal: str = "native",
    normalise: str = "auto",
    calendar: bool = False,
) -> Tabular:
    """Fit a random forest (Breiman 2001) on features of the sequences.

    Parameters
    ----------
    trees, seed : int
        Of the forest.

    The other parameters and the errors are those of `ridge`.
    """

    def grow(inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> Learner:
        del blocks  # a forest needs no cross-validation
        return Forest(inputs, answers, classes, trees, seed)

    view = learn_view(task, train, normalise=normalise, calendar=calendar)
    return _fit(task, train, describe, grow, view, unequal, normalise)


@dataclass(frozen=True)
class Tabular:
    """A fitted model on features, as a predictor.

    Attributes
    ----------
    view : View
        The transformation of forecasting examples.
    inputs : callable
        Computes the features of one transformed example.
    finish : callable
        Turns a prediction of the learner into an answer.
    learner : Learner
    notes : dict
    keep : int or None
        Only the last so many steps of a history are needed; None needs all.
    """

    view: View
    inputs: Callable[[Split, int], Floats]
    finish: Callable[[Split, int, Floats], Array]
    learner: Learner
    notes: dict[str, Any]
    keep: int | None = None

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        if not len(split):
            return []
        seen = self.view.split(split.blind(), self.keep)
        rows = np.stack([self.inputs(seen, i) for i in range(len(seen))])
        return self.view.answers([self.finish(seen, i, a) for i, a in enumerate(self.learner(rows))])


def logistic(
    task: Task, train: Split, describe: Describe, *, unequal: str = "native", normalise: str = "none"
) -> Tabular:
    """Fit a logistic regression on features of the sequences; see `_learners.Logistic`.

    Parameters and errors are those of `ridge`. Unsupported also if the answers are no classes.
    """
    if not task.y.symbols:
        raise Unsupported(NO_CLASSES)
    return _fit(task, train, describe, Logistic, learn_view(task, train), unequal, normalise)


def require_examples(train: Split) -> None:
    """ValueError if the training part is empty."""
    if not len(train):
        raise ValueError(
            "the training part has no examples; at least one is needed: give the problem training data"
        )


def flat_answers(task: Task, train: Split) -> Floats:
    """The answers of the training part as rows [n, steps x values]; classes become one-hot rows.

    Raises
    ------
    Unsupported
        If a value is missing, or the task asks for answers of another form than one symbol, or a fixed number
        of values.
    ValueError
        If the training part is empty, or a value is infinite.
    """
    require_examples(train)
    if task.length != "fixed" or (task.y.symbols and task.steps != 1):
        raise Unsupported("a model on features answers with one symbol or a fixed number of values")
    return np.stack(
        [complete(task.y.encode(y), f"the answer of example {i}").ravel() for i, y in enumerate(train.y)]
    )


def _fit(
    task: Task, train: Split, describe: Describe, fit: Fit, view: View, unequal: str, normalise: str
) -> Tabular:
    require_examples(train)
    if task.kind == "forecasting":
        refuse_unsuited(task, unequal, normalise)
        return _fit_forecast(view, train, describe, fit)
    prepare = prepared(task, train, unequal, normalise)

    def inputs(split: Split, i: int) -> Floats:
        return describe(prepare(encoded(task, split.x[i], i)))

    def finish(_split: Split, _i: int, answer: Floats) -> Array:
        return answer.reshape(task.steps, task.y.size)

    answers = flat_answers(task, train)
    rows = np.stack([inputs(train, i) for i in range(len(train))])
    learner = fit(rows, answers, np.arange(len(rows)), task.y.symbols)
    if task.y.flags:
        learner = Flags(learner, len(rows))
    notes = {"features": rows.shape[1], "examples": len(rows), **prepare.notes, **learner.notes}
    return Tabular(view, inputs, finish, learner, notes)


def prepared(task: Task, train: Split, unequal: str, normalise: str) -> Preparation:
    """Learn length and scale from the examples of the training part, see `_preparation`.

    Raises
    ------
    Unsupported
        If a value is missing, or the task leaves no room for a setting.
    ValueError
        If a setting is not one of its values, or a value is infinite.
    """
    series = [encoded(task, x, i) for i, x in enumerate(train.x)]
    return learn_preparation(task, series, unequal=unequal, normalise=normalise)


def as_prepared(task: Task, prepare: Preparation, x: Array, i: int) -> Floats:
    """Example `i` as numbers [T, channels] of the learned length and scale; errors as in `encoded`."""
    return np.array(prepare(encoded(task, x, i)), order="C")


def encoded(task: Task, x: Array, i: int) -> Floats:
    """Return x as floats [T, channels].

    Parameters
    ----------
    task : Task
    x : array
    i : int
        The number of the example, for error messages.

    Raises
    ------
    Unsupported
        If a value is missing.
    ValueError
        If the example has no steps, or a value is infinite.
    """
    series = task.x.encode(x)
    if not len(series):
        raise ValueError(f"example {i} has no steps; at least one is needed: drop it")
    return complete(series, f"example {i}")


def complete(values: Array, what: str) -> Floats:
    """Return values as floats; Unsupported if one is missing (NaN), ValueError if one is infinite.

    what: what the values are, for error messages.
    """
    known = np.asarray(values, dtype=np.float64)
    missing = int((~np.isfinite(known)).sum())
    if missing:
        refusal = Unsupported if np.isnan(known).any() else ValueError
        raise refusal(
            f"{what} has {missing} missing or infinite values of {known.size}; this method needs all "
            "values: fill them in, or choose a method that takes missing values"
        )
    return known


@dataclass(frozen=True)
class Frame:
    """How the history of a forecast becomes one row of features.

    A row holds the last `context` steps of all channels, the covariates known ahead, and the features of the
    targets. Values are scaled by the level and unit of `view`. What is predicted is the difference from the
    value one season before (from the last value if the context is shorter than a season), in the same unit.

    Attributes
    ----------
    view : View
    context : int
        Steps of history in a row.
    known : bool
        Whether there are covariates known ahead.
    describe : callable
        Computes the features.
    """

    view: View
    context: int
    known: bool
    describe: Describe

    @property
    def task(self) -> Task:
        """The task after the view."""
        return self.view.task

    def last(self, history: Floats) -> Floats:
        """The last `context` steps [context, channels]; in a shorter history the first step is repeated."""
        short = self.context - len(history)
        if short <= 0:
            return history[-self.context :]
        return np.concatenate([np.repeat(history[:1], short, axis=0), history])

    def base(self, recent: Floats) -> Floats:
        """The values that predictions are added to, [steps, targets]: those one season before."""
        season = self.task.season if self.task.season <= self.context else 1
        last = recent[len(recent) - season :, : self.task.y.size]
        return np.asarray(last[np.arange(self.task.steps) % season])

    def scale(self, history: Floats) -> Floats:
        """The unit of each target, [targets]; 0 for a constant one.

        With covariates known ahead it is the unit of the whole history, because the effect of a covariate has
        one slope only in a unit that does not change from window to window.
        """
        window = history if self.known else self.last(history)
        return self.view.level_and_unit(window[:, : self.task.y.size])[1]

    def row(self, history: Floats, ahead: Array | None) -> Floats:
        """The row of features at the end of a history [T, channels]; ahead [steps, known] or None."""
        recent = self.last(history)
        targets = self.task.y.size
        scale = self.scale(history)
        level = self.view.level_and_unit(recent)[0]
        # Rounded: a tree may split differently for a difference in the last digit, which depends on the unit.
        scaled = settled(divide(recent[:, :targets] - level[:targets], scale))
        others = recent[:, targets:]
        # If the last step is the level of the window, its value is always 0.
        lags = scaled[:-1] if self.view.normalise == "window" else scaled
        parts = [lags.ravel(), self.describe(scaled)]
        if ahead is None:
            parts.append((others - level[targets:]).ravel())
        else:
            # Not scaled: a dummy that is 0 in the whole context has no standard deviation. The row holds the
            # covariates of the context, too, so differences from the time of the base can be learned.
            past = others.shape[1] - ahead.shape[1]
            parts.append((others[:, :past] - level[targets : targets + past]).ravel())
            known = np.concatenate([others[:, past:], ahead])
            parts.append(known.ravel())
        return np.concatenate(parts)


def _fit_forecast(view: View, train: Split, describe: Describe, fit: Fit) -> Tabular:
    task, train = view.task, view.split(train)
    if task.y.symbols or task.x.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
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

    # A constant window has no unit to scale its answer by.
    moving = [i for i, x in enumerate(cut.x) if (frame.scale(x) > 0).any()]
    notes: dict[str, Any] = {"context": frame.context, "windows": len(moving), "series": len(histories)}
    notes |= view.notes
    # With covariates known ahead the unit is that of the whole history.
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
    """The learner for training series that are constant: it predicts no difference from the base."""

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self.notes: dict[str, Any] = {
            "fallback": "all training windows are constant: the value a season before is repeated"
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Return zeros [n, outputs]."""
        return np.zeros((len(inputs), self.outputs))


def _context(task: Task, train: Split) -> int:
    """Two seasons or horizons, at least 16 steps, and at most half of the longest history."""
    longest = max(len(x) for x in train.x)
    return max(1, min(max(2 * task.season, 2 * task.steps, 16), longest // 2))


def _cut(task: Task, train: Split, context: int) -> Split:
    """All windows with a full context, thinned evenly to about MOST_WINDOWS; shorter ones if none has."""
    total = sum(max(0, len(x) - context + 1) for x in train.x)
    cut = windows(task, train, stride=max(1, -(-total // MOST_WINDOWS)), shortest=context)
    if not len(cut):
        cut = windows(task, train)
    if not len(cut):
        raise ValueError(
            f"no series has a step of history and {task.steps} steps to forecast; the longest has "
            f"{max(len(x) for x in train.x)} steps of history: shorten the horizon or give longer series"
        )
    return cut


def _blocks(cut: Split) -> NDArray[np.int64]:
    """Divide the windows of each series into BLOCKS blocks of neighbours, because neighbours overlap."""
    order: dict[Any, list[int]] = {}
    for i, name in enumerate(cut.series):
        order.setdefault(name, []).append(i)
    blocks = np.zeros(len(cut), dtype=np.int64)
    for members in order.values():
        rising: Sequence[int] = sorted(members, key=lambda i: len(cut.x[i]))
        blocks[rising] = np.arange(len(rising)) * BLOCKS // len(rising)
    return blocks
