"""Two methods on the draws of a problem, example by example: their skills, and how the difference varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL, RESAMPLES, STREAM
from recurbench.reports.statistics.lift_verdicts import block_of
from recurbench.reports.statistics.long_run import LEAST_WINDOWS, ratio_of_means
from recurbench.reports.statistics.origin_layout import Layout, layout_of
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.results import shared_cases
from scipy.stats import t as student

TOGETHER = 20_000_000  # resampled examples at once: 160 MB for each copy of them


@dataclass(frozen=True)
class Draw:
    """One draw of a problem, example by example: errors or scores, and what skill 0 and 1 stand for.

    weights, floor, ceiling: [n]; recurrent, other: [n, S], one column per model seed. Skill is
    (score - floor) / (ceiling - floor), each a weighted mean over the examples. blocks: [n], the
    independent unit of each example. shared: `shared_cases` of the problem. layout: of one real series, or of
    a few, how its origins follow each other; their dependence is then estimated, see `long_run`.
    """

    weights: Floats
    floor: Floats
    ceiling: Floats
    recurrent: Floats
    other: Floats
    blocks: NDArray[np.int64]
    shared: float = 0.0
    layout: Layout | None = None

    def skills(self, times: Floats) -> tuple[Floats, Floats]:
        """Skills of both sides, [B, S], when example i counts times[b, i]."""
        weight = times * self.weights
        total = weight.sum(axis=1, keepdims=True)
        low = weight @ self.floor[:, None] / total
        reach = weight @ self.ceiling[:, None] / total - low
        one, other = (weight @ side / total for side in (self.recurrent, self.other))
        return (one - low) / reach, (other - low) / reach

    def influence(self) -> Floats:
        """[n]: what each example adds to the error of the difference of skills, the mean over the seeds."""
        gaps = (self.recurrent - self.other).mean(axis=1)
        _, found = ratio_of_means(self.weights * gaps, self.weights * (self.ceiling - self.floor))
        return found


def drawn(
    about: Mapping[str, Any], weights: Floats, parts: tuple[Floats, ...], known: NDArray[np.bool_]
) -> Draw:
    """The examples of one draw that are known; parts: floor, ceiling and the scores of both sides."""
    floor, ceiling, one, other = (part[known] for part in parts)
    layout = layout_of(about)
    if layout is None:
        unit = blocks(about["series"], about["kind"])[known]
    else:
        layout = layout.of(known)
        unit = layout.windows()
    return Draw(weights[known], floor, ceiling, one, other, unit, shared_cases(about), layout)


def blocks(series: Sequence[str], kind: str) -> NDArray[np.int64]:
    """The independent unit of every test example.

    Whole series or groups where there are several; of one series alone, runs of neighbouring origins of about
    the cube root of their number, for neighbours share most of their history.
    """
    names = list(dict.fromkeys(series))
    if len(names) == 1 and kind == "forecasting":
        origins: NDArray[np.int64] = np.arange(len(series), dtype=np.int64) // block_of(len(series))
        return origins
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[name] for name in series], dtype=np.int64)


def measured(draws: Sequence[Draw]) -> tuple[tuple[float, float], Spread]:
    """The mean skills of both sides over all draws, and how their difference varies."""
    rng = np.random.default_rng(STREAM)
    per_draw = [draw.skills(np.ones((1, len(draw.weights)))) for draw in draws]
    skills = [float(np.mean([side[k].mean() for side in per_draw])) for k in (0, 1)]
    # Samples are independent; on a single sample, seeds are.
    lifts = np.array([(one - other).mean() for one, other in per_draw])
    if len(draws) == 1:
        lifts = (per_draw[0][0] - per_draw[0][1])[0]
    if len(draws) == 1 and draws[0].layout is not None:
        by_seeds = float(lifts.var(ddof=1)) / len(lifts) if len(lifts) > 1 else None
        layout = draws[0].layout
        by_origins, cosines = layout.spread(draws[0].influence()) or (None, 0)
        windows = layout.origins.windows
        return (skills[0], skills[1]), Spread(by_origins, by_seeds, windows, len(lifts), 1, cosines)
    units = sum(len(np.unique(draw.blocks)) for draw in draws)
    resampled = np.stack([_resampled(draw, rng) for draw in draws]).mean(axis=0)
    by_units = float(np.nanvar(resampled, ddof=1)) if units > len(draws) else None
    # A single sample shares no cases with another.
    shared = draws[0].shared if len(draws) > 1 else 0.0
    by_seeds = float(lifts.var(ddof=1)) * (1 / len(lifts) + shared) if len(lifts) > 1 else None
    return (skills[0], skills[1]), Spread(by_units, by_seeds, units, len(lifts), len(draws))


@dataclass(frozen=True)
class Spread:
    """Variances of the lift from test units and from seeds or draws, None where unknown, and their sizes.

    cosines: the degrees of freedom of `by_units` where the dependence of test origins was estimated.
    """

    by_units: float | None
    by_seeds: float | None
    units: int
    repeats: int
    draws: int
    cosines: int | None = None

    @property
    def shown(self) -> bool:
        """Whether there are enough test units for an interval."""
        return self.units >= (LEAST_UNITS if self.cosines is None else LEAST_WINDOWS)

    @property
    def enough(self) -> bool:
        """Whether there are enough test units for a verdict."""
        return self.units >= LEAST_UNITS

    def variance(self) -> tuple[float, float] | None:
        """The variance of the lift and its degrees of freedom; None where nothing varies to be resampled."""
        if self.by_units is None and self.by_seeds is None:
            return None
        units, seeds = self.by_units or 0.0, self.by_seeds or 0.0
        if self.draws > 1:
            return max(seeds, units), self.repeats - 1
        freedom = max(self.units - 1, 1) if self.cosines is None else max(self.cosines, 1)
        parts = [(units, freedom), (seeds, max(self.repeats - 1, 1))]
        below = sum(part**2 / n for part, n in parts)
        return units + seeds, (units + seeds) ** 2 / below if below else freedom

    def half_width(self) -> float | None:
        """Half the width of the interval; None where nothing varies that could be resampled."""
        found = self.variance()
        return None if found is None else _half(*found)

    def of_units(self) -> float | None:
        """The same from the test units alone, as if the number of seeds were infinite."""
        freedom = max(self.units - self.draws, 1) if self.cosines is None else self.cosines
        return None if self.by_units is None else _half(self.by_units, freedom)


def _half(variance: float, freedom: float) -> float:
    quantile = float(student.ppf((1 + LEVEL) / 2, freedom))
    return quantile * float(np.sqrt(variance))


def _resampled(draw: Draw, rng: np.random.Generator) -> Floats:
    """The draw's lift, averaged over its seeds, in RESAMPLES resamples of its independent units."""
    names, place = np.unique(draw.blocks, return_inverse=True)
    # In parts, because thousands of series with several origins each would take gigabytes at once.
    size = max(1, min(RESAMPLES, TOGETHER // len(place)))
    parts = []
    for start in range(0, RESAMPLES, size):
        chances, times = np.full(len(names), 1 / len(names)), min(size, RESAMPLES - start)
        counts = rng.multinomial(len(names), chances, size=times)
        one, other = draw.skills(counts[:, place].astype(np.float64))
        parts.append((one - other).mean(axis=1))
    difference: Floats = np.concatenate(parts)
    # Skill is undefined in a resample in which the reference makes no error.
    difference[~np.isfinite(difference)] = np.nan
    return difference
