"""Fit curves of CPU time by the size of a problem, for every method, family and kind of task."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from measured_times import LEAST, Cell, stepped
from recurbench.planning.costs import FEATURES, Curve, Curves, Point
from recurbench.task import Array
from scipy.optimize import nnls

STEEPEST = 3.0  # largest exponent
# The exponents of a kind of task are pulled towards these values: to train, and to predict.
EXPECTED = (
    {"examples": 0.7, "length": 0.7, "channels": 0.2, "outputs": 0.1, "horizon": 0.2, "season": 0.2},
    {"asked": 0.8, "length": 0.7, "examples": 0.2, "channels": 0.2, "outputs": 0.1, "horizon": 0.2},
)
# How strongly the exponents of a method are pulled towards its family, and those of a family to its kind.
TIED = 0.4
HUBER = 0.5  # in log seconds: larger residuals get less weight
LEARNERS = ("features", "feedforward", "convolutional", "recurrent", "attention")

Grouped = tuple[list[Point], list[float], list[bool]]


def solve(
    points: Sequence[Point],
    seconds: Sequence[float],
    late: Sequence[bool],
    tied: Sequence[float],
    free: Sequence[bool],
) -> Curve:
    """Fit a curve to the seconds. Exponents are pulled towards `tied`; those that are not free are 0."""
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
        # A fit that timed out took longer than its seconds say, so it counts only if the curve is below it.
        used = ~np.array(late) | (off > 0)
    return Curve(floor, float(level - middle @ slopes), tuple(float(b) for b in slopes))


def split_off(taken: Array, late: Array) -> tuple[float, Array, Array]:
    """The seconds that every problem takes, the seconds above that, and their share of the total."""
    floor = 0.7 * float(taken[~late].min(initial=math.inf))
    floor = floor if math.isfinite(floor) else LEAST
    above = np.maximum(taken - floor, 0.1 * taken)
    return floor, above, above / taken


def bounded(
    rows: Array, wanted: Array, tied: Sequence[float], free: Sequence[bool], strength: float
) -> tuple[float, Array]:
    """Level and exponents by least squares. Exponents are not negative, and are pulled towards `tied`."""
    on = np.flatnonzero(free)
    penalty = np.zeros((len(on), len(on) + 2))
    penalty[:, 2:] = np.eye(len(on)) * math.sqrt(strength)
    # `nnls` gives no negative numbers, so the level is the difference of two columns.
    fitted = np.column_stack([rows[:, 0], -rows[:, 0], rows[:, 1 + on]])
    solution, _ = nnls(
        np.vstack([fitted, penalty]), np.concatenate([wanted, np.array(tied)[on] * math.sqrt(strength)])
    )
    slopes = np.zeros(len(free))
    slopes[on] = np.minimum(solution[2:], STEEPEST)
    return float(solution[0] - solution[1]), slopes


def common(parts: Mapping[str, Grouped], tied: Sequence[float], free: Sequence[bool]) -> list[float]:
    """The exponents that several methods have in common; each method has its own level."""
    rows, wanted = [], []
    for points, seconds, late in parts.values():
        exact = ~np.array(late)
        if exact.sum() < 2:
            continue
        X, taken = np.array(points)[exact], np.array(seconds)[exact]
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
    curves: dict[tuple[str, str], Curves] = {}
    for kind in sorted({cell.size.kind for cell in cells}):
        of_kind = [cell for cell in cells if cell.size.kind == kind]
        # Networks come second: they are timed by steps, and replace the curve of a family that has both.
        for which in (False, True):
            some = [cell for cell in of_kind if stepped(cell.plugin) is which]
            if some:
                curves |= sort_of(kind, some, which, of_kind)
    return curves


def sort_of(
    kind: str, cells: Sequence[Cell], steps: bool, everyone: Sequence[Cell]
) -> dict[tuple[str, str], Curves]:
    """The curves of the networks, or of all other methods, for one kind of task."""
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
            every = [made[name] for name in grouped(cells, part)]
            made["family"] = between(every, overall, cells, part)
        parts.append(made)
    return {
        (kind, name): Curves(parts[0][name], parts[1][name], steps) for name in parts[0] if name in parts[1]
    }


def free_in(kind: str, part: int, family: str) -> list[bool]:
    """Which features the time to train (part 0) or to predict (part 1) may depend on.

    Only predicting depends on the number of test examples. Only learners of forecasts train on windows.
    """
    learns = kind == "forecasting" and part == 0 and family in LEARNERS
    return [{"asked": part == 1, "windows": learns}.get(name, True) for name in FEATURES]


def grouped(cells: Iterable[Cell], part: int) -> dict[str, Grouped]:
    """By method the points, the seconds, and whether the fit timed out, for one part."""
    by_method: dict[str, Grouped] = {}
    for cell in cells:
        if part == 1 and cell.late:
            continue
        points, seconds, late = by_method.setdefault(cell.plugin.name, ([], [], []))
        points.append(cell.points[part])
        seconds.append((cell.fit, cell.answer)[part])
        late.append(cell.late)
    return by_method


def between(curves: Sequence[Curve], exponents: Sequence[float], cells: Sequence[Cell], part: int) -> Curve:
    """One curve for several: through the median of their seconds at the mean point of the cells."""
    middle = tuple(float(v) for v in np.mean([cell.points[part] for cell in cells], axis=0))
    floor = statistics.median(curve.floor for curve in curves)
    above = statistics.median(curve.seconds(middle) - curve.floor for curve in curves)
    level = math.log(max(above, LEAST)) - sum(b * x for b, x in zip(exponents, middle, strict=True))
    return Curve(floor, level, tuple(exponents))
