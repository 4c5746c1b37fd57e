"""Fitting again at every test origin: what is known at each, and one predictor that answers for all fits."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from recurbench.task import Array, Predictor, Split, Task

Place = tuple[Hashable, int]
"""A test origin: its series, and the steps of history."""


def refitted(
    task: Task, test: Split, fit: Callable[[Split], Sequence[Predictor | Exception]]
) -> list[Predictor | Exception]:
    """Fit at every test origin.

    Parameters
    ----------
    task : Task
        A forecasting task.
    test : Split
    fit : callable
        Fits on training examples and returns a predictor per seed, or why that seed has none.

    Returns
    -------
    list
        Per seed one predictor for all examples of test, or the first reason why a fit gave none.
    """
    ranks: dict[Place, int] = {}
    fits = []
    for rank, places in enumerate(by_rank(test)):
        ranks.update((_place(test, i), rank) for i in places)
        fits.append(fit(train_at(task, test, places)))
    return [_of_one_seed(ranks, predictors) for predictors in zip(*fits, strict=True)]


def _of_one_seed(
    ranks: Mapping[Place, int], predictors: Sequence[Predictor | Exception]
) -> Predictor | Exception:
    able: list[Predictor] = []
    for one in predictors:
        if isinstance(one, Exception):
            return one
        able.append(one)
    return Refitted(ranks, able)


def by_rank(test: Split) -> list[list[int]]:
    """The examples of test by rank: the first origin of every series, then the second of every series, ..."""
    series: dict[Hashable, list[int]] = {}
    for i, name in enumerate(test.series):
        series.setdefault(name, []).append(i)
    ordered = [sorted(places, key=lambda i: len(test.x[i])) for places in series.values()]
    most = max(map(len, ordered), default=0)
    return [[places[rank] for places in ordered if rank < len(places)] for rank in range(most)]


def train_at(task: Task, test: Split, places: Sequence[int]) -> Split:
    """Training examples that end at the origins of these test examples.

    The last `task.steps` steps of each history become the answer. The arrays are views of those of `test`, so
    that a method that changes them is found out.
    """
    asked = test.take(places)
    ends = [len(x) - task.steps for x in asked.x]
    known = asked.ahead[0].shape[1] if len(asked.ahead) else 0
    return Split(
        x=[x[:end] for x, end in zip(asked.x, ends, strict=True)],
        y=[x[end:, : task.y.size] for x, end in zip(asked.x, ends, strict=True)],
        ahead=[x[end:, x.shape[1] - known :] for x, end in zip(asked.x, ends, strict=True) if known],
        series=asked.series,
        time=[time[: len(x)] for time, x in zip(asked.time, asked.x, strict=True)] if len(asked.time) else [],
    )


def _place(split: Split, i: int) -> Place:
    return split.series[i], len(split.x[i])


class Refitted:
    """One predictor for all test origins: each example is answered by the fit of its origin.

    Notes and parameters are those of the last fit.
    """

    def __init__(self, ranks: Mapping[Place, int], predictors: Sequence[Predictor]) -> None:
        """ranks: the fit of each test origin, an index of `predictors`."""
        self._ranks, self._predictors = ranks, predictors

    def __call__(self, split: Split) -> Sequence[Array]:
        """Answer; all examples of one fit are asked together."""
        groups: dict[int, list[int]] = {}
        for i in range(len(split)):
            groups.setdefault(self._ranks[_place(split, i)], []).append(i)
        found: dict[int, Array] = {}
        for rank, places in groups.items():
            found.update(zip(places, self._predictors[rank](split.take(places)), strict=True))
        return [found[i] for i in range(len(split))]

    @property
    def notes(self) -> Any:
        """The notes of the last fit."""
        return getattr(self._predictors[-1], "notes", {})

    def components(self, split: Split) -> Any:
        """How the fit of its origin came to the answer to one example; None where it cannot say."""
        said = getattr(self._predictors[self._ranks[_place(split, 0)]], "components", None)
        return said(split) if callable(said) else None
