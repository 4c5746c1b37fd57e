"""The validation part that `holdout` takes out of train: its size, or how much data it would need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from recurbench.task import Problem, Split, Task, check_origins, least_steps, spare_steps, strata

Facts = Mapping[str, Any]


def described(problem: Problem) -> dict[str, Any]:
    """The validation part of a problem, as facts for the run file.

    own: whether the problem brings a validation part. If not: unit ("series" or "classes"), of (how many
    there are in train), held (how many of them are in the validation part). Forecasting also: origins and
    steps (fewest and most of a series in it), horizon, rows (of the longest series with its test part),
    enough (steps that a training series needs). If nothing is held out, `needs` says what would be enough:
    rows (of a series with its test part), horizon and origins; or steps (of a training series that the test
    part does not continue); or examples or groups (per class, or in total without classes).
    """
    if problem.valid is not None:
        return {"own": True}
    task, train = problem.task, problem.train
    facts = _of_series(problem) if task.kind == "forecasting" else _of_groups(task, train)
    if not facts["held"] and len(train):
        facts["needs"] = _rows(problem) if task.kind == "forecasting" else _examples(task, train)
    return {"own": False, **facts}


def _of_series(problem: Problem) -> dict[str, Any]:
    task, train = problem.task, problem.train
    parts = [check_origins(task, train, i, problem.rolling) for i in range(len(train))]
    held = [part for part in parts if part[0]]
    spans = {
        name: [f(part[k] for part in held) for f in (min, max)] if held else [0, 0]
        for k, name in enumerate(("origins", "steps"))
    }
    facts = {"unit": "series", "held": len(held), "of": len(parts), **spans, "horizon": task.steps}
    if not parts:
        return facts
    whole = max(
        len(x) + len(y) for part in (train, problem.test) for x, y in zip(part.x, part.y, strict=True)
    )
    enough = len(train.x[0]) + len(train.y[0]) + least_steps(task, train, 0) - spare_steps(task, train, 0)
    return {**facts, "rows": whole, "enough": enough}


def _of_groups(task: Task, train: Split) -> dict[str, Any]:
    sizes = [len(names) for names in strata(task, train).values()]
    return {"unit": "classes", "held": sum(size > 1 for size in sizes), "of": len(sizes)}


def _rows(problem: Problem) -> dict[str, int]:
    """What the series that lacks the fewest steps would need."""
    task, train, test = problem.task, problem.train, problem.test
    lacking = [least_steps(task, train, i) - spare_steps(task, train, i) for i in range(len(train))]
    i = min(range(len(train)), key=lacking.__getitem__)
    asked = [k for k, name in enumerate(test.series) if name == train.series[i]]
    whole = max((len(test.x[k]) + len(test.y[k]) for k in asked), default=0)
    if not asked:
        return {"steps": len(train.x[i]) + len(train.y[i]) + lacking[i], "horizon": task.steps}
    return {"rows": whole + lacking[i], "horizon": task.steps, "origins": len(asked)}


def _examples(task: Task, train: Split) -> dict[str, Any]:
    """A second group in any class is enough. Groups of one example are called examples."""
    single = max(Counter(train.series).values()) == 1
    classes = task.y.symbols and task.length == "fixed" and task.steps == 1
    return {"unit": "examples" if single else "groups", "count": 2, "per_class": classes}


def lacking(facts: Facts) -> str:
    """Why nothing was held out, and what would be enough, in English; "" if something was."""
    needs = facts.get("needs")
    if facts.get("own") or facts.get("held") or needs is None:
        return ""
    if "rows" in needs:
        need = f"{needs['rows']} rows at horizon {needs['horizon']}, origins {needs['origins']}"
        return f"train too short to hold out a validation part; needs {need}"
    if "steps" in needs:
        need = f"a training series of {needs['steps']} steps at horizon {needs['horizon']}"
        return f"train too short to hold out a validation part; needs {need}"
    of = " of one class" if needs["per_class"] else ""
    return f"train too small to hold out a validation part; needs {needs['count']} {needs['unit']}{of}"


def partial(facts: Facts) -> str:
    """How the validation part is smaller than usual, in English; "" if it is not."""
    if facts.get("own", True) or not facts["held"]:
        return ""
    some = facts["held"] < facts["of"]
    if facts["unit"] == "classes":
        return f"{facts['held']} of {facts['of']} classes" if some else ""
    short = facts["steps"][0] < facts["horizon"]
    if not short and not some:
        return ""
    count, steps = _span(facts["origins"]), _span(facts["steps"])
    word = "origin" if facts["origins"][1] == 1 else "origins"
    lacking = facts["of"] - facts["held"]
    where = f" in {facts['held']} of {facts['of']} series ({lacking} too short)" if some else ""
    return f"{count} {word} of {steps} of {facts['horizon']} steps{where}"


def _span(values: list[int]) -> str:
    low, high = values
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"
