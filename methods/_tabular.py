"""From features of a sequence to answers: a ridge and a random forest, for classes, numbers and forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task, Unsupported, windows
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

Floats = NDArray[np.float64]
Describe = Callable[[Floats], Floats]
"""A description: floats [T, channels], T at least 1, to a flat vector whose length does not depend on T."""

# For standardised inputs: the wide grid fixed before any test score was seen.
PENALTIES = np.logspace(-2, 6, 17)
TEMPERATURES = np.logspace(-2, 1, 13)
BLOCKS = 5
MOST_WINDOWS = 600
# Standardised inputs are held within this many deviations, so that a series unlike all of train (one step
# long, say) gets a bounded answer.
REACH = 10.0


class Learner(Protocol):
    """What a head has learnt: rows of inputs to rows of answers, each row by itself."""

    notes: dict[str, Any]

    def __call__(self, inputs: Floats) -> Floats:
        """Inputs [n, p] to answers [n, outputs]."""
        ...


Fit = Callable[[Floats, Floats, NDArray[np.int64], bool], Learner]
"""(inputs [n, p], answers [n, outputs], block of each row, whether the answers are one-hot classes)."""


def ridge(task: Task, train: Split, describe: Describe) -> Tabular:
    """Fit a linear head; its penalty (and the sharpness of its chances) is chosen on rows left out."""
    return _fit(task, train, describe, Ridge)


def forest(task: Task, train: Split, describe: Describe, trees: int, seed: int) -> Tabular:
    """Fit a random forest (Breiman 2001) head."""

    def grow(inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> Learner:
        del blocks  # nothing is chosen by the forest
        return Forest(inputs, answers, classes, trees, seed)

    return _fit(task, train, describe, grow)


def divide(above: Array, below: Array) -> Floats:
    """above / below, 0 where there is nothing to divide by."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=np.float64), below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0)


def spread(x: Floats) -> Floats:
    """Standard deviation over the steps of x [T, ...]; exactly 0 for a series that only rounding moves."""
    deviation: Floats = x.std(axis=0)
    return np.where(deviation > 1e-9 * np.abs(x).max(axis=0), deviation, 0.0)


def resample(x: Floats, steps: int) -> Floats:
    """Interpolate x [T, channels] linearly to `steps` steps from its first to its last."""
    if len(x) == steps:
        return x
    place = np.linspace(0, len(x) - 1, steps)
    before = np.minimum(place.astype(int), len(x) - 1)
    after = np.minimum(before + 1, len(x) - 1)
    share = (place - before)[:, None]
    return np.asarray((1 - share) * x[before] + share * x[after])


@dataclass(frozen=True)
class Tabular:
    """A predictor: the inputs of each example, then the learner, then the form the task asks for."""

    task: Task
    inputs: Callable[[Split, int], Floats]
    finish: Callable[[Split, int, Floats], Array]
    learner: Learner
    notes: dict[str, Any]

    def __call__(self, split: Split) -> list[Array]:
        """One answer per example."""
        if not len(split):
            return []
        rows = np.stack([self.inputs(split, i) for i in range(len(split))])
        return [self.finish(split, i, answer) for i, answer in enumerate(self.learner(rows))]


def _fit(task: Task, train: Split, describe: Describe, fit: Fit) -> Tabular:
    if not len(train):
        raise ValueError(
            "the training part has no examples; at least one is wanted: give the problem training data"
        )
    if task.kind == "forecasting":
        return _fit_forecast(task, train, describe, fit)

    def inputs(split: Split, i: int) -> Floats:
        return describe(encoded(task, split.x[i], i))

    def finish(_split: Split, _i: int, answer: Floats) -> Array:
        return answer.reshape(task.steps, task.y.size)

    if task.length != "fixed" or (task.y.symbols and task.steps != 1):
        raise Unsupported("a table of features answers with one symbol or a fixed number of values")
    rows = np.stack([inputs(train, i) for i in range(len(train))])
    answers = np.stack([task.y.encode(y).ravel() for y in train.y])
    learner = fit(rows, answers, np.arange(len(rows)), task.y.symbols)
    if task.y.flags:
        learner = Flags(learner, len(rows))
    notes = {"features": rows.shape[1], "examples": len(rows), **learner.notes}
    return Tabular(task, inputs, finish, learner, notes)


def encoded(task: Task, x: Array, i: int) -> Floats:
    """Example i as floats [T, channels]; an empty one, or one with missing values, is refused in words."""
    series = task.x.encode(x)
    if not len(series):
        raise ValueError(f"example {i} has no steps; at least one is wanted: drop it")
    missing = int((~np.isfinite(series)).sum())
    if missing:
        raise ValueError(
            f"example {i} has {missing} missing or infinite values of {series.size}; this method needs all: "
            "fill them in, or choose a method that takes missing values"
        )
    return series


# Learners


@dataclass(frozen=True)
class Scale:
    """Standardisation learnt on train."""

    mean: Floats
    deviation: Floats

    @staticmethod
    def of(inputs: Floats) -> Scale:
        """Mean and deviation of each column; a constant column is left to be 0."""
        deviation = spread(inputs)
        return Scale(inputs.mean(axis=0), np.where(deviation > 0, deviation, np.inf))

    def __call__(self, inputs: Floats) -> Floats:
        """Inputs [n, p] in deviations from the mean, held within REACH."""
        return np.clip((inputs - self.mean) / self.deviation, -REACH, REACH)


class Ridge:
    """Least squares with a squared penalty; everything that is chosen is chosen on blocks left out in train.

    The answers to a block left out follow from one fit: its residuals are (I - H)^-1 times the fitted ones, H
    the block of the hat matrix (Allen's PRESS, for blocks of several rows). For classes the penalty and the
    temperature of a softmax over the scores are those with the least log-loss on the rows left out: a linear
    classifier with honest chances at the price of one decomposition, defined for one example per class too.
    """

    def __init__(self, inputs: Floats, answers: Floats, blocks: NDArray[np.int64], classes: bool) -> None:
        self.scale = Scale.of(inputs)
        rows = self.scale(inputs)
        self.middle = rows.mean(axis=0)
        self.level = answers.mean(axis=0)
        self.examples = len(rows)
        left, size, right = np.linalg.svd(rows - self.middle, full_matrices=False)
        kept = size > 1e-9 * max(1.0, size[0])
        left, size, right = left[:, kept], size[kept], right[kept]
        out = [_left_out(left, size**2 / (size**2 + p), answers, blocks) for p in PENALTIES]
        self.temperature: float | None = None
        if classes:
            losses = np.array([[_log_loss(each / t, answers) for t in TEMPERATURES] for each in out])
            # From the strong end: among equals the smoother answer.
            best = losses.size - 1 - int(losses.ravel()[::-1].argmin())
            which = best // len(TEMPERATURES)
            self.temperature = float(TEMPERATURES[best % len(TEMPERATURES)])
        else:
            errors = [float(np.mean((each - answers) ** 2)) for each in out]
            which = len(errors) - 1 - int(np.argmin(errors[::-1]))
        self.penalty = float(PENALTIES[which])
        shrunk = (size / (size**2 + self.penalty))[:, None] * (left.T @ (answers - self.level))
        self.weights = right.T @ shrunk
        self.notes: dict[str, Any] = {"penalty": self.penalty, "parameters": int(self.weights.size)}
        if self.temperature is not None:
            self.notes["temperature"] = self.temperature

    def __call__(self, inputs: Floats) -> Floats:
        """Answers [n, outputs], chances where the answers are classes."""
        rows = self.scale(inputs) - self.middle
        # Row by row, for a product of matrices rounds differently with the number of rows.
        scores = self.level + np.stack([row @ self.weights for row in rows])
        if self.temperature is None:
            return np.asarray(scores)
        return smoothed(_softmax(scores / self.temperature), self.examples)


def _left_out(left: Floats, shrink: Floats, answers: Floats, blocks: NDArray[np.int64]) -> Floats:
    """What a ridge says about each block of rows when fitted to the other blocks, [n, outputs]."""
    fitted = answers.mean(axis=0) + left @ (shrink[:, None] * (left.T @ answers))
    residual = answers - fitted
    names = np.unique(blocks)
    if len(names) == 1:
        # Nothing is left to fit on: only the mean of all can be said.
        return np.broadcast_to(answers.mean(axis=0), answers.shape)
    if len(names) == len(blocks):
        own = 1 / len(left) + (left**2) @ shrink
        return np.asarray(answers - residual / np.maximum(1 - own, 1e-9)[:, None])
    out = np.empty_like(answers)
    for name in names:
        rows = np.flatnonzero(blocks == name)
        part = left[rows]
        hat = 1 / len(left) + (part * shrink) @ part.T
        out[rows] = answers[rows] - np.linalg.solve((1 + 1e-9) * np.eye(len(rows)) - hat, residual[rows])
    return out


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _log_loss(scores: Floats, answers: Floats) -> float:
    chances = smoothed(_softmax(scores), len(answers))
    return float(-np.mean(np.log((chances * answers).sum(axis=-1))))


def smoothed(chances: Floats, examples: int) -> Floats:
    """Chances [n, K] as if one more training example had been spread evenly over the K classes: never 0."""
    return np.asarray((examples * chances + 1 / chances.shape[-1]) / (examples + 1))


class Forest:
    """A random forest; chances are smoothed, since trees grown out say 0 of what they have not seen."""

    def __init__(self, inputs: Floats, answers: Floats, classes: bool, trees: int, seed: int) -> None:
        self.examples, self.outputs, self.classes = len(inputs), answers.shape[1], classes
        # One job: the runner shares out the cores. float32 is what the trees compare in.
        common = {"n_estimators": trees, "n_jobs": 1, "random_state": seed}
        if classes:
            self.model = RandomForestClassifier(**common)
            self.model.fit(_single(inputs), answers.argmax(axis=1))
        else:
            # A third of the inputs at each cut and no cut below 5 rows: Breiman's values for regression.
            self.model = RandomForestRegressor(max_features=1 / 3, min_samples_split=5, **common)
            self.model.fit(_single(inputs), answers[:, 0] if self.outputs == 1 else answers)
        self.notes: dict[str, Any] = {
            "trees": trees,
            "nodes": int(sum(tree.tree_.node_count for tree in self.model.estimators_)),
        }

    def __call__(self, inputs: Floats) -> Floats:
        """Answers [n, outputs], chances where the answers are classes."""
        if not self.classes:
            return np.asarray(self.model.predict(_single(inputs))).reshape(-1, self.outputs)
        chances = np.zeros((len(inputs), self.outputs))
        chances[:, self.model.classes_] = self.model.predict_proba(_single(inputs))
        return smoothed(chances, self.examples)


def _single(inputs: Floats) -> NDArray[np.float32]:
    """In single precision without overflow: trees look at the order of values only."""
    return np.clip(inputs, -1e38, 1e38).astype(np.float32)


class Flags:
    """Answers that are chances of a 1, kept off 0 and 1."""

    def __init__(self, learner: Learner, examples: int) -> None:
        self.learner, self.least, self.notes = learner, 1 / (examples + 2), learner.notes

    def __call__(self, inputs: Floats) -> Floats:
        """Chances [n, outputs]."""
        return np.clip(self.learner(inputs), self.least, 1 - self.least)


# Forecasting


@dataclass(frozen=True)
class Frame:
    """How a history becomes one row: the last `context` steps, told relative to their own level and scale.

    A row holds the lags of all channels, the covariates known ahead and the description of the targets.
    The answer is told as the distance from the value one season before (from the last value where the context
    is shorter than a season), in deviations of the context: levels and units do not matter.
    """

    task: Task
    context: int
    known: bool
    describe: Describe

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
        return spread((history if self.known else self.last(history))[:, : self.task.y.size])

    def row(self, history: Floats, ahead: Array | None) -> Floats:
        """The inputs at the end of one history."""
        recent = self.last(history)
        targets = self.task.y.size
        scale = self.scale(history)
        own = divide(recent[:, :targets] - recent[-1, :targets], scale)
        others = recent[:, targets:]
        parts = [own[:-1].ravel(), self.describe(own)]
        if ahead is None:
            parts.append((others - others[-1]).ravel())
        else:
            # As they are: a dummy that was 0 in the whole context has no unit of its own. Their effect is
            # relative to the covariate at the time of the base, which the lags hold.
            past = others.shape[1] - ahead.shape[1]
            parts.append((others[:, :past] - others[-1, :past]).ravel())
            known = np.concatenate([others[:, past:], ahead])
            parts.append(known.ravel())
        return np.concatenate(parts)


def _fit_forecast(task: Task, train: Split, describe: Describe, fit: Fit) -> Tabular:
    if task.y.symbols or task.x.symbols:
        raise Unsupported("a table of features forecasts numbers, not symbols")
    histories = [encoded(task, x, i) for i, x in enumerate(train.x)]
    frame = Frame(task, _context(task, train), len(train.ahead) > 0, describe)
    cut = _cut(task, train, frame.context)

    def inputs(split: Split, i: int) -> Floats:
        return frame.row(encoded(task, split.x[i], i), split.ahead[i] if len(split.ahead) else None)

    def finish(split: Split, i: int, answer: Floats) -> Array:
        history = task.x.encode(split.x[i])
        base = frame.base(frame.last(history))
        return base + frame.scale(history) * answer.reshape(task.steps, task.y.size)

    # A window that stands still has no unit to tell its answer in.
    moving = [i for i, x in enumerate(cut.x) if (frame.scale(x) > 0).any()]
    notes: dict[str, Any] = {"context": frame.context, "windows": len(moving), "series": len(histories)}
    if not moving:
        still = Still(task.steps * task.y.size)
        return Tabular(task, inputs, finish, still, {**notes, **still.notes})
    rows = np.stack([inputs(cut, i) for i in moving])
    answers = [divide(cut.y[i] - frame.base(frame.last(cut.x[i])), frame.scale(cut.x[i])) for i in moving]
    learner = fit(rows, np.stack(answers).reshape(len(rows), -1), _blocks(cut.take(moving)), False)
    return Tabular(task, inputs, finish, learner, {**notes, "features": rows.shape[1], **learner.notes})


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
