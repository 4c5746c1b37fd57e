"""Problems of any size, one per kind of task, to measure the time that methods take.

They are only for timing. Each has a small `valid`, so a method trains once.
"""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.task import Array

VALID = 4  # examples of the validation part; few, because predicting them is timed too


def about(reference: str, metric: str) -> About:
    """Where the numbers come from."""
    return About("generated: noise and a wave", "none needed: generated", "for timing", reference, metric)


def waves(count: int, length: int, channels: int, seed: int) -> list[Array]:
    """Noisy waves [length, channels], each with a random slope and wave length."""
    rng = np.random.default_rng([seed, 5])
    time = np.arange(length)[:, None]
    sequences = []
    for _ in range(count):
        wave, slope = rng.uniform(6, 40, channels), rng.normal(0, 0.01, channels)
        sequences.append(
            np.sin(2 * np.pi * time / wave) + slope * time + 0.3 * rng.normal(size=(length, channels))
        )
    return sequences


def three(x: list[Array], y: list[Array], asked: int) -> tuple[Split, Split, Split]:
    """The examples as train, `asked` of test and VALID of validation."""
    ends = len(x) - asked - VALID, len(x) - VALID
    parts = slice(0, ends[0]), slice(*ends), slice(ends[1], len(x))
    train, test, valid = (Split(x[part], y[part]) for part in parts)
    return train, test, valid


@dataset("sized-forecasting", kind="forecasting")
def forecasting(*, cases=1, asked=4, length=100, channels=1, horizon=6, period=0):
    """`cases` series of `length` steps, asked `asked` times in all."""
    whole = waves(cases, length + 3 * horizon, channels, 0)
    if period:
        season = np.sin(2 * np.pi * np.arange(length + 3 * horizon) / period)[:, None]
        whole = [one + 2 * season for one in whole]

    def cut(one: Array, origin: int) -> tuple[Array, Array]:
        return one[:origin].copy(), one[origin : origin + horizon].copy()

    def split(origin: int, times: int) -> Split:
        chosen = [i % cases for i in range(times)]
        pairs = [cut(whole[i], origin) for i in chosen]
        return Split([x for x, _ in pairs], [y for _, y in pairs], series=tuple(str(i) for i in chosen))

    values = Values(channels)
    task = Task("forecasting", values, values, "fixed", steps=horizon, period=period or None)
    train, valid = split(length, cases), split(length + horizon, min(cases, VALID))
    return Problem(task, train, split(length + 2 * horizon, asked), about("seasonal-naive", "mae"), valid)


@dataset("sized-classification", kind="classification")
def classification(*, cases=50, asked=50, length=50, channels=1, outputs=2):
    """Waves of `outputs` classes."""
    x = waves(cases + asked + VALID, length, channels, 1)
    y = [np.array([i % outputs]) for i in range(len(x))]
    x = [one + i % outputs for i, one in enumerate(x)]
    task = Task("classification", Values(channels), Values(outputs, symbols=True), "fixed")
    train, test, valid = three(x, y, asked)
    return Problem(task, train, test, about("most-common", "accuracy"), valid)


@dataset("sized-regression", kind="regression")
def regression(*, cases=50, asked=50, length=50, channels=1):
    """Waves and the mean of each."""
    x = waves(cases + asked + VALID, length, channels, 2)
    task = Task("regression", Values(channels), Values(1), "fixed")
    train, test, valid = three(x, [one.mean(axis=0)[None, :1] for one in x], asked)
    return Problem(task, train, test, about("mean", "mse"), valid)


@dataset("sized-labelling", kind="labelling")
def labelling(*, cases=50, asked=50, length=50, channels=1, outputs=2, numbers=False, causal=True):
    """At every step the sign of the wave, or the wave one step before."""
    x = waves(cases + asked + VALID, length, channels, 3)
    if numbers:
        y = [np.roll(one[:, :1], 1, axis=0) for one in x]
    else:
        y = [(np.floor(one[:, 0]).astype(np.int64)) % outputs for one in x]
    answers = Values(1) if numbers else Values(outputs, symbols=True)
    task = Task("labelling", Values(channels), answers, "same", causal=causal)
    train, test, valid = three(x, y, asked)
    return Problem(
        task, train, test, about("mean", "mse") if numbers else about("most-common", "accuracy"), valid
    )


@dataset("sized-translation", kind="translation")
def translation(*, cases=100, asked=20, length=8, channels=10):
    """Symbols and the same backwards."""
    rng = np.random.default_rng(4)
    x = [rng.integers(0, channels, length) for _ in range(cases + asked + VALID)]
    values = Values(channels, symbols=True)
    train, test, valid = three(x, [one[::-1].copy() for one in x], asked)
    task = Task("translation", values, values, "free")
    return Problem(task, train, test, about("most-common", "exact_match"), valid)


@dataset("sized-generation", kind="generation")
def generation(*, cases=100, asked=20, length=1, channels=3, horizon=50):
    """The first steps of a wave and the `horizon` steps after them."""
    whole = waves(cases + asked + VALID, length + horizon, channels, 6)
    values = Values(channels)
    task = Task("generation", values, values, "fixed", steps=horizon)
    train, test, valid = three([one[:length] for one in whole], [one[length:] for one in whole], asked)
    return Problem(task, train, test, about("mean", "mse"), valid)
