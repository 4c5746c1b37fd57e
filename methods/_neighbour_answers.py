"""How the nearest training examples answer together: a vote for a class, the mean for numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._learners import smoothed
from recurbench.task import Array, Task
from recurbench.task.arithmetic import Floats

Numbers = NDArray[np.int64]

# The winner of a tie gets so much of a vote more, so that it has the highest probability.
MORE = 1e-6


class NeighbourAnswers:
    """The answers of the training examples.

    Parameters
    ----------
    task : Task
    answers : sequence of arrays
        One for each training example.
    vote : bool
        True for classification and regression: all neighbours answer together. False: the answer is a copy of
        that of the nearest one.
    """

    def __init__(self, task: Task, answers: Sequence[Array], vote: bool) -> None:
        self.classes = task.y.size if task.y.symbols else 0
        self.answers: list[Array] = [np.array(y) for y in answers]
        self.vote = vote

    def __call__(self, near: Numbers) -> Array:
        """The answer of the training examples `near` [k], the nearest first.

        Probabilities of classes are the shares of the votes, after one more vote was spread evenly over all
        classes: none is then 0, for which the log loss would be infinite.
        """
        if not self.vote:
            return np.array(self.answers[near[0]])
        if not self.classes:
            return np.asarray(np.mean([self.answers[i] for i in near], axis=0))
        votes = self._votes(near[None])[0]
        return smoothed((votes / votes.sum())[None], len(near))

    def error(self, near: Numbers) -> float:
        """The error on the training part, if neighbours `near` [examples, k] answer for every example.

        Of classes it is the share of wrong answers, of numbers the mean squared error.
        """
        if not self.classes:
            answers = np.array(self.answers, dtype=np.float64)
            return float(np.mean((answers[near].mean(axis=1) - answers) ** 2))
        return float(np.mean(self._votes(near).argmax(axis=1) != self._codes))

    @cached_property
    def _codes(self) -> Numbers:
        """The class of every training example."""
        return np.array([y.item() for y in self.answers])

    def _votes(self, near: Numbers) -> Floats:
        """Votes [n, classes] of neighbours [n, k]; a tie is won by the class of the nearest."""
        named = self._codes[near]
        votes: Floats = (named[:, :, None] == np.arange(self.classes)).sum(axis=1).astype(np.float64)
        rows = np.arange(len(near))
        most = np.take_along_axis(votes, named, axis=1) == votes.max(axis=1, keepdims=True)
        votes[rows, named[rows, most.argmax(axis=1)]] += MORE
        return votes
