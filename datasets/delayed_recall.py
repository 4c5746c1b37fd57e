"""Delayed recall: repeat the number of `lag` steps before."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role
from recurbench.task import Array

# The variance of one number, U(-1, 1).
VARIANCE = 1 / 3


@dataset("delayed-recall", kind="labelling")
def delayed_recall(
    *,
    lag: int = 20,
    length: int = 100,
    n_train: int = 1000,
    n_valid: int = 200,
    n_test: int = 200,
    seed: int = 0,
) -> Problem:
    """Repeat the number of `lag` steps before (one term of the memory capacity of Jaeger 2001).

    x_t ~ U(-1, 1). The first `lag` answers are 0, the mean of x. The best constant answer is 0 at every step.
    A window of up to `lag` steps can do no better (R2 = 0), and one more step is enough (R2 = 1).

    Parameters
    ----------
    lag : int
    length : int
        Steps of a sequence.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    if not 0 < lag < length or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            "delayed-recall needs 0 < lag < length and at least one example per part, "
            f"got {lag=}, {length=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    train, valid, test = (
        _draw(count, length, lag, np.random.default_rng([seed, stream]))
        for stream, count in enumerate((n_train, n_valid, n_test))
    )
    constant = VARIANCE * (length - lag) / length
    headroom = {f"window_{w}": float(w > lag) for w in (4, 16)}
    about = About(
        source="generated: uniform numbers, repeated after a lag",
        licence="none needed: generated",
        protocol=f"{length} numbers from U(-1, 1), each repeated {lag} steps later, 0 before the first; "
        f"train, valid and test are {n_train}, {n_valid} and {n_test} independent sequences",
        reference="mean",
        metric="mse",
        version="1",
        constant=constant,
        memoryless=constant,
        best=0.0,
        headroom=headroom,
        # A window longer than the lag is enough, so no state is needed.
        role=role(headroom),
    )
    task = Task("labelling", x=Values(1), y=Values(1), length="same", causal=True)
    return Problem(task, train, test, about, valid, oracle=[delayed(x, lag) for x in test.x])


def delayed(x: Array, lag: int) -> Array:
    """The exact answers to one sequence [T, 1]: [T, 1]."""
    return np.concatenate([np.zeros((lag, 1)), x[:-lag]])


def _draw(count: int, length: int, lag: int, rng: np.random.Generator) -> Split:
    x = list(rng.uniform(-1, 1, size=(count, length, 1)))
    return Split(x, [delayed(one, lag) for one in x])
