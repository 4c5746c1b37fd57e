"""Ridge and quantile regression on lags, one linear map for all series: pooled, but without recurrence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._lag_table import FEW, Repeated, Table, asked, learn_table, unpooled
from recurbench.methods._lags import Frame, Windows
from recurbench.methods._quantile_regression import Lines, fit_quantiles, pinball, uncrossed
from recurbench.methods._settings import AtLeast0, AtLeast1
from recurbench.task import Array, Predictor

Floats = NDArray[np.float64]

# Ridge penalties, relative to the mean square of a feature.
PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
# Those of quantile regression, and the steps of the horizon on which they are compared.
QUANTILE_PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
TRIED = 4
CHUNK = 2048  # rows multiplied at once when answering, which limits memory


@dataclass(frozen=True)
class PooledMaps:
    """One linear map per step of the horizon, the same for all series and targets, as a predictor.

    Attributes
    ----------
    task : Task
    frame : Frame
    maps : sequence of Lines
        One per step.
    offsets : array [steps, Q]
        Added to the single line of each step to make it quantiles.
    notes : dict
    """

    task: Task
    frame: Frame
    maps: Sequence[Lines]
    offsets: Floats
    notes: dict[str, Any]

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with numbers [steps, targets], or quantiles [steps, targets, Q]."""
        if not len(split):
            return []
        return unpooled(
            self.task, np.concatenate([self._answer(cut) for cut in asked(self.frame, split, CHUNK)])
        )

    def _answer(self, cut: Windows) -> Floats:
        found = np.zeros((len(cut), *self.offsets.shape))
        for step, lines in enumerate(self.maps):
            found[:, step] = lines(cut.row(step, self.frame.columns(step))) + self.offsets[step]
        answer = cut.forecast(uncrossed(found, self.task.quantiles or (0.5,)))
        return answer if self.task.quantiles else answer[..., 0]


def ridge_lines(rows: Floats, answers: Floats, penalties: Sequence[float]) -> list[Lines]:
    """Ridge regressions of `answers` [N] on `rows` [N, features], one per penalty; the constant is free.

    A penalty counts relative to the sum of squares of a centred feature, averaged over features.
    """
    middle, level = rows.mean(axis=0), float(answers.mean())
    X = rows - middle
    size, turned = np.linalg.eigh(X.T @ X)
    size = size.clip(min=0.0)
    along = turned.T @ (X.T @ (answers - level))
    found = []
    for penalty in penalties:
        weights = turned @ (along / (size + penalty * float(size.mean()) + 1e-300))
        found.append(Lines(weights[:, None], np.array([level - middle @ weights])))
    return found


def fitted_maps(table: Table, fit: Callable[[Floats, Floats, float], Lines], penalty: float) -> list[Lines]:
    """One map per step, fitted on all windows with this penalty."""
    frame, cut = table.frame, table.every
    steps = range(frame.task.steps)
    return [fit(cut.row(s, frame.columns(s)), cut.answers[:, s], penalty) for s in steps]


@method("ridge-lags", family="features", kinds={"forecasting"}, search={"context": (0, 48, 96, 336)})
def ridge_lags(task: Task, train: Split, *, context: AtLeast0 = 0, windows: AtLeast1 = 20_000) -> Predictor:
    """Ridge regression on lags, one linear map per step of the horizon for all series and targets together.

    It is a global method without recurrence: what a network gains from many series, it gains, too (Montero-
    Manso and Hyndman 2021). A window is scaled by the mean and the standard deviation of its context. The
    lags are the last steps, at most 48, and the same season of the two seasons before with both neighbours.
    Forecast is the difference from the value one season before, or from the last value. Covariates known
    ahead enter by their change since that value; others by their last 12 steps; other targets do not enter.

    The penalty is the one with the smallest error on the last quarter of every series. Where no series is
    long enough for that, a quarter of the series is held out; with fewer than four series the largest penalty
    is taken. Quantiles are those of the errors there around their median, pooled over series, in the unit of
    each window; where nothing is held out they are those of the fit, which are too small. With fewer than 10
    windows that are not constant the last season is repeated, with the quantiles of a random walk.

    Parameters
    ----------
    context : int
        Steps of history in a window; 0: see `context_steps`.
    windows : int
        The largest number of training windows; of more, so many are drawn at random, with a fixed seed.
    """
    table = learn_table(task, train, context, windows)
    if len(table.every) < FEW:
        return Repeated(task, table.notes, len(table.every))
    frame = table.frame
    best, errors = len(PENALTIES) - 1, None
    if len(table.late):
        left = np.stack(
            [
                table.late.answers[:, step, None] - np.concatenate([one(late) for one in found], axis=1)
                for step, found, late in _tried(table)
            ]
        )
        best = int(np.argmin((left**2).sum(axis=(0, 1))))
        errors = left[..., best]
    maps = fitted_maps(table, lambda X, y, share: ridge_lines(X, y, [share])[0], PENALTIES[best])
    if errors is None:
        rows = (table.every.row(step, frame.columns(step)) for step in range(task.steps))
        errors = np.stack([table.every.answers[:, s] - maps[s](row)[:, 0] for s, row in enumerate(rows)])
    offsets = np.zeros((task.steps, 1))
    if task.quantiles:
        # With n errors the k-th is the quantile k / (n + 1). Around their median: a few held-out windows of
        # one series lie to one side together.
        spread = errors - np.median(errors, axis=1, keepdims=True)
        offsets = np.quantile(spread, task.quantiles, axis=1, method="weibull").T
    notes = table.notes | {"penalty": PENALTIES[best], "parameters": sum(m.weights.size + 1 for m in maps)}
    return PooledMaps(task, frame, maps, offsets, notes)


def _tried(table: Table) -> list[tuple[int, list[Lines], Floats]]:
    """Per step the maps of every penalty, fitted on the early windows, and the rows of the late ones."""
    found = []
    for step in range(table.frame.task.steps):
        columns = table.frame.columns(step)
        maps = ridge_lines(table.early.row(step, columns), table.early.answers[:, step], PENALTIES)
        found.append((step, maps, table.late.row(step, columns)))
    return found


@method("quantile-lags", family="features", kinds={"forecasting"}, search={"context": (0, 48, 96, 336)})
def quantile_lags(task: Task, train: Split, *, context: AtLeast0 = 0, windows: AtLeast1 = 4000) -> Predictor:
    """Linear quantile regression on lags (Koenker and Bassett 1978), pooled over series as in ridge-lags.

    One linear map per level and step; without levels, that of the median. Quantiles that cross are sorted.
    Lags, scaling and settings are those of ridge-lags, but of fewer windows. The penalty (ridge) is the one
    with the smallest pinball loss on what ridge-lags holds out, at four steps of the horizon. A few windows
    are treated as in ridge-lags.
    """
    levels = task.quantiles or (0.5,)
    table = learn_table(task, train, context, windows)
    if len(table.every) < FEW:
        return Repeated(task, table.notes, len(table.every))
    frame, early, late = table.frame, table.early, table.late
    best = len(QUANTILE_PENALTIES) - 1
    if len(late):
        losses = np.zeros(len(QUANTILE_PENALTIES))
        for step in np.unique(np.linspace(0, task.steps - 1, TRIED).astype(int)).tolist():
            columns = frame.columns(step)
            rows, asked_rows = early.row(step, columns), late.row(step, columns)
            for i, share in enumerate(QUANTILE_PENALTIES):
                lines = fit_quantiles(rows, early.answers[:, step], levels, share)
                losses[i] += pinball(late.answers[:, step, None] - lines(asked_rows), levels).mean()
        best = int(np.argmin(losses))
    maps = fitted_maps(table, lambda X, y, s: fit_quantiles(X, y, levels, s), QUANTILE_PENALTIES[best])
    notes = table.notes | {"penalty": QUANTILE_PENALTIES[best]}
    notes["parameters"] = sum(each.weights.size + each.level.size for each in maps)
    return PooledMaps(task, frame, maps, np.zeros((task.steps, len(levels))), notes)
