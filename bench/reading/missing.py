"""What is done about missing values of a series: interpolate, drop or refuse."""

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
        Values of the target inside a series that were interpolated, or whose rows were left out.
    ends : list of int
        Rows at the ends of a series without a target, which were left out.
    carried : list of int
        Values of covariates that were taken from the row before.
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
) -> tuple[Array, NDArray[np.bool_]]:
    """The values of one series without missing ones, and which rows are kept.

    The target is the first channel. Rows at the ends without it are left out. Inside the series it is
    interpolated linearly, or its rows are left out. A covariate takes the value of the row before, because
    later values are not known at that time; before its first value it takes that one.

    Parameters
    ----------
    name : str
    values : array [N, channels]
        In order of time; NaN where a value is missing.
    lines : array [N]
    policy : {"interpolate", "drop"}
    found : Missing
        What was done is added to it.
    """
    none = np.isnan(values)
    kept = np.ones(len(values), dtype=np.bool_)
    if not none.any():
        return values, kept
    there = np.flatnonzero(~none[:, 0])
    inside = np.zeros(len(values), dtype=np.bool_)
    if len(there):
        inside[there[0] : there[-1] + 1] = True
    found.ends.extend(lines[~inside].tolist())
    kept &= inside
    holes = none[:, 0] & inside
    values = values.copy()
    found.series.extend([name] if holes.any() else [])
    if policy == "drop":
        kept &= ~holes
        found.dropped.extend(lines[holes].tolist())
    elif holes.any():
        places = np.arange(len(values))
        values[holes, 0] = np.interp(places[holes], there, values[there, 0])
        found.filled.extend(lines[holes].tolist())
    for channel in range(1, values.shape[1]):
        lacking = none[:, channel] & kept
        found.carried.extend(lines[lacking].tolist())
        values[:, channel] = _carried(values[:, channel])
    return values[kept], kept


def _carried(values: Array) -> Array:
    """Values with each missing one taken from the row before, and at the beginning from the first value."""
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return np.zeros(len(values))
    last = np.searchsorted(there, np.arange(len(values)), side="right") - 1
    return np.asarray(values[there[np.maximum(last, 0)]])
