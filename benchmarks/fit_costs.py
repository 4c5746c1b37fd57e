"""Fit the numbers that `recurbench plan` ships with, on what `benchmarks/measure_costs.py` measured.

    python benchmarks/fit_costs.py runs/costs

    python benchmarks/fit_costs.py runs/costs-mine --only my-method

writes bench/planning/costs.toml, or the rows of these methods into it; prints how far it is off for a
problem, or a method, that was left out of the fit.
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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from measure_costs import CROWDED, GROUP, PLUGINS, STEPS, TIMEOUT, WARM
from recurbench.address import split_address
from recurbench.planning import costs
from recurbench.planning.costs import BASES, FEATURES, NETWORKS, Curve, Curves, Point
from recurbench.record import RunFile
from recurbench.registry import Plugin, discover
from recurbench.running import sizes
from recurbench.running.job import build
from recurbench.running.sizes import Size
from recurbench.task import Array
from scipy.optimize import nnls

RESULTS = Path(__file__).parent.parent / "docs" / "results" / "cells.sqlite.xz"
HEADER = """\
# What methods take, for `recurbench plan`: measured by benchmarks/measure_costs.py on {machine},
# fitted by benchmarks/fit_costs.py.
#
# A row of curves: 1 where the fit is one optimizer step of a network, else 0; then floor, level and exponents
# of the fit, then those of answering a split. Seconds are floor + exp(level + sum of exponent x log feature);
# the features are
# {features}.
# "family" rows stand for methods nobody measured.
"""
STEEPEST = 3.0  # exponent
# What the exponents of a kind of task are held to, of a fit and of its answers: they are 0.7 of linear or so.
EXPECTED = (
    {"examples": 0.7, "length": 0.7, "channels": 0.2, "outputs": 0.1, "horizon": 0.2, "season": 0.2},
    {"asked": 0.8, "length": 0.7, "examples": 0.2, "channels": 0.2, "outputs": 0.1, "horizon": 0.2},
)
TIED = (
    0.4  # how strongly a method's exponents are held to those of its family, and these to those of its kind
)
LEAST = 1e-5  # seconds
HUBER = 0.5  # in log seconds: what is farther off counts less
BUDGETS = (400, 4000)  # `Budget.of` in methods/_networks/budget.py
MANY = 1000
LEARNERS = ("features", "feedforward", "convolutional", "recurrent", "attention")
NOTED = 0.15  # seconds that a first cell must take more, for it to be noted

Grouped = tuple[list[Point], list[float], list[bool]]


@dataclass(frozen=True)
class Cell:
    """One measured cell: seconds of its fit (of a network per step) and of its answers; late: or more."""

    plugin: Plugin
    problem: str
    size: Size
    fit: float
    answer: float
    late: bool = False

    @property
    def points(self) -> tuple[Point, Point]:
        """What the two parts depend on."""
        return costs.fitting(self.size, "both"), costs.answering(self.size, "both")


def stepped(plugin: Plugin) -> bool:
    """Whether a method trains by optimizer steps."""
    return "max_steps" in plugin.settings


class Measured:
    """The rows of a run of the measuring, and how large their problems are."""

    def __init__(self, folder: Path) -> None:
        self._registry = discover(PLUGINS)
        self._sizes: dict[str, Size] = {}
        file = RunFile(folder / "results.sqlite")
        self.rows = file.rows("stage = 'final' AND status IN ('ok', 'timeout')")
        self.inner = file.rows("stage = 'inner' AND status = 'ok'")
        file.close()

    def size(self, row: Mapping[str, Any]) -> Size:
        """Of the problem of a row."""
        address = row["problem"]
        if address not in self._sizes:
            (choice,) = self._registry.select_datasets([address])
            self._sizes[address] = sizes.size_of(build(choice, row["data_seed"]))
        return self._sizes[address]

    def plugin(self, row: Mapping[str, Any]) -> Plugin:
        """The method of a row."""
        return self._registry.methods[row["method"]]

    def cells(self) -> list[Cell]:
        """The cells of every size, without those that came first in a worker or have other settings."""
        found = []
        for row in self.rows:
            changed = split_address(row["address"])[1]
            if warm(row) or changed not in ({}, {"max_steps": STEPS}):
                continue
            plugin, late = self.plugin(row), row["status"] == "timeout"
            steps = row["notes"].get("steps_done", STEPS) if stepped(plugin) else 1
            fit = TIMEOUT / CROWDED if late else row["fit_cpu_seconds"]
            answer = LEAST if late else row["cpu_seconds"] - fit
            found.append(Cell(plugin, row["problem"], self.size(row), fit / steps, max(answer, LEAST), late))
        return found

    def once(self) -> dict[str, float]:
        """What the first cell of a method in a worker took more than the next, by method."""
        first, base = defaultdict(list), {}
        for row in self.rows:
            if row["status"] == "ok" and row["dials"].get("asked") == WARM:
                first[row["method"]].append((row["kind"], row["cpu_seconds"]))
            elif row["problem"] == f"sized-{row['kind']}" and row["status"] == "ok":
                base.setdefault((row["method"], row["kind"]), row["cpu_seconds"])
        more = {
            name: statistics.median(
                max(0.0, s - base[name, kind]) for kind, s in seen if (name, kind) in base
            )
            for name, seen in first.items()
            if any((name, kind) in base for kind, _ in seen)
        }
        networks = {name for name in more if stepped(self._registry.methods[name])}
        found = {name: round(s, 2) for name, s in more.items() if s > NOTED and name not in networks}
        return {**found, NETWORKS: round(max(more[name] for name in networks), 2)}

    def exponents(self) -> dict[str, float]:
        """By setting, how the seconds of a fit grow with it; the median over methods."""
        base = {
            (r["problem"], r["method"]): r["fit_cpu_seconds"] for r in self.rows if plain(r) and not warm(r)
        }
        seen = defaultdict(list)
        for row in self.rows:
            changed = {k: v for k, v in split_address(row["address"])[1].items() if k != "max_steps"}
            key = row["problem"], row["method"]
            if len(changed) != 1 or warm(row) or key not in base or row["status"] != "ok":
                continue
            ((name, value),) = changed.items()
            grown = math.log(row["fit_cpu_seconds"] / base[key])
            seen[name].append(grown / math.log(value / self.plugin(row).settings[name]))
        return {name: round(max(0.0, statistics.median(found)), 2) for name, found in sorted(seen.items())}


def warm(row: Mapping[str, Any]) -> bool:
    """Whether a row is of the problem that came first in a worker."""
    return bool(row["dials"].get("asked") in (WARM, WARM + 1))


def plain(row: Mapping[str, Any]) -> bool:
    """Whether a method ran with its own settings, but for the number of steps."""
    return row["status"] == "ok" and not set(split_address(row["address"])[1]) - {"max_steps"}


def solve(
    points: Sequence[Point],
    seconds: Sequence[float],
    late: Sequence[bool],
    tied: Sequence[float],
    free: Sequence[bool],
) -> Curve:
    """The curve through the seconds, its exponents held to `tied`, those not free at 0."""
    X, taken = np.array(points), np.array(seconds)
    floor, above, trust = split_off(taken, np.array(late))
    y = np.log(above)
    middle = np.average(X, axis=0, weights=trust)
    weights, used = trust, ~np.array(late)
    for _ in range(4):
        root = np.sqrt(weights * used)
        rows = np.column_stack([np.ones(len(X)), X - middle]) * root[:, None]
        level, slopes = bounded(rows, y * root, tied, free, TIED)
        off = y - level - (X - middle) @ slopes
        weights = trust * np.minimum(1, HUBER / np.maximum(np.abs(off), 1e-9))
        # What met the limit says only that it is dearer: it counts while it is predicted to be cheaper.
        used = ~np.array(late) | (off > 0)
    return Curve(floor, float(level - middle @ slopes), tuple(float(b) for b in slopes))


def split_off(taken: Array, late: Array) -> tuple[float, Array, Array]:
    """What every problem takes, the seconds above that, and how much of the whole these are."""
    floor = 0.7 * float(taken[~late].min(initial=math.inf))
    floor = floor if math.isfinite(floor) else LEAST
    above = np.maximum(taken - floor, 0.1 * taken)
    return floor, above, above / taken


def bounded(
    rows: Array, wanted: Array, tied: Sequence[float], free: Sequence[bool], strength: float
) -> tuple[float, Array]:
    """A level and exponents of least squares; those are 0 or more, 0 where not free, and held to `tied`."""
    on = np.flatnonzero(free)
    held = np.zeros((len(on), len(on) + 2))
    held[:, 2:] = np.eye(len(on)) * math.sqrt(strength)
    # Two columns for the level, which may have either sign.
    fitted = np.column_stack([rows[:, 0], -rows[:, 0], rows[:, 1 + on]])
    found, _ = nnls(
        np.vstack([fitted, held]), np.concatenate([wanted, np.array(tied)[on] * math.sqrt(strength)])
    )
    slopes = np.zeros(len(free))
    slopes[on] = np.minimum(found[2:], STEEPEST)
    return float(found[0] - found[1]), slopes


def common(parts: Mapping[str, Grouped], tied: Sequence[float], free: Sequence[bool]) -> list[float]:
    """The exponents that several methods share, each with a level of its own."""
    rows, wanted = [], []
    for points, seconds, late in parts.values():
        kept = ~np.array(late)
        if kept.sum() < 2:
            continue
        X, taken = np.array(points)[kept], np.array(seconds)[kept]
        _, above, trust = split_off(taken, np.zeros(len(taken), dtype=bool))
        y = np.log(above)
        inner = X - np.average(X, axis=0, weights=trust)
        rows.append(np.column_stack([np.zeros(len(X)), inner]) * np.sqrt(trust)[:, None])
        wanted.append((y - np.average(y, weights=trust)) * np.sqrt(trust))
    if not rows:
        return list(tied)
    _, slopes = bounded(np.vstack(rows), np.concatenate(wanted), tied, free, TIED * len(rows))
    return [float(b) for b in slopes]


def curves_of(cells: Sequence[Cell]) -> dict[tuple[str, str], Curves]:
    """The curves of every method, family and kind, by kind and name."""
    found: dict[tuple[str, str], Curves] = {}
    for kind in sorted({cell.size.kind for cell in cells}):
        own = [cell for cell in cells if cell.size.kind == kind]
        for which in (False, True):  # networks apart, a step of theirs is no fit; a family of both is theirs
            some = [cell for cell in own if stepped(cell.plugin) is which]
            if some:
                found |= sort_of(kind, some, which, own)
    return found


def sort_of(
    kind: str, cells: Sequence[Cell], steps: bool, everyone: Sequence[Cell]
) -> dict[tuple[str, str], Curves]:
    """The curves of the networks, or of all others, of one kind."""
    parts: list[dict[str, Curve]] = []
    for part in (0, 1):
        free = free_in(kind, part, "features")
        overall = common(grouped(cells, part), [EXPECTED[part].get(name, 0.0) for name in FEATURES], free)
        made: dict[str, Curve] = {}
        for family in sorted({cell.plugin.family for cell in cells}):
            of = [cell for cell in cells if cell.plugin.family == family]
            free = free_in(kind, part, family)
            shared = common(grouped(of, part), overall, free)
            for name, (points, seconds, late) in grouped(of, part).items():
                made[name] = solve(points, seconds, late, shared, free)
            made[f"family {family}"] = between([made[n] for n in grouped(of, part)], shared, of, part)
        if not steps or not any(not stepped(cell.plugin) for cell in everyone):
            own = [made[name] for name in grouped(cells, part)]
            made["family"] = between(own, overall, cells, part)
        parts.append(made)
    return {
        (kind, name): Curves(parts[0][name], parts[1][name], steps) for name in parts[0] if name in parts[1]
    }


def free_in(kind: str, part: int, family: str) -> list[bool]:
    """Which features a part of a cell may depend on.

    Only answers depend on how many are asked. Windows are what the learners of a forecast are given.
    """
    learns = kind == "forecasting" and part == 0 and family in LEARNERS
    return [{"asked": part == 1, "windows": learns}.get(name, True) for name in FEATURES]


def grouped(cells: Iterable[Cell], part: int) -> dict[str, Grouped]:
    """Points, seconds and whether they are a least, of one part, by method."""
    found: dict[str, Grouped] = {}
    for cell in cells:
        if part == 1 and cell.late:
            continue
        points, seconds, late = found.setdefault(cell.plugin.name, ([], [], []))
        points.append(cell.points[part])
        seconds.append((cell.fit, cell.answer)[part])
        late.append(cell.late)
    return found


def between(curves: Sequence[Curve], exponents: Sequence[float], cells: Sequence[Cell], part: int) -> Curve:
    """A curve amid several: the median of what they say in the middle of the cells."""
    middle = tuple(float(v) for v in np.mean([cell.points[part] for cell in cells], axis=0))
    floor = statistics.median(curve.floor for curve in curves)
    above = statistics.median(curve.seconds(middle) - curve.floor for curve in curves)
    level = math.log(max(above, LEAST)) - sum(b * x for b, x in zip(exponents, middle, strict=True))
    return Curve(floor, level, tuple(exponents))


def shares(folder: Path) -> tuple[list[float], list[float]]:
    """What shares of its budget a network takes while it is watched, and with the steps found best."""
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
    """The budget of a network by the rule."""
    return BUDGETS[size.free or size.examples >= MANY]


def together(alone: Measured, grouped: Measured) -> float:
    """The exponent of how many seeds share a fit, in what each of them costs."""
    base = {
        row["address"]: row["fit_cpu_seconds"]
        for row in alone.rows
        if row["problem"] == "sized-classification"
    }
    found = [
        math.log(row["fit_cpu_seconds"] / base[row["address"]]) / math.log(GROUP)
        for row in grouped.rows
        if row["dials"]["asked"] != WARM and row["address"] in base
    ]
    return round(min(0.0, statistics.median(found)), 2)


def off(made: Mapping[tuple[str, str], Curves], cell: Cell, name: str) -> float | None:
    """How far a prediction of a cell is off, as a logarithm; name: of the curves to take."""
    curves = made.get((cell.size.kind, name))
    if curves is None or cell.late or curves.stepped is not stepped(cell.plugin):
        return None
    steps = STEPS if curves.stepped else 1
    fit, answer = cell.points
    said = steps * curves.fit.seconds(fit) + curves.answer.seconds(answer)
    return math.log((steps * cell.fit + cell.answer) / said)


def left_out(cells: Sequence[Cell]) -> dict[str, list[float]]:
    """By basis, how far the cells of a problem, or of a method, are off where it was left out of the fit."""
    found: dict[str, list[float | None]] = defaultdict(list)
    for problem in sorted({cell.problem for cell in cells}):
        out = [cell for cell in cells if cell.problem == problem]
        kind = out[0].size.kind
        made = curves_of([c for c in cells if c.problem != problem and c.size.kind == kind])
        for cell in out:
            name = NETWORKS if stepped(cell.plugin) else "the method"
            found[name].append(off(made, cell, cell.plugin.name))
    for name in sorted({cell.plugin.name for cell in cells}):
        own = [cell for cell in cells if cell.plugin.name == name]
        kinds = {cell.size.kind for cell in own}
        made = curves_of([c for c in cells if c.plugin.name != name and c.size.kind in kinds])
        found["its family"] += [off(made, cell, f"family {cell.plugin.family}") for cell in own]
        found["its kind of task"] += [off(made, cell, "family") for cell in own]
    return {name: [one for one in values if one is not None] for name, values in found.items()}


def within(errors: Sequence[float]) -> float:
    """The factor that 8 of 10 are within."""
    return math.exp(float(np.quantile(np.abs(errors), 0.8)))


def repeated() -> float:
    """The factor within which 8 of 10 seeds of the stored results are of the median of their like cells."""
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
    """Fit, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", help="methods whose rows are added to those that there are")
    words = parser.parse_args()
    alone = Measured(words.folder)
    cells = alone.cells()
    if words.only:
        add(words.only, curves_of([cell for cell in cells if cell.plugin.name in words.only]))
        return
    errors = left_out(cells)
    for name, found in errors.items():
        print(
            f"{name}: {len(found)} cells, median factor {math.exp(statistics.median(map(abs, found))):.2f}, "
            f"8 of 10 within {within(found):.2f}, worst {math.exp(max(map(abs, found))):.1f}"
        )
    watched, final = shares(words.folder.with_name(f"{words.folder.name}-budgets"))
    inner = statistics.fmean(watched)
    # How many steps a network takes is another thing that nobody knows before.
    luck = np.random.default_rng(0).choice(
        [math.log(share / inner) for share in watched], len(errors[NETWORKS])
    )
    errors["the method"] += [one + step for one, step in zip(errors.pop(NETWORKS), luck, strict=True)]
    print(f"with the steps of networks: 8 of 10 within {within(errors['the method']):.2f}")
    factors = {"like cells": repeated(), **{name: within(found) for name, found in errors.items()}}
    steps = {"inner": round(inner, 2), "final": round(statistics.fmean(final), 2)}
    table = {
        "together": together(alone, Measured(words.folder.with_name(f"{words.folder.name}-seeds"))),
        "factors": {name: round(factors[name], 2) for name in BASES},
        "steps": {"short": BUDGETS[0], "long": BUDGETS[1], "many": MANY, **steps},
        "settings": alone.exponents(),
        "once": alone.once(),
    }
    text = written(table, curves_of(cells), alone.rows[0]["machine"])
    costs.TABLE.write_text(text, encoding="utf-8")
    print(text.split("[curves")[0])


def add(names: Sequence[str], curves: Mapping[tuple[str, str], Curves]) -> None:
    """Put the rows of some methods into the table as it is, in place of those they had."""
    lines = costs.TABLE.read_text(encoding="utf-8").splitlines()
    for (kind, name), both in curves.items():
        if name not in names:
            continue
        start = lines.index(f"[curves.{kind}]") + 1
        end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
        kept = [line for line in lines[start:end] if not line.startswith(json.dumps(name) + " ")]
        lines[start:end] = sorted([*kept, line_of(name, both)], key=lambda line: line.split('"')[1])
    costs.TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def line_of(name: str, both: Curves) -> str:
    """A row of the table."""
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
