"""Reversal: write a sequence of symbols backwards."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset


@dataset("reversal", kind="translation")
def reversal(
    *,
    symbols: int = 8,
    train_length: int = 20,
    test_length: int = 20,
    n_train: int = 5000,
    n_valid: int = 400,
    n_test: int = 400,
    seed: int = 0,
) -> Problem:
    """Write a sequence of symbols backwards (Grefenstette et al. 2015).

    The score is exact match. The best constant answer is a sequence of the right length, which is correct
    with probability symbols ** -test_length.

    Parameters
    ----------
    symbols : int
        The number of different symbols.
    train_length, test_length : int
        The longest training sequence, and the length of all test sequences.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    least = {"symbols": (symbols, 2), "train_length": (train_length, 1), "test_length": (test_length, 1)}
    least |= {"n_train": (n_train, 1), "n_valid": (n_valid, 1), "n_test": (n_test, 1)}
    for name, (seen, wanted) in least.items():
        if seen < wanted:
            raise ValueError(f"reversal needs {name} >= {wanted}, got {name}={seen}")
    parts = ((n_train, 1, train_length), (n_valid, 1, train_length), (n_test, test_length, test_length))
    train, valid, test = (
        _draw(symbols, *part, np.random.default_rng([seed, stream])) for stream, part in enumerate(parts)
    )
    values = Values(symbols, symbols=True)
    chance = float(symbols) ** -test_length
    about = About(
        source="generated: random symbols and their reversal",
        licence="none needed: generated",
        protocol=f"{symbols} symbols; {n_train} training and {n_valid} validation sequences of 1 to "
        f"{train_length} steps, {n_test} test sequences of exactly {test_length}; a short sequence may be in "
        "both train and valid",
        reference="most-common",
        metric="exact_match",
        version="1",
        constant=chance,
        memoryless=chance * symbols,
        best=1.0,
        role="crossover",
    )
    task = Task("translation", x=values, y=values, length="free")
    return Problem(task, train, test, about, valid, oracle=[x[::-1].copy() for x in test.x])


def _draw(symbols: int, count: int, shortest: int, longest: int, rng: np.random.Generator) -> Split:
    lengths = rng.integers(shortest, longest + 1, size=count)
    x = [rng.integers(symbols, size=length) for length in lengths]
    return Split(x, [codes[::-1].copy() for codes in x])
