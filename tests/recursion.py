"""Dynamic time warping word for word, for tests of the fast search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def plain_dtw(x: np.ndarray, y: np.ndarray, radius: int) -> float:
    """The squared distance of x [n, channels] and y [m, channels], all channels on one path."""
    cost = np.full((len(x) + 1, len(y) + 1), np.inf)
    cost[0, 0] = 0
    before, behind = radius + max(len(x) - len(y), 0), radius + max(len(y) - len(x), 0)
    for i in range(len(x)):
        for j in range(len(y)):
            if -before <= j - i <= behind:
                far = 0.0
                for gap in x[i] - y[j]:
                    far += gap * gap
                cost[i + 1, j + 1] = far + min(cost[i, j], cost[i, j + 1], cost[i + 1, j])
    return float(cost[-1, -1])


def plain_distances(x: np.ndarray, known: Sequence[np.ndarray], radius: int, together: bool) -> np.ndarray:
    """Distances of x to each known series, channel by channel if they are not warped together."""
    if together:
        return np.array([plain_dtw(x, y, radius) for y in known])
    channels = range(x.shape[1])
    return np.array([sum(plain_dtw(x[:, [c]], y[:, [c]], radius) for c in channels) for y in known])
