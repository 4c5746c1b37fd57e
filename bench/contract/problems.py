"""Errors in the problem that a dataset builds: for tests of its author, and before a run begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from recurbench import answers
from recurbench.metrics import METRICS
from recurbench.registry import Plugin, load
from recurbench.task import Array, Problem, Split, Task, Values


def problem_error(plugin: Plugin) -> str:
    """Build the dataset twice with its defaults; returns the first error in words, or ""."""
    if plugin.sort != "dataset":
        raise ValueError(f"{plugin.name} is a {plugin.sort}; this check is for datasets")
    return next(_errors(plugin, load(plugin)), "")


def _errors(plugin: Plugin, build: Callable[..., Problem]) -> Iterator[str]:
    problem = build(**plugin.settings)
    if not isinstance(problem, Problem):
        yield f"the dataset returned {type(problem).__name__}, wanted a Problem; return one"
        return
    if plugin.kinds != {problem.task.kind}:
        declared = ", ".join(plugin.kinds)
        yield f"the decorator says kind {declared}, the task says {problem.task.kind}; make them agree"
    yield from part_errors(problem)
    for name in ("source", "licence", "protocol", "reference"):
        if not getattr(problem.about, name).strip():
            yield f"about.{name} is empty; say it in a sentence, for reports show it"
    if problem.about.metric not in METRICS:
        known = ", ".join(METRICS)
        yield f"about.metric is {problem.about.metric!r}; choose one of {known}"
    again = build(**plugin.settings)
    first, second = (answers.fingerprint(p.train, p.test, p.valid) for p in (problem, again))
    if first != second:
        yield "built twice, the problem is another one; draw from np.random.default_rng(seed) alone"


def part_errors(problem: Problem) -> Iterator[str]:
    """Errors with which no method could work: empty parts, arrays that do not fit the task, a single class.

    A missing value is NaN. It may occur in the inputs and in train. In an answer that is scored it may occur
    only in a forecast, where this step is then not scored.
    """
    for name, split in (("train", problem.train), ("test", problem.test), ("valid", problem.valid)):
        if split is not None:
            scored = name != "train"
            yield from (f"{name}: {words}" for words in _split_errors(problem.task, split, scored))
    if problem.refit and (problem.task.kind != "forecasting" or problem.valid is not None):
        yield "refit is only for forecasting without a validation sample; leave out refit or valid"
    if problem.task.kind == "classification":
        seen = {int(y[0]) for y in problem.train.y if len(y)}
        if len(seen) == 1:
            yield f"train holds one class, {_named(problem.task.y, seen.pop())}; a classification needs two"


def _named(values: Values, code: int) -> str:
    return values.names[code] if values.names else str(code)


def _split_errors(task: Task, split: Split, scored: bool) -> Iterator[str]:
    if not len(split):
        yield "holds no example; put some in"
    if len(split.y) != len(split):
        yield f"{len(split.y)} answers for {len(split)} examples; give one array per example"
        return
    missing = not scored or (task.kind == "forecasting" and not task.y.symbols)
    if scored and missing and len(split) and all(np.isnan(y).all() for y in split.y):
        yield "no true value is known, so that nothing can be scored; use another part of the series"
        return
    for i, (x, y) in enumerate(zip(split.x, split.y, strict=True)):
        wrong = _array_error(task.x, x) or _array_error(task.y, y)
        wrong = wrong or _value_error("x", x) or _value_error("y", y, missing)
        if not wrong and len(split.ahead):
            wrong = _value_error("ahead", split.ahead[i])
        if wrong:
            yield f"example {i}: {wrong}"
        elif task.length == "same" and len(y) != len(x):
            yield f"example {i}: {len(y)} answers to {len(x)} steps, wanted one per step; give one each"
        elif task.length == "fixed" and not 1 <= len(y) <= task.steps:
            yield f"example {i}: {len(y)} answers, wanted 1 to {task.steps}; cut them, or raise task.steps"


def _value_error(name: str, array: Array, missing: bool = True) -> str:
    """Where a value is infinite, or NaN and may not be, or ""."""
    if np.isfinite(array).all():
        return ""
    bad = np.argwhere(np.isinf(array) if missing else ~np.isfinite(array))
    if not len(bad):
        return ""
    place = tuple(bad[0].tolist())
    seen = f"{name}{list(place)} is {array[place]}"
    if np.isnan(array[place]):
        return f"{seen}, and an answer that is scored must be known; leave the example out"
    instead = "leave the example out" if name == "y" else "write NaN where a value is missing"
    return f"{seen}, wanted a finite number; {instead}"


def _array_error(values: Values, array: Array) -> str:
    """What is wrong with one sequence of such values, or ""."""
    if type(array) is not np.ndarray:
        return f"holds a {type(array).__name__}, wanted a plain numpy array; convert it"
    seen = f"got {array.dtype} {list(array.shape)}"
    if values.symbols:
        if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
            return f"wanted symbols (integers) [steps], {seen}; number the symbols from 0"
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        outside = f"symbols must be 0..{values.size - 1}, got {low}..{high}; raise Values.size or recode"
        return "" if 0 <= low <= high < values.size else outside
    if array.ndim != 2 or array.shape[1] != values.size or not np.issubdtype(array.dtype, np.floating):
        return f"wanted numbers [steps, {values.size}] as floats, {seen}; reshape or convert it"
    return ""
