"""Classification problems from series and class names."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values
from recurbench.task import Array


def labelled(
    train_x: list[Array], train_y: Array, test_x: list[Array], test_y: Array, about: About
) -> Problem:
    """Build a classification problem.

    Classes are numbered 0..K-1 in the sorted order of the training labels (`A`, `a`, `B`). ValueError if test
    has a class that train lacks.
    """
    textual = train_y.dtype.kind == "U"
    names = sorted(set(train_y.tolist()), key=lambda name: (str(name).lower(), name) if textual else name)
    unseen = sorted(set(test_y.tolist()) - set(names))
    if unseen:
        raise ValueError(f"{about.source}: test labels {unseen} never occur in train, which has {names}")
    codes = {name: code for code, name in enumerate(names)}
    task = Task(
        "classification",
        x=Values(train_x[0].shape[1]),
        y=Values(len(names), symbols=True, names=tuple(str(name) for name in names)),
        length="fixed",
    )
    train = Split(train_x, [np.array([codes[name]]) for name in train_y.tolist()])
    test = Split(test_x, [np.array([codes[name]]) for name in test_y.tolist()])
    return Problem(task, train, test, about)
