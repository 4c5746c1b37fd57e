"""The adding problem: the sum of two marked numbers in a long sequence."""

from __future__ import annotations

from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role
from recurbench.task import Array

MARKS = ("halves", "anywhere")
# The variance of one number, U(0, 1).
VARIANCE = 1 / 12


@dataset("adding", kind="regression")
def adding(
    *,
    length: int = 50,
    marks: Literal["halves", "anywhere"] = "halves",
    n_train: int = 5000,
    n_valid: int = 500,
    n_test: int = 500,
    seed: int = 0,
) -> Problem:
    """The adding problem (Hochreiter and Schmidhuber 1997; Le et al. 2015): sum the two marked numbers.

    The sum does not depend on the order. A convolution that averages over time learns it, too, so a gain over
    an MLP does not show that a state is needed.

    Parameters
    ----------
    length : int
        Steps of a sequence.
    marks : str
        "halves" marks one number in each half, "anywhere" any two numbers.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    if length < 2 or marks not in MARKS or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            f"adding needs length >= 2, marks {' or '.join(MARKS)} and at least one example per part, "
            f"got {length=}, {marks=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    counts = (n_train, n_valid, n_test)
    train, valid, test = (
        _draw(count, length, marks, np.random.default_rng([seed, stream]))
        for stream, count in enumerate(counts)
    )
    headroom = {f"window_{w}": 1 - left(w, length, marks) / left(0, length, marks) for w in (4, 16)}
    about = About(
        source="generated: uniform numbers, two of them marked",
        licence="none needed: generated",
        protocol=f"{length} steps of a number from U(0, 1) and a mark, marks {marks}; train, valid and test "
        f"are {n_train}, {n_valid} and {n_test} independent sequences",
        reference="mean",
        metric="mse",
        version="1",
        constant=left(0, length, marks),
        memoryless=left(1, length, marks),
        best=0.0,
        headroom=headroom,
        # A window of the whole length is enough, so no state is needed.
        role=role(headroom),
    )
    task = Task(
        "regression", x=Values(2, names=("value", "mark")), y=Values(1, names=("sum",)), length="fixed"
    )
    return Problem(task, train, test, about, valid, oracle=[total(x) for x in test.x])


def total(x: Array) -> Array:
    """The exact answer to one sequence [T, 2]: [1, 1]."""
    return np.array([[x[:, 0] @ x[:, 1]]])


def left(window: int, length: int, marks: str) -> float:
    """The mean squared error of the best answer from the last `window` steps.

    It replaces each marked number outside the window by its mean; how many there are is known.
    """
    window = min(window, length)
    if marks == "anywhere":
        seen = 2 * window / length
    else:
        first = length // 2
        second = length - first
        seen = min(window / second, 1.0) + max(window - second, 0) / first
    return (2 - seen) * VARIANCE


def _draw(count: int, length: int, marks: str, rng: np.random.Generator) -> Split:
    x = np.stack([rng.random((count, length)), np.zeros((count, length))], axis=2)
    if marks == "halves":
        half = length // 2
        chosen = np.stack([rng.integers(half, size=count), rng.integers(half, length, size=count)], axis=1)
    else:
        chosen = rng.random((count, length)).argsort(axis=1)[:, :2]
    np.put_along_axis(x[:, :, 1], chosen, 1.0, axis=1)
    return Split(list(x), [total(one) for one in x])
