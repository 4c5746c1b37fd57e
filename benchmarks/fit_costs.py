"""Fit the numbers that `recurbench plan` ships with, on what `benchmarks/measure_costs.py` measured.

    python benchmarks/fit_costs.py runs/costs

    python benchmarks/fit_costs.py runs/costs-mine --only my-method

writes bench/planning/costs.toml, or only the rows of these methods in it. It also prints the errors of the
estimates for problems and methods that were left out of the fit.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cost_curves import curves_of
from measure_costs import GROUP, STEPS, WARM
from measured_times import Cell, Measured, stepped
from recurbench.planning import costs
from recurbench.planning.costs import BASES, FEATURES, NETWORKS, Curves
from recurbench.record import RunFile
from recurbench.running.sizes import Size

RESULTS = Path(__file__).parent.parent / "docs" / "results" / "cells.sqlite.xz"
HEADER = """\
# CPU times of the methods, for `recurbench plan`: measured by benchmarks/measure_costs.py on {machine},
# fitted by benchmarks/fit_costs.py.
#
# A row of curves: 1 if the time to train is that of one optimizer step, else 0; then floor, level and
# exponents to train, then those to predict a split. Seconds are floor + exp(level + sum of exponent x log
# feature); the features are
# {features}.
# "family" rows stand for methods that were not measured.
"""
BUDGETS = (400, 4000)  # `Budget.of` in methods/_networks/budget.py
MANY = 1000


def shares(folder: Path) -> tuple[list[float], list[float]]:
    """Shares of their step budget that networks use: on validation, and with the steps chosen there."""
    watched, final = [], []
    rows = Measured(folder)
    for row in rows.inner:
        if "steps_done" in row["notes"]:
            watched.append(row["notes"]["steps_done"] / most(rows.size(row)))
    for row in rows.rows:
        size = rows.size(row)
        if "steps_done" in row["notes"] and not size.valid:
            final.append(row["notes"]["steps_done"] / most(size))
    with tempfile.TemporaryDirectory() as place:
        with lzma.open(RESULTS) as packed, (Path(place) / "results.sqlite").open("wb") as file:
            shutil.copyfileobj(packed, file)
        kept = RunFile(Path(place) / "results.sqlite")
        long = kept.rows("stage = 'final' AND status = 'ok' AND address LIKE '%max_steps=4000%'")
        kept.close()
    by_problem = defaultdict(list)
    for row in long:
        by_problem[row["problem"], row["address"]].append(row["notes"]["steps_done"] / BUDGETS[1])
    watched += [statistics.fmean(values) for values in by_problem.values()]
    return watched, final


def most(size: Size) -> int:
    """The default step budget of a network."""
    return BUDGETS[size.free or size.examples >= MANY]


def together(alone: Measured, grouped: Measured) -> float:
    """The exponent of the number of seeds that share a fit, in the cost per seed."""
    base = {
        row["address"]: row["fit_cpu_seconds"]
        for row in alone.rows
        if row["problem"] == "sized-classification"
    }
    exponents = [
        math.log(row["fit_cpu_seconds"] / base[row["address"]]) / math.log(GROUP)
        for row in grouped.rows
        if row["dials"]["asked"] != WARM and row["address"] in base
    ]
    return round(min(0.0, statistics.median(exponents)), 2)


def off(made: Mapping[tuple[str, str], Curves], cell: Cell, name: str) -> float | None:
    """The error of the estimate of a cell, as a logarithm. name: of the curves to use."""
    curves = made.get((cell.size.kind, name))
    if curves is None or cell.late or curves.stepped is not stepped(cell.plugin):
        return None
    steps = STEPS if curves.stepped else 1
    fit, answer = cell.points
    estimate = steps * curves.fit.seconds(fit) + curves.answer.seconds(answer)
    return math.log((steps * cell.fit + cell.answer) / estimate)


def left_out(cells: Sequence[Cell]) -> dict[str, list[float]]:
    """By basis, the errors for cells of problems, or of methods, that were left out of the fit."""
    errors: dict[str, list[float | None]] = defaultdict(list)
    for problem in sorted({cell.problem for cell in cells}):
        out = [cell for cell in cells if cell.problem == problem]
        kind = out[0].size.kind
        made = curves_of([c for c in cells if c.problem != problem and c.size.kind == kind])
        for cell in out:
            name = NETWORKS if stepped(cell.plugin) else "the method"
            errors[name].append(off(made, cell, cell.plugin.name))
    for name in sorted({cell.plugin.name for cell in cells}):
        of_method = [cell for cell in cells if cell.plugin.name == name]
        kinds = {cell.size.kind for cell in of_method}
        made = curves_of([c for c in cells if c.plugin.name != name and c.size.kind in kinds])
        errors["its family"] += [off(made, cell, f"family {cell.plugin.family}") for cell in of_method]
        errors["its kind of task"] += [off(made, cell, "family") for cell in of_method]
    return {name: [one for one in values if one is not None] for name, values in errors.items()}


def within(errors: Sequence[float]) -> float:
    """The factor within which 8 of 10 errors are."""
    return math.exp(float(np.quantile(np.abs(errors), 0.8)))


def repeated() -> float:
    """The factor within which 8 of 10 stored fits are of the median for their problem and method."""
    with tempfile.TemporaryDirectory() as place:
        with lzma.open(RESULTS) as packed, (Path(place) / "results.sqlite").open("wb") as file:
            shutil.copyfileobj(packed, file)
        kept = RunFile(Path(place) / "results.sqlite")
        rows = kept.rows("stage = 'final' AND status = 'ok'")
        kept.close()
    like = defaultdict(list)
    for row in rows:
        like[row["problem"], row["address"]].append(row["cpu_seconds"])
    return within([math.log(s / statistics.median(own)) for own in like.values() for s in own])


def main() -> None:
    """Fit the curves, print their errors, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", help="only write the rows of these methods")
    options = parser.parse_args()
    alone = Measured(options.folder)
    cells = alone.cells()
    if options.only:
        add(options.only, curves_of([cell for cell in cells if cell.plugin.name in options.only]))
        return
    errors = left_out(cells)
    for name, logs in errors.items():
        print(
            f"{name}: {len(logs)} cells, median factor {math.exp(statistics.median(map(abs, logs))):.2f}, "
            f"8 of 10 within {within(logs):.2f}, worst {math.exp(max(map(abs, logs))):.1f}"
        )
    watched, final = shares(options.folder.with_name(f"{options.folder.name}-budgets"))
    inner = statistics.fmean(watched)
    # The number of steps of a network is not known beforehand, which makes the errors larger.
    step_errors = np.random.default_rng(0).choice(
        [math.log(share / inner) for share in watched], len(errors[NETWORKS])
    )
    errors["the method"] += [one + step for one, step in zip(errors.pop(NETWORKS), step_errors, strict=True)]
    print(f"with the steps of networks: 8 of 10 within {within(errors['the method']):.2f}")
    factors = {"like cells": repeated(), **{name: within(logs) for name, logs in errors.items()}}
    steps = {"inner": round(inner, 2), "final": round(statistics.fmean(final), 2)}
    table = {
        "together": together(alone, Measured(options.folder.with_name(f"{options.folder.name}-seeds"))),
        "factors": {name: round(factors[name], 2) for name in BASES},
        "steps": {"short": BUDGETS[0], "long": BUDGETS[1], "many": MANY, **steps},
        "settings": alone.exponents(),
        "once": alone.once(),
    }
    text = written(table, curves_of(cells), alone.rows[0]["machine"])
    costs.TABLE.write_text(text, encoding="utf-8")
    print(text.split("[curves")[0])


def add(names: Sequence[str], curves: Mapping[tuple[str, str], Curves]) -> None:
    """Replace the rows of some methods in the table, or add them."""
    lines = costs.TABLE.read_text(encoding="utf-8").splitlines()
    for (kind, name), both in curves.items():
        if name not in names:
            continue
        start = lines.index(f"[curves.{kind}]") + 1
        end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
        others = [line for line in lines[start:end] if not line.startswith(json.dumps(name) + " ")]
        lines[start:end] = sorted([*others, line_of(name, both)], key=lambda line: line.split('"')[1])
    costs.TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def line_of(name: str, both: Curves) -> str:
    """The row of a method in the table."""
    row = [f"{both.stepped:d}"]
    for curve in (both.fit, both.answer):
        row += [f"{curve.floor:.3g}", f"{curve.level:.3f}", *(f"{b:.2f}" for b in curve.exponents)]
    return f"{json.dumps(name)} = {json.dumps(' '.join(row))}"


def written(table: Mapping[str, Any], curves: Mapping[tuple[str, str], Curves], machine: str) -> str:
    """The table as TOML."""
    lines = [HEADER.format(machine=machine, features=", ".join(FEATURES))]
    lines += [f"{name} = {value}" for name, value in table.items() if not isinstance(value, dict)]
    for name, values in table.items():
        if isinstance(values, dict):
            lines += ["", f"[{name}]", *(f"{json.dumps(key)} = {value}" for key, value in values.items())]
    kind = ""
    for (own, name), both in sorted(curves.items()):
        if own != kind:
            lines += ["", f"[curves.{own}]"]
            kind = own
        lines.append(line_of(name, both))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
