"""Forecasting by analogues: average what followed the past states that are most like the present one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._embedding import (
    Floats,
    delay_windows,
    known_targets,
    last_window,
    require_finite,
)
from recurbench.methods._settings import AtLeast1
from recurbench.methods._standard import settled
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Predictor

LEVELS = ("absolute", "last", "standard")
NEIGHBOURS = (1, 2, 4, 8, 16)
WIDTHS = (1, 2, 3, 5, 8, 13, 21)
LEAST_SPREAD = 0.01  # the least standard deviation of a window, as a share of that of the series
MOST_QUERIES = 200
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Shape:
    """The settings of the method: steps of a delay window, treatment of its level, number of neighbours."""

    width: int
    level: str
    neighbours: int


@dataclass(frozen=True)
class Library:
    """Past states and what followed them, after the treatment of their level.

    Attributes
    ----------
    states : array [N, width * channels]
        Rounded, so that the choice between equally near neighbours does not depend on the unit.
    futures : array [N, steps * channels]
    owner : array [N]
        The number of the series.
    end : array [N]
        The step of the series at which the state ends.
    """

    states: Floats
    futures: Floats
    owner: NDArray[np.int64]
    end: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Library:
        """The entries at `rows`."""
        return Library(self.states[rows], self.futures[rows], self.owner[rows], self.end[rows])

    def join(self, other: Library) -> Library:
        """These entries, then the other's."""
        return Library(
            np.concatenate([self.states, other.states]),
            np.concatenate([self.futures, other.futures]),
            np.concatenate([self.owner, other.owner]),
            np.concatenate([self.end, other.end]),
        )


def level_of(states: Floats, level: str, unit: Floats) -> tuple[Floats, Floats]:
    """Offset and scale, [N, 1, channels] each, of delay windows [N, width, channels]; `unit` [channels]."""
    plain = np.broadcast_to(unit, (len(states), 1, len(unit)))
    if level == "absolute":
        return np.zeros_like(plain), plain
    if level == "last":
        return states[:, -1:], plain
    middle = states.mean(axis=1, keepdims=True)
    spread = states.std(axis=1, keepdims=True)
    # A constant window has standard deviation 0; the lower bound keeps its future finite.
    return middle, np.maximum(spread, LEAST_SPREAD * plain)


def cut_library(series: Sequence[Floats], shape: Shape, steps: int, unit: Floats) -> Library:
    """All states, of all series, that are followed by `steps` known values."""
    parts = []
    for number, values in enumerate(series):
        runs = delay_windows(values, shape.width + steps)
        offset, scale = level_of(runs[:, : shape.width], shape.level, unit)
        adjusted = (runs - offset) / scale
        flat = adjusted.reshape(len(runs), (shape.width + steps) * len(unit))
        cut = shape.width * len(unit)
        ends = np.arange(len(runs), dtype=np.int64) + shape.width - 1
        parts.append(Library(settled(flat[:, :cut]), flat[:, cut:], np.full(len(runs), number), ends))
    return Library(*(np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS))


_FIELDS = ("states", "futures", "owner", "end")


def may_meet(gap: NDArray[np.int64], width: int, steps: int) -> NDArray[np.bool_]:
    """Whether a state may be a neighbour of the present one (the exclusion window of Theiler 1986).

    A neighbour shares no step with the present state and does not contain its answer.

    Parameters
    ----------
    gap : array
        How many steps later than the present state it ends; negative if earlier.
    width, steps : int
        Steps of a delay window, and of the horizon.
    """
    return (gap <= -max(width, steps)) | (gap >= width + steps)


def squared_distances(asked: Floats, states: Floats) -> Floats:
    """Squared distances [Q, N] between all rows of `asked` [Q, D] and `states` [N, D]."""
    cross = asked @ states.T
    squares = (asked**2).sum(axis=1)[:, None] + (states**2).sum(axis=1)[None, :] - 2.0 * cross
    return np.asarray(np.maximum(squares, 0.0))


def average_future(squares: Floats, futures: Floats) -> Floats:
    """Mean [D] of the futures [k, D], weighted by exp(-distance / least distance).

    These are the weights of simplex projection (Sugihara and May 1990, Nature 344, 734-741). `squares` [k]
    are squared distances in rising order; rows with an infinite one are not used.
    """
    distance = np.sqrt(squares)
    weights = np.exp(-distance / max(float(distance[0]), 1e-12))
    weights = np.where(np.isfinite(distance), weights, 0.0)
    return np.asarray(weights @ futures / weights.sum())


@dataclass(frozen=True)
class Trials:
    """Training states to forecast from when settings are chosen; the same ones for all settings."""

    owner: NDArray[np.int64]
    end: NDArray[np.int64]
    answer: Floats  # [Q, steps, channels]
    scale: Floats  # [Q, channels], mean absolute step of the series

    @classmethod
    def of(cls, series: Sequence[Floats], first: int, steps: int) -> Trials:
        """Choose states evenly among those that end at step `first` or later."""
        places = [(i, end) for i, s in enumerate(series) for end in range(first, len(s) - steps)]
        chosen = np.unique(np.linspace(0, len(places) - 1, min(MOST_QUERIES, len(places))).astype(int))
        picked = np.array([places[i] for i in chosen], dtype=np.int64).reshape(-1, 2)
        moves = [np.abs(np.diff(s, axis=0)).mean(axis=0) for s in series]
        moves = [np.where(move > 0, move, 1.0) for move in moves]
        answers = [series[i][end + 1 : end + 1 + steps] for i, end in picked]
        return cls(picked[:, 0], picked[:, 1], np.array(answers), np.array([moves[i] for i in picked[:, 0]]))


def errors(series: Sequence[Floats], shape: Shape, trials: Trials, unit: Floats) -> dict[int, float]:
    """Mean absolute error over the horizon by number of neighbours, divided by the mean absolute step."""
    count, steps, channels = trials.answer.shape
    library = cut_library(series, shape, steps, unit)
    library = library.take(np.arange(0, len(library.end), 1 + len(library.end) // MOST_ROWS))
    past = np.array(
        [series[i][e + 1 - shape.width : e + 1] for i, e in zip(trials.owner, trials.end, strict=True)]
    )
    offset, scale = level_of(past, shape.level, unit)
    squares = squared_distances(settled((past - offset) / scale).reshape(count, -1), library.states)
    gap = library.end[None, :] - trials.end[:, None]
    same = library.owner[None, :] == trials.owner[:, None]
    squares[same & ~may_meet(gap, shape.width, steps)] = np.inf
    order = np.argsort(squares, axis=1, kind="stable")[:, : max(NEIGHBOURS)]
    ranked = np.take_along_axis(squares, order, axis=1)
    usable = np.isfinite(ranked[:, 0]) if ranked.shape[1] else np.zeros(count, dtype=bool)
    if usable.mean() < 1.0:
        return {}
    errors_by_count = {}
    for neighbours in {min(k, ranked.shape[1]) for k in NEIGHBOURS}:
        means = [
            average_future(ranked[q, :neighbours], library.futures[order[q, :neighbours]])
            for q in range(count)
        ]
        forecast = offset + scale * np.array(means).reshape(count, steps, channels)
        errors_by_count[neighbours] = float((np.abs(forecast - trials.answer) / trials.scale[:, None]).mean())
    return errors_by_count


def candidate_widths(season: int, longest: int, steps: int) -> list[int]:
    """Widths of the delay window to try: whole seasons if there is one; at most a third of the series."""
    wanted = (season, 2 * season) if season > 1 else WIDTHS
    most = max(1, (longest - steps) // 3)
    return [width for width in wanted if width <= most] or [min(wanted[0], most)]


def choose(
    series: Sequence[Floats],
    widths: Sequence[int],
    levels: Sequence[str],
    steps: int,
    unit: Floats,
    neighbours: int | None,
) -> tuple[Shape, float | None]:
    """The settings with the least error on the training series, and that error (see `errors`)."""
    best = Shape(widths[0], "last" if "last" in levels else levels[0], neighbours or 1)
    least: float | None = None
    trials = Trials.of(series, max(widths) - 1, steps)
    if len(trials.end) == 0:
        return best, least
    for width in widths:
        for level in levels:
            errors_by_count = errors(series, Shape(width, level, 1), trials, unit)
            for count, error in sorted(errors_by_count.items()):
                if neighbours is not None and count != min(
                    errors_by_count, key=lambda k: abs(k - neighbours)
                ):
                    continue
                if least is None or error < least:
                    best, least = Shape(width, level, neighbours or count), error
    return best, least


class Analogues:
    """The fitted method. The history of an example is added to the library of training states.

    `centre` [channels] has been subtracted from `series`, so that distances are exact at large levels.
    """

    def __init__(
        self,
        task: Task,
        series: Sequence[Floats],
        names: Sequence[Hashable],
        shape: Shape,
        unit: Floats,
        centre: Floats,
    ) -> None:
        self.task = task
        self.series = series
        self.names = names
        self.shape = shape
        self.unit = unit
        self.centre = centre
        self.library = cut_library(series, shape, task.steps, unit)
        self.notes: dict[str, object] = {
            "dimension": shape.width,
            "level": shape.level,
            "neighbours": shape.neighbours,
            "states": len(self.library.end),
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, size]."""
        return [self.forecast(x, name) for x, name in zip(split.x, split.series, strict=True)]

    def forecast(self, history: Array, name: Hashable) -> Floats:
        """Forecast [steps, size] from a history [T, channels]."""
        steps, size, width = self.task.steps, self.task.y.size, self.shape.width
        past = require_finite(history[:, :size], "analog") - self.centre
        library = self._seen(past, name)
        if len(library.end) == 0:
            return _repeat(past, self.task.season, steps) + self.centre
        state = last_window(past, width)[None]
        offset, scale = level_of(state, self.shape.level, self.unit)
        squares = squared_distances(settled((state - offset) / scale).reshape(1, -1), library.states)[0]
        order = np.argsort(squares, kind="stable")[: self.shape.neighbours]
        future = average_future(squares[order], library.futures[order]).reshape(1, steps, size)
        return np.asarray((offset + scale * future)[0] + self.centre)

    def _seen(self, past: Floats, name: Hashable) -> Library:
        """The training states and those of the example's history; no series is in it twice."""
        library = self.library
        for number in (i for i, owner in enumerate(self.names) if owner == name):
            known = self.series[number]
            common = min(len(known), len(past))
            if np.array_equal(known[:common], past[:common]):
                library = library.take(library.owner != number)
        states_before = cut_library([past], self.shape, self.task.steps, self.unit)
        return library.join(
            states_before.take(
                may_meet(states_before.end - (len(past) - 1), self.shape.width, self.task.steps)
            )
        )


def _repeat(past: Floats, season: int, steps: int) -> Floats:
    """The last season repeated; the last value if the history is shorter than a season."""
    span = season if len(past) >= season else 1
    return np.asarray(past[len(past) - span + np.arange(steps) % span])


@method("analog", family="dynamics", kinds={"forecasting"})
def analog(
    task: Task,
    train: Split,
    *,
    dimension: AtLeast1 | None = None,
    neighbours: AtLeast1 | None = None,
    level: Literal["absolute", "last", "standard"] | None = None,
) -> Predictor:
    """Analogue forecasting: the average future of the nearest past states (Lorenz 1969; Takens 1981).

    A state is a window of the last values. Settings that are None are chosen on the training series, by the
    error over the horizon.

    Parameters
    ----------
    dimension : int or None
        Steps of the window.
    neighbours : int or None
        How many past states are averaged.
    level : str or None
        "absolute" compares values, "last" values minus the last one, "standard" standardised windows.
    """
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)} or None, got {level!r}")
    whole = whole_series(task, train)
    series = known_targets(task, whole, "analog")
    values = np.concatenate(series)
    spread, centre = values.std(axis=0), values.mean(axis=0)
    series = [each - centre for each in series]
    unit = np.where(spread > 0, spread, 1.0)
    longest = max(map(len, series))
    widths = [dimension] if dimension else candidate_widths(task.season, longest, task.steps)
    levels = (level,) if level else LEVELS
    shape, error = choose(series, widths, levels, task.steps, unit, neighbours)
    fitted = Analogues(task, series, whole.series, shape, unit, centre)
    fitted.notes["training_error_in_steps"] = error
    return fitted
