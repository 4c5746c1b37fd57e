"""The stored forecasts of held-out origins (validation and test) against what came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.forecasting.conformal import covered, half_widths, needed, scale_of
from recurbench.forecasting.seeds import StoredFit
from recurbench.results import Run, answers_of
from recurbench.running.cell import parts
from recurbench.task import Array, Problem, Split, Task

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HeldOut:
    """The errors of a method on validation and on test.

    validation, test: [origins over all series, steps, channels], actual minus forecast, divided by the scale
    of the series up to the origin; NaN at steps without a true value. scales: of the test origins in the unit
    of the data, [origins, channels].
    """

    validation: Floats
    test: Floats
    scales: Floats

    @property
    def together(self) -> Floats:
        """The errors on validation and test."""
        return np.concatenate([self.validation, self.test])


@dataclass(frozen=True)
class Coverage:
    """How the intervals of one level, made from the validation errors alone, did on test.

    inside: test values within their interval, of `values`. width: mean width in the unit of the series.
    """

    level: float
    inside: int
    values: int
    width: float

    @property
    def share(self) -> float:
        """The share of test values within their interval."""
        return self.inside / self.values if self.values else float("nan")


def held_out(run: Run, problem: Problem, fits: Sequence[StoredFit], factor: Floats) -> HeldOut:
    """The errors of the mean forecast of these fits (one per seed) at every held-out origin.

    factor: leads from the unit of the problem to that of the data, [channels].
    """
    stored = answers_of(run, [key for fit in fits for key in (fit.key, *fit.inner)])
    final = [stored[fit.key] for fit in fits if fit.key in stored]
    inner = [stored[key] for fit in fits for key in fit.inner[:1] if key in stored]
    check = parts(problem, 0)[1]
    test = errors(problem.task, problem.test, final)
    validation = errors(problem.task, check, inner)
    return HeldOut(validation, test, scales_of(problem.task, problem.test) * factor)


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


def coverage(found: HeldOut, level: float) -> Coverage | None:
    """What intervals from the validation errors alone cover on test; None without errors on both."""
    if not len(found.validation) or not len(found.test):
        return None
    widths = half_widths(found.validation, level)
    inside, values = covered(found.test, widths)
    sizes = 2 * widths.values[None] * found.scales[:, None]
    return Coverage(level, inside, values, float(sizes[np.isfinite(found.test)].mean()))


def coverage_text(found: HeldOut, level: float) -> str:
    """One sentence on the intervals of a level: how they did on test, or why that is not known."""
    seen = coverage(found, level)
    if seen is None or not seen.values:
        return (
            f"{100 * level:g} % intervals: coverage not measured, because no forecasts on validation are "
            "stored."
        )
    return (
        f"{100 * level:g} % intervals made from the {len(found.validation)} validation forecasts alone "
        f"covered {100 * seen.share:.0f} % of {seen.values} test values (mean width {seen.width:.4g})."
    )


def few_text(found: Floats, level: float) -> str:
    """What a reader must know where there are few held-out forecasts; "" where there are enough."""
    count, wanted = len(found), needed(level)
    if count >= wanted:
        return ""
    if not count:
        return f"{100 * level:g} % intervals: none, because the run holds no forecasts on validation or test."
    return (
        f"{100 * level:g} % intervals rest on {count} held-out forecasts; {wanted} are needed for each step. "
        "Errors of neighbouring steps are used too, so the true coverage may be lower."
    )
