"""Every series of a problem up to its last known step, and the examples made of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from recurbench.forecasting.stamps import continued
from recurbench.reading.missing import carried
from recurbench.registry import Choice
from recurbench.running.job import build
from recurbench.task import Array, Problem, Split, Task


@dataclass(frozen=True)
class WholeSeries:
    """One series up to its last known step.

    values: [N, channels], targets first, covariates known ahead last. known: how many of these. time: [N]
    stamps, empty without any.
    """

    name: Hashable
    values: Array
    known: int
    time: Array


def whole_series(problem: Problem, dataset: Choice, draw: int | None) -> tuple[list[WholeSeries], list[str]]:
    """The series of the test part up to their last known step, and sentences on what is not exact.

    The longest test example of each series is taken, its history and its answer joined. Covariates whose
    future is not known are missing beside the answers, so the problem is built again with a horizon of one
    step; the last row of such covariates is that of the step before. A problem whose examples have a limited
    `context` is built again without that limit.

    ValueError if there are such covariates and the data set has no settings `horizon` and `origins`.
    """
    task, settings = problem.task, dataset.settings
    past = task.x.size - task.y.size - _known(problem.test)
    changes, notes = {}, []
    if settings.get("context"):
        changes["context"] = 0
    if past:
        names = ", ".join((task.x.names or ())[task.y.size : task.y.size + past]) or f"{past} of them"
        if not {"horizon", "origins"} <= settings.keys():
            raise ValueError(
                f"the covariates {names} are not known up to the end of the series, because "
                f"{dataset.plugin.name} has no settings horizon and origins; run again without these "
                "covariates"
            )
        changes |= {name: 1 for name in ("horizon", "origins", "step") if name in settings}
        notes = [f"The values of {names} at the last step are taken from the step before."]
    test = problem.test
    if changes:
        test = build(dataset.plugin.choose({**settings, **changes}), draw).test
    wanted = set(problem.test.series)
    return [_joined(task, test, i) for i in _longest(test) if test.series[i] in wanted], notes


def _known(split: Split) -> int:
    return int(split.ahead[0].shape[1]) if len(split.ahead) else 0


def _longest(split: Split) -> list[int]:
    """By series the example that ends last, series in their order."""
    longest: dict[Hashable, int] = {}
    for i, name in enumerate(split.series):
        best = longest.setdefault(name, i)
        if len(split.x[i]) + len(split.y[i]) >= len(split.x[best]) + len(split.y[best]):
            longest[name] = i
    return list(longest.values())


def _joined(task: Task, split: Split, i: int) -> WholeSeries:
    x, known = np.asarray(split.x[i]), _known(split)
    # Missing values inside a series are filled as the reader fills them: with the last known value.
    y = carried(np.concatenate([x[-1:, : task.y.size], np.asarray(split.y[i])]))[1:]
    past = x.shape[1] - task.y.size - known
    columns = [y, np.repeat(x[-1:, task.y.size : task.y.size + past], len(y), axis=0)]
    if known:
        columns.append(np.asarray(split.ahead[i])[: len(y)])
    values = np.concatenate([x, np.concatenate(columns, axis=1)])
    time = np.asarray(split.time[i])[: len(values)] if len(split.time) else np.array([])
    return WholeSeries(split.series[i], values, known, time)


def to_fit(task: Task, series: Sequence[WholeSeries]) -> Split:
    """Training examples as a run has them: the last horizon of each series is the answer."""
    h, k = task.steps, task.y.size
    return Split(
        x=[one.values[:-h] for one in series],
        y=[one.values[-h:, :k] for one in series],
        ahead=[one.values[-h:, -one.known :] for one in series if one.known],
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
        # Steps that were forecast have targets and covariates known ahead; other covariates stay as they are.
        past = one.values[-1:, task.y.size : one.values.shape[1] - one.known]
        columns = [given[i], np.repeat(past, done, axis=0), *([ahead[i][:done]] if one.known else [])]
        pieces.append(np.concatenate([one.values, np.concatenate(columns, axis=1)]))
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
