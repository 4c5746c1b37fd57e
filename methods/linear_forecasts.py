"""NLinear and DLinear: every forecast step is a linear combination of the last steps, fitted exactly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._history import context_steps
from recurbench.methods._linear_maps import (
    centre_spread,
    folds,
    latest,
    moments,
    ridge_map,
    scaled,
    squared_errors,
    targets,
    training_rows,
    trend_map,
)
from recurbench.methods._networks.blend import WEIGHTS, Blend, chosen_weight
from recurbench.methods._networks.late_part import LOOKS, late_part
from recurbench.methods._networks.references import repeated, smallest
from recurbench.methods._settings import AtLeast0, AtLeast1, Reference
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, windows

Floats = NDArray[np.float64]

# Ridge penalties, as shares of the mean square of a feature.
# With an infinite one the forecast is the last value.
PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, np.inf)
# The linear map must be better than the reference by this share of its loss, divided by the root of the
# number of windows that decide: a few windows are easily passed by chance.
CAUTION = 0.5
# Fewer training windows than SOME fit little more than a drift: the penalty is at least FIRM.
SOME, FIRM = 12, 10.0
FEW = 3  # windows; fewer cannot choose a weight
HALF = 0.5  # the largest weight then


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
    train = whole_series(task, train)
    found = solved(task, train, looks, anchored)
    chosen, how = Choice("none", 1.0), "nothing: the linear map alone was asked for"
    if reference != "none":
        early, late = late_part(task, train)
        if len(late) < FEW and task.season == 1:
            how = "nothing: train is too short to hold out three windows, so the weight is a half"
            chosen = halved("last" if reference == "auto" else reference, found, train)
        elif not (len(early) and len(late)):
            how = "nothing: train is too short to hold a part out, so the reference is used"
            chosen = Choice("seasonal" if reference == "auto" else reference, 0.0)
        else:
            how = "the last third of every series, by a map fitted on what comes before it"
            chosen = choose(solved(task, early, looks, anchored), train, late, reference)
            if len(late) < FEW and chosen.weight > HALF:
                chosen = halved(chosen.reference, found, train)
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
    penalties = [each for each in PENALTIES if each >= FIRM or len(rows) >= SOME]
    trials = [
        np.sum([squared_errors(held, ridge_map(rest, steps, share)) for rest, held in parts], axis=0)
        for share in penalties
    ]
    # With a single window there is no cross-validation: the infinite penalty is used.
    best = int(np.argmin([each.sum() for each in trials])) if parts else len(penalties) - 1
    total = moments(rows, terms, lookback)
    weights = terms[: lookback + 1, :-steps] @ ridge_map(total, steps, penalties[best])
    weights[lookback - 1] += 1.0 if anchored else 0.0
    # Of a single window, the errors that remain.
    errors = trials[best] if parts else squared_errors(total, ridge_map(total, steps, penalties[best]))
    notes = {
        "parameters": weights.size,
        "lookback": lookback,
        "windows": len(rows),
        "penalty": penalties[best] if np.isfinite(penalties[best]) else "infinite",
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


def halved(reference: str, found: LinearForecast, train: Split) -> Choice:
    """Half of the linear map, half of the reference: where hardly a window is held out to choose a weight.

    The deviation is the mean of both, which the deviation of the mean of the forecasts does not exceed.
    """
    own = naive_deviation(found.task, train, reference)
    return Choice(reference, HALF, None if own is None else (found.deviation + own) / 2)


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
        return np.asarray(np.sqrt(errors.sum(axis=0) / max(float(counted.sum()), 1e-300)))


def lookback_steps(task: Task, train: Split, lookback: int) -> int:
    """The lookback of the setting; 0 stands for the rule of `context_steps`. Unsupported for symbols."""
    if task.x.symbols or task.y.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
    if not len(train):
        raise Unsupported("the training part has no examples")
    if lookback < 0:
        raise ValueError(f"lookback must be a number of steps, or 0 for the rule, got {lookback}")
    return lookback or context_steps(task, train)


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
        (0, 0.25, 0.5 or 1) is chosen on the last third of every series. If that holds fewer than three
        windows, it is at most 0.5; without a period it is 0.5, and the reference the last value. "none": the
        linear map alone.
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
