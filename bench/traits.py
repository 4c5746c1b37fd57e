"""Characteristics of a problem that can be measured, from its training part alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]

WINDOWS = (1, 2, 4, 8, 16, 32)
SHORT, LONG = 4, 16  # w and 4 w of the gain
ROWS = 3000  # steps looked at, at most; every trait takes well under a second
SEQUENCES = 200  # looked at, at most, evenly over the part
WIDTH = 8  # channels or symbols looked at, at most: those that vary most
REACHED = 0.95  # of the predictive power of the best window
LEAST = 0.02  # of the variance; what the best window explains less than that of is chance
RIDGE = 1e-3  # per step, of standardised channels
STREAM = 20261124


def traits(task: Task, train: Split) -> dict[str, float | None]:
    """The traits of a training part by name, None where one means nothing; the same at every call.

    size: examples. length: median steps; length_spread: (longest - shortest) / median. aligned: 1 where an
    answer stands at every step. lag, gain, noise: see `memory`. season: see `season_strength`. irregularity:
    standard deviation over mean of the time between steps, where there are time stamps.
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
    """What a linear forecast of the next step of x makes of longer windows.

    A ridge regression on the last w steps, w in WINDOWS, fitted on three quarters of the steps (sequences, or
    of one alone its beginning) and judged on the rest; MSE(w) of standardised channels, at most 1 for the
    mean. lag: the smallest w with REACHED of the best 1 - MSE, 0 where that is under LEAST. gain:
    1 - MSE(LONG) / MSE(SHORT). noise: the smallest MSE, the share that stays unpredicted. None where half of
    the sequences are no longer than the window.
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
    """[n, window, channels] pasts, the latest step first, [n, channels] next steps, and which rows to fit.

    All rows are those of the longest window, so that windows differ in nothing else.
    """
    long = [np.asarray(one, dtype=float) for one in sequences if len(one) > window]
    together = np.concatenate(long)
    if not np.isfinite(together).all():
        return None
    # The spread of equal values is what rounding leaves of it, another one in every unit.
    spread = np.where(np.ptp(together, axis=0) > 0, together.std(axis=0), 0.0)
    chosen = np.sort(np.argsort(-spread, kind="stable")[:WIDTH])
    chosen = chosen[spread[chosen] > 0]
    if not len(chosen):
        return None
    scaled = [(one[:, chosen] - together.mean(axis=0)[chosen]) / spread[chosen] for one in long]
    places = [(i, t) for i, one in enumerate(scaled) for t in range(window, len(one))]
    owner = np.array([i for i, _ in places])
    cut = round(0.75 * len(places))
    # Of several sequences some are judged whole: every fourth.
    fit = owner % 4 != 3 if len(scaled) > 3 else np.arange(len(places)) < cut
    if len(places) > ROWS:
        kept = np.sort(np.random.default_rng(STREAM).choice(len(places), size=ROWS, replace=False))
        places, fit = [places[i] for i in kept], fit[kept]
    if fit.all() or not fit.any():
        return None
    past = np.stack([scaled[i][t - window : t][::-1] for i, t in places])
    return past, np.stack([scaled[i][t] for i, t in places]), fit


def _error(past: Floats, following: Floats, fit: NDArray[np.bool_]) -> float:
    """MSE of the ridge regression over that of the mean of the fitted rows, on the rows not fitted."""
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
    """Sequences as numbers [T, channels]; of symbols, whether a step is one of the WIDTH most common."""
    if not task.x.symbols or not sequences:
        return [np.asarray(one, dtype=np.float64) for one in sequences]
    counts = np.bincount(np.concatenate(sequences).astype(np.int64), minlength=task.x.size)
    common = np.sort(np.argsort(-counts, kind="stable")[:WIDTH])
    return [(np.asarray(one)[:, None] == common).astype(np.float64) for one in sequences]


def _season(task: Task, sequences: Sequence[Array]) -> float | None:
    """The median strength over the series of a forecasting task, of the first target."""
    if task.kind != "forecasting":
        return None
    found = [season_strength(one[:, 0], task.period) for one in sequences]
    known = [value for value in found if value is not None]
    return float(np.median(known)) if known else None


def season_strength(values: Array, period: int | None) -> float | None:
    """max(0, 1 - var(R) / var(S + R)) (Wang, Smith and Hyndman 2006), of the classical decomposition.

    values: [T]. The trend is the centred moving average over one period, the season the mean of what is left
    by its place in the period. None where T is less than three periods or nothing varies.
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
