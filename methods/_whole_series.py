"""Every series of a training part once, where several of its examples are origins of one series."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from recurbench.task import Split, Task


def whole_series(task: Task, train: Split) -> Split:
    """The example with the longest history of every series; an earlier origin of the same series is left out.

    A window is then cut once, and a part that is held out from the end of a series is not known from a later
    example. An example that is no earlier origin of a longer one of its name is kept beside it.

    Parameters
    ----------
    task : Task
        A forecast of numbers.
    train : Split
        Examples with their answers.

    Returns
    -------
    Split
        Some of the examples, in their order, with their names.
    """
    kept: dict[Hashable, list[int]] = {}
    for i in sorted(range(len(train)), key=lambda i: -len(train.x[i])):
        # An earlier origin has the first step of the longer example, so only those are compared.
        alike = kept.setdefault((train.series[i], train.x[i][:1].tobytes()), [])
        if not any(_continues(task, train, i, j) for j in alike):
            alike.append(i)
    return train.take(sorted(i for alike in kept.values() for i in alike))


def _continues(task: Task, train: Split, i: int, j: int) -> bool:
    """Whether example `j` holds all that example `i` holds: its history, and then its answers."""
    x, y, k = train.x[i], train.y[i], task.y.size
    later = np.concatenate([train.x[j][len(x) :, :k], train.y[j]])
    return np.array_equal(x, train.x[j][: len(x)], equal_nan=True) and np.array_equal(
        y, later[: len(y)], equal_nan=True
    )
