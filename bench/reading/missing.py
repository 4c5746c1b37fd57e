"""What is done about missing values of a series: carry the last value forward, drop or refuse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array


@dataclass
class Missing:
    """The missing values of all series, by what was done about them; each as lines of the file.

    Attributes
    ----------
    filled, dropped : list of int
        Values of the target inside a series that were filled with the last known value, or whose rows were
        left out.
    ends : list of int
        Rows at the ends of a series without a target, which were left out.
    carried : list of int
        Values of covariates that were taken from the row before; 0 before the first known value.
    series : list of str
        The series with a missing value of the target inside.
    """

    filled: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    carried: list[int] = field(default_factory=list)
    series: list[str] = field(default_factory=list)


def without_missing(
    name: str, values: Array, lines: NDArray[np.int64], policy: str, found: Missing
) -> tuple[Array, NDArray[np.bool_], NDArray[np.int64]]:
    """The values of one series without missing ones, which rows are kept, and which of these were filled.

    The target is the first channel. Rows at the ends without it are left out. Inside the series the last
    known value is carried forward, or its rows are left out. A covariate is carried forward too. So what is
    known at an origin, wherever it lies, follows from values before it alone.

    Parameters
    ----------
    name : str
    values : array [N, channels]
        In order of time; NaN where a value is missing.
    lines : array [N]
    policy : {"carry", "drop"}
    found : Missing
        What was done is added to it.

    Returns
    -------
    values : array [M, channels]
    kept : array [N] of bool
    filled : array of int
        The rows of the returned values whose target was missing; they must not be scored.
    """
    none = np.isnan(values)
    kept = np.ones(len(values), dtype=np.bool_)
    if not none.any():
        return values, kept, np.array([], dtype=np.int64)
    there = np.flatnonzero(~none[:, 0])
    inside = np.zeros(len(values), dtype=np.bool_)
    if len(there):
        inside[there[0] : there[-1] + 1] = True
    found.ends.extend(lines[~inside].tolist())
    holes = none[:, 0] & inside
    kept &= inside
    found.series.extend([name] if holes.any() else [])
    if policy == "drop":
        kept &= ~holes
        found.dropped.extend(lines[holes].tolist())
    else:
        found.filled.extend(lines[holes].tolist())
    for channel in range(1, values.shape[1]):
        found.carried.extend(lines[none[:, channel] & kept].tolist())
    return carried(values)[kept], kept, np.flatnonzero(holes[kept])


def carried(values: Array) -> Array:
    """Values [N, channels] with each missing one taken from the row before; 0 before the first known value.

    A later value is never used, because it is not known at the time of an earlier row.
    """
    rows = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, rows), axis=0)
    found = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.asarray(np.where(last < 0, 0.0, found))
