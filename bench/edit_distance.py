"""How far one sequence of symbols is from another."""

from __future__ import annotations

import numpy as np
from recurbench.task import Array


def edit_distance(one: Array, other: Array) -> int:
    """Compute the Levenshtein distance between two sequences of symbols.

    Parameters
    ----------
    one, other : array
        [S] and [R] symbols.

    Returns
    -------
    int
        The least number of insertions, deletions and replacements that turn one into the other.

    References
    ----------
    Levenshtein (1966), Binary codes capable of correcting deletions, insertions and reversals.
    """
    row = np.arange(len(other) + 1)
    ramp = np.arange(len(other) + 1)
    for i, symbol in enumerate(one, start=1):
        best = np.empty_like(row)
        best[0] = i
        best[1:] = np.minimum(row[1:] + 1, row[:-1] + (np.asarray(other) != symbol))
        # An insertion costs 1 per place along the row: subtract that, then take the running minimum.
        row = np.minimum.accumulate(best - ramp) + ramp
    return int(row[-1])
