"""Every series of a training part once, where several of its examples are origins of one series."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from recurbench.task import Split, Task


def longest_histories(train: Split) -> dict[Hashable, int]:
    """The number of the example with the longest history, for every series; the first of equal ones."""
    chosen: dict[Hashable, int] = {}
    for i, name in enumerate(train.series):
        if name not in chosen or len(train.x[i]) > len(train.x[chosen[name]]):
            chosen[name] = i
    return chosen


def whole_series(task: Task, train: Split) -> Split:
    """The example with the longest history of every series; an earlier origin of the same series is left out.

    A window is then cut once, and a part that is held out from the end of a series is not known from a later
    example. An example that is no earlier origin of the longest one of its name is kept as a series of its
    own.

    Parameters
    ----------
    task : Task
        A forecast of numbers.
    train : Split
        Examples with their answers.

    Returns
    -------
    Split
        Some of the examples, in their order; each is a series of its own.
    """
    longest: dict[Hashable, list[int]] = {}
    for i in sorted(range(len(train)), key=lambda i: -len(train.x[i])):
        kept = longest.setdefault(train.series[i], [])
        if not any(_continues(task, train, i, j) for j in kept):
            kept.append(i)
    chosen = train.take(sorted(i for kept in longest.values() for i in kept))
    return Split(chosen.x, chosen.y, chosen.ahead, (), chosen.time)


def _continues(task: Task, train: Split, i: int, j: int) -> bool:
    """Whether example `j` holds all that example `i` holds: its history, and then its answers."""
    x, y, k = train.x[i], train.y[i], task.y.size
    later = np.concatenate([train.x[j][len(x) :, :k], train.y[j]])
    return np.array_equal(x, train.x[j][: len(x)], equal_nan=True) and np.array_equal(
        y, later[: len(y)], equal_nan=True
    )
