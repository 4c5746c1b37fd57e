"""Sequences of many lengths: their first symbol, their last one, or whether a symbol is frequent."""

from __future__ import annotations

from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array
from scipy.stats import binom

LABELS = ("first", "last", "count")
SHORTEST = 5


@dataset("variable-length", kind="classification")
def variable_length(
    *,
    label: Literal["first", "last", "count"] = "first",
    symbols: int = 4,
    train_length: int = 40,
    test_length: int = 40,
    n_train: int = 2000,
    n_valid: int = 500,
    n_test: int = 1000,
    seed: int = 0,
) -> Problem:
    """Classify sequences of 5 to `train_length` random symbols (5 to `test_length` in test).

    Parameters
    ----------
    label : str
        The question: "first", the first symbol, which must be remembered for the whole length; "last", the
        last symbol, which needs no memory; "count", whether symbol 0 is at more than length / symbols steps.
    symbols : int
        The number of different symbols, equally likely.
    train_length, test_length : int
        The longest sequence in train and validation, and in test.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    least = {"symbols": (symbols, 2), "train_length": (train_length, SHORTEST)}
    least |= {"test_length": (test_length, SHORTEST)}
    least |= {"n_train": (n_train, 1), "n_valid": (n_valid, 1), "n_test": (n_test, 1)}
    for name, (seen, wanted) in least.items():
        if seen < wanted:
            raise ValueError(f"variable-length needs {name} >= {wanted}, got {name}={seen}")
    if label not in LABELS:
        raise ValueError(f"variable-length needs label {', '.join(LABELS)}, got {label!r}")
    parts = ((n_train, train_length), (n_valid, train_length), (n_test, test_length))
    train, valid, test = (
        _draw(count, longest, symbols, label, np.random.default_rng([seed, stream]))
        for stream, (count, longest) in enumerate(parts)
    )
    level = {w: reached(w, test_length, symbols, label) for w in (0, 1, 4, 16)}
    # If the last step is enough, the shares are relative to the constant answer.
    headroom = shares(level[int(level[1] < 1)], 1.0, {w: level[w] for w in (4, 16)})
    about = About(
        source="generated: fair symbols",
        licence="none needed: generated",
        protocol=f"asked for the {label} of {symbols} symbols; {n_train} training and {n_valid} validation "
        f"sequences of {SHORTEST} to {train_length} steps, {n_test} test sequences of {SHORTEST} to "
        f"{test_length}",
        reference="most-common",
        metric="accuracy",
        version="1",
        constant=level[0],
        memoryless=level[1],
        best=1.0,
        headroom=headroom,
        # The beginning of a sequence, or an average over time, is enough, so no state is needed.
        role=role(headroom),
    )
    names = ("at most its share", "more than its share") if label == "count" else None
    task = Task(
        "classification",
        x=Values(symbols, symbols=True),
        y=Values(2 if label == "count" else symbols, symbols=True, names=names),
        length="fixed",
    )
    return Problem(task, train, test, about, valid, oracle=[task.y.encode(y) for y in test.y])


def asked(x: Array, symbols: int, label: str) -> int:
    """The exact answer for one sequence [T]."""
    if label == "count":
        return int(symbols * (x == 0).sum() > len(x))
    return int(x[0 if label == "first" else -1])


def reached(window: int, longest: int, symbols: int, label: str) -> float:
    """The accuracy of the best answer from the last `window` steps; 0 steps: the best constant answer.

    A window that is longer than the sequence shows that it covers it all; one of the same length does not.
    """
    if label == "last":
        return 1.0 if window else 1 / symbols
    lengths = np.arange(SHORTEST, longest + 1)
    cut = lengths[lengths >= window]
    if label == "first":
        # The oldest symbol in the window is correct if it is the first one, and by chance otherwise.
        right = np.where(cut == window, 1.0, 1 / symbols).sum()
    else:
        seen = np.arange(window + 1)
        more = binom.sf(cut[:, None] // symbols - seen, cut[:, None] - window, 1 / symbols).sum(axis=0)
        right = np.maximum(more, len(cut) - more) @ binom.pmf(seen, window, 1 / symbols)
    return float(right + len(lengths) - len(cut)) / len(lengths)


def _draw(count: int, longest: int, symbols: int, label: str, rng: np.random.Generator) -> Split:
    lengths = rng.integers(SHORTEST, longest + 1, size=count)
    x = [rng.integers(symbols, size=length) for length in lengths]
    return Split(x, [np.array([asked(one, symbols, label)]) for one in x])
