"""Problems of the UCR, UEA and TSER archives that are bundled in installed packages."""

from __future__ import annotations

import numpy as np
from aeon.datasets import load_from_ts_file
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._labels import labelled
from recurbench.datasets._resample import resampled
from recurbench.reading.series import packaged, version
from recurbench.task import Array

SPLIT = "default split of the archive; values as shipped"
NORMALISED = f"{SPLIT}, every series with mean 0 and sample standard deviation 1 (ddof=1)"


@dataset("gunpoint", kind="classification")
def gunpoint(*, resample: int = 0) -> Problem:
    """Is a gun drawn, or does a finger point? Hand positions (50 + 150 series of 150 steps; UCR archive)."""
    return _classes("GunPoint", "UCR archive", NORMALISED, resample)


@dataset("italy-power-demand", kind="classification")
def italy_power_demand(*, resample: int = 0) -> Problem:
    """Is it winter or summer? One day of electricity demand in Italy (67 + 1029 series of 24 hours; UCR)."""
    return _classes("ItalyPowerDemand", "UCR archive", NORMALISED, resample)


@dataset("arrowhead", kind="classification")
def arrowhead(*, resample: int = 0) -> Problem:
    """The type of an arrowhead, of three, from its outline (36 + 175 series of 251 steps; UCR archive)."""
    return _classes("ArrowHead", "UCR archive", NORMALISED, resample)


@dataset("basic-motions", kind="classification")
def basic_motions(*, resample: int = 0) -> Problem:
    """One of four activities from a smart watch (40 + 40 series of 100 steps, 6 channels; UEA archive)."""
    return _classes("BasicMotions", "UEA archive", f"{SPLIT}, not normalised", resample)


@dataset("japanese-vowels", kind="classification")
def japanese_vowels(*, resample: int = 0) -> Problem:
    """Which of nine speakers said a vowel (270 + 370 series of 7 to 29 steps, 12 channels; UEA archive)."""
    return _classes("JapaneseVowels", "UEA archive", f"{SPLIT}, not normalised, lengths as spoken", resample)


@dataset("trace", kind="classification")
def trace(*, resample: int = 0) -> Problem:
    """One of four simulated instrument failures in a nuclear plant (100 + 100 series of 275 steps; UCR)."""
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
    """A country's COVID-19 death rate on 1 April 2020 from 84 days of cases (140 + 61 countries; TSER)."""
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
    """Training and test series [T, channels] with their answers, and the description."""
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
    """Transpose aeon's [channels, T] to [T, channels]."""
    return [np.ascontiguousarray(case.T, dtype=np.float64) for case in cases], np.asarray(answers)
