"""The last part of every series, on which a linear map chooses its weight."""

from __future__ import annotations

import numpy as np
from recurbench.task import Split, Task, windows

LATE = 1 / 3  # of every series
LEAST = 2  # steps of history that the first part keeps
LOOKS = 500  # windows that are enough for the choice


def late_part(task: Task, train: Split) -> tuple[Split, Split]:
    """Split every series in time: what to fit on, and windows whose answers come after it.

    A series of less than two horizons and LEAST steps is not split; it stays whole in the first part.
    """
    early: list[Split] = []
    late: list[Split] = []
    whole = [len(x) + len(y) for x, y in zip(train.x, train.y, strict=True)]
    stride = max(1, task.steps // 2, int(sum(whole) * LATE) // LOOKS)
    for i, total in enumerate(whole):
        series = train.take([i])
        cut = total - max(int(total * LATE), task.steps)
        if total < 2 * task.steps + LEAST or len(train.y[i]) < task.steps:
            early.append(series)
            continue
        late.append(windows(task, series, stride=stride, shortest=cut))
        values = np.concatenate([train.x[i][:, : task.y.size], train.y[i]])
        early.append(Split([values[: cut - task.steps]], [values[cut - task.steps : cut]]))
    return _all(early), _all(late)


def _all(parts: list[Split]) -> Split:
    """The examples of all parts, without covariates known ahead and time stamps, which are not looked at."""
    return Split([x for part in parts for x in part.x], [y for part in parts for y in part.y])
