"""Running parity: one bit of state, which no window can replace."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from scipy.stats import binom

SHORTEST = 3


@dataset("parity", kind="labelling")
def parity(
    *,
    modulus: int = 2,
    train_length: int = 40,
    test_length: int = 200,
    n_train: int = 2000,
    n_valid: int = 400,
    n_test: int = 200,
    seed: int = 0,
) -> Problem:
    """Running parity: count the ones so far, modulo `modulus`; trained on short, tested on long sequences.

    See Deletang et al. (2023).

    Parameters
    ----------
    modulus : int
    train_length, test_length : int
        The longest training sequence, and the length of all test sequences.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    if modulus < 2 or train_length < SHORTEST or test_length < 1:
        raise ValueError(
            f"parity needs modulus >= 2, train_length >= {SHORTEST} and test_length >= 1, "
            f"got {modulus}, {train_length} and {test_length}"
        )
    train, valid, test = (
        _draw(modulus, count, shortest, longest, np.random.default_rng([seed, stream]))
        for stream, (count, shortest, longest) in enumerate(
            [
                (n_train, SHORTEST, train_length),
                (n_valid, SHORTEST, train_length),
                (n_test, test_length, test_length),
            ]
        )
    )
    headroom = shares(1 / modulus, 1.0, {w: guessed(test_length - w, modulus) for w in (4, 16)})
    about = About(
        source="generated: fair bits and their running sum",
        licence="none needed: generated",
        protocol=f"modulus {modulus}; {n_train} training and {n_valid} validation sequences of {SHORTEST} to "
        f"{train_length} steps, {n_test} test sequences of exactly {test_length}",
        reference="most-common",
        metric="last_step_accuracy",
        version="1",
        constant=1 / modulus,
        memoryless=1 / modulus,
        best=1.0,
        headroom=headroom,
        role=role(headroom, state=True),
    )
    task = Task(
        "labelling", x=Values(2, symbols=True), y=Values(modulus, symbols=True), length="same", causal=True
    )
    return Problem(task, train, test, about, valid, oracle=[task.y.encode(y) for y in test.y])


def guessed(missed: int, modulus: int) -> float:
    """The accuracy of the best guess at the running sum, if its first `missed` bits are not seen."""
    ones = np.arange(max(missed, 0) + 1)
    return float(np.bincount(ones % modulus, binom.pmf(ones, ones[-1], 0.5)).max())


def _draw(modulus: int, count: int, shortest: int, longest: int, rng: np.random.Generator) -> Split:
    lengths = rng.integers(shortest, longest + 1, size=count)
    x = [rng.integers(2, size=length) for length in lengths]
    return Split(x, [bits.cumsum() % modulus for bits in x])
