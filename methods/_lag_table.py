"""The training windows of many series, divided into parts to fit on and to choose with; and a fallback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench.methods._lags import LATE, Floats, Frame, Windows, pool
from recurbench.methods._seasonal import filled, naive, naive_spread, quantile_lines
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Split, Task, Unsupported

CHOSEN_BY = 0  # seed of the choice among too many windows, for methods without random numbers
FEW = 10  # windows; from fewer neither a map nor its errors are learned


@dataclass(frozen=True)
class Table:
    """The training windows of all series, and the same divided into a part to fit on and one to choose with.

    Attributes
    ----------
    frame : Frame
    every, early, late : Windows
        `late` holds the last part of every series that is long enough to be divided. If none is, it holds
        whole series, every LATE-th one; it is empty with fewer than LATE series.
    by_time : bool
        Whether `late` holds last parts and not whole series.
    series : int
        Series times targets.
    possible : int
        Windows that there were to choose from.
    """

    frame: Frame
    every: Windows
    early: Windows
    late: Windows
    by_time: bool
    series: int
    possible: int

    @property
    def notes(self) -> dict[str, object]:
        """What was pooled, for the notes of a fit."""
        held = "the last quarter of every series, at least one horizon"
        if not self.by_time:
            held = "whole series, one in four: none is long enough to hold its end out"
        return {
            "context": self.frame.context,
            "windows": len(self.every),
            "windows_possible": self.possible,
            "series": self.series,
            "scaling": "per window: minus its mean, over its standard deviation",
            "chosen_on": held if len(self.late) else "nothing: the series are too few and too short",
        }


def learn_table(task: Task, train: Split, context: int, most: int, seed: int = CHOSEN_BY) -> Table:
    """Cut the training windows of all series.

    Parameters
    ----------
    task : Task
    train : Split
    context : int
        Steps of history in a window; 0 for the rule of `context_steps`.
    most : int
        The largest number of windows. If there are more, so many are drawn at random.
    seed : int
        Of this draw.

    Raises
    ------
    Unsupported
        If symbols are to be forecast, or no series is long enough for a window.
    ValueError
        If a value is missing or infinite.
    """
    if task.x.symbols or task.y.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
    if not len(train):
        raise Unsupported("the training part has no examples")
    series = whole_series(task, train)
    frame = Frame.of(task, series, context)
    found = pool(frame, series)
    if not len(found.ends):
        longest = max(len(x) + len(y) for x, y in zip(series.x, series.y, strict=True))
        raise Unsupported(
            f"the longest training series has {longest} steps, too few for a horizon of {task.steps}"
        )
    every = np.arange(len(found.ends))
    if len(every) > most:
        every = np.sort(np.random.default_rng(seed).choice(len(every), most, replace=False))
    cut = found.windows(every)
    late, moving = found.late[every], cut.unit > 0
    by_time = bool((moving & (late == 1)).any())
    if not by_time:
        late = (found.example[every] % LATE == LATE - 1).astype(np.int64)
    parts = [np.flatnonzero(moving & (late == place)) for place in (0, 1)]
    if not len(parts[0]):
        parts[1] = parts[0]
    early, held = (cut.take(rows) for rows in parts)
    every_moving = cut.take(np.flatnonzero(moving))
    return Table(frame, every_moving, early, held, by_time, len(series) * task.y.size, len(found.ends))


def asked(frame: Frame, split: Split, together: int = 1024) -> Iterator[Windows]:
    """The windows at the end of the histories of all examples and targets, some at a time."""
    for start in range(0, len(split), together):
        some = pool(frame, split.blind().take(range(start, min(start + together, len(split)))))
        yield some.windows(np.arange(len(some.ends)))


def unpooled(task: Task, forecasts: Floats) -> list[Array]:
    """From one forecast [steps, ...] per example and target to one per example, [steps, targets, ...]."""
    by_example = forecasts.reshape(-1, task.y.size, *forecasts.shape[1:])
    return [np.ascontiguousarray(np.moveaxis(each, 0, 1)) for each in by_example]


class Repeated:
    """The seasonal naive forecast with the quantiles of a random walk, for a method that cannot learn.

    Parameters
    ----------
    task : Task
    notes : dict
        What the method notes; the reason is added as `fallback`.
    windows : int
        How many training windows are not constant.
    """

    def __init__(self, task: Task, notes: dict[str, Any], windows: int) -> None:
        why = "all training windows are constant" if not windows else f"{windows} training windows move"
        wanted = f"at least {FEW} are needed to learn from: the last season is repeated"
        self._task, self.notes = task, {**notes, "fallback": f"{why}, {wanted}"}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with numbers [steps, targets], or quantiles [steps, targets, Q]."""
        season, steps, levels = self._task.season, self._task.steps, self._task.quantiles
        answers = []
        for x in split.x:
            histories = [filled(x[:, j], season) for j in range(self._task.y.size)]
            lines = [
                quantile_lines(naive(each, season, steps), naive_spread(each, season, steps), levels)
                for each in histories
            ]
            answers.append(np.stack(lines, axis=1))
        return answers
