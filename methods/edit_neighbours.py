"""The nearest neighbour by edit distance between sequences of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._tabular import complete
from recurbench.task import Array

Codes = NDArray[np.int64]


@method("edit-1nn", family="neighbours", kinds={"classification", "regression", "translation"})
def edit_1nn(task: Task, train: Split) -> EditNeighbours:
    """One nearest neighbour by edit distance (Levenshtein 1966, Soviet Physics Doklady 10, 707-710).

    An edit inserts, deletes or replaces one symbol. Sequences may differ in length.
    """
    if not task.x.symbols:
        raise Unsupported("edit-1nn compares symbols; for numbers use euclidean-1nn or dtw-1nn")
    if not len(train):
        raise ValueError(
            "a nearest neighbour needs at least one training example, the training part has none"
        )
    return EditNeighbours(train)


class EditNeighbours:
    """The fitted method: every answer is that of the nearest training example."""

    def __init__(self, train: Split) -> None:
        self.answers = [np.array(y) for y in train.y]
        for i, answer in enumerate(self.answers):
            if not np.issubdtype(answer.dtype, np.integer):
                complete(answer, f"the answer of example {i}")
        self._known, self._lengths = stacked(train.x)
        self.notes: dict[str, Any] = {"examples": len(self.answers)}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        if not len(split):
            return []
        asked, lengths = stacked(split.x)
        indices = nearest(asked, lengths, self._known, self._lengths)
        return [self.answers[i].copy() for i in indices]


def stacked(sequences: Sequence[Array]) -> tuple[Codes, Codes]:
    """Sequences of symbols in one array [N, longest], padded with 0, and their lengths [N]."""
    lengths = np.array([len(x) for x in sequences], dtype=np.int64)
    codes = np.zeros((len(sequences), int(lengths.max())), dtype=np.int64)
    for row, x in zip(codes, sequences, strict=True):
        row[: len(x)] = x
    return codes, lengths


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def nearest(asked: Codes, asked_lengths: Codes, known: Codes, known_lengths: Codes) -> Codes:
    """For every row of `asked` the index of the nearest known sequence, [N]; ties go to the first one."""
    indices = np.zeros(len(asked), dtype=np.int64)
    row = np.empty(known.shape[1] + 1, dtype=np.int64)
    for i in range(len(asked)):
        x = asked[i, : asked_lengths[i]]
        best = asked.shape[1] + known.shape[1] + 1
        for j in range(len(known)):
            edits = _edits(x, known[j, : known_lengths[j]], best, row)
            if edits < best:
                best, indices[i] = edits, j
                if best == 0:
                    break
    return indices


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _edits(one: Codes, other: Codes, limit: int, row: Codes) -> int:
    """The number of edits between two sequences; `limit` if there are at least so many. row: workspace."""
    # There are at least as many edits as the lengths differ by, which rules out most of a dictionary.
    if abs(len(one) - len(other)) >= limit:
        return limit
    for j in range(len(other) + 1):
        row[j] = j
    for i in range(len(one)):
        diagonal, row[0] = row[0], i + 1
        least = row[0]
        for j in range(len(other)):
            replaced = diagonal + (one[i] != other[j])
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            least = min(least, row[j + 1])
        # The minimum of a row never decreases from one row to the next.
        if least >= limit:
            return limit
    return int(min(row[len(other)], limit))
