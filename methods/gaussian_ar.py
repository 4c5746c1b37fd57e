"""Autoregression with normal errors: means, quantiles and densities of the next values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._embedding import Floats, known_targets, last_window, require_finite
from recurbench.methods._settings import AtLeast0
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Predictor
from scipy.stats import norm

# If the mean absolute steps of the series differ by more than this factor, every series gets its own scale.
SAME_SCALE = 3.0


@dataclass(frozen=True)
class Regression:
    """A linear regression on the columns `columns`, with a constant and a normal error."""

    columns: NDArray[np.int64]
    weights: Floats
    constant: float
    variance: float
    aicc: float


def least_squares(design: Floats, answer: Floats, choices: Sequence[NDArray[np.int64]]) -> list[Regression]:
    """Fit one regression per choice of columns of `design` [N, D], on the same rows, each with a constant.

    One QR factorisation is enough for all, because its triangle has the inner products of all columns.
    """
    rows, width = design.shape
    full = np.column_stack([np.ones(rows), design, answer])
    triangle: Floats = np.asarray(np.linalg.qr(full, mode="r"))
    least = _least_variance(answer)
    regressions = []
    for chosen in choices:
        picked = np.concatenate([[0], np.asarray(chosen, dtype=np.int64) + 1])
        solved = np.linalg.lstsq(triangle[:, picked], triangle[:, width + 1], rcond=None)[0]
        weights: Floats = np.asarray(solved, dtype=np.float64)
        errors = triangle[:, width + 1] - triangle[:, picked] @ weights
        squares = float(errors @ errors)
        freedom = len(picked) + 1
        if rows <= freedom + 1:
            continue
        likely = max(squares / rows, least)
        aicc = rows * np.log(likely) + 2.0 * freedom * rows / (rows - freedom - 1)
        variance = max(squares / max(1, rows - len(picked)), least)
        regressions.append(
            Regression(np.asarray(chosen), weights[1:], float(weights[0]), variance, float(aicc))
        )
    return regressions


def _least_variance(answers: Floats) -> float:
    """A lower bound on the variance of an error, for rounding: relative to the variance of answers [N]."""
    return 1e-12 * float(answers.var()) or 1e-14 * float(np.mean(answers**2)) or 1e-12


def lag_choices(order: int, season: int, room: int) -> list[tuple[int, ...]]:
    """Sets of lags to try, up to `room`: 1..p alone, and with the lags around one season or two seasons."""
    chosen = []
    for p in range(order + 1):
        near = range(1, p + 1)
        for seasons in range(3 if season > 1 else 1):
            far = [k * season + j for k in range(1, seasons + 1) for j in range(p + 1)]
            lags = tuple(sorted({*near, *far}))
            if not lags or lags[-1] <= room:
                chosen.append(lags)
    return list(dict.fromkeys(chosen))


@dataclass(frozen=True)
class NextValue:
    """The model of the next value of one channel: its d-th difference is an autoregression (d is 0 or 1)."""

    difference: int
    lags: NDArray[np.int64]
    phi: Floats
    beta: Floats  # weights of the covariates known ahead
    constant: float
    variance: float
    aicc: float

    @property
    def reach(self) -> int:
        """How many steps of history the mean depends on."""
        return int(self.lags.max(initial=0)) + self.difference

    def times(self, unit: float) -> NextValue:
        """The same model for values that are `unit` times as large."""
        return replace(
            self, beta=self.beta * unit, constant=self.constant * unit, variance=self.variance * unit**2
        )

    def polynomial(self) -> Floats:
        """Weights of the last `reach` values, newest first, with the difference multiplied out."""
        minus: Floats = np.zeros(int(self.lags.max(initial=0)) + 1)
        minus[0] = 1.0
        minus[self.lags] -= self.phi
        if self.difference:
            minus = np.append(minus, 0.0) - np.append(0.0, minus)
        return np.asarray(-minus[1:])

    def stable(self) -> bool:
        """Whether iterated forecasts stay bounded (roots of the autoregression inside the unit circle)."""
        plain = np.zeros(int(self.lags.max(initial=0)) + 1)
        plain[0] = 1.0
        plain[self.lags] -= self.phi
        return bool(np.abs(np.roots(plain)).max(initial=0.0) < 1.0 + 1e-6)

    def mean(self, values: Floats, known: Floats) -> float:
        """The mean of the next value.

        `values` [reach] are the last values, oldest first; `known` [2, covariates] are the covariates at the
        last and at the next step.
        """
        moved = known[1] - known[0] if self.difference else known[1]
        weights = self.polynomial()
        return float(self.constant + weights @ values[::-1][: len(weights)] + self.beta @ moved)

    def spreads(self, steps: int) -> Floats:
        """Standard deviations of the forecasts 1..steps, from the psi weights."""
        weights = self.polynomial()
        psi = np.zeros(steps)
        psi[0] = 1.0
        for k in range(1, steps):
            near = weights[:k]
            psi[k] = near @ psi[k - 1 :: -1][: len(near)]
        return np.asarray(np.sqrt(self.variance * np.cumsum(psi**2)))


def learn_next_value(series: Sequence[Floats], known: Sequence[Floats], order: int, season: int) -> NextValue:
    """Choose difference and lags by AICc, over all series [T] with covariates [T, k] together.

    Models of levels and of differences give the density of x_t given its past on the same rows. Their AICc
    are therefore comparable, and no unit root test is needed.
    """
    room = max(0, max(len(s) for s in series) // 3 - 1)
    choices = lag_choices(order, season, room)
    most = max((lags[-1] for lags in choices if lags), default=0)
    best: NextValue | None = None
    for difference in (0, 1):
        rows = [_rows(s, z, most, difference) for s, z in zip(series, known, strict=True)]
        design, answer = (np.concatenate(part) for part in zip(*rows, strict=True))
        width = design.shape[1] - most
        extra = np.arange(most, most + width)
        columns = [np.concatenate([np.array(lags, dtype=np.int64) - 1, extra]) for lags in choices]
        for regression in least_squares(design, answer, columns):
            cut = len(regression.columns) - width
            law = NextValue(
                difference,
                regression.columns[:cut] + 1,
                regression.weights[:cut],
                regression.weights[cut:],
                regression.constant,
                regression.variance,
                regression.aicc,
            )
            if (best is None or law.aicc < best.aicc) and law.stable():
                best = law
    return best or _still(series, known)


def _rows(values: Floats, known: Floats, most: int, difference: int) -> tuple[Floats, Floats]:
    """Lags 1..most and covariates, and the value, of every step that has them after one difference."""
    first = most + 1  # the same rows for both differences
    if len(values) <= first:
        return np.empty((0, most + known.shape[1])), np.empty(0)
    if difference:
        values = np.diff(values, prepend=values[0])
        known = np.diff(known, axis=0, prepend=known[:1])
    lags = [values[first - j : len(values) - j] for j in range(1, most + 1)]
    return np.column_stack([*lags, known[first:]]), values[first:]


def _still(series: Sequence[Floats], known: Sequence[Floats]) -> NextValue:
    """A random walk, for series that are too short to fit more."""
    moves = np.concatenate([np.diff(s) for s in series])
    variance = float(np.mean(moves**2)) if len(moves) else 0.0
    variance = max(variance, _least_variance(np.concatenate(series)))
    none = np.empty(0)
    return NextValue(1, none.astype(np.int64), none, np.zeros(known[0].shape[1]), 0.0, variance, np.inf)


class Forecaster:
    """Iterated forecasts; one model per channel, with the same coefficients for all series."""

    def __init__(self, task: Task, laws: Sequence[NextValue], rescale: bool) -> None:
        self.task = task
        self.laws = laws
        self.rescale = rescale
        self.notes: dict[str, Any] = {
            "lags": [[int(lag) for lag in law.lags] for law in laws],
            "difference": [law.difference for law in laws],
            "variance": [law.variance for law in laws],
            "own_scale_per_series": rescale,
            "parameters": sum(len(law.phi) + len(law.beta) + 2 for law in laws),
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with means [steps, size], or quantiles [steps, size, Q]."""
        return [self._answer(split, i) for i in range(len(split))]

    def log_likelihood(self, split: Split) -> list[Floats]:
        """Log density of every true answer, given the true values before, summed over channels: [S] each."""
        return [self._density(split, i) for i in range(len(split))]

    def _answer(self, split: Split, i: int) -> Floats:
        means, spreads = [], []
        past, known, scale = self._past(split, i)
        for channel, law in enumerate(self.laws):
            values = list(last_window(past[:, channel, None], max(1, law.reach))[:, 0] / scale[channel])
            for step in range(self.task.steps):
                values.append(law.mean(np.array(values[-max(1, law.reach) :]), known[step : step + 2]))
            means.append(np.array(values[-self.task.steps :]) * scale[channel])
            spreads.append(law.spreads(self.task.steps) * scale[channel])
        mean, spread = np.column_stack(means), np.column_stack(spreads)
        if not self.task.quantiles:
            return mean
        return np.asarray(mean[..., None] + spread[..., None] * norm.ppf(self.task.quantiles))

    def _density(self, split: Split, i: int) -> Floats:
        past, known, scale = self._past(split, i)
        truth = np.asarray(split.y[i], dtype=np.float64)
        total = np.zeros(len(truth))
        for channel, law in enumerate(self.laws):
            reach = max(1, law.reach)
            values = np.concatenate([last_window(past[:, channel, None], reach)[:, 0], truth[:, channel]])
            for step in range(len(truth)):
                mean = law.mean(values[step : step + reach] / scale[channel], known[step : step + 2])
                spread = np.sqrt(law.variance) * scale[channel]
                total[step] += norm.logpdf(truth[step, channel], mean * scale[channel], spread)
        return total

    def _past(self, split: Split, i: int) -> tuple[Floats, Floats, Floats]:
        """Targets [T, size], covariates known ahead (from the last step of the past on), scale [size]."""
        past = require_finite(split.x[i][:, : self.task.y.size], "gaussian-ar")
        known = np.empty((self.task.steps + 1, 0))
        if len(split.ahead):
            known = known_covariates(split, i)[len(past) - 1 :]
        scale = typical_step(past) if self.rescale else np.ones(past.shape[1])
        return past, known, scale


def known_covariates(split: Split, i: int) -> Floats:
    """The covariates known ahead, over history and answer: [T + steps, known]."""
    width = split.ahead[i].shape[1]
    return require_finite(
        np.concatenate([split.x[i][:, split.x[i].shape[1] - width :], split.ahead[i]]), "gaussian-ar"
    )


def typical_step(series: Floats) -> Floats:
    """Mean absolute step of every channel; the mean absolute value if it is constant; 1 if it is zero."""
    size = np.abs(series).mean(axis=0)
    moved = np.abs(np.diff(series, axis=0)).mean(axis=0) if len(series) > 1 else np.zeros(series.shape[1])
    return np.where(moved > 0, moved, np.where(size > 0, size, 1.0))


def _fit_forecaster(task: Task, train: Split, order: int) -> Forecaster:
    whole = whole_series(task, train)
    series = known_targets(task, whole, "gaussian-ar")
    steps = np.array([typical_step(each) for each in series])
    rescale = bool((steps.max(axis=0) > SAME_SCALE * steps.min(axis=0)).any())
    # In both cases the series are divided by a mean absolute step, so that no choice depends on the unit.
    scales = steps if rescale else np.tile(np.median(steps, axis=0), (len(steps), 1))
    known = _whole_covariates(whole, series)
    laws = []
    for channel in range(task.y.size):
        scaled = [each[:, channel] / scale[channel] for each, scale in zip(series, scales, strict=True)]
        law = learn_next_value(scaled, known, order, task.season)
        laws.append(law if rescale else law.times(float(scales[0, channel])))
    return Forecaster(task, laws, rescale)


def _whole_covariates(whole: Split, series: Sequence[Floats]) -> list[Floats]:
    """The covariates known ahead, [T, known], of every series [T, channels]."""
    if not len(whole.ahead):
        return [np.empty((len(each), 0)) for each in series]
    return [known_covariates(whole, i)[: len(each)] for i, each in enumerate(series)]


class Aligned:
    """Linear regression of y_t on x_t and earlier steps; one regression per channel of the answer."""

    def __init__(self, task: Task, centre: Floats, lags: Sequence[int], laws: Sequence[Regression]) -> None:
        self.task = task
        self.centre = centre
        self.lags = lags
        self.laws = laws
        self.notes: dict[str, Any] = {
            "past_steps": [int(lag) for lag in lags],
            "variance": [law.variance for law in laws],
            "parameters": sum(len(law.weights) + 2 for law in laws),
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with means [T, size], or quantiles [T, size, Q]."""
        means = [self._means(x) for x in split.x]
        if not self.task.quantiles:
            return list(means)
        spread = np.sqrt([law.variance for law in self.laws])
        return [mean[..., None] + spread[:, None] * norm.ppf(self.task.quantiles) for mean in means]

    def log_likelihood(self, split: Split) -> list[Floats]:
        """Log density of every true answer, summed over channels: [S] each."""
        spread = np.sqrt([law.variance for law in self.laws])
        return [
            np.asarray(norm.logpdf(y, self._means(x), spread).sum(axis=1))
            for x, y in zip(split.x, split.y, strict=True)
        ]

    def _means(self, x: Array) -> Floats:
        design = past_steps(_inputs(self.task, x) - self.centre, max(self.lags) + 1)
        return np.column_stack([law.constant + design[:, law.columns] @ law.weights for law in self.laws])


def _inputs(task: Task, x: Array) -> Floats:
    return require_finite(task.x.encode(x), "gaussian-ar")


def past_steps(x: Floats, width: int) -> Floats:
    """x_t, x_{t-1}, ... in one row per step, [T, width * channels]; zero before the first step."""
    steps, channels = x.shape
    beside = np.zeros((steps, width, channels))
    for lag in range(min(width, steps)):
        beside[lag:, lag] = x[: steps - lag]
    return beside.reshape(steps, width * channels)


def _fit_aligned(task: Task, train: Split, order: int) -> Aligned:
    inputs = [_inputs(task, x) for x in train.x]
    answers = np.concatenate([require_finite(y, "gaussian-ar") for y in train.y])
    centre = np.concatenate(inputs).mean(axis=0)
    channels = len(centre)
    # At most one weight for five rows, and at most half a sequence of past.
    half = len(answers) // (2 * len(inputs))
    width = max(1, min(order + 1, half, len(answers) // (5 * channels)))
    design = np.concatenate([past_steps(x - centre, width) for x in inputs])
    # Rows without a whole past are left out, if at least half of the rows have one.
    lived = np.concatenate([np.arange(len(x)) for x in inputs]) >= width - 1
    if 2 * lived.sum() >= len(lived):
        design, answers = design[lived], answers[lived]
    choices = [np.arange(0)] + [np.arange((lag + 1) * channels) for lag in range(width)]
    laws = []
    for channel in range(task.y.size):
        tried = least_squares(design, answers[:, channel], choices)
        if not tried:
            level = answers[:, channel]
            tried = [
                Regression(
                    np.arange(0), np.empty(0), level.mean(), max(level.var(), _least_variance(level)), np.inf
                )
            ]
        laws.append(min(tried, key=lambda law: law.aicc))
    widest = max(max(1, len(law.weights) // channels) for law in laws)
    return Aligned(task, centre, range(widest), laws)


@method("gaussian-ar", family="statistical", kinds={"forecasting", "labelling"})
def gaussian_ar(task: Task, train: Split, *, order: AtLeast0 = 30) -> Predictor:
    """Autoregression with normal errors; AICc chooses lags and differences (Hurvich and Tsai 1989).

    It is fitted by least squares. Forecasting: every channel depends on its own past, at near and at seasonal
    lags, and on covariates known ahead; forecasts are iterated, and quantiles are normal. Labelling with
    numbers: y_t depends on x_t, x_{t-1}, ... (AICc: Biometrika 76, 297-307.)

    Parameters
    ----------
    order : int
        The longest run of lags to try.
    """
    if order < 0:
        raise ValueError(f"order must be at least 0, got {order}")
    if task.kind == "forecasting":
        return _fit_forecaster(task, train, order)
    if task.y.symbols or task.y.flags:
        raise Unsupported("a normal distribution is for numbers; this task answers symbols or flags")
    return _fit_aligned(task, train, order)
