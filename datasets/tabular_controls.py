"""Controls without a sequence: tables of patients, where recurrence cannot help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._resample import resampled
from recurbench.reading.series import package_version
from recurbench.task import Array
from sklearn.datasets import load_breast_cancer, load_diabetes

TRAIN_SHARE = 0.75


@dataset("diabetes", kind="regression")
def diabetes(*, resample: int = 0) -> Problem:
    """Progress of diabetes in a year, from ten measures of a patient (442 patients; Efron et al. 2004)."""
    table = load_diabetes(scaled=False)
    train, test = _parts(np.zeros(len(table.target), dtype=np.int64))
    x = np.ascontiguousarray(table.data)
    y = [np.array([[value]]) for value in table.target]
    names = tuple(map(str, table.feature_names))
    task = Task("regression", x=Values(len(names), names=names), y=Values(1), length="fixed")
    sizes = f"{len(train)} and {len(test)} patients, one fixed sample"
    about = _about("diabetes patients of Efron et al. (2004)", "mean", "mse", sizes)
    problem = Problem(task, _asked(x, y, train), _asked(x, y, test), about)
    return _scaled(resampled(problem, resample))


@dataset("breast-cancer", kind="classification")
def breast_cancer(*, resample: int = 0) -> Problem:
    """Is a breast tumour malignant? Thirty measures of cell nuclei (569 patients; UCI, Wisconsin)."""
    table = load_breast_cancer()
    train, test = _parts(table.target)
    x = np.ascontiguousarray(table.data)
    y = [np.array([code]) for code in table.target]
    names, classes = (tuple(map(str, words)) for words in (table.feature_names, table.target_names))
    task = Task(
        "classification",
        x=Values(len(names), names=names),
        y=Values(len(classes), symbols=True, names=classes),
        length="fixed",
    )
    source = "Wisconsin diagnostic breast cancer data of UCI"
    sizes = f"{len(train)} and {len(test)} patients, one fixed sample, stratified by class"
    about = _about(source, "most-common", "accuracy", sizes)
    problem = Problem(task, _asked(x, y, train), _asked(x, y, test), about)
    return _scaled(resampled(problem, resample))


def _parts(classes: Array) -> tuple[list[int], list[int]]:
    """The patients of train and of test, with the same share of every class; one fixed sample."""
    rng = np.random.default_rng(0)
    train: list[int] = []
    for code in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == code))
        train += members[: round(TRAIN_SHARE * len(members))].tolist()
    return sorted(train), sorted(set(range(len(classes))) - set(train))


def _scaled(problem: Problem) -> Problem:
    """The problem with every column standardised by the training rows."""
    known = np.concatenate(problem.train.x)
    mean, spread = known.mean(axis=0), known.std(axis=0)
    train, test = (
        replace(part, x=[(row - mean) / spread for row in part.x]) for part in (problem.train, problem.test)
    )
    return replace(problem, train=train, test=test)


def _asked(x: Array, y: list[Array], part: list[int]) -> Split:
    return Split([x[i : i + 1] for i in part], [y[i] for i in part])


def _about(source: str, reference: str, metric: str, sizes: str) -> About:
    return About(
        source=f"{source}, as shipped with scikit-learn",
        licence="BSD-3-Clause (scikit-learn)",
        protocol=f"{sizes}; one step with all measures, scaled by mean and standard deviation of train",
        reference=reference,
        metric=metric,
        version=package_version("scikit-learn"),
        role="control",
    )
