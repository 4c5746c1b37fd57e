"""From examples to the numbers a network reads: scaling learnt on train, and windows to forecast from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from recurbench.methods._history import context_steps, full_windows
from recurbench.methods._networks.examples import Examples, joined
from recurbench.methods._networks.references import REFERENCES, repeated, worth_trying
from recurbench.methods._preparation import Preparation, learn_preparation, refuse_unsuited
from recurbench.methods._scaling import View
from recurbench.task import Array, Split, Task, Unsupported, arithmetic, windows

TOGETHER = 64  # examples whose whole histories are in memory at once
MAX_WINDOWS = 1000  # more overlapping windows of the same few series take time and hardly help
TINY = 1e-9  # a penalty that keeps a solution finite without changing it


@dataclass(frozen=True)
class Coding:
    """The encoding of examples for a network. Everything in it is learnt on the training part alone.

    Attributes
    ----------
    view : View
        The transformation of forecasting examples that comes first. All other attributes describe the
        transformed examples.
    centre, spread : arrays [inputs]
        Forecasting: mean and standard deviation of each channel of x.
    y_centre, y_spread : arrays [K]
        The same of each channel of numeric answers.
    prepare : Preparation
        Brings every x to a length and a scale; not in forecasting.
    width : int or None
        Every x is then interpolated to this many steps; None keeps its length.
    context : int
        Forecasting: the steps of history that the network reads.
    known : int
        Forecasting: the number of covariates known ahead.
    reference : str
        Forecasting: "none", "mean", "last" or "seasonal". The network forecasts the error of this forecast.
    rivals : tuple of str
        If the reference was chosen: the others that a network is worth training for.
    effect : array [2, known, K] or None
        The linear effect on that error of changes in the covariates known ahead.
    usual : array [K] or None
        The median standard deviation of a window.
    longest : int
        Steps of the longest free answer in train, with its end symbol.
    """

    view: View
    centre: Array
    spread: Array
    y_centre: Array
    y_spread: Array
    width: int | None = None
    context: int = 0
    known: int = 0
    reference: str = "last"
    rivals: tuple[str, ...] = ()
    effect: Array | None = None
    usual: Array | None = None
    longest: int = 0
    prepare: Preparation = field(default_factory=Preparation)

    @property
    def task(self) -> Task:
        """The task after the view; its sizes are the sizes of the network."""
        return self.view.task

    @property
    def extras(self) -> int:
        """How many numbers known ahead an example has."""
        return int(self.known * self.task.steps)

    @property
    def notes(self) -> dict[str, Any]:
        """Length and scale of the series in words, as notes of a fit; not in forecasting."""
        notes = self.prepare.notes
        if self.width is not None and self.prepare.steps is None:
            notes["unequal"] = f"interpolated linearly to {self.width} steps"
        return notes

    def examples(self, split: Split) -> Examples:
        """Apply the view and encode. Each example of `split` gives `view.parts` encoded examples."""
        if self.reference != "mean":
            return self.encode(self.view.split(split, max(self.context, self.view.original.season)))
        # The mean is that of the whole history, which the view may copy: a few at a time.
        starts = range(0, len(split), TOGETHER)
        some = [split.take(range(start, min(start + TOGETHER, len(split)))) for start in starts]
        return joined([self.encode(self.view.split(part)) for part in some or [split]])

    def encode(self, split: Split) -> Examples:
        """Encode examples to which the view has been applied.

        Raises
        ------
        Unsupported
            If a value is missing.
        ValueError
            If a value is infinite, or an example has no steps.
        """
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
        x = self.prepare(_finite(self.task.x.encode(sequence), "x", i))
        return x if self.width is None else arithmetic.resample(x, self.width)

    def _target(self, y: Array, base: Array, scale: Array, i: int) -> Array:
        if self.task.y.symbols:
            symbols = np.asarray(y, dtype=np.int64)
            return np.append(symbols, self.task.y.size) if self.task.length == "free" else symbols
        y = _finite(np.asarray(y, dtype=np.float64), "y", i)
        if self.task.y.flags:
            return y
        # In a constant window the reference is the answer: the network has nothing to learn from it.
        moves = scale > 0
        return np.where(moves, (y - _first(base, len(y))) / np.where(moves, scale, 1.0), 0.0)

    def _forecast(self, split: Split, i: int) -> tuple[Array, Array, Array, Array]:
        """Context [context, inputs], covariates ahead [extras], reference [steps, K], spread [K]."""
        history = np.asarray(split.x[i], dtype=np.float64)
        recent = _finite(history[-self.context :], "x", i)
        n_own = history.shape[1] - self.known
        level, spread = self.view.level_and_unit(recent[:, :n_own])
        x = np.empty_like(recent)
        x[:, :n_own] = (recent[:, :n_own] - level) / np.where(spread > 0, spread, 1.0)
        # Covariates known ahead are scaled alike in all windows: a holiday flag keeps its meaning.
        x[:, n_own:] = (recent[:, n_own:] - self.centre[n_own:]) / self.spread[n_own:]
        x = np.concatenate([np.repeat(x[:1], self.context - len(x), axis=0), x])
        extra = np.empty(0)
        if self.known:
            ahead = _finite(np.asarray(split.ahead[i], dtype=np.float64), "ahead", i)
            extra = ((_first(ahead, self.task.steps) - self.centre[n_own:]) / self.spread[n_own:]).ravel()
        k = self.task.y.size
        base = _finite(self._reference(history, level)[:, :k], "x", i)
        if self.effect is not None:
            change = self.changes(extra, history, i)
            for j in range(k):
                base[:, j] += self.features(change, spread[j], j) @ self.effect[..., j].ravel()
        return x, extra, base, spread[:k]

    def _reference(self, history: Array, level: Array) -> Array:
        """The reference [steps, channels]; for "none" the `level` [own channels] that the view subtracts."""
        if self.reference != "none":
            return repeated(history, self.task.steps, self.task.season, self.reference)
        channels = np.concatenate([level, self.centre[len(level) :]])
        return np.repeat(channels[None], self.task.steps, axis=0)

    def changes(self, extra: Array, history: Array, i: int) -> Array:
        """The scaled covariates ahead minus those behind the reference.

        Behind "mean" is their mean over the history, behind "last" and "seasonal" their values at the steps
        that are repeated, and behind "none" their mean in train.

        Parameters
        ----------
        extra : array [steps * known]
            Scaled covariates ahead.
        history : array [T, channels]
            The history, not scaled.
        i : int
            The number of the example, for error messages.

        Returns
        -------
        array [steps, known]
        """
        n_own = history.shape[1] - self.known
        before = _finite(self._reference(history, self.centre[:n_own])[:, n_own:], "x", i)
        scaled = (before - self.centre[n_own:]) / self.spread[n_own:]
        return np.asarray(extra.reshape(self.task.steps, -1) - scaled)

    def features(self, change: Array, spread: float, j: int) -> Array:
        """`change` [steps, known] times the usual spread of target `j`, and times the window's spread.

        Returns
        -------
        array [steps, 2 * known]
        """
        usual = 1.0 if self.usual is None else self.usual[j]
        return np.concatenate([change * usual, change * spread], axis=1)


def learn_coding(
    task: Task,
    train: Split,
    *,
    width: int | None = None,
    context: int | None = None,
    reference: str = "auto",
    view: View | None = None,
    most: int = MAX_WINDOWS,
    unequal: str = "native",
    normalise: str = "auto",
) -> tuple[Coding, Split]:
    """Learn the encoding on the training part, and choose the examples to fit on.

    Parameters
    ----------
    task : Task
        The task as it is asked.
    train : Split
        The training part.
    width : int or None
        See `Coding`.
    context : int or None
        Steps of history to read in forecasting; None for the rule of `context_steps`.
    reference : str
        One of REFERENCES, or "auto" for the one with the smallest error on train.
    view : View or None
        See `Coding`; None changes nothing.
    most : int
        Forecasting: about how many windows to cut from `train`. Each gives `view.parts` examples.
    unequal, normalise : str
        See `_preparation`. A forecast is scaled by its view, the other answers of "auto" by "train".

    Returns
    -------
    coding : Coding
    fitted : Split
        The examples to fit on, after the view and before `Coding.encode`.

    Raises
    ------
    Unsupported
        If `train` is empty, a value is missing, or the task asks for something networks do not answer.
    ValueError
        If a setting is out of range, or a value is infinite.
    """
    if not len(train):
        raise Unsupported("the training part has no examples")
    if task.length == "free" and not task.y.symbols:
        raise Unsupported("answers of free length must be symbols, because numbers have no end symbol")
    if reference not in ("auto", *REFERENCES):
        raise ValueError(f"reference must be auto, {', '.join(REFERENCES)}, got {reference!r}")
    if most < 1:
        raise ValueError(f"windows must be at least 1, got {most}")
    forecasting = task.kind == "forecasting"
    view = View(task) if view is None else view
    task, train = view.task, view.split(train)
    # Only numbers have a scale, and a large vocabulary as one channel per symbol takes much memory.
    series = train.x if task.x.symbols else [_finite(task.x.encode(x), "x", i) for i, x in enumerate(train.x)]
    coding = Coding(view, *_plain(task.x.size), *_plain(task.y.size), width=width)
    if task.length == "free":
        coding = replace(coding, longest=1 + max(len(y) for y in train.y))
    if not forecasting:
        prepare = learn_preparation(task, series, unequal=unequal, normalise=normalise, auto="train")
        coding = replace(coding, prepare=prepare)
        if not (task.y.symbols or task.y.flags):
            y_centre, y_spread = _centre_spread([_finite(y, "y", i) for i, y in enumerate(train.y)])
            coding = replace(coding, y_centre=y_centre, y_spread=y_spread)
        return coding, train
    refuse_unsuited(task, unequal, normalise)
    if task.x.symbols or task.y.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
    known = train.ahead[0].shape[1] if len(train.ahead) else 0
    steps = context_steps(task, train) if context is None else context
    if steps < 1:
        raise ValueError(f"context must be at least 1 step, got {steps}")
    cut = training_windows(task, train, steps, most * view.parts)
    centre, spread = _centre_spread(series)
    coding = replace(coding, context=steps, known=known, reference=reference, centre=centre, spread=spread)
    return (best_reference(coding, cut) if reference == "auto" else with_effect(coding, cut)), cut


def training_windows(task: Task, train: Split, context: int, most: int = MAX_WINDOWS) -> Split:
    """Cut training windows from the series, evenly spread.

    Parameters
    ----------
    task : Task
        After the view.
    train : Split
        After the view.
    context : int
        Steps of history that each window should have, see `full_windows`.
    most : int
        About the largest number of windows.

    Raises
    ------
    Unsupported
        If no series is long enough for one window.
    """
    cut = full_windows(task, train, context, most)
    if not len(cut):
        cut = windows(task, train, shortest=1)
    if not len(cut):
        longest = max(len(x) + len(y) for x, y in zip(train.x, train.y, strict=True))
        raise Unsupported(
            f"the longest training series has {longest} steps, too few for a horizon of {task.steps}"
        )
    return cut


def best_reference(coding: Coding, cut: Split) -> Coding:
    """Choose the reference by the squared errors on the training windows `cut`, see `worth_trying`.

    Errors are divided by the standard deviation of the window. If windows are normalised, "none" is the last
    value and is not tried.
    """
    names = ["last", "seasonal", "mean"] + (["none"] if coding.view.normalise != "window" else [])
    codings = {name: with_effect(replace(coding, reference=name), cut) for name in names}
    errors = {
        name: float(np.mean(np.concatenate([y.ravel() for y in each.encode(cut).y]) ** 2))
        for name, each in codings.items()
    }
    best, *rivals = worth_trying(errors)
    return replace(codings[best], rivals=tuple(rivals))


def with_effect(coding: Coding, cut: Split) -> Coding:
    """Fit the linear effect of the covariates known ahead on the error of the reference, by ridge.

    The network forecasts what remains. Trained by gradient steps, it would overfit a few dozen windows before
    the weight of a covariate has grown.
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
    """Least-squares weights [features] of `b` [N] on `A` [N, features].

    The squared penalty is `share` of the mean square of the features.
    """
    gram = A.T @ A
    penalty = share * max(float(np.trace(gram)) / len(gram), TINY)
    return np.asarray(np.linalg.solve(gram + penalty * np.eye(len(gram)), A.T @ b))


def _plain(size: int) -> tuple[Array, Array]:
    """Mean 0 and standard deviation 1 of so many channels."""
    return np.zeros(size), np.ones(size)


def _centre_spread(sequences: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and standard deviation per channel over all steps; 1 for a constant channel."""
    together = np.concatenate([np.asarray(item, dtype=np.float64) for item in sequences])
    spread = arithmetic.spread(together)
    return together.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _first(values: Array, steps: int) -> Array:
    """The first `steps` rows of values [steps, K]; values [K] are returned as they are."""
    return values[:steps] if values.ndim == 2 else values


def _finite(values: Array, name: str, i: int) -> Array:
    values = np.asarray(values, dtype=np.float64)
    if not len(values):
        raise ValueError(
            f"{name} of example {i} has no steps; a network needs at least 1: leave the example out"
        )
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        refusal = Unsupported if np.isnan(values).any() else ValueError
        raise refusal(
            f"{name} of example {i} holds {bad} missing or infinite values of {values.size}; a network needs "
            "every value: fill the gaps first or choose a method that takes them"
        )
    return values
