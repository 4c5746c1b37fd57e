"""What would decide an open difference, if it stays as it is: more seeds, a larger test part, or both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.draws import Draw, Spread, measured

SEEDS = (5, 7, 10, 15, 20, 30)  # tried one after the other; more are not worth their time
TIMES = range(2, 101)  # times as many test units; more are not worth naming


@dataclass(frozen=True)
class Needed:
    """What an open difference needs.

    seeds: so many seeds, the fewest of `SEEDS`; 0 where the seeds of now are kept.
    times: so many times as many test units, the fewest of `TIMES`; 1 where the test part of now is kept,
    infinite where no numbers of `SEEDS` and `TIMES` together are enough.
    """

    seeds: int
    times: float


def smallest_shown(low: float, high: float) -> float:
    """The smallest difference of skill that such an interval can show: half its width, and the margin."""
    return (high - low) / 2 + MARGIN


def needed(draws: Sequence[Draw]) -> Needed:
    """What gives a verdict if the two skills stay as they are: the first that is enough.

    More seeds, else a larger test part, else both. Of several pairs that are enough the one with the smallest
    product is taken.
    """
    return enough(*_open(draws))


def larger_test(draws: Sequence[Draw]) -> Needed:
    """The same, with the seeds of now if any test part of `TIMES` is enough with them."""
    times = _fewest_times(*_open(draws))
    return Needed(0, times) if times else needed(draws)


def _open(draws: Sequence[Draw]) -> tuple[Spread, float, float]:
    """How the difference varies, what half its interval may be at most, and the cases that samples share."""
    skills, spread = measured(draws)
    room = abs(abs(skills[0] - skills[1]) - MARGIN)
    return spread, room, draws[0].shared if len(draws) > 1 else 0.0


def enough(spread: Spread, room: float, shared: float = 0.0) -> Needed:
    """The seeds and the size of the test part with which half the interval is at most `room`.

    shared: the share of cases that two samples have in common, see `Draw`.
    """
    more = [seeds for seeds in SEEDS if seeds > spread.repeats]
    for seeds in more:
        if _within(_with_seeds(spread, seeds, shared), room):
            return Needed(seeds, 1)
    if times := _fewest_times(spread, room, shared):
        return Needed(0, times)
    pairs = [(seeds, _fewest_times(_with_seeds(spread, seeds, shared), room, shared)) for seeds in more]
    both = [(seeds * times, seeds, times) for seeds, times in pairs if times]
    return Needed(*min(both)[1:]) if both else Needed(0, math.inf)


def _within(spread: Spread, room: float) -> bool:
    half = spread.half_width()
    return half is not None and half <= room


def _fewest_times(spread: Spread, room: float, shared: float) -> int | None:
    """The fewest times of `TIMES` that are enough.

    Each is tried: with more test units less variance is left, but the seeds, which are few, hold more of it,
    so the interval uses a larger quantile of Student's t and need not become narrower.
    """
    return next((times for times in TIMES if _within(_with_times(spread, times, shared), room)), None)


def _with_times(spread: Spread, times: int, shared: float) -> Spread:
    """The spread with so many times as many test units.

    The variance over seeds on one test part stays. Of the variance over samples the part that stems from the
    test units of each sample shrinks.
    """
    if spread.by_units is None:
        return spread
    by_units, by_seeds = spread.by_units / times, spread.by_seeds
    if by_seeds is not None and spread.draws > 1:
        from_units = min(by_seeds, spread.by_units * (1 + spread.repeats * shared))
        by_seeds -= from_units * (1 - 1 / times)
    return replace(spread, by_units=by_units, by_seeds=by_seeds, units=spread.units * times)


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
