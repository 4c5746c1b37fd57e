"""Temporal order: which of two symbols came first, or how many of each there were."""

from __future__ import annotations

from itertools import product
from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array

SYMBOLS = ("c", "d", "e", "f", "A", "B")
# The code of A. Smaller codes are distractors, so this is also their number.
A = 4
# Pairs (first, second) of A (0) and B (1), in the order of the classes "order". The class "bag" is the number
# of B.
PAIRS = tuple(product((0, 1), repeat=2))
CLASSES = {"order": ("AA", "AB", "BA", "BB"), "bag": ("no B", "one B", "two B")}
LEAST = 10


@dataset("temporal-order", kind="classification")
def temporal_order(
    *,
    length: int = 60,
    label: Literal["order", "bag"] = "order",
    shuffle: bool = False,
    n_train: int = 2000,
    n_valid: int = 500,
    n_test: int = 500,
    seed: int = 0,
) -> Problem:
    """Temporal order (Hochreiter and Schmidhuber 1997, task 6a): two of A and B among distractors.

    The first symbol is at a step in [length / 10, length / 5], the second one in [length / 2, .6 length].

    Parameters
    ----------
    length : int
        Steps of a sequence.
    label : str
        "order" asks for both symbols in order, "bag" for the number of B.
    shuffle : bool
        Whether the steps of every sequence are shuffled, in train and in test. Then AB and BA cannot be told
        apart, and the exact best accuracy for "order" is .75; for "bag" it stays 1.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    if length < LEAST or label not in CLASSES or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            f"temporal-order needs length >= {LEAST}, label {' or '.join(CLASSES)} and at least one example "
            f"per part, got {length=}, {label=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    train, valid, test = (
        _draw(count, length, label, shuffle, [seed, stream])
        for stream, count in enumerate((n_train, n_valid, n_test))
    )
    level = {w: reached(w, length, label, shuffle) for w in (0, 1, 4, 16, length)}
    headroom = shares(level[1], level[length], {w: level[w] for w in (4, 16)})
    about = About(
        source="generated: two symbols among distractors",
        licence="none needed: generated",
        protocol=f"{length} steps, asked for the {label}, {'shuffled' if shuffle else 'in their order'}; "
        f"train, valid and test are {n_train}, {n_valid} and {n_test} independent sequences",
        reference="most-common",
        metric="accuracy",
        version="1",
        constant=level[0],
        memoryless=level[1],
        best=level[length],
        headroom=headroom,
        # A convolution over the whole length finds both symbols, so no state is needed.
        role=role(headroom),
    )
    names = CLASSES[label]
    task = Task(
        "classification",
        x=Values(len(SYMBOLS), symbols=True, names=SYMBOLS),
        y=Values(len(names), symbols=True, names=names),
        length="fixed",
    )
    return Problem(task, train, test, about, valid, [answer(x, label, shuffle)[None] for x in test.x])


def answer(seen: Array, label: str, shuffle: bool) -> Array:
    """The exact probabilities [classes] given a whole sequence, shuffled or not."""
    pair_seen = tuple(int(symbol) - A for symbol in seen if symbol >= A)
    fitting = [pair_seen, pair_seen[::-1]] if shuffle else [pair_seen]
    chances: Array = np.zeros(len(CLASSES[label]))
    for pair in fitting:
        chances[_code(pair, label)] += 1 / len(fitting)
    return chances


def reached(window: int, length: int, label: str, shuffle: bool) -> float:
    """The accuracy of the best answer from the last `window` steps.

    If the window has no symbol, it is the share of the most frequent class: .25 for "order", .5 for "bag".
    With one symbol it is .5. With both it is 1, or .75 for "order" after shuffling.
    """
    window = min(window, length)
    if shuffle:
        both = window * (window - 1) / (length * (length - 1))
        one = 2 * window * (length - window) / (length * (length - 1))
    else:
        second, first = (
            float(np.mean([step >= length - window for step in range(low, high + 1)]))
            for low, high in _places(length)[::-1]
        )
        # A window at the end never holds the first symbol without the second.
        both, one = first, second - first
    without = 0.25 if label == "order" else 0.5
    with_both = 0.75 if label == "order" and shuffle else 1.0
    return both * with_both + one * 0.5 + (1 - both - one) * without


def _places(length: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last possible step of each of the two symbols."""
    return (length // 10, length // 5), (length // 2, 6 * length // 10)


def _code(pair: tuple[int, ...], label: str) -> int:
    return PAIRS.index((pair[0], pair[1])) if label == "order" else sum(pair)


def _draw(count: int, length: int, label: str, shuffle: bool, stream: list[int]) -> Split:
    rng = np.random.default_rng(stream)
    x = rng.integers(A, size=(count, length))
    pairs = rng.integers(2, size=(count, 2))
    for k, (low, high) in enumerate(_places(length)):
        x[np.arange(count), rng.integers(low, high + 1, size=count)] = A + pairs[:, k]
    if shuffle:
        # Shuffled last, so that a seed gives the same sequences with and without it.
        x = rng.permuted(x, axis=1)
    return Split(list(x), [np.array([_code(tuple(pair), label)]) for pair in pairs.tolist()])
