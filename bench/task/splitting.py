"""Splitting examples: more windows from the same series, and validation examples taken out of train."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from recurbench.task.types import Array, Rolling, Split, Task

CHECK_ORIGINS = 3
CHECK_SHARE = 0.25
PLAIN = Rolling(CHECK_ORIGINS)
# Ten horizons, half a horizon apart, at most half of train: of the rules that benchmarks/selection_regret.py
# measured, the one that chooses best (docs/statistics.md).
SEVERAL = Rolling(horizons=10, divisor=2, share=0.5)


def windows(task: Task, split: Split, stride: int = 1, shortest: int = 1) -> Split:
    """Make more forecasting examples from the same series, by adding earlier origins.

    The origin of every example is kept. Earlier origins are added, `stride` steps apart, as long as at least
    `shortest` steps of history remain.

    Parameters
    ----------
    task : Task
        A forecasting task.
    split : Split
        Examples with their answers.
    stride : int
        Distance of neighbouring origins, in steps.
    shortest : int
        Fewest steps of history that an example may have.

    Returns
    -------
    Split
        Examples in rising order of their origins, series by series. Each answer has `task.steps` steps. The
        arrays are views of those of `split`.

    Raises
    ------
    ValueError
        If the task is no forecast, or `stride` or `shortest` is below 1.
    """
    if task.kind != "forecasting":
        raise ValueError(f"windows needs a forecasting task, got {task.kind}")
    if stride < 1 or shortest < 1:
        raise ValueError(f"stride and shortest must be at least 1, got {stride} and {shortest}")
    x: list[Array] = []
    y: list[Array] = []
    ahead: list[Array] = []
    series: list[Hashable] = []
    time: list[Array] = []
    for i, history in enumerate(split.x):
        targets = np.concatenate([history[:, : task.y.size], split.y[i]])
        known = np.empty((0, 0))
        if len(split.ahead):
            width = split.ahead[i].shape[1]
            known = np.concatenate([history[:, history.shape[1] - width :], split.ahead[i]])
        for origin in _origins(len(history), len(targets), task.steps, stride, shortest):
            x.append(history[:origin])
            y.append(targets[origin : origin + task.steps])
            series.append(split.series[i])
            if len(split.ahead):
                ahead.append(known[origin : origin + task.steps])
            if len(split.time):
                time.append(split.time[i][: origin + task.steps])
    return Split(x, y, ahead, series, time)


def _origins(history: int, total: int, steps: int, stride: int, shortest: int) -> list[int]:
    """Origins in rising order, counted back from the last origin with all its `steps`."""
    last = min(history, total - steps)
    return list(range(last, shortest - 1, -stride))[::-1]


def holdout(task: Task, split: Split, seed: int, rolling: Rolling = PLAIN) -> tuple[Split, Split]:
    """Split examples into a part to fit on and a validation part; either may be empty.

    Parameters
    ----------
    task : Task
        The question.
    split : Split
        Examples with their answers.
    seed : int
        Decides which groups go to the validation part. Forecasting needs no random choice.
    rolling : Rolling
        Forecasting: the validation origins; by default three, one horizon apart.

    Returns
    -------
    fit, check : tuple of Split
        The examples to fit on, and the validation examples.

    Notes
    -----
    Forecasting: the validation part asks for the last origins of each series (`check_origins`). The fit part
    ends where the first of their answers begins, so the two never overlap. Validation answers may have fewer
    steps than `task.steps`; a method still predicts all steps.

    Other tasks: a quarter of the groups (`CHECK_SHARE`) goes to the validation part, stratified by class if
    the answer is one symbol. A class with a single group stays in the fit part. No group is in both parts.
    """
    if task.kind == "forecasting":
        return _holdout_origins(task, split, rolling)
    by_class = strata(task, split)
    rng = np.random.default_rng([seed, 7])
    checked: set[Hashable] = set()
    for label in sorted(by_class):
        names = by_class[label]
        if len(names) > 1:
            share = max(1, round(CHECK_SHARE * len(names)))
            checked.update(names[i] for i in rng.permutation(len(names))[:share])
    fit = [i for i, name in enumerate(split.series) if name not in checked]
    check = [i for i, name in enumerate(split.series) if name in checked]
    return split.take(fit), split.take(check)


def strata(task: Task, split: Split) -> dict[int, list[Hashable]]:
    """The groups of `split` by class; all are under class 0 unless the answer is one symbol."""
    groups: dict[Hashable, list[int]] = {}
    for i, name in enumerate(split.series):
        groups.setdefault(name, []).append(i)
    one_symbol = task.y.symbols and task.length == "fixed" and task.steps == 1
    classes = {name: {int(split.y[i][0]) if one_symbol else 0 for i in m} for name, m in groups.items()}
    counts = Counter(label for labels in classes.values() for label in labels)
    by_class: dict[int, list[Hashable]] = {}
    for name, labels in classes.items():
        # A group with several classes counts for the rarest, so the last group of a class is never taken.
        by_class.setdefault(min(labels, key=lambda label: (counts[label], label)), []).append(name)
    return by_class


def check_origins(task: Task, split: Split, i: int, rolling: Rolling = PLAIN) -> tuple[int, int]:
    """Validation origins of forecasting example `i`, and the steps asked at each; (0, 0) if it has none.

    Before the first validation origin, one horizon is left to fit on, and two seasons or two horizons of
    history, whichever is longer. As many origins of `rolling` are taken as still have room. If one whole
    horizon has no room, one origin is taken with the steps that are left, provided that they are at least
    half of the horizon: with fewer, validation would ask a different question. A series with covariates gets
    no such shorter origin, because its covariates are known up to its own origin only.
    """
    spare = spare_steps(task, split, i)
    whole = rolling.count(task.steps, spare + task.steps + 2 * max(task.season, task.steps), spare)
    if whole > 0:
        return whole, task.steps
    return (1, spare) if spare >= least_steps(task, split, i) else (0, 0)


def spare_steps(task: Task, split: Split, i: int) -> int:
    """Steps of forecasting example `i` that validation may take; a negative number says how many lack."""
    end = min(len(split.x[i]) + task.steps, len(split.x[i]) + len(split.y[i]))
    return end - task.steps - 2 * max(task.season, task.steps)


def least_steps(task: Task, split: Split, i: int) -> int:
    """The fewest steps with which forecasting example `i` can be in the validation part."""
    covariates = split.x[i].shape[1] > task.y.size
    return task.steps if covariates else -(-task.steps // 2)


def _holdout_origins(task: Task, split: Split, rolling: Rolling) -> tuple[Split, Split]:
    """Take the last origins of every series for validation; the fit part ends before them."""
    fit: list[Split] = []
    check: list[Split] = []
    for i in range(len(split)):
        alone = split.take([i])
        origins, steps = check_origins(task, split, i, rolling)
        if not origins:
            fit.append(alone)
        elif steps < task.steps:
            fitted, checked = _short_check(task, alone, steps)
            fit.append(fitted)
            check.append(checked)
        else:
            cut = windows(task, alone, stride=rolling.step(task.steps))
            first = len(cut) - origins
            check.append(cut.take(range(first, len(cut))))
            # The answer that is fitted on ends where the first one of the validation part begins.
            before = windows(task, cut.take([first]), stride=task.steps)
            fit.append(before.take([len(before) - 2]))
    return joined(fit), joined(check)


def unscored(split: Split, missing: Mapping[Hashable, Sequence[int]]) -> Split:
    """Write NaN where a true value of a forecast was missing, so that it is not scored.

    Parameters
    ----------
    split : Split
        Forecasting examples whose histories begin at the first step of their series.
    missing : mapping of hashable to sequence of int
        By series the steps, from 0, whose target was missing and was filled.

    Returns
    -------
    Split
        The same examples; answers that are changed are copies.
    """
    if not any(map(len, missing.values())):
        return split
    steps = {name: np.asarray(known, dtype=np.int64) for name, known in missing.items()}
    answers = []
    for x, y, name in zip(split.x, split.y, split.series, strict=True):
        at = steps.get(name, np.array([], dtype=np.int64)) - len(x)
        at = at[(at >= 0) & (at < len(y))]
        if len(at):
            y = y.copy()
            y[at] = np.nan
        answers.append(y)
    return replace(split, y=answers)


def until_unscored(split: Split) -> Split:
    """Cut every answer before its first step with NaN; examples without an answer then are left out."""
    lengths = [_known(y) for y in split.y]
    if all(length == len(y) for length, y in zip(lengths, split.y, strict=True)):
        return split
    cut = replace(split, y=[y[:length] for length, y in zip(lengths, split.y, strict=True)])
    return cut.take([i for i, length in enumerate(lengths) if length])


def _known(y: Array) -> int:
    """The steps of an answer before the first one with NaN."""
    none = np.flatnonzero(np.isnan(y).reshape(len(y), -1).any(axis=1))
    return int(none[0]) if len(none) else len(y)


def _short_check(task: Task, alone: Split, steps: int) -> tuple[Split, Split]:
    """Fit and validation part of one series without covariates; validation has `steps` < horizon steps."""
    values = np.concatenate([alone.x[0], alone.y[0][: task.steps]])
    origin, before = len(values) - steps, len(values) - steps - task.steps
    time: Sequence[Array] = [each[:origin] for each in alone.time]
    fit = Split([values[:before]], [values[before:origin]], (), alone.series, time)
    # A method predicts all steps of the horizon, so it needs time stamps beyond the end too.
    time = [_longer(each, origin + task.steps) for each in alone.time]
    return fit, Split([values[:origin]], [values[origin:]], (), alone.series, time)


def _longer(time: Array, count: int) -> Array:
    """The time stamps, continued to `count` of them with the distance of the last two."""
    more = np.arange(1, count - len(time) + 1) * (time[-1] - time[-2])
    return np.concatenate([time, time[-1] + more])


def joined(parts: Sequence[Split]) -> Split:
    """The examples of all parts in one split, in their order; the arrays are not copied."""

    def chain(name: str) -> list[Any]:
        return [item for part in parts for item in getattr(part, name)]

    return Split(chain("x"), chain("y"), chain("ahead"), tuple(chain("series")), chain("time"))
