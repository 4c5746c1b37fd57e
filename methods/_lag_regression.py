"""A scikit-learn regressor that predicts the next value from the last ones, fitted to all series at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from recurbench.methods._seasonal import Floats, filled
from recurbench.methods._standard import settled
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Split, Task, Unsupported
from recurbench.task.arithmetic import divide, spread
from sklearn.base import clone


class LagRegression:
    """One regressor for all series and channels; longer forecasts continue its own predictions.

    Every window is standardised by its own mean and standard deviation, and so is the value after it. The
    covariates known ahead are further inputs, with their values at the step to predict. A history shorter
    than the window is extended backwards by its first value. If no series is long enough for a window, or all
    are constant, the last value is the forecast. There are no quantiles.

    Parameters
    ----------
    task : Task
    train : Split
    regressor : object
        With `fit(X, y)` and `predict(X)`; a copy is fitted.
    lags : int or None
        Length of a window. None: one season or one horizon, whichever is longer, at most half of the longest
        series.

    Raises
    ------
    Unsupported
        If the task is to forecast symbols.
    ValueError
        If `lags` is below 1.
    """

    def __init__(self, task: Task, train: Split, regressor: Any, lags: int | None = None) -> None:
        if task.x.symbols or task.y.symbols:
            raise Unsupported("this method forecasts numbers, not symbols")
        if lags is not None and lags < 1:
            raise ValueError(f"lags must be at least 1, got {lags}")
        self._task = task
        longest = max((len(x) + len(y) for x, y in zip(train.x, train.y, strict=True)), default=0)
        self._lags = lags or max(1, min(max(task.season, task.steps), longest // 2))
        self._width = train.ahead[0].shape[1] if len(train.ahead) else 0
        known = [
            _covariates(x, ahead, task.season) for x, ahead in zip(train.x, train.ahead, strict=False)
        ] or [np.zeros((1, 0))]
        self._centre = np.concatenate(known).mean(axis=0)
        self._scale = spread(np.concatenate(known))
        inputs, answers = self._windows(train)
        self._model = clone(regressor).fit(inputs, answers) if len(answers) else None
        self.notes: dict[str, Any] = {
            "forecaster": repr(regressor)[:200],
            "lags": self._lags,
            "windows": len(answers),
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, channels]."""
        if not len(split):
            return []
        channels = self._task.y.size
        recent = np.stack([self._recent(x[:, c]) for x in split.x for c in range(channels)])
        ahead = [self._scaled(part) for part in split.ahead] if self._width else []
        coming = np.repeat(np.stack(ahead), channels, axis=0) if ahead else None
        answers = np.empty((len(recent), self._task.steps))
        for step in range(self._task.steps):
            known = None if coming is None else coming[:, step]
            answers[:, step] = self._next(recent[:, -self._lags :], known)
            recent = np.concatenate([recent, answers[:, step : step + 1]], axis=1)
        return [part.T for part in answers.reshape(len(split), channels, self._task.steps)]

    def _recent(self, history: Array) -> Floats:
        values = filled(history, self._task.season)[-self._lags :]
        return np.concatenate([np.full(self._lags - len(values), values[0]), values])

    def _scaled(self, known: Array) -> Floats:
        columns = [filled(column, self._task.season) for column in known.T]
        return settled(divide(np.stack(columns, axis=1) - self._centre, self._scale))

    def _next(self, windows: Floats, known: Floats | None) -> Floats:
        """The value after each window [n, lags]."""
        inputs, level, unit = _standardised(windows)
        if self._model is None:
            return windows[:, -1]
        columns = inputs if known is None else np.concatenate([inputs, known], axis=1)
        told = np.asarray(self._model.predict(columns), dtype=np.float64).reshape(len(windows))
        return np.asarray(level + unit * told)

    def _windows(self, train: Split) -> tuple[Floats, Floats]:
        """Inputs [n, lags + covariates] and answers [n] of every window that is not constant."""
        inputs, answers = [np.zeros((0, self._lags + self._width))], [np.zeros(0)]
        series = whole_series(self._task, train)
        for i, x in enumerate(series.x):
            values = np.concatenate([x[:, : self._task.y.size], series.y[i]])
            if len(values) <= self._lags:
                continue
            known = None
            if self._width:
                covariates = _covariates(x, series.ahead[i], self._task.season)
                known = settled(divide(covariates - self._centre, self._scale))[self._lags :]
            for channel in values.T:
                windows = sliding_window_view(filled(channel, self._task.season), self._lags + 1)
                scaled, level, unit = _standardised(windows[:, :-1])
                moving = unit > 0
                columns = scaled if known is None else np.concatenate([scaled, known], axis=1)
                inputs.append(columns[moving])
                answers.append(settled(divide(windows[:, -1] - level, unit))[moving])
        return np.concatenate(inputs), np.concatenate(answers)


def _standardised(windows: Floats) -> tuple[Floats, Floats, Floats]:
    """Windows [n, lags] with mean 0 and standard deviation 1 (0 if constant), their means and deviations."""
    level, unit = windows.mean(axis=1), spread(windows.T)
    return settled(divide(windows - level[:, None], unit[:, None])), level, unit


def _covariates(x: Array, ahead: Array, season: int) -> Floats:
    """The covariates known ahead, over history and answer [T + steps, width]."""
    values = np.concatenate([x[:, x.shape[1] - ahead.shape[1] :], ahead])
    columns: Sequence[Floats] = [filled(column, season) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((len(values), 0))
