"""Temporal order: which of two symbols came first, or only how many of each there were."""

from __future__ import annotations

from itertools import product
from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array

SYMBOLS = ("c", "d", "e", "f", "A", "B")
# The first of the symbols that matter, and how many do not.
A = 4
# Pairs (first, second) in the order of their code; what each is called by its order and by its bag.
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
    """Tell which two of A and B stood among distractors, task 6a of Hochreiter and Schmidhuber (1997).

    The first stands at a step in [length / 10, length / 5], the second in [length / 2, .6 length].
    label: "order" asks for both in their order, "bag" only for the number of B's.
    shuffle: the steps of every sequence change places at random, in train and in test. Then nothing tells AB
    from BA, so that the exact best for the order is .75, while a bag loses nothing.
    """
    if length < LEAST or label not in CLASSES or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            f"temporal-order wants length >= {LEAST}, label {' or '.join(CLASSES)} and at least one example "
            f"a part, got {length=}, {label=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    train, valid, test = (
        _draw(count, length, label, shuffle, [seed, stream])
        for stream, count in enumerate((n_train, n_valid, n_test))
    )
    level = {w: reached(w, length, label, shuffle) for w in (0, 1, 4, 16, length)}
    headroom = shares(level[1], level[length], {w: level[w] for w in (4, 16)})
    about = About(
        source="generated: two symbols that matter among those that do not",
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
        # A convolution over the whole length finds both symbols, too.
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
    """Bayes' chances [classes] given both symbols of a sequence, or of its shuffled steps."""
    pair_seen = tuple(int(symbol) - A for symbol in seen if symbol >= A)
    fitting = [pair_seen, pair_seen[::-1]] if shuffle else [pair_seen]
    chances: Array = np.zeros(len(CLASSES[label]))
    for pair in fitting:
        chances[_code(pair, label)] += 1 / len(fitting)
    return chances


def reached(window: int, length: int, label: str, shuffle: bool) -> float:
    """The accuracy of the best answer that sees the last `window` steps alone.

    With no symbol in sight it is the commonest class: .25 of the orders, .5 of the bags. With one in sight,
    half of what is left is right by either label. With both, everything but an order that was shuffled.
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
        # Nobody sees the first but not the second.
        both, one = first, second - first
    without = 0.25 if label == "order" else 0.5
    with_both = 0.75 if label == "order" and shuffle else 1.0
    return both * with_both + one * 0.5 + (1 - both - one) * without


def _places(length: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last step at which each of the two symbols may stand."""
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
        # Last, so that the same seed shuffles the same sequences.
        x = rng.permuted(x, axis=1)
    return Split(list(x), [np.array([_code(tuple(pair), label)]) for pair in pairs.tolist()])
