"""NLinear and DLinear: every forecast step is a linear combination of the last steps, fitted exactly."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods import _numeric
from recurbench.methods._history import context_steps, least_history
from recurbench.methods._networks.blend import WEIGHTS, Blend, chosen_weight
from recurbench.methods._networks.encoding import TINY
from recurbench.methods._networks.late_part import LOOKS, late_part
from recurbench.methods._networks.references import repeated, smallest
from recurbench.methods._settings import AtLeast0, AtLeast1, Reference
from recurbench.task import Array, windows

Floats = NDArray[np.float64]

ROWS = 100_000  # training windows times channels; more hardly change the weights
TOGETHER = 1024  # windows summed at once, which limits memory
BLOCKS = 5  # blocks of windows for cross-validation
# Ridge penalties, as shares of the mean square of a feature.
# With an infinite one the forecast is the last value.
PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, np.inf)
# The linear map must be better than the reference by this share of its loss, divided by the root of the
# number of windows that decide: a few windows are easily passed by chance.
CAUTION = 0.5


@dataclass(frozen=True)
class LinearForecast:
    """A fitted linear forecast.

    Steps are scaled by mean and standard deviation of the channel over the history.

    Attributes
    ----------
    task : Task
    weights : array [lookback + 1, steps]
        From the last steps and a 1 to the next steps, the same for every channel.
    deviation : array [steps]
        Standard deviation of the errors in cross-validation, on the same scale.
    notes : dict
    reference : str
        "none", "mean", "last" or "seasonal".
    blend : Blend
        Of the linear map with the reference.
    """

    task: Task
    weights: Floats
    deviation: Floats
    notes: dict[str, Any]
    reference: str = "none"
    blend: Blend = field(default_factory=Blend)

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with numbers [steps, channels], or quantiles [steps, channels, Q]."""
        return [self._answer(x, i) for i, x in enumerate(split.x)]

    def _answer(self, x: Array, i: int) -> Array:
        history = targets(self.task, x, f"x of example {i}")
        middle, spread = self.mapped(history), centre_spread(history)[1]
        if self.blend.weight < 1:
            base = repeated(history, self.task.steps, self.task.season, self.reference)
            middle = base + self.blend(middle - base)
        if not self.task.quantiles:
            return np.asarray(middle)
        levels = [NormalDist().inv_cdf(q) for q in self.task.quantiles]
        return np.asarray(middle[..., None] + (self.deviation[:, None] * spread)[..., None] * levels)

    def mapped(self, history: Floats) -> Floats:
        """The forecast [steps, K] of the linear map alone."""
        mean, spread = centre_spread(history)
        recent = scaled(latest(history, len(self.weights) - 1), mean, spread)
        return np.asarray(mean + spread * (recent.T @ self.weights[:-1] + self.weights[-1]).T)


def targets(task: Task, values: Array, name: str) -> Floats:
    """The channels to forecast, [T, K]; ValueError if a value is missing."""
    history = np.asarray(values[:, : task.y.size], dtype=np.float64)
    bad = int(np.count_nonzero(~np.isfinite(history)))
    if bad or not len(history):
        raise ValueError(
            f"{name} holds {bad} missing or infinite values of {history.size}; a linear forecast needs at "
            "least 1 step and no gaps: fill them first or choose a method that takes them"
        )
    return history


def centre_spread(history: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each channel; exactly 0 for a channel that only rounding changes."""
    return history.mean(axis=0), _numeric.spread(history)


def scaled(values: Floats, mean: Floats, spread: Floats) -> Floats:
    """Values in standard deviations from the mean; a constant channel becomes 0."""
    return np.where(spread > 0, (values - mean) / np.where(spread > 0, spread, 1.0), 0.0)


def latest(history: Floats, lookback: int) -> Floats:
    """The last `lookback` steps [lookback, K]; in a shorter history the first step is repeated."""
    recent = history[-lookback:]
    return np.concatenate([np.repeat(recent[:1], lookback - len(recent), axis=0), recent])


def training_rows(task: Task, train: Split, lookback: int) -> list[Floats]:
    """One array [lookback + steps, K] per training window: its past and its future, scaled by its series.

    Every window with `lookback` steps of past is used, thinned evenly above ROWS; for shorter series see
    `least_history`.
    """
    least = least_history(train, lookback)
    total = sum(max(1, len(x) - each + 1) for x, each in zip(train.x, least, strict=True)) * task.y.size
    rows: list[Floats] = []
    for shortest in (least, [1] * len(train)):
        for i in range(len(train) if not rows else 0):
            known = (
                targets(task, a, f"{n} of example {i}") for n, a in (("x", train.x[i]), ("y", train.y[i]))
            )
            mean, spread = centre_spread(np.concatenate(list(known)))
            cut = windows(task, train.take([i]), stride=-(-total // ROWS), shortest=shortest[i])
            for x, y in zip(cut.x, cut.y, strict=True):
                seen = latest(x[:, : task.y.size], lookback)
                rows.append(scaled(np.concatenate([seen, y]), mean, spread))
    # A constant past says nothing of what follows; such windows would teach the intercept only.
    telling = [row for row in rows if np.ptp(row[:lookback], axis=0).any()]
    rows = telling or rows
    if not rows:
        longest = max((len(x) + len(y) for x, y in zip(train.x, train.y, strict=True)), default=0)
        raise Unsupported(
            f"the longest training series has {longest} steps, too few for a horizon of {task.steps}"
        )
    return rows


def longest(train: Split) -> Split:
    """The longest example of every series, which holds the windows of the others.

    With all examples the same window would be fitted on and held out.
    """
    found: dict[Hashable, int] = {}
    for i, name in enumerate(train.series):
        kept = found.setdefault(name, i)
        if len(train.x[i]) + len(train.y[i]) > len(train.x[kept]) + len(train.y[kept]):
            found[name] = i
    return train.take(sorted(found.values()))


def moments(rows: list[Floats], terms: Floats, lookback: int) -> Floats:
    """Sums of products of `terms` over windows, [n, n].

    terms [lookback + 1 + steps, n] makes features, a constant and answers from (past, 1, future). The sums
    are all that least squares needs, to fit on some windows and to test on others.
    """
    sums = np.zeros((len(terms), len(terms)))
    for start in range(0, len(rows), TOGETHER):
        part = np.concatenate([row.T for row in rows[start : start + TOGETHER]])
        part = np.insert(part, lookback, 1.0, axis=1)
        sums += part.T @ part
    return np.asarray(terms.T @ sums @ terms)


def folds(rows: list[Floats], terms: Floats, lookback: int, gap: int) -> list[tuple[Floats, Floats]]:
    """Sums of products for cross-validation over blocks of windows: of what is fitted on, and of the block.

    The `gap` windows before and after a block share answers with it and are not fitted on, unless nothing
    else is left. Empty if there is a single window.
    """
    total = moments(rows, terms, lookback)
    found = []
    for block in np.array_split(np.arange(len(rows)), min(BLOCKS, len(rows))):
        start, end = int(block[0]), int(block[-1]) + 1
        near = rows[max(0, start - gap) : start] + rows[end : end + gap]
        held = moments(rows[start:end], terms, lookback)
        if len(near) + end - start < len(rows):
            found.append((total - held - moments(near, terms, lookback), held))
        elif end - start < len(rows):
            found.append((total - held, held))
    return found


def ridge_map(sums: Floats, steps: int, share: float) -> Floats:
    """Ridge weights [features + 1, steps] from sums of products of (features, 1, answers).

    The intercept is not penalised, unless the share is infinite: then all weights are 0.
    """
    gram, wanted = sums[:-steps, :-steps], sums[:-steps, -steps:]
    if np.isinf(share):
        return np.zeros(wanted.shape)
    penalty = share * (float(np.trace(gram[:-1, :-1])) / max(len(gram) - 1, 1)) + TINY
    return np.asarray(np.linalg.solve(gram + np.diag([penalty] * (len(gram) - 1) + [TINY]), wanted))


def squared_errors(sums: Floats, weights: Floats) -> Floats:
    """The sum of squared errors [steps] of `weights` on the windows behind `sums`."""
    error = np.concatenate([-weights, np.eye(weights.shape[1])])
    # Rounding may give a sum slightly below 0 if the fit is exact.
    return np.asarray(np.maximum(np.einsum("ij,ij->j", error, sums @ error), 0.0))


def fitted(
    task: Task, train: Split, looks: Floats, anchored: bool, reference: Reference, notes: dict[str, Any]
) -> LinearForecast:
    """Fit a linear map, and choose the reference and the weight of the map on the last part of every series.

    Parameters
    ----------
    task : Task
    train : Split
    looks : array [lookback, features]
        Makes the features from the last steps.
    anchored : bool
        Whether the last step is subtracted from the answers, and added again to the forecast.
    reference : str
        One of REFERENCES, or "auto".
    notes : dict
        Further notes.
    """
    train = longest(train)
    found = solved(task, train, looks, anchored)
    chosen = Choice("none", 1.0)
    early, late = late_part(task, train)
    how = "nothing: the linear map alone was asked for"
    if reference != "none" and len(early) and len(late):
        how = "the last third of every series, by a map fitted on what comes before it"
        chosen = choose(solved(task, early, looks, anchored), train, late, reference)
    elif reference != "none":
        how = "nothing: train is too short to hold a part out, so the reference is used"
        chosen = Choice("seasonal" if reference == "auto" else reference, 0.0)
    deviation = found.deviation if chosen.deviation is None else chosen.deviation
    notes = found.notes | notes
    notes |= {"reference": chosen.reference, "weight": chosen.weight, "weight_chosen_on": how}
    notes["reference_used"] = chosen.weight == 0
    return LinearForecast(task, found.weights, deviation, notes, chosen.reference, Blend(chosen.weight))


def solved(task: Task, train: Split, looks: Floats, anchored: bool) -> LinearForecast:
    """Fit ridge weights; cross-validation over blocks of windows chooses the penalty. See `fitted`."""
    lookback, steps = len(looks), task.steps
    terms = np.zeros((lookback + 1 + steps, looks.shape[1] + 1 + steps))
    terms[:lookback, : looks.shape[1]] = looks
    terms[lookback:, looks.shape[1] :] = np.eye(1 + steps)
    terms[lookback - 1, -steps:] = -1.0 if anchored else 0.0
    rows = training_rows(task, train, lookback)
    parts = folds(rows, terms, lookback, steps - 1)
    trials = [
        np.sum([squared_errors(held, ridge_map(rest, steps, share)) for rest, held in parts], axis=0)
        for share in PENALTIES
    ]
    # With a single window there is no cross-validation: the infinite penalty is used.
    best = int(np.argmin([each.sum() for each in trials])) if parts else len(PENALTIES) - 1
    total = moments(rows, terms, lookback)
    weights = terms[: lookback + 1, :-steps] @ ridge_map(total, steps, PENALTIES[best])
    weights[lookback - 1] += 1.0 if anchored else 0.0
    # Of a single window, the errors that remain.
    errors = trials[best] if parts else squared_errors(total, ridge_map(total, steps, PENALTIES[best]))
    notes = {
        "parameters": weights.size,
        "lookback": lookback,
        "windows": len(rows),
        "penalty": PENALTIES[best] if np.isfinite(PENALTIES[best]) else "infinite",
        "solved": "exactly: ridge over all windows and channels, the penalty chosen on blocks left out",
        "covariates": "not looked at",
    }
    return LinearForecast(task, weights, np.sqrt(errors / (len(rows) * rows[0].shape[1])), notes)


@dataclass(frozen=True)
class Choice:
    """The reference, the weight of the linear map, and the deviation [steps] of the errors of their blend.

    The deviation is None if the weight is 1: then that of the cross-validation is used.
    """

    reference: str
    weight: float
    deviation: Floats | None = None


def choose(found: LinearForecast, train: Split, late: Split, reference: str) -> Choice:
    """Choose the reference on windows of all of train, and the weight on `late`.

    A reference needs no fit, so windows from before the late part count, too. Its squared errors are divided
    by the variance of the last steps, as for networks; those that decide the weight by that of the history.
    """
    task = found.task
    names = ("last", "seasonal", "mean") if reference == "auto" else (reference,)
    if len(names) > 1:
        total = sum(len(x) for x in train.x)
        lookback = len(found.weights) - 1
        cut = windows(task, train, stride=max(1, total // LOOKS), shortest=lookback)
        tried = {name: Trial.of(task, cut if len(cut) else late, name, lookback) for name in names}
        names = (smallest({name: float(each.errors(each.base).mean()) for name, each in tried.items()}),)
    trial = Trial.of(task, late, names[0])
    mapped = np.array([found.mapped(each) for each in trial.seen])
    errors = [trial.errors(trial.base + Blend(weight)(mapped - trial.base)) for weight in WEIGHTS]
    losses = np.array([each.sum(axis=1) for each in errors])
    caution = 1 + CAUTION * np.array(WEIGHTS) / np.sqrt(len(trial.seen))
    weight = chosen_weight(losses * caution[:, None], np.full(len(trial.seen), float(task.steps)))
    if weight == 0:
        return Choice(names[0], weight, naive_deviation(task, train, names[0]))
    deviation = trial.deviation(errors[WEIGHTS.index(weight)]) if weight < 1 else None
    return Choice(names[0], weight, deviation)


def naive_deviation(task: Task, train: Split, reference: str) -> Floats | None:
    """The deviation [steps] of the errors of a reference on windows of all of train; None without a window.

    A reference needs no fit, so no window has to be held out. Errors are divided by the deviation of the
    whole series: that of the first few steps says nothing of it. Windows with a constant past do not count.
    """
    total, found = sum(len(x) for x in train.x), []
    for i in range(len(train)):
        least = min(max(2, task.season), len(train.x[i]))
        cut = windows(task, train.take([i]), stride=max(1, total // LOOKS), shortest=least)
        if len(cut):
            trial = Trial.of(task, cut, reference)
            whole = np.concatenate([train.x[i][:, : task.y.size], train.y[i]])
            known = np.isfinite(trial.spread[:, 0])
            spread = np.where(known, centre_spread(whole)[1], np.inf)[:, None]
            again = replace(trial, spread=spread)
            found.append((again.errors(trial.base).sum(axis=0), known.mean(axis=1).sum()))
    counted = sum(count for _, count in found)
    return np.asarray(np.sqrt(np.sum([errors for errors, _ in found], axis=0) / counted)) if counted else None


@dataclass(frozen=True)
class Trial:
    """Windows on which a reference is tried.

    Attributes
    ----------
    seen : list of arrays [T, K]
        The history of every window.
    y, base : arrays [N, steps, K]
        The true answers, and those of the reference.
    spread : array [N, 1, K]
        The deviation of each history, or of its last steps; infinite for a constant channel, which then does
        not count.
    """

    seen: list[Floats]
    y: Floats
    base: Floats
    spread: Floats

    @classmethod
    def of(cls, task: Task, cut: Split, reference: str, recent: int = 0) -> Trial:
        """The windows `cut` with a reference; deviations of the last `recent` steps, or of all for 0."""
        seen = [targets(task, x, f"x of example {i}") for i, x in enumerate(cut.x)]
        spread = np.array([centre_spread(each[-recent:])[1] for each in seen])
        spread = np.where(spread > 0, spread, np.inf)
        base = [repeated(each, task.steps, task.season, reference) for each in seen]
        return cls(seen, np.array(cut.y)[..., : task.y.size], np.array(base), spread[:, None])

    def errors(self, forecast: Floats) -> Floats:
        """The squared errors [N, steps] of a forecast [N, steps, K], a mean over channels."""
        return np.asarray((((forecast - self.y) / self.spread) ** 2).mean(axis=2))

    def deviation(self, errors: Floats) -> Floats:
        """The deviation [steps] of squared errors [N, steps]; constant windows do not count."""
        counted = np.isfinite(self.spread[:, 0]).mean(axis=1)
        return np.sqrt(errors.sum(axis=0) / max(float(counted.sum()), 1e-300))


def lookback_steps(task: Task, train: Split, lookback: int) -> int:
    """The lookback of the setting; 0 stands for the rule of `context_steps`. Unsupported for symbols."""
    if task.x.symbols or task.y.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
    if not len(train):
        raise Unsupported("the training part has no examples")
    if lookback < 0:
        raise ValueError(f"lookback must be a number of steps, or 0 for the rule, got {lookback}")
    return lookback or context_steps(task, train)


def trend_map(lookback: int, kernel: int) -> Floats:
    """[lookback, lookback]: column t averages `kernel` steps around t; the end values are repeated."""
    before = (kernel - 1) // 2
    ends = np.pad(np.eye(lookback), ((0, 0), (before, kernel - 1 - before)), mode="edge")
    return np.stack([ends[:, t : t + kernel].mean(axis=1) for t in range(lookback)], axis=1)


@method("nlinear", family="statistical", kinds={"forecasting"}, search={"lookback": (0, 48, 96, 336)})
def nlinear(
    task: Task, train: Split, *, lookback: AtLeast0 = 0, reference: Reference = "auto"
) -> LinearForecast:
    """NLinear: linear regression on the last steps, relative to the very last one (Zeng et al. 2022).

    The weights are the same for all channels, and each channel is forecast from its own past. Covariates are
    not used. Ridge regression gives the weights exactly, without gradient steps (Toner and Darlow 2024).

    Parameters
    ----------
    lookback : int
        Steps to read; 0 takes as many as the networks do.
    reference : str
        "mean" of the history, "last" value or "seasonal" (the last season); "auto" takes the one with the
        smallest error on train. The forecast is reference + weight * (linear map - reference). The weight
        (0, 0.25, 0.5 or 1) is chosen on the last third of every series. "none": the linear map alone.
    """
    steps = lookback_steps(task, train, lookback)
    looks = np.eye(steps)[:, :-1]
    looks[-1] -= 1.0
    return fitted(task, train, looks, True, reference, {})


@method("dlinear", family="statistical", kinds={"forecasting"}, search={"lookback": (0, 48, 96, 336)})
def dlinear(
    task: Task,
    train: Split,
    *,
    lookback: AtLeast0 = 0,
    kernel: AtLeast1 = 25,
    reference: Reference = "auto",
) -> LinearForecast:
    """DLinear: linear regression on a moving average of the last steps and on the rest (Zeng et al. 2022).

    The weights are the same for all channels, and each channel is forecast from its own past. Covariates are
    not used. Ridge regression gives the weights exactly, and shrinks the forecast towards the last value.
    Without the penalty the sum of both parts would be a plain linear regression (Toner and Darlow 2024).

    Parameters
    ----------
    lookback : int
        Steps to read; 0 takes as many as the networks do.
    kernel : int
        Steps of the moving average.
    reference : str
        See nlinear.
    """
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1 step, got {kernel}")
    trend = trend_map(lookback_steps(task, train, lookback), kernel)
    looks = np.hstack([trend, np.eye(len(trend)) - trend])
    return fitted(task, train, looks, True, reference, {"kernel": kernel})
