"""Small sets of labelled series for the tests of methods from the archives, and the files inside aeon."""

from __future__ import annotations

from pathlib import Path

import aeon
import numpy as np
from aeon.datasets import load_from_ts_file
from recurbench import Split, Task, Values

FOLDER = Path(aeon.__file__).parent / "datasets" / "data"


def shapes(steps: int = 24, channels: int = 1, each: int = 8, seed: int = 0) -> tuple[Task, Split, Split]:
    """Three classes of waves with noise: the task, train and test, of `each` examples per class."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps)

    def draw() -> Split:
        labels = [c for c in range(3) for _ in range(each)]
        waves = [np.sin(2 * np.pi * (c + 1) * time / steps + rng.uniform(0, 6)) for c in labels]
        x = [w[:, None] + 0.3 * rng.normal(size=(steps, channels)) for w in waves]
        return Split(x, [np.array([c]) for c in labels])

    task = Task("classification", Values(channels), Values(3, symbols=True), "fixed")
    return task, draw(), draw()


def numbers(steps: int = 24, channels: int = 1, count: int = 30) -> tuple[Task, Split, Split]:
    """Noise whose size is the answer: the task, train and test."""
    rng = np.random.default_rng(3)

    def draw() -> Split:
        sizes = rng.uniform(0.5, 3, count)
        x = [size * rng.normal(size=(steps, channels)) for size in sizes]
        return Split(x, [np.array([[size]]) for size in sizes])

    return Task("regression", Values(channels), Values(1), "fixed"), draw(), draw()


def cube(split: Split) -> np.ndarray:
    """The series as aeon takes them, [n, channels, T]."""
    return np.stack([x.T for x in split.x])


def labels(split: Split) -> np.ndarray:
    """The answers, one number per example."""
    return np.array([y.ravel()[0] for y in split.y])


def archive(name: str) -> tuple[Task, Split, Split]:
    """A set whose files are inside aeon, as it stands there: the task, train and test."""
    parts = []
    for part in ("TRAIN", "TEST"):
        x, y = load_from_ts_file(str(FOLDER / name / f"{name}_{part}.ts"))
        parts.append((x, y))
    names = sorted(set(parts[0][1]))
    train, test = (Split([s.T for s in x], [np.array([names.index(v)]) for v in y]) for x, y in parts)
    task = Task("classification", Values(train.x[0].shape[1]), Values(len(names), symbols=True), "fixed")
    return task, train, test


def seed_of_trees(seed: int) -> int:
    """The seed that aeon draws from the seed of a classifier for the trees inside it."""
    return int(np.random.RandomState(seed).randint(np.iinfo(np.int32).max))
