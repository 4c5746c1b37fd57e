"""Measured characteristics of a problem, computed from its training part only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]

WINDOWS = (1, 2, 4, 8, 16, 32)
SHORT, LONG = 4, 16  # the two windows that "gain" compares
ROWS = 3000  # most steps that are used; every trait then takes less than a second
SEQUENCES = 200  # most sequences that are used, evenly spaced
WIDTH = 8  # most channels or symbols that are used: those that vary most
REACHED = 0.95  # of the predictive power of the best window
LEAST = 0.02  # share of the variance; a smaller share that the best window explains counts as chance
RIDGE = 1e-3  # per step, of standardised channels
STREAM = 20261124


def traits(task: Task, train: Split) -> dict[str, float | None]:
    """The traits of a training part by name; None if one has no meaning. Every call gives the same values.

    size: number of examples. length: median number of steps. length_spread: (longest - shortest) / median.
    aligned: 1 if there is an answer at every step. lag, gain, noise: see `memory`. season: see
    `season_strength`. irregularity: standard deviation over mean of the time between steps, if there are time
    stamps.
    """
    lengths = np.array([len(x) for x in train.x], dtype=float)
    middle = float(np.median(lengths)) if len(lengths) else 0.0
    spread = float(np.ptp(lengths)) / middle if middle else None
    some = [train.x[i] for i in np.linspace(0, len(train) - 1, min(len(train), SEQUENCES)).astype(int)]
    return {
        "size": float(len(train)),
        "length": middle,
        "length_spread": spread,
        "aligned": float(task.length == "same"),
        **memory(_numbers(task, some)),
        "season": _season(task, some),
        "irregularity": irregularity(train.time),
    }


def memory(sequences: Sequence[Floats]) -> dict[str, float | None]:
    """How much longer windows improve a linear forecast of the next step of x.

    For each w in WINDOWS, a ridge regression on the last w steps is fitted on three quarters of the data (of
    the sequences; of a single sequence, its beginning) and tested on the rest. MSE(w) is that of standardised
    channels, so the mean has 1. lag: the smallest w whose 1 - MSE is REACHED of the best one; 0 if the best
    is under LEAST. gain: 1 - MSE(LONG) / MSE(SHORT). noise: the smallest MSE, the share of the variance that
    is not predicted. None if half of the sequences are not longer than the window.
    """
    nothing: dict[str, float | None] = {"lag": None, "gain": None, "noise": None}
    middle = np.median([len(one) for one in sequences]) if len(sequences) else 0
    able = [w for w in WINDOWS if w + 2 <= middle]
    if not able:
        return nothing
    rows = _rows(sequences, max(able))
    if rows is None:
        return nothing
    past, following, fit = rows
    errors = {w: _error(past[:, :w], following, fit) for w in able}
    best = min(1.0, *errors.values())
    enough = [w for w in able if 1 - errors[w] >= REACHED * (1 - best)]
    gain = 1 - errors[LONG] / errors[SHORT] if LONG in errors and errors[SHORT] > 0 else None
    return {"lag": float(enough[0]) if best <= 1 - LEAST else 0.0, "gain": gain, "noise": best}


def _rows(sequences: Sequence[Floats], window: int) -> tuple[Floats, Floats, NDArray[np.bool_]] | None:
    """Pasts [n, window, channels] (latest step first), next steps [n, channels], and which rows to fit on.

    All windows use the rows of the longest one, so that they are compared on the same rows.
    """
    long = [np.asarray(one, dtype=float) for one in sequences if len(one) > window]
    together = np.concatenate(long)
    if not np.isfinite(together).all():
        return None
    # The computed deviation of equal values is a rounding error, so it is set to 0.
    spread = np.where(np.ptp(together, axis=0) > 0, together.std(axis=0), 0.0)
    chosen = np.sort(np.argsort(-spread, kind="stable")[:WIDTH])
    chosen = chosen[spread[chosen] > 0]
    if not len(chosen):
        return None
    scaled = [(one[:, chosen] - together.mean(axis=0)[chosen]) / spread[chosen] for one in long]
    places = [(i, t) for i, one in enumerate(scaled) for t in range(window, len(one))]
    owner = np.array([i for i, _ in places])
    cut = round(0.75 * len(places))
    # With several sequences, every fourth is tested as a whole.
    fit = owner % 4 != 3 if len(scaled) > 3 else np.arange(len(places)) < cut
    if len(places) > ROWS:
        used = np.sort(np.random.default_rng(STREAM).choice(len(places), size=ROWS, replace=False))
        places, fit = [places[i] for i in used], fit[used]
    if fit.all() or not fit.any():
        return None
    past = np.stack([scaled[i][t - window : t][::-1] for i, t in places])
    return past, np.stack([scaled[i][t] for i, t in places]), fit


def _error(past: Floats, following: Floats, fit: NDArray[np.bool_]) -> float:
    """MSE of the ridge regression over that of the mean of the fitted rows, on the other rows."""
    flat = past.reshape(len(past), -1)
    x, y = flat[fit], following[fit]
    centre, mean = x.mean(axis=0), y.mean(axis=0)
    gram = (x - centre).T @ (x - centre) + RIDGE * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, (x - centre).T @ (y - mean))
    rest = following[~fit]
    error = ((mean + (flat[~fit] - centre) @ weights - rest) ** 2).mean()
    whole = ((mean - rest) ** 2).mean()
    return float(error / whole) if whole > 0 else 1.0


def _numbers(task: Task, sequences: Sequence[Array]) -> list[Floats]:
    """Sequences as numbers [T, channels]; symbols as indicators of the WIDTH most common ones."""
    if not task.x.symbols or not sequences:
        return [np.asarray(one, dtype=np.float64) for one in sequences]
    counts = np.bincount(np.concatenate(sequences).astype(np.int64), minlength=task.x.size)
    common = np.sort(np.argsort(-counts, kind="stable")[:WIDTH])
    return [(np.asarray(one)[:, None] == common).astype(np.float64) for one in sequences]


def _season(task: Task, sequences: Sequence[Array]) -> float | None:
    """The median of `season_strength` over the series of a forecasting task, for the first target."""
    if task.kind != "forecasting":
        return None
    strengths = [season_strength(one[:, 0], task.period) for one in sequences]
    known = [value for value in strengths if value is not None]
    return float(np.median(known)) if known else None


def season_strength(values: Array, period: int | None) -> float | None:
    """Strength of the season in values [T]: max(0, 1 - var(R) / var(S + R)) (Wang, Smith and Hyndman 2006).

    From the classical decomposition: the trend is the centred moving average over one period, the season S
    the mean of the detrended values at each place in the period, R the rest. None if T is less than three
    periods or the values do not vary.
    """
    if period is None or period < 2 or len(values) < 3 * period or np.ptp(values) == 0:
        return None
    ends = (0.5, *np.ones(period - 1), 0.5) if period % 2 == 0 else np.ones(period)
    trend = np.convolve(values, np.asarray(ends) / period, mode="valid")
    first = (len(values) - len(trend)) // 2
    left = np.asarray(values, dtype=float)[first : first + len(trend)] - trend
    place = np.arange(len(left)) % period
    season = np.array([left[place == k].mean() for k in range(period)])[place]
    season -= season[:period].mean()
    whole = float(left.var())
    if not whole > (1e-12 * float(np.abs(values).max())) ** 2:
        return None
    return max(0.0, 1 - float((left - season).var()) / whole)


def irregularity(time: Sequence[Array]) -> float | None:
    """Standard deviation over mean of the distances of neighbouring time stamps within an example."""
    steps = [np.diff(_ticks(one)) for one in time if len(one) > 1]
    if not steps:
        return None
    together = np.concatenate(steps).astype(float)
    mean = float(together.mean())
    return float(together.std()) / mean if mean > 0 else None


def _ticks(time: Array) -> Floats:
    stamps = np.asarray(time)
    if np.issubdtype(stamps.dtype, np.datetime64):
        stamps = stamps.astype("datetime64[s]").astype(np.int64)
    return stamps.astype(np.float64)
