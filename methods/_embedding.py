"""Whole training series, and matrices of their lagged values (delay embedding)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]


def require_finite(sequence: Array, method: str) -> Floats:
    """The sequence as floats; ValueError if a value is missing or infinite."""
    values = np.asarray(sequence, dtype=np.float64)
    missing = int(values.size - np.isfinite(values).sum())
    if missing:
        raise ValueError(
            f"{method} needs finite values, but {missing} of {values.size} are missing or infinite; "
            "fill the gaps (for example by interpolation) first"
        )
    return values


def known_targets(task: Task, split: Split, method: str) -> list[Floats]:
    """The known values of every example: the targets [T + S, task.y.size], answers included."""
    return [
        require_finite(np.concatenate([x[:, : task.y.size], y]), method)
        for x, y in zip(split.x, split.y, strict=True)
    ]


def delay_windows(series: Floats, width: int) -> Floats:
    """All windows of `width` steps, [T - width + 1, width, channels]; window j ends at step j + width - 1."""
    if len(series) < width:
        return np.empty((0, width, series.shape[1]))
    views = np.lib.stride_tricks.sliding_window_view(series, width, axis=0)
    return np.ascontiguousarray(views.transpose(0, 2, 1))


def last_window(history: Floats, width: int) -> Floats:
    """The last `width` steps, [width, channels]; in a shorter history the first step is repeated."""
    if len(history) < width:
        before = np.repeat(history[:1], width - len(history), axis=0)
        history = np.concatenate([before, history])
    return history[len(history) - width :]
