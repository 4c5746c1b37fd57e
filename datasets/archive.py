"""Problems of the UCR, UEA and TSER archives that lie inside installed packages."""

from __future__ import annotations

import numpy as np
from aeon.datasets import load_from_ts_file
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._labels import labelled
from recurbench.datasets._resample import resampled
from recurbench.datasets._series import packaged, version
from recurbench.task import Array

SPLIT = "default split of the archive; values as shipped"
NORMALISED = f"{SPLIT}, every series already at mean 0 and sample standard deviation 1 (ddof=1)"


@dataset("gunpoint", kind="classification")
def gunpoint(*, resample: int = 0) -> Problem:
    """Hand positions over time: a gun is drawn or a finger points (50 + 150 series of 150 steps)."""
    return _classes("GunPoint", "UCR archive", NORMALISED, resample)


@dataset("italy-power-demand", kind="classification")
def italy_power_demand(*, resample: int = 0) -> Problem:
    """One day of electricity demand in Italy: from the winter or the summer half (67 + 1029 x 24 hours)."""
    return _classes("ItalyPowerDemand", "UCR archive", NORMALISED, resample)


@dataset("arrowhead", kind="classification")
def arrowhead(*, resample: int = 0) -> Problem:
    """Outlines of arrowheads of three types (36 + 175 series of 251 steps)."""
    return _classes("ArrowHead", "UCR archive", NORMALISED, resample)


@dataset("basic-motions", kind="classification")
def basic_motions(*, resample: int = 0) -> Problem:
    """A smart watch's accelerometer and gyroscope in four activities (40 + 40 x 100 steps x 6 channels)."""
    return _classes("BasicMotions", "UEA archive", f"{SPLIT}, not normalised", resample)


@dataset("japanese-vowels", kind="classification")
def japanese_vowels(*, resample: int = 0) -> Problem:
    """Which of nine speakers said the vowels (270 + 370 utterances of 7 to 29 steps x 12 coefficients)."""
    return _classes("JapaneseVowels", "UEA archive", f"{SPLIT}, not normalised, lengths as spoken", resample)


@dataset("trace", kind="classification")
def trace(*, resample: int = 0) -> Problem:
    """Simulated failures of nuclear plant instruments in four classes (100 + 100 series of 275 steps)."""
    path = packaged("tslearn", ".cached_datasets", "Trace.npz")
    with np.load(path) as stored:
        parts = {name: stored[name] for name in ("X_train", "y_train", "X_test", "y_test")}
    about = About(
        source="Trace, UCR archive, as bundled in tslearn",
        licence="no licence text found for the archive; bundled in tslearn (BSD-2-Clause)",
        protocol=NORMALISED,
        reference="most-common",
        metric="accuracy",
        version=version("tslearn", path),
    )
    train, test = list(parts["X_train"]), list(parts["X_test"])
    return resampled(labelled(train, parts["y_train"], test, parts["y_test"], about), resample)


@dataset("covid-3-month", kind="regression")
def covid_3_month(*, resample: int = 0) -> Problem:
    """A country's COVID-19 death rate on 1 April 2020 from 84 days of cases (140 + 61 countries)."""
    (train_x, train_y), (test_x, test_y), about = _archive("Covid3Month", "TSER archive", SPLIT)
    task = Task("regression", x=Values(1), y=Values(1, names=("death rate",)), length="fixed")
    train = Split(train_x, [np.array([[value]], dtype=np.float64) for value in train_y])
    test = Split(test_x, [np.array([[value]], dtype=np.float64) for value in test_y])
    return resampled(Problem(task, train, test, about), resample)


def _classes(name: str, archive: str, protocol: str, resample: int) -> Problem:
    (train_x, train_y), (test_x, test_y), about = _archive(name, archive, protocol)
    return resampled(labelled(train_x, train_y, test_x, test_y, about), resample)


def _archive(
    name: str, archive: str, protocol: str
) -> tuple[tuple[list[Array], Array], tuple[list[Array], Array], About]:
    """Training and test series [T, channels] with their answers as aeon ships them."""
    paths = [packaged("aeon", "datasets", "data", name, f"{name}_{part}.ts") for part in ("TRAIN", "TEST")]
    train, test = (_series(*load_from_ts_file(str(path))) for path in paths)
    numbers = np.issubdtype(train[1].dtype, np.floating)
    about = About(
        source=f"{name}, {archive}, as bundled in aeon",
        licence="no licence text found for the archive; bundled in aeon (BSD-3-Clause)",
        protocol=protocol,
        reference="mean" if numbers else "most-common",
        metric="mse" if numbers else "accuracy",
        version=version("aeon", *paths),
    )
    return train, test, about


def _series(cases: Array | list[Array], answers: Array) -> tuple[list[Array], Array]:
    """Turn aeon's [channels, T] around."""
    return [np.ascontiguousarray(case.T, dtype=np.float64) for case in cases], np.asarray(answers)
