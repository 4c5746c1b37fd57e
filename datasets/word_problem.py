"""The word problem of a finite group: the running product of its elements."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role
from recurbench.task import Array

SHORTEST = 2
# The groups: cyclic Zn, symmetric Sn, alternating An. Larger ones have too many symbols to learn.
KNOWN = {"Z": range(2, 121), "S": range(3, 6), "A": range(3, 6)}


@dataset("word-problem", kind="labelling")
def word_problem(
    *,
    group: str = "S3",
    train_length: int = 20,
    test_length: int = 40,
    n_train: int = 2000,
    n_valid: int = 400,
    n_test: int = 400,
    seed: int = 0,
) -> Problem:
    """The running product g_t ... g_1 of group elements; trained on short, tested on long sequences.

    See Merrill, Petty and Sabharwal (2024). The symbols are all elements of the group, drawn uniformly, not a
    few generators. Then a window that lacks one step is exactly as good as chance. Symbol 0 is the identity.

    Parameters
    ----------
    group : str
        Zn (cyclic), Sn (symmetric) or An (alternating).
    train_length, test_length : int
        The longest training sequence, and the length of all test sequences.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    if train_length < SHORTEST or test_length < 1 or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            f"word-problem needs train_length >= {SHORTEST}, test_length >= 1 and at least one example per "
            f"part, got {train_length=}, {test_length=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    product = table(group)
    parts = [(n, SHORTEST, train_length) for n in (n_train, n_valid)] + [(n_test, test_length, test_length)]
    train, valid, test = (
        _draw(product, part, np.random.default_rng([seed, stream])) for stream, part in enumerate(parts)
    )
    size = len(product)
    headroom = {f"window_{w}": float(w >= test_length) for w in (4, 16)}
    about = About(
        source=f"generated: uniform elements of {group} and their running product",
        licence="none needed: generated",
        protocol=f"{group} with {size} elements; {n_train} training and {n_valid} validation sequences of "
        f"{SHORTEST} to {train_length} steps, {n_test} test sequences of exactly {test_length}",
        reference="most-common",
        metric="last_step_accuracy",
        version="1",
        constant=1 / size,
        memoryless=1 / size,
        best=1.0,
        headroom=headroom,
        role=role(headroom, state=True),
    )
    symbols = Values(size, symbols=True)
    task = Task("labelling", x=symbols, y=symbols, length="same", causal=True)
    return Problem(task, train, test, about, valid, oracle=[symbols.encode(y) for y in test.y])


def table(group: str) -> Array:
    """The multiplication table: entry [a, b] is a times b, with b applied first; 0 is the identity."""
    kind, number = group[:1], group[1:]
    if kind not in KNOWN or not number.isdecimal() or int(number) not in KNOWN[kind]:
        known = ", ".join(f"{k}{n[0]} to {k}{n[-1]}" for k, n in KNOWN.items())
        raise ValueError(f"unknown group {group!r}; word-problem knows {known}")
    n = int(number)
    if kind == "Z":
        return (np.arange(n)[:, None] + np.arange(n)) % n
    elements = [p for p in permutations(range(n)) if kind == "S" or not _is_odd(p)]
    code = {element: i for i, element in enumerate(elements)}
    return np.array([[code[tuple(a[i] for i in b)] for b in elements] for a in elements])


def _is_odd(permutation: tuple[int, ...]) -> bool:
    swapped = [a > b for i, a in enumerate(permutation) for b in permutation[i + 1 :]]
    return sum(swapped) % 2 == 1


def _draw(product: Array, part: tuple[int, int, int], rng: np.random.Generator) -> Split:
    count, shortest, longest = part
    lengths = rng.integers(shortest, longest + 1, size=count)
    x = [rng.integers(len(product), size=length) for length in lengths]
    return Split(x, [_running(product, one) for one in x])


def _running(product: Array, x: Array) -> Array:
    y = x.copy()
    for t in range(1, len(x)):
        y[t] = product[x[t], y[t - 1]]
    return y
