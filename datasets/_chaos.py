"""Forecasts of a chaotic series at every step, from noisy observations (lorenz and mackey-glass)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from recurbench import About, Problem, Split, Task, Values
from recurbench.datasets._roles import role
from recurbench.task import Array

# Scale and headroom depend on the settings only, so they are measured on a sample that no seed changes: so
# many series, from this random stream. A few of them are enough for windows, but not for the scale.
MEASURED = (2000, 980)
BOUNDED = 120  # series that windows are measured on
BINS = 60
EVERY = 3  # use every third window, because neighbouring windows are nearly the same


@dataclass(frozen=True)
class Asked:
    """The question: at each of `length` noisy samples, the value without noise `horizon` samples ahead.

    Attributes
    ----------
    horizon : int
        Samples.
    noise : float
        Standard deviation of the noise, divided by that of the series.
    length : int
        Samples of a series.
    counts : (int, int, int)
        Series in train, valid and test.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    horizon: int
    noise: float
    length: int
    counts: tuple[int, int, int]

    def __post_init__(self) -> None:
        if min(self.horizon, *self.counts) < 1 or self.length < 50 or not 0 <= self.noise < np.inf:
            raise ValueError(
                "horizon >= 1, length >= 50, noise >= 0 and at least one example per part are needed, got "
                f"horizon={self.horizon}, length={self.length}, noise={self.noise}, parts {self.counts}"
            )


def chaotic(
    solve: Callable[[list[np.random.Generator], list[int], int], list[Array]],
    asked: Asked,
    seed: int,
    description: str,
    best: Callable[[Array, float, float], Array] | None = None,
) -> Problem:
    """Build the problem.

    Parameters
    ----------
    solve : callable
        Computes series [count, samples] from random generators, a count for each, and the number of samples.
    asked : Asked
    seed : int
    description : str
        Of the system, for the protocol.
    best : callable, optional
        Computes the best forecasts [count, length] from observations [count, length], and the mean and the
        standard deviation by which they were scaled. If it is missing, the exact best is unknown.
    """
    count, stream = MEASURED
    rngs = [np.random.default_rng(stream), *(np.random.default_rng([seed, k]) for k in range(3))]
    known, *parts = solve(rngs, [count, *asked.counts], asked.length + asked.horizon)
    level, spread = float(known.mean()), float(known.std())
    splits = [
        _observed((clean - level) / spread, asked, rng) for clean, rng in zip(parts, rngs[1:], strict=True)
    ]
    guess = None if best is None else best(np.stack(splits[2].x)[:, :, 0], level, spread)[:, :, None]
    top = (
        "the exact best is unknown, so skill 1 stands for no error, which may be out of reach"
        if guess is None
        else "the best is a particle filter that knows the system and its noise; until 2026-11-30 skill 1 "
        "stood for no error"
    )
    memoryless, headroom = bounds(_observed((known[:BOUNDED] - level) / spread, asked, rngs[0]))
    about = About(
        source=f"generated: {description}",
        licence="none needed: generated",
        protocol=f"{description}; at each of {asked.length} noisy samples (noise {asked.noise}) the value "
        f"without noise {asked.horizon} samples ahead; scaled by mean {level:.4f} and standard deviation "
        f"{spread:.4f}; train, valid and test are {', '.join(map(str, asked.counts))} independent series; "
        f"{top}; the shares of windows are lower bounds",
        reference="mean",
        metric="mse",
        version="1" if guess is None else "2",
        constant=1.0,
        memoryless=memoryless,
        best=None if guess is None else float(((guess - np.stack(splits[2].y)) ** 2).mean()),
        headroom=headroom,
        role=role(headroom),
    )
    task = Task("labelling", x=Values(1), y=Values(1), length="same", causal=True)
    return Problem(task, splits[0], splits[2], about, splits[1], () if guess is None else list(guess))


def _observed(clean: Array, asked: Asked, rng: np.random.Generator) -> Split:
    x = clean[:, : asked.length] + asked.noise * rng.standard_normal((len(clean), asked.length))
    return Split(list(x[:, :, None]), list(clean[:, asked.horizon :, None]))


def bounds(split: Split) -> tuple[float, dict[str, float]]:
    """Estimate the error of the best memoryless answer, and lower bounds on what windows reach.

    The memoryless answer is the mean answer in each of BINS quantile bins of the observation. A window
    predicts by least squares from its values, their pairwise products, and these times the last value. Both
    are fitted on one half of the series and scored on the other. The exact best error is unknown but not
    below 0, so the share of the way from the memoryless error to 0 is a lower bound.

    Returns
    -------
    memoryless : float
        Mean squared error.
    headroom : dict
        `window_4`, `window_16`: the lower bounds. `window_16_error`: how much larger the share may be.
    """
    x, y = np.stack(split.x)[:, :, 0], np.stack(split.y)[:, :, 0]
    cut = len(x) // 2
    edges = np.quantile(x[:cut], np.linspace(0, 1, BINS + 1)[1:-1])
    place = np.searchsorted(edges, x)
    means = np.bincount(place[:cut].ravel(), y[:cut].ravel()) / np.bincount(place[:cut].ravel())
    memoryless = float(((means[place[cut:]] - y[cut:]) ** 2).mean())
    headroom = {}
    for window in (4, 16):
        seen = _features(x, window)
        truth = y[:, window - 1 :: EVERY]
        weights = np.linalg.lstsq(seen[:cut].reshape(-1, seen.shape[2]), truth[:cut].ravel(), rcond=None)[0]
        error = float(((seen[cut:] @ weights - truth[cut:]) ** 2).mean())
        # Rounded, because further digits depend on the linear algebra library of the machine.
        headroom[f"window_{window}"] = max(round(1 - error / memoryless, 4), 0.0)
    headroom["window_16_error"] = round(1 - headroom["window_16"], 4)
    return memoryless, headroom


def _features(x: Array, window: int) -> Array:
    lags = np.lib.stride_tricks.sliding_window_view(x, window, axis=1)[:, ::EVERY]
    one, other = np.triu_indices(window)
    pairs = lags[:, :, one] * lags[:, :, other]
    return np.concatenate([np.ones_like(lags[:, :, :1]), lags, pairs, pairs * lags[:, :, -1:]], axis=2)
