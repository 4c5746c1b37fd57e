"""Whole training series and the matrices of their lagged values, for the methods that look back in time."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]


def require_finite(sequence: Array, method: str) -> Floats:
    """The sequence as floats; ValueError in words where a value is missing or infinite."""
    values = np.asarray(sequence, dtype=np.float64)
    missing = int(values.size - np.isfinite(values).sum())
    if missing:
        raise ValueError(
            f"{method} needs finite values, but {missing} of {values.size} are missing or infinite; "
            "fill the gaps (for example by interpolation) before asking"
        )
    return values


def whole_series(task: Task, split: Split, method: str) -> dict[Hashable, Floats]:
    """The targets of every series as far as they are known, [T + S, task.y.size], by name of the series.

    Where several examples belong to one series the longest is taken: it holds the others.
    """
    longest: dict[Hashable, Floats] = {}
    for name, history, answer in zip(split.series, split.x, split.y, strict=True):
        series = require_finite(np.concatenate([history[:, : task.y.size], answer]), method)
        if name not in longest or len(series) > len(longest[name]):
            longest[name] = series
    return longest


def delay_windows(series: Floats, width: int) -> Floats:
    """All runs of `width` steps, [T - width + 1, width, channels]; row j ends at step j + width - 1."""
    if len(series) < width:
        return np.empty((0, width, series.shape[1]))
    views = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return np.ascontiguousarray(views.transpose(0, 2, 1))


def last_window(history: Floats, width: int) -> Floats:
    """The last `width` steps, [width, channels]; a short history is continued backwards by its first."""
    if len(history) < width:
        before = np.repeat(history[:1], width - len(history), axis=0)
        history = np.concatenate([before, history])
    return history[len(history) - width :]
