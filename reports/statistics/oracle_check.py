"""Cells of a run that score better than the exact best, which should be impossible."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.metrics import METRICS
from recurbench.packing import unpack_units
from recurbench.results import Run
from scipy.special import stdtr
from statsmodels.stats.multitest import multipletests

ALARM = 0.001  # the adjusted p value below which a cell is reported
ROUNDING = 1e-9  # of a score; a smaller gain is not one


@dataclass(frozen=True)
class Cell:
    """A final cell beside the exact best on the same test sequences.

    gain: how much better it scores than the exact best, in the metric of the problem, positive where better.
    error: the standard error of the gain over sequences. p: one-sided, adjusted by Holm over the cells of the
    run that have an exact best.
    """

    problem: str
    address: str
    seed: int | None
    data_seed: int | None
    gain: float
    error: float
    p: float


def beside_the_best(run: Run) -> list[Cell]:
    """Every good final cell of a problem whose exact best answered the same test sequences.

    Over all draws no method can expect more than the exact best, and a test sequence is independent of what
    was learned; so a gain that the spread over sequences does not explain means a leak, or an oracle that is
    none.
    """
    found = list(_paired(run))
    adjusted = multipletests([p for *_, p in found], method="holm")[1] if found else []
    return [Cell(*each[:-1], float(p)) for each, p in zip(found, adjusted, strict=True)]


def alarms(run: Run) -> list[str]:
    """A line for every cell that beats the exact best beyond what chance explains."""
    return [
        f"ALARM: {cell.address} beats the exact best of {cell.problem} by {cell.gain:.3g} ± {cell.error:.2g} "
        f"(seed {cell.seed}, draw {cell.data_seed}; p {cell.p:.1g}): it sees what it should not, or the "
        "exact best is none"
        for cell in beside_the_best(run)
        if cell.p < ALARM
    ]


def gain_over(
    own: NDArray[np.float64], best: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float, float]:
    """The weighted mean of own - best [n], its standard error over the n sequences, and its one-sided p."""
    counted = weights > 0
    gap, w = (own - best)[counted], weights[counted]
    n = len(gap)
    if n < 2:
        return (float(gap.mean()) if n else 0.0), math.inf, 1.0
    mean = float((w * gap).sum() / w.sum())
    # Of a ratio of two sums, by its linear part.
    error = float(np.sqrt(n / (n - 1) * ((w * (gap - mean)) ** 2).sum()) / w.sum())
    if mean <= ROUNDING:
        return mean, error, 1.0
    return mean, error, float(stdtr(n - 1, -mean / error)) if error > 0 else 0.0


def _paired(run: Run) -> Iterator[tuple[str, str, int | None, int | None, float, float, float]]:
    exact = {place: unpack_units(facts.get("units", b"")) for place, facts in run.problems.items()}
    final = run.final
    for _, row in final[final["status"] == "ok"].iterrows():
        seed, draw = (None if pd.isna(row[name]) else int(row[name]) for name in ("seed", "data_seed"))
        place, own = (str(row["problem"]), draw), unpack_units(row["units"])
        metric, best = str(row["metric"]), exact.get(place, {})
        if metric not in own or metric not in best or len(own[metric][0]) != len(best[metric][0]):
            continue
        sign = 1.0 if METRICS[metric].higher_is_better else -1.0
        values, weights = own[metric]
        found = gain_over(sign * values, sign * best[metric][0], weights)
        yield place[0], str(row["address"]), seed, draw, *found
