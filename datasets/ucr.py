"""Problems of the UCR, UEA and TSER archives, from .ts files (or .tsv of UCR 2018) in the data folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._labels import labelled
from recurbench.datasets._resample import resampled
from recurbench.reading.cases import Cases, check_parts
from recurbench.reading.filled import filled
from recurbench.reading.ts_file import read_ts
from recurbench.reading.tsv_file import read_tsv
from recurbench.task import Array
from recurbench.task.arithmetic import of_length, standardised

# Two words of `methods/_preparation.py`. A data set knows all its series, so it pads to the longest of them.
Unequal = Literal["native", "pad"]
Normalise = Literal["none", "series"]
Missing = Literal["interpolate", "keep"]


@dataset("ucr", kind="classification")
def ucr(
    *,
    name: str = "Coffee",
    unequal: Unequal = "native",
    normalise: Normalise = "none",
    missing: Missing = "interpolate",
    resample: int = 0,
) -> Problem:
    """A problem of the UCR or UEA archive (Dau et al. 2019; Bagnall et al. 2018), by its name there.

    Parameters
    ----------
    name : str
        Of the problem in the archive.
    unequal : str
        "native": lengths as they are. "pad": zeros follow on shorter series, so that all are as long as the
        longest row of the files. Scores that were published with the archive are of such series.
    normalise : str
        "none": values as they are. "series": then each channel of each series minus its mean, over its
        standard deviation.
    missing : str
        "interpolate": missing values between known ones lie on a straight line; at the ends of a series they
        are the nearest known value. "keep": they stay NaN, for methods that take them.
    resample : int
        0: the default split of the archive; above 0: a random split of the same sizes.
    """
    train, test = (_asking(read_cases(path), name, numbers=False) for path in files("ucr", {"name": name}))
    protocol = _prepare(train, test, unequal, normalise, keep=missing == "keep")
    described = about("ucr", protocol, "most-common", "accuracy", name=name)
    codes, asked = _classes(train, test)
    return resampled(labelled(train.series, codes, test.series, asked, described), resample)


@dataset("tser", kind="regression")
def tser(
    *,
    name: str = "Tecator",
    unequal: Unequal = "native",
    normalise: Normalise = "none",
    missing: Missing = "interpolate",
    resample: int = 0,
) -> Problem:
    """A problem of the archive for extrinsic regression, TSER (Tan et al. 2021), by its name there.

    The parameters are those of ucr.
    """
    parts = [_asking(read_cases(path), name, numbers=True) for path in files("tser", {"name": name})]
    protocol = _prepare(parts[0], parts[1], unequal, normalise, keep=missing == "keep")
    described = about("tser", protocol, "mean", "mse", name=name)
    task = Task("regression", x=Values(parts[0].series[0].shape[1]), y=Values(1), length="fixed")
    train, test = (
        Split(part.series, [np.array([[value]], dtype=np.float64) for value in part.answers])
        for part in parts
    )
    return resampled(Problem(task, train, test, described), resample)


def read_cases(path: Path) -> Cases:
    """Read the cases of a .ts or .tsv file; missing values are NaN."""
    return read_tsv(path) if path.suffix == ".tsv" else read_ts(path)


def _asking(cases: Cases, name: str, *, numbers: bool) -> Cases:
    """Return the cases; ValueError if they ask for classes and the problem for numbers, or conversely."""
    if cases.asks_numbers != numbers:
        asked, other = ("classes, not numbers", "ucr") if numbers else ("numbers, not classes", "tser")
        raise ValueError(f"{cases.path} asks for {asked}; write {other}[name={name}]")
    return cases


def _prepare(train: Cases, test: Cases, unequal: str, normalise: str, *, keep: bool) -> str:
    """Check the files, fill missing values in place unless they are kept, and return the protocol."""
    remarks = check_parts(train, test)
    inside = ends = shortened = 0
    longest = max(len(values) for part in (train, test) for values in part.series)
    for part in (train, test):
        for i, values in enumerate(part.series):
            known = filled(values, part.padded, keep)
            inside, ends = inside + known.inside, ends + known.ends
            shortened += len(known.values) < len(values)
            part.series[i] = known.values
    lengths = _pad(train, test, longest) if unequal == "pad" else "lengths as they are"
    scale = "values as read"
    if normalise == "series":
        scale = "every series scaled to mean 0 and standard deviation 1"
        for part in (train, test):
            part.series[:] = map(standardised, part.series)
    within = "stay missing" if keep else "are interpolated linearly"
    outside = "stay missing" if keep else "repeat the nearest known value"
    repairs = (
        f"; {inside} missing values inside series {within}" if inside else "",
        f"; {ends} missing values at the ends of series {outside}" if ends else "",
        f"; {shortened} series are cut after their last value, where only missing values follow"
        if shortened
        else "",
    )
    return f"default split of the archive; {scale}, {lengths}{''.join(repairs)}{remarks}"


def _pad(train: Cases, test: Cases, longest: int) -> str:
    """Let zeros follow on shorter series, in place, and return the words for the protocol.

    longest: steps of the longest row of the files; in a .tsv it may be longer than every series in it.
    """
    shorter = 0
    for part in (train, test):
        for i, values in enumerate(part.series):
            shorter += len(values) < longest
            part.series[i] = of_length(values, longest)
    return f"zeros after {shorter} series that have fewer than {longest} steps"


def _classes(train: Cases, test: Cases) -> tuple[Array, Array]:
    """The classes for sorting: numbers if a .tsv file has only numbers, else text."""
    parts = (train.answers, test.answers)
    if train.path.suffix == ".tsv":
        with suppress(ValueError):
            # As objects, because a class may have more digits than an integer of numpy.
            codes = [np.array([int(answer) for answer in part], dtype=object) for part in parts]
            return codes[0], codes[1]
    return np.array(parts[0], dtype=str), np.array(parts[1], dtype=str)
