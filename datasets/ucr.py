"""Problems of the UCR, UEA and TSER archives from files in the data folder: .ts, and UCR 2018's .tsv."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._cases import Cases, check_parts
from recurbench.datasets._fetched import about
from recurbench.datasets._labels import labelled
from recurbench.datasets._resample import resampled
from recurbench.datasets._ts_file import read_ts
from recurbench.datasets._tsv_file import read_tsv
from recurbench.task import Array


@dataset("ucr", kind="classification")
def ucr(*, name: str = "Coffee", normalise: bool = False, resample: int = 0) -> Problem:
    """A problem of the UCR or UEA archive by its name there, on its default split or a resample."""
    train, test = (_asking(read_cases(path), name, numbers=False) for path in files("ucr", {"name": name}))
    described = about("ucr", _prepare(train, test, normalise), "most-common", "accuracy", name=name)
    codes, asked = _classes(train, test)
    return resampled(labelled(train.series, codes, test.series, asked, described), resample)


@dataset("tser", kind="regression")
def tser(*, name: str = "Tecator", normalise: bool = False, resample: int = 0) -> Problem:
    """A problem of the extrinsic regression archive by its name there, on its default split or a resample."""
    parts = [_asking(read_cases(path), name, numbers=True) for path in files("tser", {"name": name})]
    described = about("tser", _prepare(parts[0], parts[1], normalise), "mean", "mse", name=name)
    task = Task("regression", x=Values(parts[0].series[0].shape[1]), y=Values(1), length="fixed")
    train, test = (
        Split(part.series, [np.array([[value]], dtype=np.float64) for value in part.answers])
        for part in parts
    )
    return resampled(Problem(task, train, test, described), resample)


def read_cases(path: Path) -> Cases:
    """The cases of a .ts or .tsv file, missing values as NaN."""
    return read_tsv(path) if path.suffix == ".tsv" else read_ts(path)


def _asking(cases: Cases, name: str, *, numbers: bool) -> Cases:
    """The cases, where they ask for what the problem is about."""
    if cases.asks_numbers != numbers:
        asked, other = ("classes, not numbers", "ucr") if numbers else ("numbers, not classes", "tser")
        raise ValueError(f"{cases.path} asks for {asked}; write {other}[name={name}]")
    return cases


def _prepare(train: Cases, test: Cases, normalise: bool) -> str:
    """Judge the files as one problem and fill gaps in their series, in place; the protocol."""
    remarks = check_parts(train, test)
    inside = ends = shortened = 0
    for part in (train, test):
        for i, values in enumerate(part.series):
            known = filled(values, part.padded)
            inside, ends = inside + known.inside, ends + known.ends
            shortened += len(known.values) < len(values)
            part.series[i] = normalised(known.values) if normalise else known.values
    scale = (
        "every series brought to mean 0 and sample standard deviation 1" if normalise else "values as read"
    )
    repairs = (
        f"; {inside} missing values inside series are interpolated linearly" if inside else "",
        f"; {ends} missing values at the ends of series repeat the nearest known value" if ends else "",
        f"; {shortened} series end where their last value stands, before the missing ones"
        if shortened
        else "",
    )
    return f"default split of the archive; {scale}, lengths as they are{''.join(repairs)}{remarks}"


def _classes(train: Cases, test: Cases) -> tuple[Array, Array]:
    """Classes to be put in order: those of a .tsv by number where all are numbers, else by letter."""
    parts = (train.answers, test.answers)
    if train.path.suffix == ".tsv":
        with suppress(ValueError):
            # As objects, for a class may have more digits than the integers of numpy.
            codes = [np.array([int(answer) for answer in part], dtype=object) for part in parts]
            return codes[0], codes[1]
    return np.array(parts[0], dtype=str), np.array(parts[1], dtype=str)


@dataclass(frozen=True)
class Filled:
    """A series without missing values. inside, ends: how many were missing between known ones, and beyond."""

    values: Array
    inside: int = 0
    ends: int = 0


def filled(values: Array, padded: bool = True) -> Filled:
    """A series [T, channels] with every missing value filled in, by a line between its known neighbours.

    Before the first and after the last known value of a channel, that one is repeated. padded: steps at the
    end where no channel has a value are no part of the series, and are cut off.
    """
    known = np.isfinite(values)
    if not known.any(axis=0).all():
        raise ValueError("a series has a channel without a single value; leave it out of the file")
    last = int(np.flatnonzero(known.any(axis=1))[-1]) + 1 if padded else len(values)
    values, known = values[:last].copy(), known[:last]
    steps = np.arange(last)
    inside = ends = 0
    for channel in np.flatnonzero(~known.all(axis=0)):
        there = known[:, channel]
        values[~there, channel] = np.interp(steps[~there], steps[there], values[there, channel])
        between = int(np.ptp(steps[there])) + 1 - int(there.sum())
        inside, ends = inside + between, ends + int((~there).sum()) - between
    return Filled(values, inside, ends)


def normalised(values: Array) -> Array:
    """Every channel at mean 0 and sample standard deviation 1; a constant channel at 0."""
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1])
    centred: Array = values - values.mean(axis=0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12)
