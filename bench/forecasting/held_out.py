"""The stored forecasts of held-out origins (validation and test) against what came true."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.forecasting.conformal import half_widths, known_forecasts, needed, scale_of
from recurbench.forecasting.seeds import StoredFit
from recurbench.forecasting.series_end import WholeSeries
from recurbench.results import Run, answers_of
from recurbench.running.cell import parts
from recurbench.task import Array, Problem, Split, Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HeldOut:
    """The errors of a method on validation and on test.

    validation, test: [origins over all series, steps, channels], actual minus forecast, divided by the scale
    of the series up to the origin; NaN at steps without a true value. validation_at, test_at: [origins],
    steps from the origin to the end of its series, as negative numbers. scales: of the test origins in the
    unit of the data, [origins, channels].
    """

    validation: Floats
    test: Floats
    validation_at: Ints
    test_at: Ints
    scales: Floats

    @property
    def together(self) -> Floats:
        """The errors on validation and test."""
        return np.concatenate([self.validation, self.test])

    def known_at(self, place: int) -> Floats:
        """The errors [n, steps, channels] whose true values were known at an origin; the others are NaN."""
        at = np.concatenate([self.validation_at, self.test_at])
        ends = at[:, None] + np.arange(1, self.test.shape[1] + 1)
        masked = np.where((ends <= place)[:, :, None], self.together, np.nan)
        known: Floats = masked[np.isfinite(masked).any(axis=(1, 2))]
        return known


@dataclass(frozen=True)
class Coverage:
    """How the intervals of one level did on test.

    inside: test values within their interval, of `values`. width: mean width in the unit of the data.
    """

    level: float
    inside: int
    values: int
    width: float

    @property
    def share(self) -> float:
        """The share of test values within their interval."""
        return self.inside / self.values if self.values else float("nan")


def held_out(
    run: Run, problem: Problem, fits: Sequence[StoredFit], series: Sequence[WholeSeries], factor: Floats
) -> HeldOut:
    """The errors of the mean forecast of these fits (one per seed) at every held-out origin.

    series: whole, to count the steps from an origin to the end. factor: leads from the unit of the problem to
    that of the data, [channels].
    """
    task = problem.task
    stored = answers_of(run, [key for fit in fits for key in (fit.key, *fit.inner)])
    final = [stored[fit.key] for fit in fits if fit.key in stored]
    inner = [stored[key] for fit in fits for key in fit.inner[:1] if key in stored]
    check, test = parts(problem, 0)[1], problem.test
    whole = {one.name: one for one in series}
    return HeldOut(
        errors(task, check, inner),
        errors(task, test, final),
        _places(check, whole) if inner else np.array([], dtype=np.int64),
        _places(test, whole) if final else np.array([], dtype=np.int64),
        scales_of(task, test) * factor,
    )


def _places(split: Split, whole: Mapping[Hashable, WholeSeries]) -> Ints:
    places = []
    for i, name in enumerate(split.series):
        one, steps = whole.get(name), len(split.x[i])
        if one is not None and len(one.time):
            steps = int(np.searchsorted(one.time, split.time[i][steps - 1], side="right"))
        places.append(steps - (len(one.values) if one is not None else 0))
    return np.array(places, dtype=np.int64)


def errors(task: Task, split: Split, seeds: Sequence[Sequence[Array]]) -> Floats:
    """Scaled errors [origins, steps, channels] of the mean over the seeds; no origins without answers."""
    if not seeds or not len(split):
        return np.empty((0, task.steps, task.y.size))
    found = np.full((len(split), task.steps, task.y.size), np.nan)
    for i, (actual, scale) in enumerate(zip(split.y, scales_of(task, split), strict=True)):
        steps = min(len(actual), task.steps)
        mean = np.mean([middle(task, given[i]) for given in seeds], axis=0)
        found[i, :steps] = (np.asarray(actual)[:steps] - mean[:steps]) / scale
    return found


def scales_of(task: Task, split: Split) -> Floats:
    """The scale of the history of every example, [origins, channels]."""
    histories = (np.asarray(x, dtype=np.float64)[:, : task.y.size] for x in split.x)
    scales = [scale_of(history, task.season) for history in histories]
    return np.array(scales).reshape(len(split), task.y.size)


def middle(task: Task, answer: Array) -> Floats:
    """The forecast [steps, channels] of one answer, the median where it holds quantiles."""
    numbers = np.asarray(answer, dtype=np.float64)
    return numbers if numbers.ndim == 2 else numbers[:, :, task.quantiles.index(0.5)]


def validation_coverage(found: HeldOut, level: float) -> Coverage | None:
    """What intervals from the validation errors alone cover on test; None without errors on both."""
    if not len(found.validation) or not len(found.test):
        return None
    widths = half_widths(found.validation, level)
    return _measured(found, np.broadcast_to(widths.values, found.test.shape), level)


def rolling_coverage(found: HeldOut, level: float) -> Coverage | None:
    """What intervals cover on test if each is made from the errors that were known at its origin."""
    if not len(found.test):
        return None
    widths = np.full(found.test.shape, np.nan)
    for place in np.unique(found.test_at):
        known = found.known_at(int(place))
        if len(known):
            widths[found.test_at == place] = half_widths(known, level).values
    return _measured(found, widths, level)


def _measured(found: HeldOut, widths: Floats, level: float) -> Coverage | None:
    """widths: half-widths [origins, steps, channels] of the test forecasts; NaN where there is none."""
    there = np.isfinite(found.test) & np.isfinite(widths)
    if not there.any():
        return None
    inside = there & (np.abs(found.test) <= widths)
    sizes = 2 * widths * found.scales[:, None]
    return Coverage(level, int(inside.sum()), int(there.sum()), float(sizes[there].mean()))


def coverage_text(found: HeldOut, level: float) -> str:
    """One sentence on the intervals of a level: how they did on test, or why that is not known."""
    percent = f"{100 * level:g} %"
    rolling, first = rolling_coverage(found, level), validation_coverage(found, level)
    if rolling is None:
        return f"{percent} intervals: coverage not measured, because no errors were known at a test origin."
    text = (
        f"{percent} intervals covered {100 * rolling.share:.0f} % of {rolling.values} test values, each made "
        f"from the errors known at its origin (mean width {rolling.width:.4g})"
    )
    if first is None:
        return f"{text}."
    return (
        f"{text}. Made from the {known_forecasts(found.validation)} validation forecasts alone they covered "
        f"{100 * first.share:.0f} %."
    )


def few_text(found: Floats, level: float) -> str:
    """What a reader must know where there are few held-out forecasts; "" where there are enough."""
    count, wanted = known_forecasts(found), needed(level)
    if count >= wanted:
        return ""
    if not count:
        return f"{100 * level:g} % intervals: none, because the run holds no forecasts on validation or test."
    return (
        f"{100 * level:g} % intervals rest on {count} held-out forecasts; {wanted} are needed for each step. "
        "Errors of neighbouring steps are used too, so the true coverage may be lower."
    )
