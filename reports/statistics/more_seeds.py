"""What would decide an open difference, if it stays as it is: more seeds, or a larger test part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.draws import Draw, Spread, measured

SEEDS = (5, 7, 10, 15, 20, 30)  # tried one after the other; more are not worth their time


@dataclass(frozen=True)
class Needed:
    """What an open difference needs. seeds: so many are enough; 0 if no number of `SEEDS` is.

    times: how many times as many test units would be enough with the seeds of now, where seeds are not;
    infinite where the difference is as large as the margin.
    """

    seeds: int
    times: float


def smallest_shown(low: float, high: float) -> float:
    """The smallest difference of skill that such an interval can show: half its width, and the margin."""
    return (high - low) / 2 + MARGIN


def needed(draws: Sequence[Draw]) -> Needed:
    """The seeds, or else the larger test part, that give a verdict if the two skills stay as they are."""
    skills, spread = measured(draws)
    room = abs(abs(skills[0] - skills[1]) - MARGIN)
    shared = draws[0].shared if len(draws) > 1 else 0.0
    for seeds in SEEDS:
        half = _with_seeds(spread, seeds, shared).half_width()
        if seeds > spread.repeats and half is not None and half <= room:
            return Needed(seeds, 1.0)
    half = spread.half_width()
    return Needed(0, math.inf if half is None or not room else max(1.0, (half / room) ** 2))


def _with_seeds(spread: Spread, seeds: int, shared: float) -> Spread:
    """The spread with another number of seeds, which are samples where every seed has its own sample."""
    several = spread.draws > 1
    fewer = spread.repeats / seeds
    by_seeds = spread.by_seeds
    if by_seeds is not None:
        by_seeds *= (1 / seeds + shared) / (1 / spread.repeats + shared)
    return replace(
        spread,
        by_seeds=by_seeds,
        by_units=spread.by_units * fewer if several and spread.by_units is not None else spread.by_units,
        units=round(spread.units / fewer) if several else spread.units,
        repeats=seeds,
        draws=seeds if several else spread.draws,
    )
