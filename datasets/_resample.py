"""Resamples of a published split: the cases are split again, stratified, with the same sizes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from recurbench import Problem, Split
from recurbench.task import Array

BANDS = 5  # strata of a numeric answer, with about the same number of cases each


def resampled(problem: Problem, resample: int) -> Problem:
    """Split the cases of a problem again, at random but stratified.

    Every class has as many cases in each part as in the published split. Numeric answers are stratified by
    fifths of their ranks. A case has the same name in all resamples: its index in the published test part, or
    "train i". So reports recognise a case that is tested twice.

    Parameters
    ----------
    problem : Problem
        With the published split.
    resample : int
        The seed; 0 returns the problem unchanged.

    Raises
    ------
    ValueError
        If `resample` is negative.
    """
    if resample < 0:
        raise ValueError(f"resample must be 0 (the published split) or more, got {resample}")
    if resample == 0:
        return problem
    train, test = problem.train, problem.test
    first = len(train)
    strata = _strata(problem)
    counts = _counts(strata, first, classes=problem.task.y.symbols)
    rng = np.random.default_rng(resample)
    chosen = np.zeros(len(strata), dtype=bool)
    for stratum, count in enumerate(counts):
        chosen[rng.permutation(np.flatnonzero(strata == stratum))[:count]] = True
    names: list[Hashable] = [*(f"train {i}" for i in range(first)), *range(len(test))]
    pool = Split([*train.x, *test.x], [*train.y, *test.y], series=tuple(names))
    note = (
        f"resample {resample}: a random split with the published sizes, stratified by class or by fifths of"
    )
    about = replace(
        problem.about, protocol=f"{note} the answer; the published split: {problem.about.protocol}"
    )
    parts = (pool.take(np.flatnonzero(chosen)), pool.take(np.flatnonzero(~chosen)))
    return replace(problem, train=parts[0], test=parts[1], about=about)


def _strata(problem: Problem) -> Array:
    """The stratum of every case, [cases], train first: the class, or the fifth of the number by rank."""
    answers = np.array([np.ravel(y)[0] for part in (problem.train, problem.test) for y in part.y])
    if problem.task.y.symbols:
        return answers
    ranks = np.argsort(np.argsort(answers, kind="stable"), kind="stable")
    return ranks * BANDS // len(answers)


def _counts(strata: Array, first: int, classes: bool) -> Array:
    """How many cases of every stratum go to train."""
    if classes:
        return np.bincount(strata[:first], minlength=strata.max() + 1)
    ends = np.round(np.cumsum(np.bincount(strata)) * first / len(strata)).astype(int)
    return np.diff(ends, prepend=0)
