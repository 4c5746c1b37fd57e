"""How the test origins of a forecasting problem follow each other, and what an interval over them needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.reports.statistics.long_run import (
    LEAST_COSINES,
    Floats,
    Origins,
    spread_of_mean,
)
from recurbench.results import is_generated

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """The origins of one series, or of a few with equally many, and the place of each test example.

    places: [n], the number of the origin of every test example in its series.
    """

    origins: Origins
    places: NDArray[np.int64]

    def of(self, known: NDArray[np.bool_]) -> Layout:
        """The layout without the test examples that are not known; an origin without any is left out."""
        left, places = np.unique(self.places[known], return_inverse=True)
        return Layout(replace(self.origins, count=len(left)), places.astype(np.int64))

    def windows(self) -> NDArray[np.int64]:
        """[n]: the independent test window of every test example; at most as many as the span has."""
        step, horizon = min(self.origins.step, self.origins.horizon), self.origins.horizon
        found: NDArray[np.int64] = np.minimum(self.places * step // horizon, max(self.origins.windows - 1, 0))
        return found

    def spread(self, influence: Floats) -> tuple[float, int] | None:
        """The variance of the mean of [n] values and its degrees of freedom; None if the span is too short.

        The values of several series at one origin are summed, for series share their time.
        """
        if self.origins.cosines < LEAST_COSINES:
            return None
        sums = np.bincount(self.places, weights=influence, minlength=self.origins.count)
        return spread_of_mean(sums * self.origins.count / len(influence), self.origins)


def layout_of(facts: Facts) -> Layout | None:
    """The layout of the test part of a real forecasting problem; None if series or cases are the units.

    One series, or fewer than LEAST_UNITS series with equally many origins at equal distances. Run files of
    older versions do not hold the origins; they are one horizon apart in every data set of those versions.
    """
    if facts["kind"] != "forecasting" or is_generated(facts):
        return None
    names = [str(name) for name in facts["series"]]
    of_series: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        of_series.setdefault(name, []).append(i)
    if not 1 <= len(of_series) < LEAST_UNITS:
        return None
    counts = {len(own) for own in of_series.values()}
    if len(counts) > 1 or (len(of_series) > 1 and counts == {1}):
        return None
    places = np.empty(len(names), dtype=np.int64)
    for own in of_series.values():
        places[own] = np.arange(len(own))
    at = facts.get("origins")
    horizon = int(facts["steps"])
    steps = (
        {horizon} if at is None else {at[j] - at[i] for own in of_series.values() for i, j in pairwise(own)}
    )
    if len(steps) > 1 or min(steps, default=1) < 1:
        return None
    step = next(iter(steps), horizon)
    return Layout(Origins(next(iter(counts)), step, horizon), places)


def origins_needed(origins: Origins) -> Origins:
    """The fewest origins, at the same distance, whose span allows an interval."""
    return next(longer for n in count(1) if (longer := replace(origins, count=n)).windows >= LEAST_UNITS)
