"""What forecasters of one series share: missing values, tests, transformations, and a naive fallback."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._series_notes import SeriesNotes
from recurbench.methods._standard import Standard
from recurbench.task import Array, Split, Task, Unsupported
from statsmodels.tsa.seasonal import STL

Floats = NDArray[np.float64]

# The 5 % critical value of the KPSS test of level stationarity (Kwiatkowski et al. 1992, table 1).
KPSS_LIMIT = 0.463
# Seasonal strength that calls for a seasonal difference (Wang, Smith and Hyndman 2006; R's nsdiffs).
STRENGTH_LIMIT = 0.64


def filled(history: Array, season: int) -> Floats:
    """Fill the missing values of one channel [T].

    A missing value becomes the value one season before, or the last one in the first season. Missing values
    before the first observation become that observation. ValueError if all values are missing.
    """
    values = np.array(history, dtype=np.float64)
    finite = np.isfinite(values)
    if finite.all() and len(values):
        return values
    seen = np.flatnonzero(finite)
    if len(seen) == 0:
        raise ValueError(
            f"a history of {len(values)} steps holds no finite value, at least one is needed; drop it"
        )
    values[: seen[0]] = values[seen[0]]
    for t in np.flatnonzero(~np.isfinite(values)):
        values[t] = values[t - season] if t >= season else values[t - 1]
    return values


def naive(history: Floats, season: int, steps: int) -> Floats:
    """The last season repeated, [steps]; the last value if the history is shorter than a season."""
    span = season if len(history) >= season else 1
    return np.resize(history[len(history) - span :], steps)


def naive_spread(history: Floats, season: int, steps: int) -> Floats:
    """Standard deviation [steps] of the errors of `naive`; it grows with the root of the seasons ahead."""
    span = season if len(history) > season else 1
    errors = history[span:] - history[:-span]
    scale = float(np.sqrt(np.mean(errors**2))) if len(errors) else 0.0
    spread: Floats = scale * np.sqrt(np.arange(steps) // span + 1.0)
    return spread


def quantile_lines(middle: Floats, spread: Floats, quantiles: tuple[float, ...]) -> Floats:
    """Quantiles [steps, Q] of normal distributions; `middle` [steps] itself if no level is asked for."""
    if not quantiles:
        return middle
    lines: Floats = middle[:, None] + spread[:, None] * [NormalDist().inv_cdf(q) for q in quantiles]
    return lines


def plausible(answer: Floats, history: Floats, widths: float = 10.0) -> bool:
    """Whether a forecast is finite and at most `widths` times the width of the history outside its range."""
    reach = widths * float(np.ptp(history)) + 1e-9 * float(np.abs(history).max())
    inside = (answer >= history.min() - reach) & (answer <= history.max() + reach)
    return bool(np.isfinite(answer).all() and inside.all())


def wants_log(history: Floats, season: int) -> bool:
    """Whether to take logarithms, because the standard deviation grows with the level (Guerrero 1993).

    The series is cut into blocks of whole seasons, of at least 8 steps. A logarithm is taken if all values
    are positive, the means of the blocks differ by a factor of 1.5 or more, and the logarithm of their
    standard deviation rises with that of their mean with slope and correlation of at least .5. Then the
    exponent of Guerrero is nearer 0 than 1. If the means differ by less, the choice makes no difference.
    """
    span = season * -(-8 // season)
    count = len(history) // span
    if count < 4 or history.min() <= 0:
        return False
    blocks = history[len(history) - count * span :].reshape(count, span)
    level, spread = blocks.mean(axis=1), blocks.std(axis=1)
    if level.max() < 1.5 * level.min() or spread.min() <= 0:
        return False
    a, b = np.log(level) - np.log(level).mean(), np.log(spread) - np.log(spread).mean()
    slope = float(a @ b / (a @ a))
    norms = (a @ a) * (b @ b)
    correlation = float(a @ b / np.sqrt(norms)) if norms > 0 else 0.0
    return slope >= 0.5 and correlation >= 0.5


def decompose(history: Floats, season: int) -> tuple[Floats, Floats, Floats]:
    """STL (Cleveland et al. 1990): trend, season and remainder, [T] each; needs two whole seasons."""
    parts = STL(history, period=season, seasonal=11).fit()
    return np.asarray(parts.trend), np.asarray(parts.seasonal), np.asarray(parts.resid)


def seasonal_strength(history: Floats, season: int) -> float:
    """1 - var(remainder) / var(season + remainder), at least 0; 0 for less than two whole seasons."""
    if season < 2 or len(history) <= 2 * season:
        return 0.0
    _, seasonal, remainder = decompose(history, season)
    total = float(np.var(seasonal + remainder))
    return max(0.0, 1.0 - float(np.var(remainder)) / total) if total > 0 else 0.0


def kpss(history: Floats) -> float:
    """KPSS statistic for a level (Kwiatkowski et al. 1992); Bartlett window of 3 sqrt(T)/13 lags."""
    n = len(history)
    errors = history - history.mean()
    lags = int(3 * np.sqrt(n) / 13)
    longrun = float(errors @ errors)
    for k in range(1, lags + 1):
        longrun += 2 * (1 - k / (lags + 1)) * float(errors[k:] @ errors[:-k])
    return float(np.sum(np.cumsum(errors) ** 2)) / (n * longrun) if longrun > 0 else 0.0


def differences(history: Floats, most: int) -> int:
    """How many first differences, at most `most`, until KPSS no longer rejects level stationarity at 5 %."""
    for count in range(most):
        if len(history) < 4 or kpss(history) <= KPSS_LIMIT:
            return count
        history = np.diff(history)
    return most


def fourier(start: int, stop: int, period: int, pairs: int) -> Floats:
    """Sines and cosines [stop - start, 2 pairs] of the first harmonics of `period` at steps start..stop-1."""
    angle = 2 * np.pi * np.outer(np.arange(start, stop), np.arange(1, pairs + 1)) / period
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def passes_seasonal_test(history: Floats, season: int) -> bool:
    """The test of the M4 competition: autocorrelation at one season beyond its 90 % limit.

    False for less than three seasons.
    """
    n = len(history)
    if season < 2 or n < 3 * season:
        return False
    errors = history - history.mean()
    variance = float(errors @ errors)
    if variance <= 0:
        return False
    # Autocovariances at lag 0 to one season: zeros follow, so every lag has its sum.
    acf = np.correlate(np.append(errors, np.zeros(season)), errors, "valid")[1:] / variance
    return bool(abs(acf[-1]) > 1.645 * np.sqrt((1 + 2 * np.sum(acf[:-1] ** 2)) / n))


def seasonal_factors(history: Floats, season: int, multiplicative: bool) -> Floats:
    """Seasonal indices [season] of classical decomposition; index 0 belongs to the first step.

    They are mean ratios to (or differences from) a centred moving average, scaled to mean 1 (or shifted to
    mean 0).
    """
    weights = np.full(season + 1 - season % 2, 1.0 / season)
    if season % 2 == 0:
        weights[[0, -1]] /= 2
    trend = np.convolve(history, weights, mode="valid")
    edge = len(weights) // 2
    inner = history[edge : edge + len(trend)]
    detrended = inner / trend if multiplicative else inner - trend
    phase = (np.arange(len(trend)) + edge) % season
    factors: Floats = np.bincount(phase, detrended, season) / np.bincount(phase, minlength=season)
    centred: Floats = factors / factors.mean() if multiplicative else factors - factors.mean()
    return centred


def deseasonalised(history: Floats, season: int, multiplicative: bool) -> tuple[Floats, Floats]:
    """The history [T] without its season by classical decomposition, and the seasonal indices [season]."""
    if season < 2:
        return history, np.full(1, 1.0 if multiplicative else 0.0)
    factors = seasonal_factors(history, season, multiplicative)
    phase = np.arange(len(history)) % season
    return (history / factors[phase] if multiplicative else history - factors[phase]), factors


class Model(Protocol):
    """A model fitted to one series."""

    @property
    def notes(self) -> dict[str, Any]:
        """What was fitted, ready for JSON."""

    def forecast(self, history: Floats, known: Floats | None, /) -> Floats:
        """Forecast [steps] or [steps, Q].

        Parameters
        ----------
        history : array [T]
            On the scale of the fit.
        known : array [T + steps, width] or None
            Covariates known ahead, over history and forecast.
        """


Fit = Callable[[Floats, Floats | None], Model]


class PerSeries:
    """One model per series and channel, fitted once and then applied to each longer history.

    A series that is not in train is fitted on its own history when it is asked about. So is a series whose
    training part cannot be fitted, for example because it is constant or too short, as soon as its history is
    longer than the training part. If a model cannot be fitted, or its forecast is not plausible, the seasonal
    naive forecast is the answer, and `notes` say why. Every series is standardised, so that the fit does not
    depend on its unit.

    Parameters
    ----------
    task : Task
    train : Split
    fit : callable
        Fits a model to a standardised history [T] and covariates known ahead [T, width] or None.
    transform : str
        "log", "none", or "auto" for the decision of `wants_log`. With a logarithm the answer is a median.
    zero : bool
        Whether to divide by the standard deviation only, without centring, for multiplicative models.
    gaps : bool
        Whether the model takes histories with missing values (NaN); otherwise they are filled in.
    reach : float
        A forecast that leaves the range of the history by more than so many times its width is not plausible.

    Raises
    ------
    Unsupported
        If the task is to forecast symbols.
    ValueError
        If `transform` is none of its values.
    """

    def __init__(
        self,
        task: Task,
        train: Split,
        fit: Fit,
        transform: str = "none",
        *,
        zero: bool = False,
        gaps: bool = False,
        reach: float = 10.0,
    ) -> None:
        if task.x.symbols or task.y.symbols:
            raise Unsupported("this method forecasts numbers, not symbols")
        if transform not in ("auto", "log", "none"):
            raise ValueError(f"transform must be auto, log or none, got {transform!r}")
        self.task, self._fit_one, self._transform, self._zero = task, fit, transform, zero
        self.notes = SeriesNotes()
        self._gaps, self._reach = gaps, reach
        self._trained: dict[tuple[Hashable, int], int] = {}  # steps that were fitted
        self._fitted: dict[tuple[Hashable, int], tuple[Model, Standard] | None] = {}
        self._failures: dict[tuple[Hashable, int], str] = {}  # the last reason why there is no model
        for name, i in _longest(train).items():
            ahead = train.ahead[i] if len(train.ahead) else None
            values = np.concatenate([train.x[i][:, : task.y.size], train.y[i]])
            known = _known(train.x[i], ahead, task.season)
            series: list[dict[str, Any]] = []
            for channel in range(task.y.size):
                history = filled(values[:, channel], task.season)
                seen = self._seen(values[:, channel], history)
                fitted = self._fit((name, channel), history, seen, known)
                self._fitted[name, channel], self._trained[name, channel] = fitted, len(history)
                log = fitted[1].log if fitted else self._wants_log(history)
                model_notes = {**fitted[0].notes, **fitted[1].notes} if fitted else {}
                series.append({"transform": "log" if log else "none", **model_notes})
            self.notes.add(name, series)
        self.notes.summarise()

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, channels] or [steps, channels, Q]."""
        answers = []
        for i, x in enumerate(split.x):
            ahead = split.ahead[i] if len(split.ahead) else None
            known = _known(x, ahead, self.task.season)
            channels = [self._answer(split.series[i], c, x[:, c], known) for c in range(self.task.y.size)]
            answers.append(np.stack(channels, axis=1))
        return answers

    def _seen(self, values: Array, history: Floats) -> Floats:
        """What the model is given: the history with or without its gaps."""
        return np.where(np.isfinite(values), history, np.nan) if self._gaps else history

    def _wants_log(self, history: Floats) -> bool:
        if self._transform != "auto":
            return self._transform == "log"
        scale = float(history.std())
        return scale > 0 and wants_log(history / scale, self.task.season)

    def _fit(
        self, key: tuple[Hashable, int], history: Floats, seen: Floats, known: Floats | None, when: str = ""
    ) -> tuple[Model, Standard] | None:
        log = self._wants_log(history)
        try:
            if np.ptp(history) <= 1e-12 * np.abs(history).max():
                raise ValueError("the series is constant")
            if log and history.min() <= 0:
                raise ValueError(f"a logarithm needs positive values, got {history.min():g}")
            standard = Standard.of(history, log=log, zero=self._zero)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return self._fit_one(standard(seen), known), standard
        except (ValueError, ArithmeticError, IndexError) as error:
            # A series that stays constant has one reason, not one for every origin.
            if self._failures.get(key) != str(error):
                self.notes.reason(f"series {key[0]}{when}: {error}")
            self._failures[key] = str(error)
            return None

    def _answer(self, name: Hashable, channel: int, values: Array, known: Floats | None) -> Floats:
        history = filled(values, self.task.season)
        seen = self._seen(values, history)
        fitted = self._fitted.get((name, channel))
        new = fitted is None and len(history) > self._trained.get((name, channel), 0)
        if new or (fitted and fitted[1].log and history.min() <= 0):
            trained = known[: len(history)] if known is not None else None
            what = "again" if (name, channel) in self._trained else "not in train"
            when = f", {what} after {len(history)} steps"
            fitted = self._fit((name, channel), history, seen, trained, when)
        try:
            if fitted is not None:
                model, standard = fitted
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    answer = standard.back(model.forecast(standard(seen), known))
                middle = _middle(answer, self.task.quantiles)
                if plausible(middle, history, self._reach) and np.isfinite(answer).all():
                    return answer
                times = "ten" if self._reach == 10.0 else f"{self._reach:g}"
                raise ValueError(
                    f"the forecast left the range of the history by more than {times} times its width"
                )
        except (ValueError, ArithmeticError, IndexError) as error:
            self.notes.reason(f"series {name} after {len(history)} steps: {error}")
        self.notes.fallback((name, channel, len(history)))
        season, steps = self.task.season, self.task.steps
        spread = naive_spread(history, season, steps)
        return quantile_lines(naive(history, season, steps), spread, self.task.quantiles)


def _longest(train: Split) -> dict[Hashable, int]:
    """The example with the longest history of every name, which has one model; the first of equal ones."""
    chosen: dict[Hashable, int] = {}
    for i, name in enumerate(train.series):
        if name not in chosen or len(train.x[i]) > len(train.x[chosen[name]]):
            chosen[name] = i
    return chosen


def _middle(answer: Floats, quantiles: tuple[float, ...]) -> Floats:
    return answer[:, quantiles.index(0.5)] if answer.ndim == 2 else answer


def _known(x: Array, ahead: Array | None, season: int) -> Floats | None:
    """The covariates known ahead, over history and answer [T + steps, width], or None."""
    if ahead is None or ahead.shape[1] == 0:
        return None
    values = np.concatenate([x[:, x.shape[1] - ahead.shape[1] :], ahead])
    columns: Sequence[Floats] = [filled(column, season) for column in values.T]
    return np.stack(columns, axis=1)
