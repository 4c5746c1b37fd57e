"""Random walks and tasks for the tests of methods on lags."""

from __future__ import annotations

from typing import Any

import numpy as np
from recurbench import Split, Task, Values

ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=4)
TWO = Task("forecasting", Values(4), Values(2), "fixed", steps=3, period=4)


def walk(steps: int = 60, channels: int = 1, seed: int = 0) -> Any:
    """A random walk [steps, channels]."""
    return np.random.default_rng(seed).normal(size=(steps, channels)).cumsum(axis=0)


def cut(*series: Any, task: Task = ONE) -> Split:
    """One example of each series: all but its last steps, and these as the answer."""
    y = [x[-task.steps :, : task.y.size] for x in series]
    return Split([x[: -task.steps] for x in series], y, series=tuple(range(len(series))))
