"""Forecasting by analogues: what followed the past states that were most like the present one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._embedding import Floats, delay_windows, last_window, require_finite, whole_series
from recurbench.methods._settings import AtLeast1
from recurbench.methods._standard import settled
from recurbench.task import Array, Predictor

LEVELS = ("absolute", "last", "standard")
NEIGHBOURS = (1, 2, 4, 8, 16)
WIDTHS = (1, 2, 3, 5, 8, 13, 21)
LEAST_SPREAD = 0.01  # of a window, in units
MOST_QUERIES = 200
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Shape:
    """How a stretch of past becomes a point: its length, the treatment of its level, the neighbours asked."""

    width: int
    level: str
    neighbours: int


@dataclass(frozen=True)
class Library:
    """Past states and what followed them, in the units of the level treatment.

    states [N, width * channels], rounded so that no unit decides between neighbours that are as near, futures
    [N, steps * channels], owner [N] (number of the series) and end [N] (the step of that series at which the
    state ends).
    """

    states: Floats
    futures: Floats
    owner: NDArray[np.int64]
    end: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Library:
        """The entries of `rows` alone."""
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
    """Offset and scale of delay windows [N, width, channels], each [N, 1, channels]; `unit` [channels]."""
    plain = np.broadcast_to(unit, (len(states), 1, len(unit)))
    if level == "absolute":
        return np.zeros_like(plain), plain
    if level == "last":
        return states[:, -1:], plain
    middle = states.mean(axis=1, keepdims=True)
    spread = states.std(axis=1, keepdims=True)
    # A still window has no spread of its own; a share of the unit keeps its futures from blowing up.
    return middle, np.maximum(spread, LEAST_SPREAD * plain)


def cut_library(series: Sequence[Floats], shape: Shape, steps: int, unit: Floats) -> Library:
    """Every state of every series that is followed by `steps` known values."""
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
    """Whether a state that ends `gap` steps later than the asked one (negative: earlier) may be a neighbour.

    Theiler's exclusion: delay windows of neighbours share no step, and no neighbour contains the answer.
    """
    return (gap <= -max(width, steps)) | (gap >= width + steps)


def squared_distances(asked: Floats, states: Floats) -> Floats:
    """Between all rows of [Q, D] and [N, D]: [Q, N]."""
    cross = asked @ states.T
    squares = (asked**2).sum(axis=1)[:, None] + (states**2).sum(axis=1)[None, :] - 2.0 * cross
    return np.asarray(np.maximum(squares, 0.0))


def average_future(squares: Floats, futures: Floats) -> Floats:
    """Mean of the futures [k, D] with the weights of simplex projection, exp(-distance / nearest distance).

    `squares` [k] are squared distances in rising order, infinite where a row is not to be used. (Sugihara and
    May 1990, Nature 344, 734-741.)
    """
    distance = np.sqrt(squares)
    weights = np.exp(-distance / max(float(distance[0]), 1e-12))
    weights = np.where(np.isfinite(distance), weights, 0.0)
    return np.asarray(weights @ futures / weights.sum())


@dataclass(frozen=True)
class Trials:
    """Asked states of the training series, the same for every shape, so that errors can be compared."""

    owner: NDArray[np.int64]
    end: NDArray[np.int64]
    answer: Floats  # [Q, steps, channels]
    scale: Floats  # [Q, channels], typical step of the series

    @classmethod
    def of(cls, series: Sequence[Floats], first: int, steps: int) -> Trials:
        """Evenly spread over all states that end at step `first` or later."""
        places = [(i, end) for i, s in enumerate(series) for end in range(first, len(s) - steps)]
        chosen = np.unique(np.linspace(0, len(places) - 1, min(MOST_QUERIES, len(places))).astype(int))
        picked = np.array([places[i] for i in chosen], dtype=np.int64).reshape(-1, 2)
        moves = [np.abs(np.diff(s, axis=0)).mean(axis=0) for s in series]
        moves = [np.where(move > 0, move, 1.0) for move in moves]
        answers = [series[i][end + 1 : end + 1 + steps] for i, end in picked]
        return cls(picked[:, 0], picked[:, 1], np.array(answers), np.array([moves[i] for i in picked[:, 0]]))


def errors(series: Sequence[Floats], shape: Shape, trials: Trials, unit: Floats) -> dict[int, float]:
    """Mean absolute error over the horizon, in steps of the series, by number of neighbours."""
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
    """Lengths of the delay window: whole seasons where there are any, never over a third of what is left."""
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
    """The shape with the least error on the training series, and that error in steps of the series."""
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
    """Forecasts of one fitted shape; an example's own past joins the training series as library.

    series: minus `centre` [channels], which large levels need for exact distances.
    """

    def __init__(
        self, task: Task, series: dict[Hashable, Floats], shape: Shape, unit: Floats, centre: Floats
    ) -> None:
        self.task = task
        self.series = series
        self.shape = shape
        self.unit = unit
        self.centre = centre
        self.library = cut_library(list(series.values()), shape, task.steps, unit)
        self.notes: dict[str, object] = {
            "dimension": shape.width,
            "level": shape.level,
            "neighbours": shape.neighbours,
            "states": len(self.library.end),
        }

    def __call__(self, split: Split) -> list[Array]:
        """[steps, size] per example."""
        return [self.forecast(x, name) for x, name in zip(split.x, split.series, strict=True)]

    def forecast(self, history: Array, name: Hashable) -> Floats:
        """[steps, size] from a history [T, channels]."""
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
        """The training states and those of the example's own past; a series is never in it twice."""
        library = self.library
        known = self.series.get(name)
        if known is not None:
            common = min(len(known), len(past))
            if np.array_equal(known[:common], past[:common]):
                library = library.take(library.owner != list(self.series).index(name))
        states_before = cut_library([past], self.shape, self.task.steps, self.unit)
        return library.join(
            states_before.take(
                may_meet(states_before.end - (len(past) - 1), self.shape.width, self.task.steps)
            )
        )


def _repeat(past: Floats, season: int, steps: int) -> Floats:
    """The last season again and again; the last value where the history is shorter than a season."""
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
    """Average what followed the nearest past states in delay space (Lorenz 1969; Takens 1981).

    dimension: steps in the delay window; level: "absolute", "last" (relative to the last value) or "standard"
    (by the window's own mean and spread). None: chosen on the training series by the error over the horizon.
    """
    if level is not None and level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)} or None, got {level!r}")
    series = whole_series(task, train, "analog")
    values = np.concatenate(list(series.values()))
    spread, centre = values.std(axis=0), values.mean(axis=0)
    series = {name: each - centre for name, each in series.items()}
    unit = np.where(spread > 0, spread, 1.0)
    longest = max(len(s) for s in series.values())
    widths = [dimension] if dimension else candidate_widths(task.season, longest, task.steps)
    levels = (level,) if level else LEVELS
    shape, error = choose(list(series.values()), widths, levels, task.steps, unit, neighbours)
    fitted = Analogues(task, series, shape, unit, centre)
    fitted.notes["training_error_in_steps"] = error
    return fitted
