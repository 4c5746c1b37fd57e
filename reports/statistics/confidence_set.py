"""The methods that the test part cannot tell from the best one: a model confidence set.

Hansen, Lunde and Nason (2011), The model confidence set, Econometrica 79(2), with the range statistic T_R.
The set holds the method with the smallest expected loss with a probability of about LEVEL_OF_SET.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.packing import unpack_units
from recurbench.reports.statistics.constants import LEAST_UNITS, STREAM
from recurbench.reports.statistics.draws import blocks
from recurbench.reports.statistics.lift_verdicts import block_of
from recurbench.reports.statistics.long_run import Origins
from recurbench.reports.statistics.origin_layout import layout_of
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.reports.statistics.selection import contenders
from recurbench.results import Run, once_per_problem
from scipy.stats import norm
from scipy.stats import t as student

LEVEL_OF_SET = 0.9
TIMES = 1000  # resamples
DRAWN_AT_ONCE = 1 << 22  # numbers in memory
# With fewer blocks of origins, or fewer independent units of another kind, a set leaves out too much.
LEAST_BLOCKS = 5
SURE = 1e6  # the statistic of a difference without spread


@dataclass(frozen=True)
class Losses:
    """The losses of the methods of one problem, unit by unit; the mean of a column is the method's loss.

    values: [units, methods], means over the seeds of a method. block: how many neighbouring units are drawn
    together, 1 where the units are independent. independent: how many independent units there are.
    """

    methods: tuple[str, ...]
    values: Floats
    block: int
    independent: int


@dataclass(frozen=True)
class ConfidenceSet:
    """The methods that cannot be told from the best on test.

    members: their addresses, the smallest loss first; empty where the test part has fewer than the
    needed independent units. p_values: by address the smallest level of a test that removes the method; 1 for
    the members.
    """

    members: tuple[str, ...]
    p_values: Mapping[str, float]
    independent: int
    needed: int


@once_per_problem
def set_of(run: Run, problem: str) -> ConfidenceSet | None:
    """The set of the contenders of one problem; None where fewer than two have losses per example."""
    losses = losses_of(run, problem)
    if losses is None or len(losses.methods) < 2:
        return None
    needed = LEAST_BLOCKS if losses.block > 1 else LEAST_UNITS
    if losses.independent < needed:
        return ConfidenceSet((), {}, losses.independent, needed)
    rng = np.random.default_rng(STREAM)
    again = resampled(losses.values, losses.block, TIMES, rng)
    found = p_values(losses.values, again, losses.independent, 1 - LEVEL_OF_SET)
    order = np.argsort(losses.values.mean(axis=0), kind="stable")
    kept = tuple(losses.methods[i] for i in order if found[i] > 1 - LEVEL_OF_SET)
    values = dict(zip(losses.methods, map(float, found), strict=True))
    return ConfidenceSet(kept, values, losses.independent, needed)


def losses_of(run: Run, problem: str) -> Losses | None:
    """The losses of the contenders in the metric of the problem, or None where none are kept per example.

    A unit is an origin where all examples are of one or a few real series, else a series or a group, else a
    case. Where a data set is generated several times, a sample is a unit. An example whose score is undefined
    for one method counts for none.
    """
    final = contenders(run.final[run.final["problem"] == problem])
    facts = run.draws(problem)
    if not len(final) or not facts:
        return None
    parts = [_of_sample(final, seed, about) for seed, about in facts.items()]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    shared = [name for name in known[0][0] if all(name in scores for scores, _ in known)]
    if not shared:
        return None
    if len(known) > 1:
        values = np.array([[_mean(scores[name], weights) for name in shared] for scores, weights in known])
        return Losses(tuple(shared), values, 1, len(values))
    scores, weights = known[0]
    about = next(iter(facts.values()))
    return _of_units(shared, np.column_stack([scores[name] for name in shared]), weights, about)


def resampled(losses: Floats, block: int, times: int, rng: np.random.Generator) -> Floats:
    """[times, methods]: mean losses when blocks of neighbouring units are drawn with replacement.

    losses: [units, methods]. The moving-block bootstrap of Künsch (1989); the last block is cut so that as
    many units are drawn as there are.
    """
    n = len(losses)
    if block == 1:
        chunks = np.array_split(np.arange(times), max(1, times * n // DRAWN_AT_ONCE))
        shares = np.full(n, 1 / n)
        return np.vstack([rng.multinomial(n, shares, size=len(chunk)) @ losses / n for chunk in chunks])
    starts = rng.integers(n - block + 1, size=(times, math.ceil(n / block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(times, -1)[:, :n]
    means: Floats = losses[places].mean(axis=1)
    return means


def p_values(losses: Floats, again: Floats, independent: int | None = None, until: float = 1.0) -> Floats:
    """[methods]: the p value of every method; the set at level 1 - a holds the methods with p > a.

    losses: [units, methods]. again: [times, methods], means of resamples. independent: the number of
    independent units, for the correction `as_normal`; None leaves it out. Of the two methods with the largest
    difference the worse one is removed, until one method is left. No p value is below that of a method
    removed before. until: with the first p value above it the methods that are left keep 1.
    """
    means = losses.mean(axis=0)
    moved = again - means
    inverse = _inverse_spread(moved, float(np.abs(losses).max()))
    observed = _observed(means, inverse, float(np.abs(losses).max()))
    if independent is not None:
        observed = as_normal(observed, independent)
    left = np.arange(len(means))
    largest, pairs = _largest(moved, inverse, left)
    found, least = np.ones(len(left)), 0.0
    while len(left) > 1:
        inside = observed[np.ix_(left, left)]
        if inside.max() <= 0:  # all that are left have the same losses
            break
        least = max(least, float((inside.max() < largest).mean()))
        if least > until:
            break
        worst = left[int(np.unravel_index(inside.argmax(), inside.shape)[0])]
        found[worst] = least
        left = left[left != worst]
        stale = (pairs == worst).any(axis=1)
        largest[stale], pairs[stale] = _largest(moved[stale], inverse, left)
    return found


def _inverse_spread(moved: Floats, size: float) -> Floats:
    """[methods, methods]: one over the standard error of each difference of means; 0 where it has none.

    moved: [times, methods], means of resamples minus means. size: of the largest loss.
    """
    products = moved.T @ moved / len(moved)
    own = np.diag(products)
    spread = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * products, 0.0))
    known = spread > 1e-7 * size
    return np.where(known, 1 / np.where(known, spread, 1.0), 0.0)


def _observed(means: Floats, inverse: Floats, size: float) -> Floats:
    """[methods, methods]: differences of means over their standard errors.

    A difference that is the same on every unit has no standard error: it is sure, or it is rounding.
    """
    apart = means[:, None] - means[None, :]
    sure = np.where(np.abs(apart) > 1e-10 * size, np.sign(apart) * SURE, 0.0)
    return np.where(inverse > 0, apart * inverse, sure)


def _largest(moved: Floats, inverse: Floats, left: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """By resample the largest statistic among the methods left [times], and its two methods [times, 2].

    With hundreds of methods all statistics of all resamples do not fit into memory.
    """
    scale = inverse[np.ix_(left, left)]
    chunks = np.array_split(moved[:, left], max(1, len(moved) * scale.size // DRAWN_AT_ONCE))
    values, places = [], []
    for chunk in chunks:
        statistics = ((chunk[:, :, None] - chunk[:, None, :]) * scale).reshape(len(chunk), scale.size)
        places.append(statistics.argmax(axis=1))
        values.append(statistics.max(axis=1))
    pairs = np.stack(np.divmod(np.concatenate(places), len(left)), axis=1)
    return np.concatenate(values), left[pairs]


def as_normal(statistic: Floats, independent: int) -> Floats:
    """Statistics whose variance was estimated from few units, on the scale of the normal distribution.

    The bootstrap puts the spread of a mean too low by (units - 1) / units and takes it for known, so its
    simulated statistics are nearly normal and the observed one is nearly t with units - 1 degrees of freedom.
    """
    freedom = independent - 1
    shrunk = np.abs(statistic) * math.sqrt(freedom / independent)
    mapped: Floats = np.sign(statistic) * norm.isf(student.sf(shrunk, freedom))
    return mapped


Scores = dict[str, Floats]


def _of_sample(
    final: pd.DataFrame, seed: int | None, about: Mapping[str, Any]
) -> tuple[Scores, Floats] | None:
    """Losses by method of the defined examples of a sample, and weights [n] of all, NaN for undefined."""
    rows = final[final["data_seed"].isna() if seed is None else final["data_seed"] == seed]
    kept: dict[str, list[Floats]] = {}
    weights: Floats | None = None
    for address, blob in zip(rows["address"], rows["units"], strict=True):
        own = unpack_units(blob).get(about["metric"])
        if own is None:
            return None
        kept.setdefault(str(address), []).append(own[0])
        weights = own[1]
    if weights is None:
        return None
    sign = -1.0 if about["higher_is_better"] else 1.0
    means = {address: sign * np.mean(columns, axis=0) for address, columns in kept.items()}
    defined = np.isfinite(np.column_stack(list(means.values()))).all(axis=1)
    return {address: values[defined] for address, values in means.items()}, np.where(defined, weights, np.nan)


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights[np.isfinite(weights)]))


def _of_units(
    names: Sequence[str], values: Floats, weights: Floats, about: Mapping[str, Any]
) -> Losses | None:
    """The losses of the examples [n, methods] by unit; weights: of all examples, NaN for those left out."""
    defined = np.isfinite(weights)
    weight = weights[defined]
    if not weight.sum() > 0:
        return None
    layout = layout_of(about)
    if layout is not None:
        layout = layout.of(defined)
        place, origins = layout.places, layout.origins
        block = min(block_length(origins), origins.count)
        independent = min(-(-origins.count // block), origins.windows)
    else:
        place, block = blocks(about["series"], about["kind"])[defined], 1
        place = np.unique(place, return_inverse=True)[1]
        independent = int(place.max()) + 1
    units = int(place.max()) + 1
    sums = np.zeros((units, values.shape[1]))
    np.add.at(sums, place, values * (weight * units / weight.sum())[:, None])
    return Losses(tuple(names), sums, block, independent)


def block_length(origins: Origins) -> int:
    """Neighbouring origins that are drawn together: a horizon, and at least the cube root of all."""
    return max(math.ceil(origins.horizon / origins.step), block_of(origins.count))
