"""Sequences of symbols of any size, to time methods that take no other input.

They have their own file, so that times measured on `sized.py` stay valid when these change.
"""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.task import Array

VALID = 4


def drawn(cases: int, asked: int, length: int, channels: int) -> list[Array]:
    """Symbols without any order."""
    rng = np.random.default_rng([7, cases, length])
    return [rng.integers(0, channels, length) for _ in range(cases + asked + VALID)]


def problem(task: Task, x: list[Array], y: list[Array], asked: int, reference: str, metric: str) -> Problem:
    """The first examples as train, the next `asked` as test, the last as validation."""
    ends = len(x) - asked - VALID, len(x) - VALID
    parts = slice(0, ends[0]), slice(*ends), slice(ends[1], len(x))
    train, test, valid = (Split(x[part], y[part]) for part in parts)
    about = About(
        "generated: symbols without order", "none needed: generated", "for timing", reference, metric
    )
    return Problem(task, train, test, about, valid)


@dataset("symbols-classification", kind="classification")
def classification(*, cases=50, asked=50, length=30, channels=4):
    """Symbols of two classes."""
    x = drawn(cases, asked, length, channels)
    task = Task("classification", Values(channels, symbols=True), Values(2, symbols=True), "fixed")
    return problem(task, x, [np.array([i % 2]) for i in range(len(x))], asked, "most-common", "accuracy")


@dataset("symbols-regression", kind="regression")
def regression(*, cases=50, asked=50, length=30, channels=4):
    """Symbols and their mean."""
    x = drawn(cases, asked, length, channels)
    task = Task("regression", Values(channels, symbols=True), Values(1), "fixed")
    return problem(task, x, [np.array([[one.mean()]]) for one in x], asked, "mean", "mse")


@dataset("symbols-labelling", kind="labelling")
def labelling(*, cases=50, asked=50, length=30, channels=4):
    """Symbols and whether each is the first of them."""
    x = drawn(cases, asked, length, channels)
    task = Task("labelling", Values(channels, symbols=True), Values(2, symbols=True), "same")
    return problem(task, x, [(one == 0).astype(np.int64) for one in x], asked, "most-common", "accuracy")
