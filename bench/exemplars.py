"""A few test examples for figures, shortened and rounded. They are chosen without looking at any result.

Examples are stored only if the licence of the data allows it. The true classes of the test part are always
stored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from recurbench.task import Array, Problem, Split, Task, Values

CLASSES = 4
FIRST = 2
SERIES = 4
# Limits for one array: steps, and numbers over all channels. Four such examples are under 60 kB.
STEPS = 400
NUMBERS = 800
DIGITS = 5
# Limits for stored classes: test cases, and letters in all class names.
LABELS = 5000
LETTERS = 4000

# Licences that allow an excerpt in a report that names its source. Not in the list: licences that forbid
# changed copies (ND) or that bind derived works (SA), research only, and no licence.
ALLOWED = (
    r"generated",
    r"public domain\b.*",
    r"CC0\b.*",
    r"CC[ -]BY[ -][\d.]+( International)?( for .*| \(LICENSE.*\))?",
    r"BSD-\d-Clause( \(.*\))?",
    r"MIT( License)?( \(.*\))?",
    r"Apache-2\.0( \(.*\))?",
    r"Unicode License v3",
    r"excerpts allowed",  # said by the user who gave the file
)


def may_show(licence: str) -> bool:
    """Whether every part of a licence, `name: licence; name: licence`, is one of ALLOWED."""
    parts = [part.strip().rpartition(": ")[2] for part in licence.split(";")]
    return all(any(re.fullmatch(allowed, part) for allowed in ALLOWED) for part in parts)


def exemplars(problem: Problem) -> dict[str, Any] | None:
    """Some test examples with all that is needed to draw them, as JSON; None if the licence forbids it.

    rule: name of the rule by which they were chosen. x, y: what a step holds, as in `Values`. units: per
    example the index in the test part, x and y as shortened by `excerpt`, and for forecasts the time stamp of
    the origin.
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
    """The name of a rule and the examples it chooses. It uses questions and true answers only.

    "classes": the first example of each class, up to CLASSES. "origins": the first, middle and last origin of
    a single series. "series": of several series see `spread_series`. "first": the first FIRST examples.
    """
    if task.kind == "classification":
        met: dict[int, int] = {}
        for i, y in enumerate(test.y):
            met.setdefault(int(y[0]), i)
        return "classes", list(met.values())[:CLASSES]
    if task.kind == "forecasting":
        if len(set(test.series)) > 1:
            return "series", spread_series(test)
        same = sorted(range(len(test)), key=lambda i: len(test.x[i]))
        return "origins", list(dict.fromkeys((same[0], same[len(same) // 2], same[-1])))
    return "first", list(range(min(FIRST, len(test))))


def spread_series(test: Split) -> list[int]:
    """The last origins of up to SERIES series: the shortest history, the longest, and evenly between them.

    Equal lengths are in the order of the SHA-256 of their names, which no result can influence.
    """
    last: dict[Hashable, int] = {}
    for i, name in enumerate(test.series):
        if name not in last or len(test.x[i]) > len(test.x[last[name]]):
            last[name] = i
    ordered = sorted(
        last, key=lambda name: (len(test.x[last[name]]), hashlib.sha256(str(name).encode()).hexdigest())
    )
    places = np.linspace(0, len(ordered) - 1, min(SERIES, len(ordered))).round().astype(int)
    return [last[ordered[place]] for place in places]


def labels(problem: Problem) -> dict[str, Any] | None:
    """Class names (None if there are none or too many) and the true class of every test case.

    None if the task is no classification, or has more than LABELS test cases.
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

    steps, channels: size of the whole array. Only the first channels are kept if all of them would leave
    fewer than STEPS / 4 steps. start, stride: which steps are kept: the last ones with `last`, evenly spaced
    ones with `thin`, otherwise the first. Missing numbers are None.
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
    """The facts of a problem for figures: "exemplars" and "labels", each only if there are any."""
    parts: Sequence[tuple[str, Any]] = (("exemplars", exemplars(problem)), ("labels", labels(problem)))
    return {name: value for name, value in parts if value is not None}
