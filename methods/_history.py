"""How many steps of history a forecast reads, and which training windows are long enough for it."""

from __future__ import annotations

import numpy as np
from recurbench.task import Split, Task, joined, windows


def median_history(series: Split) -> int:
    """The median number of steps of the histories; a few short or long series do not change it."""
    return int(np.median([len(x) for x in series.x]))


def context_steps(task: Task, series: Split) -> int:
    """The default number of history steps that a forecast reads.

    It is the largest of 24 steps, two horizons and two seasons (one season if it is longer than 100 steps).
    If the median history has less than twice that, it is half of the median history, but a whole season if
    that has one. Then several training windows remain of most series. Shorter histories are filled up in
    front, so the shortest series does not decide for all.
    """
    seasons = 2 * task.season if task.season <= 100 else task.season
    middle = median_history(series)
    room = max(middle // 2, min(task.season, middle), 1)
    return min(max(seasons, 2 * task.steps, 24), room)


def least_history(series: Split, context: int) -> list[int]:
    """The fewest steps of history that a training window of each series must have.

    It is `context`, or the median history if that is shorter. For a series with a shorter history it is all
    of that: the series gives a single window, which the method fills up in front. A history of less than half
    of the steps is too short: the series gives none, because it would teach the filling. Its forecast can
    still be asked for.
    """
    enough = max(1, min(context, median_history(series))) if len(series) else context
    return [min(enough, len(x)) if 2 * len(x) >= enough else enough for x in series.x]


def full_windows(task: Task, series: Split, context: int, most: int) -> Split:
    """Windows of all series, evenly spread, with at least the history of `least_history`.

    Parameters
    ----------
    task : Task
    series : Split
        With answers.
    context : int
    most : int
        About the largest number of windows.

    Returns
    -------
    Split
        Empty if no series is long enough. The arrays are views of those of `series`.
    """
    least = least_history(series, context)
    total = sum(max(1, len(x) - each + 1) for x, each in zip(series.x, least, strict=True))
    cut = [
        windows(task, series.take([i]), stride=-(-total // most), shortest=each)
        for i, each in enumerate(least)
    ]
    return joined(cut)
