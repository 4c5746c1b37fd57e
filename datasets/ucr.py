"""Problems of the UCR, UEA and TSER archives from files in the data folder: .ts, and UCR 2018's .tsv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from aeon.datasets import load_from_ts_file
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._labels import labelled
from recurbench.datasets._resample import resampled
from recurbench.task import Array


@dataset("ucr", kind="classification")
def ucr(*, name: str = "Coffee", normalise: bool = False, resample: int = 0) -> Problem:
    """A problem of the UCR or UEA archive by its name there, on its default split or a resample."""
    (train_x, train_y), (test_x, test_y), described = _read("ucr", name, normalise, "most-common", "accuracy")
    if np.issubdtype(train_y.dtype, np.floating):
        raise ValueError(f"{name} asks for numbers, not classes; write tser[name={name}]")
    return resampled(labelled(train_x, train_y, test_x, test_y, described), resample)


@dataset("tser", kind="regression")
def tser(*, name: str = "Tecator", normalise: bool = False, resample: int = 0) -> Problem:
    """A problem of the extrinsic regression archive by its name there, on its default split or a resample."""
    (train_x, train_y), (test_x, test_y), described = _read("tser", name, normalise, "mean", "mse")
    if not np.issubdtype(train_y.dtype, np.floating):
        raise ValueError(f"{name} asks for classes, not numbers; write ucr[name={name}]")
    task = Task("regression", x=Values(train_x[0].shape[1]), y=Values(1), length="fixed")
    train, test = (
        Split(x, [np.array([[value]], dtype=np.float64) for value in y])
        for x, y in ((train_x, train_y), (test_x, test_y))
    )
    return resampled(Problem(task, train, test, described), resample)


def _read(
    archive: str, name: str, normalise: bool, reference: str, metric: str
) -> tuple[tuple[list[Array], Array], tuple[list[Array], Array], About]:
    """Training and test series [T, channels] with their answers, and what was done to them."""
    train, test = (read_series(path) for path in files(archive, {"name": name}))
    filled = 0
    for series, _ in (train, test):
        for i, values in enumerate(series):
            series[i], gaps = whole(values)
            filled += gaps
            if normalise:
                series[i] = normalised(series[i])
    gaps_words = f"; {filled} missing values inside series are interpolated linearly" if filled else ""
    scale = (
        "every series brought to mean 0 and sample standard deviation 1" if normalise else "values as read"
    )
    protocol = f"default split of the archive; {scale}, lengths as they are{gaps_words}"
    return train, test, about(archive, protocol, reference, metric, name=name)


def read_series(path: Path) -> tuple[list[Array], Array]:
    """The series [T, channels] of a .ts or .tsv file, missing values as NaN, and their labels or numbers.

    In a .tsv a row is one series: the label, then the values, of which a short series has NaN at the end.
    """
    if path.suffix == ".tsv":
        rows = np.loadtxt(path, delimiter="\t", ndmin=2)
        labels = rows[:, 0].astype(np.int64)
        if (labels != rows[:, 0]).any():
            raise ValueError(f"{path}: the first column must hold whole numbers, the classes")
        return [row[1:, None] for row in rows], labels
    cases, answers = load_from_ts_file(str(path))
    return [np.ascontiguousarray(case.T, dtype=np.float64) for case in cases], np.asarray(answers)


def whole(values: Array) -> tuple[Array, int]:
    """A series without missing values: the end cut off where no channel has one, the rest interpolated.

    The second is how many were interpolated.
    """
    known = np.isfinite(values)
    if not known.any(axis=0).all():
        raise ValueError("a series has a channel without a single value; leave it out of the file")
    last = int(np.flatnonzero(known.any(axis=1))[-1]) + 1
    values, known = values[:last].copy(), known[:last]
    steps = np.arange(last)
    for channel in np.flatnonzero(~known.all(axis=0)):
        there = known[:, channel]
        values[~there, channel] = np.interp(steps[~there], steps[there], values[there, channel])
    return values, int((~known).sum())


def normalised(values: Array) -> Array:
    """Every channel at mean 0 and sample standard deviation 1; a constant channel at 0."""
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1])
    centred: Array = values - values.mean(axis=0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12)
