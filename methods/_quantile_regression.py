"""Linear quantile regression with a ridge penalty, for several levels at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TURNS = 500  # of the iteration, at most
TOLERANCE = 1e-4  # of the mean absolute residual; see `fit_quantiles`
RELAXED = 1.6  # over-relaxation (Boyd et al. 2011, section 3.4.3)
LOOK = 10  # turns from one look at the residuals to the next


@dataclass(frozen=True)
class Lines:
    """Linear functions of a row of features, one per level.

    Attributes
    ----------
    weights : array [features, Q]
    level : array [Q]
        The constants.
    """

    weights: Floats
    level: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Predict [N, Q] from rows [N, features]."""
        # Not a matrix product: its rounding depends on the number of rows.
        sums = [(rows * weights).sum(axis=1) for weights in np.ascontiguousarray(self.weights.T)]
        return np.stack(sums, axis=1) + self.level


def pinball(error: Floats, levels: Sequence[float]) -> Floats:
    """The pinball loss of errors (truth minus quantile) [..., Q] at `levels` [Q]."""
    q = np.asarray(levels)
    return np.maximum(q * error, (q - 1) * error)


def uncrossed(lines: Floats, levels: Sequence[float]) -> Floats:
    """Quantiles [..., Q] that do not cross, whatever the order of their levels [Q].

    They are sorted (Chernozhukov, Fernandez-Val and Galichon 2010).
    """
    ordered = np.empty_like(lines, dtype=np.float64)
    ordered[..., np.argsort(levels)] = np.sort(lines, axis=-1)
    return ordered


def fit_quantiles(rows: Floats, answers: Floats, levels: Sequence[float], share: float) -> Lines:
    """Minimise the sum of pinball losses plus a ridge penalty (Koenker and Bassett 1978).

    Both count in units of the mean absolute deviation of the answers from their median. The constants are
    not penalised. The alternating direction method of multipliers (Boyd et al. 2011) splits the residuals
    from the weights: one eigenvalue decomposition serves all levels and all turns, so a turn costs two
    products with `rows`. It ends when the residuals change by less than TOLERANCE of their mean size, or
    after TURNS turns. The loss is then within about .1 % of the smallest one.

    Parameters
    ----------
    rows : array [N, features]
    answers : array [N]
    levels : sequence of float
        The levels, in 0..1.
    share : float
        The penalty is share / 2 * c * (sum of squared weights); c is the sum of squares of a feature,
        averaged over features.

    Returns
    -------
    Lines
        One linear function per level. They may cross.
    """
    middle = rows.mean(axis=0)
    X = rows - middle
    centre = float(np.median(answers))
    unit = float(np.mean(np.abs(answers - centre)))
    q = np.asarray(levels, dtype=np.float64)
    if unit == 0:
        return Lines(np.zeros((X.shape[1], len(q))), np.full(len(q), centre))
    y = (answers - centre)[:, None] / unit
    size, turned = np.linalg.eigh(X.T @ X)
    penalty = share * max(float(size.clip(min=0).mean()), 1e-300)
    # Answers have size 1, so the step length 1 of the method fits data of any unit.
    shrink = 1 / (size.clip(min=0) + penalty + 1e-9 * float(size.max(initial=0.0)) + 1e-300)
    r = np.repeat(y, len(q), axis=1)
    u = np.zeros_like(r)
    weights, level = np.zeros((X.shape[1], len(q))), np.zeros(len(q))
    for turn in range(1, TURNS + 1):
        wanted = y - r + u
        level = wanted.mean(axis=0)
        weights = turned @ (shrink[:, None] * (turned.T @ (X.T @ wanted)))
        fit = RELAXED * (X @ weights + level) + (1 - RELAXED) * (y - r)
        v = y - fit + u
        before, r = r, np.maximum(v - q, 0.0) + np.minimum(v + (1 - q), 0.0)
        u = v - r
        if turn % LOOK == 0:
            gap = np.abs(y - (X @ weights + level) - r).mean()
            if max(gap, float(np.abs(r - before).mean())) < TOLERANCE:
                break
    weights, level = weights * unit, level * unit + centre
    return Lines(weights, level - middle @ weights)
