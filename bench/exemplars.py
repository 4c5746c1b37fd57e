"""A few units of a problem's test part for pictures: chosen before any result is known, cut small, rounded.

An excerpt is kept only where the licence of the data allows one; what a count needs of the rest (the test
labels of a classification) is kept always.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from recurbench.task import Array, Problem, Split, Task, Values

CLASSES = 4
FIRST = 2
# Of one array: steps, and numbers in all its channels. Four units of them stay under 60 kB.
STEPS = 400
NUMBERS = 800
DIGITS = 5
# More cases, or names with more letters, are not kept.
LABELS = 5000
LETTERS = 4000

# What a part of a licence must be, whole, for an excerpt in a report that is passed on with its source named.
# Not here: licences that forbid changed copies (ND) or bind what is made of them (SA), research only, none.
ALLOWED = (
    r"generated",
    r"public domain\b.*",
    r"CC0\b.*",
    r"CC[ -]BY[ -][\d.]+( International)?( for .*| \(LICENSE.*\))?",
    r"BSD-\d-Clause( \(.*\))?",
    r"MIT( License)?( \(.*\))?",
    r"Apache-2\.0( \(.*\))?",
    r"Unicode License v3",
    r"excerpts allowed",  # by who brought the file
)


def may_show(licence: str) -> bool:
    """Whether every part of a licence, `name: licence; name: licence`, is one of ALLOWED."""
    parts = [part.strip().rpartition(": ")[2] for part in licence.split(";")]
    return all(any(re.fullmatch(allowed, part) for allowed in ALLOWED) for part in parts)


def exemplars(problem: Problem) -> dict[str, Any] | None:
    """Units of the test part with what is needed to draw them, as JSON; None where none may be shown.

    rule: the name of the rule they were chosen by. x, y: what a step holds, as in `Values`. units: of each
    the index in the test part, x and y as `excerpt` cuts them, and for forecasts the stamp of the origin.
    """
    if not may_show(problem.about.licence):
        return None
    task, test = problem.task, problem.test
    rule, chosen = choose(task, test)
    return {
        "rule": rule,
        "quantiles": list(task.quantiles),
        "x": _values(task.x),
        "y": _values(task.y),
        "units": [_unit(task, test, i) for i in chosen],
    }


def choose(task: Task, test: Split) -> tuple[str, list[int]]:
    """The name of a rule and the units it takes; it sees the questions and true answers, never a result.

    "classes": the first unit of each class met, up to CLASSES. "origins": of the first series its first,
    middle and last origin. "first": the first FIRST units.
    """
    if task.kind == "classification":
        met: dict[int, int] = {}
        for i, y in enumerate(test.y):
            met.setdefault(int(y[0]), i)
        return "classes", list(met.values())[:CLASSES]
    if task.kind == "forecasting":
        own = [i for i, name in enumerate(test.series) if name == test.series[0]]
        own.sort(key=lambda i: len(test.x[i]))
        return "origins", list(dict.fromkeys((own[0], own[len(own) // 2], own[-1])))
    return "first", list(range(min(FIRST, len(test))))


def labels(problem: Problem) -> dict[str, Any] | None:
    """Class names (None where there are none or too many) and the true class of every test case.

    None where the task is no classification, or has more than LABELS cases.
    """
    if problem.task.kind != "classification" or len(problem.test) > LABELS:
        return None
    return {
        "classes": problem.task.y.size,
        "names": _values(problem.task.y)["names"],
        "test": [int(y[0]) for y in problem.test.y],
    }


def _values(values: Values) -> dict[str, Any]:
    names = values.names
    if names is not None and sum(len(str(name)) + 3 for name in names) > LETTERS:
        names = None
    return {
        "size": values.size,
        "symbols": values.symbols,
        "flags": values.flags,
        "names": None if names is None else [str(name) for name in names],
    }


def _unit(task: Task, test: Split, i: int) -> dict[str, Any]:
    x, y = test.x[i], test.y[i]
    forecast = task.kind == "forecasting"
    unit: dict[str, Any] = {
        "index": i,
        "x": excerpt(x[:, :1] if forecast else x, last=forecast, thin=len(y) == 1 < len(x)),
        "y": excerpt(y[:, :1] if forecast else y),
    }
    if forecast:
        unit["series"] = str(test.series[i])[:80]
    if forecast and len(test.time) and np.issubdtype(np.asarray(test.time[i]).dtype, np.datetime64):
        unit["origin"] = str(np.datetime_as_string(np.asarray(test.time[i])[len(x) - 1], unit="D"))
    return unit


def excerpt(array: Array, last: bool = False, thin: bool = False) -> dict[str, Any]:
    """At most STEPS steps and NUMBERS numbers of [T] symbols or [T, channels], rounded to DIGITS digits.

    steps: T before the cut. channels: how many there were; only the first few are kept where all of them
    would leave less than a quarter of STEPS. start, stride: which steps are kept; the last ones with `last`,
    every so-manieth with `thin`, else the first. Missing numbers are None.
    """
    values = np.asarray(array)
    flat = values[:, None] if values.ndim == 1 else values
    channels = flat.shape[1]
    kept = channels
    if channels * min(len(flat), STEPS // 4) > NUMBERS:
        kept = max(1, NUMBERS // min(len(flat), STEPS))
    most = max(1, min(STEPS, NUMBERS // kept))
    stride = -(-len(flat) // most) if thin and len(flat) > most else 1
    start = max(0, len(flat) - most) if last else 0
    shown = flat[start::stride][:most, :kept]
    rows = [[_short(value) for value in row] for row in shown.tolist()]
    return {
        "steps": len(flat),
        "channels": channels,
        "start": start,
        "stride": stride,
        "values": [row[0] for row in rows] if kept == 1 else rows,
    }


def _short(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    if not np.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short


def described(problem: Problem) -> dict[str, Any]:
    """What a problem's facts hold for pictures: "exemplars" and "labels", each only where there are any."""
    found: Sequence[tuple[str, Any]] = (("exemplars", exemplars(problem)), ("labels", labels(problem)))
    return {name: kept for name, kept in found if kept is not None}
