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
    "train i". So reports recognise a case that is tested twice. The protocol counts the test cases that are
    in train too.

    Parameters
    ----------
    problem : Problem
        With the published split.
    resample : int
        The seed; 0 keeps the published split.

    Raises
    ------
    ValueError
        If `resample` is negative.
    """
    if resample < 0:
        raise ValueError(f"resample must be 0 (the published split) or more, got {resample}")
    if resample == 0:
        return _counted(problem)
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
    return _counted(replace(problem, train=parts[0], test=parts[1], about=about))


def _counted(problem: Problem) -> Problem:
    """The problem, with a protocol that counts the test cases whose series are in train too."""
    answers: dict[Hashable, set[bytes]] = {}
    for x, y in zip(problem.train.x, problem.train.y, strict=True):
        answers.setdefault(_key(x), set()).add(_key(y)[1])
    same = other = 0
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        known = answers.get(_key(x), set())
        same += _key(y)[1] in known
        other += bool(known) and _key(y)[1] not in known
    clauses = (
        f"; {same} of {len(problem.test)} test cases are in train too, values and answer" if same else "",
        f"; {other} of {len(problem.test)} test cases are in train with another answer" if other else "",
    )
    about = replace(problem.about, protocol=f"{problem.about.protocol}{''.join(clauses)}")
    return replace(problem, about=about) if same or other else problem


def _key(values: Array) -> tuple[tuple[int, ...], bytes]:
    return values.shape, np.ascontiguousarray(values).tobytes()


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
