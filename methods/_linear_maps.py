"""Linear maps from the last steps to the next ones: their windows, their features, and ridge regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported
from recurbench.methods._history import least_history
from recurbench.methods._networks.encoding import TINY
from recurbench.task import Array, arithmetic, windows

Floats = NDArray[np.float64]

ROWS = 100_000  # training windows times channels; more hardly change the weights
TOGETHER = 1024  # windows summed at once, which limits memory
BLOCKS = 5  # blocks of windows for cross-validation


def targets(task: Task, values: Array, name: str) -> Floats:
    """The channels to forecast, [T, K]; ValueError if a value is missing."""
    history = np.asarray(values[:, : task.y.size], dtype=np.float64)
    bad = int(np.count_nonzero(~np.isfinite(history)))
    if bad or not len(history):
        raise ValueError(
            f"{name} holds {bad} missing or infinite values of {history.size}; a linear forecast needs at "
            "least 1 step and no gaps: fill them first or choose a method that takes them"
        )
    return history


def centre_spread(history: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each channel; exactly 0 for a channel that only rounding changes."""
    return history.mean(axis=0), arithmetic.spread(history)


def scaled(values: Floats, mean: Floats, spread: Floats) -> Floats:
    """Values in standard deviations from the mean; a constant channel becomes 0."""
    return np.asarray(np.where(spread > 0, (values - mean) / np.where(spread > 0, spread, 1.0), 0.0))


def steps_of(values: Floats) -> Floats:
    """1, 2, ... [T, 1] for values [T, K]."""
    return np.arange(1, len(values) + 1, dtype=np.float64)[:, None]


def latest(history: Floats, lookback: int) -> Floats:
    """The last `lookback` steps [lookback, K]; in a shorter history the first step is repeated."""
    recent = history[-lookback:]
    return np.concatenate([np.repeat(recent[:1], lookback - len(recent), axis=0), recent])


def training_rows(task: Task, train: Split, lookback: int) -> list[Floats]:
    """One array [lookback + steps, K] per training window: its past and its future, scaled.

    They are in standard deviations of the series from the mean of the past.

    Every window with `lookback` steps of past is used, thinned evenly above ROWS; for shorter series see
    `least_history`.
    """
    least = least_history(train, lookback)
    total = sum(max(1, len(x) - each + 1) for x, each in zip(train.x, least, strict=True)) * task.y.size
    rows: list[Floats] = []
    for shortest in (least, [1] * len(train)):
        for i in range(len(train) if not rows else 0):
            known = (
                targets(task, a, f"{n} of example {i}") for n, a in (("x", train.x[i]), ("y", train.y[i]))
            )
            whole = np.concatenate(list(known))
            spread, means = centre_spread(whole)[1], np.cumsum(whole, axis=0) / steps_of(whole)
            cut = windows(task, train.take([i]), stride=-(-total // ROWS), shortest=shortest[i])
            for x, y in zip(cut.x, cut.y, strict=True):
                seen = latest(x[:, : task.y.size], lookback)
                # The mean of what came before the answers, as in a forecast. A short series returns to the
                # mean of past and future together, and a map that sees it would learn that.
                rows.append(scaled(np.concatenate([seen, y]), means[len(x) - 1], spread))
    # A constant past says nothing of what follows; such windows would teach the intercept only.
    telling = [row for row in rows if np.ptp(row[:lookback], axis=0).any()]
    rows = telling or rows
    if not rows:
        longest = max((len(x) + len(y) for x, y in zip(train.x, train.y, strict=True)), default=0)
        raise Unsupported(
            f"the longest training series has {longest} steps, too few for a horizon of {task.steps}"
        )
    return rows


def moments(rows: list[Floats], terms: Floats, lookback: int) -> Floats:
    """Sums of products of `terms` over windows, [n, n].

    terms [lookback + 1 + steps, n] makes features, a constant and answers from (past, 1, future). The sums
    are all that least squares needs, to fit on some windows and to test on others.
    """
    sums = np.zeros((len(terms), len(terms)))
    for start in range(0, len(rows), TOGETHER):
        part = np.concatenate([row.T for row in rows[start : start + TOGETHER]])
        part = np.insert(part, lookback, 1.0, axis=1)
        sums += part.T @ part
    return np.asarray(terms.T @ sums @ terms)


def folds(rows: list[Floats], terms: Floats, lookback: int, gap: int) -> list[tuple[Floats, Floats]]:
    """Sums of products for cross-validation over blocks of windows: of what is fitted on, and of the block.

    The `gap` windows before and after a block share answers with it and are not fitted on, unless nothing
    else is left. Empty if there is a single window.
    """
    total = moments(rows, terms, lookback)
    found = []
    for block in np.array_split(np.arange(len(rows)), min(BLOCKS, len(rows))):
        start, end = int(block[0]), int(block[-1]) + 1
        near = rows[max(0, start - gap) : start] + rows[end : end + gap]
        held = moments(rows[start:end], terms, lookback)
        if len(near) + end - start < len(rows):
            found.append((total - held - moments(near, terms, lookback), held))
        elif end - start < len(rows):
            found.append((total - held, held))
    return found


def ridge_map(sums: Floats, steps: int, share: float) -> Floats:
    """Ridge weights [features + 1, steps] from sums of products of (features, 1, answers).

    The intercept is not penalised, unless the share is infinite: then all weights are 0.
    """
    gram, wanted = sums[:-steps, :-steps], sums[:-steps, -steps:]
    if np.isinf(share):
        return np.zeros(wanted.shape)
    penalty = share * (float(np.trace(gram[:-1, :-1])) / max(len(gram) - 1, 1)) + TINY
    return np.asarray(np.linalg.solve(gram + np.diag([penalty] * (len(gram) - 1) + [TINY]), wanted))


def squared_errors(sums: Floats, weights: Floats) -> Floats:
    """The sum of squared errors [steps] of `weights` on the windows behind `sums`."""
    error = np.concatenate([-weights, np.eye(weights.shape[1])])
    # Rounding may give a sum slightly below 0 if the fit is exact.
    return np.asarray(np.maximum(np.einsum("ij,ij->j", error, sums @ error), 0.0))


def trend_map(lookback: int, kernel: int) -> Floats:
    """[lookback, lookback]: column t averages `kernel` steps around t; the end values are repeated."""
    before = (kernel - 1) // 2
    ends = np.pad(np.eye(lookback), ((0, 0), (before, kernel - 1 - before)), mode="edge")
    return np.stack([ends[:, t : t + kernel].mean(axis=1) for t in range(lookback)], axis=1)
