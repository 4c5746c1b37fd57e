"""Every series of a problem up to its last known step, and the examples made of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from recurbench.forecasting.stamps import continued
from recurbench.task import Array, Problem, Split, Task


@dataclass(frozen=True)
class WholeSeries:
    """One series up to its last known step.

    values: [N, channels], targets first, then covariates known ahead. known: how many of these. time: [N]
    stamps, empty without any.
    """

    name: Hashable
    values: Array
    known: int
    time: Array


def whole_series(problem: Problem) -> list[WholeSeries]:
    """The series of the test part, each from its longest example: its history and its answer joined.

    ValueError if the problem has covariates whose values after the last origin are not in its examples.
    """
    task, test = problem.task, problem.test
    longest: dict[Hashable, int] = {}
    for i, name in enumerate(test.series):
        best = longest.setdefault(name, i)
        if len(test.x[i]) + len(test.y[i]) >= len(test.x[best]) + len(test.y[best]):
            longest[name] = i
    return [_joined(task, test, i) for i in longest.values()]


def _joined(task: Task, split: Split, i: int) -> WholeSeries:
    x, y = np.asarray(split.x[i]), np.asarray(split.y[i])
    known = split.ahead[i].shape[1] if len(split.ahead) else 0
    past = x.shape[1] - task.y.size - known
    if past > 0:
        names = (task.x.names or ())[task.y.size : task.y.size + past]
        raise ValueError(
            f"the covariates {', '.join(names) or past} have no known future values, and the problem ends "
            f"{len(y)} steps before the end of the series with them; run again without them, or name them "
            "with --ahead if their future values are known"
        )
    targets = np.concatenate([x[:, : task.y.size], y])
    if known:
        covariates = np.concatenate([x[:, task.y.size :], split.ahead[i][: len(y)]])
        targets = np.concatenate([targets, covariates], axis=1)
    time = np.asarray(split.time[i])[: len(targets)] if len(split.time) else np.array([])
    return WholeSeries(split.series[i], targets, known, time)


def to_fit(task: Task, series: Sequence[WholeSeries]) -> Split:
    """Training examples as a run has them: the last horizon of each series is the answer."""
    h, k = task.steps, task.y.size
    return Split(
        x=[one.values[:-h] for one in series],
        y=[one.values[-h:, :k] for one in series],
        ahead=[one.values[-h:, k:] for one in series if one.known],
        series=tuple(one.name for one in series),
        time=[one.time for one in series if len(one.time)],
    )


def next_stamps(series: Sequence[WholeSeries], count: int) -> tuple[list[Array], list[str]]:
    """The time stamps [count] beyond the end of every series, and what must be known of them.

    A series without time stamps gets the numbers of its steps, from N + 1 on.
    """
    stamps, notes = [], []
    for one in series:
        if not len(one.time):
            more, note = np.arange(len(one.values) + 1, len(one.values) + count + 1), ""
        else:
            more, note = continued(one.time, count)
        stamps.append(more)
        if note:
            notes.append(f"Series {one.name}: {note}.")
    return stamps, notes


def to_answer(
    task: Task,
    series: Sequence[WholeSeries],
    stamps: Sequence[Array],
    ahead: Sequence[Array],
    given: Sequence[Array],
) -> Split:
    """Examples whose origin is the last known step, plus the steps that were already forecast.

    stamps: [steps] beyond the end. ahead: [steps, known] covariates beyond the end; empty without any.
    given: forecasts [done, channels] of the first steps; each has `done` = 0 rows at first.
    """
    done = len(given[0]) if len(given) else 0
    pieces = []
    for i, one in enumerate(series):
        more = np.concatenate([given[i], ahead[i][:done]], axis=1) if one.known else given[i]
        pieces.append(np.concatenate([one.values, more]))
    until = done + task.steps
    return Split(
        x=pieces,
        ahead=[known[done:until] for known in ahead],
        series=tuple(one.name for one in series),
        time=[
            np.concatenate([one.time, more[:until]])
            for one, more in zip(series, stamps, strict=True)
            if len(one.time)
        ],
    )
