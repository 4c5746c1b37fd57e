"""Calendar covariates: the position of a time stamp in the day, the week and the year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Unsupported

Floats = NDArray[np.float64]

HOURS = {"hour of day": 24.0, "day of week": 24.0 * 7, "day of year": 24.0 * 365.25}
CYCLES = 2  # a field is used only if train covers its cycle twice; otherwise it just counts time
HOUR = np.timedelta64(1, "h")


def usable_fields(times: Sequence[Array]) -> tuple[str, ...]:
    """Choose the calendar fields worth using.

    A field needs at least two steps in a cycle, and two cycles in the longest series.

    Parameters
    ----------
    times : sequence of arrays [T]
        Time stamps of each series.

    Raises
    ------
    Unsupported
        If there are no dates, or no field is worth using.
    """
    if not len(times) or not all(np.issubdtype(np.asarray(each).dtype, np.datetime64) for each in times):
        raise Unsupported(
            "calendar needs time stamps that are dates, and this problem has none: set calendar=False"
        )
    gaps = np.concatenate([np.diff(each) for each in times]) / HOUR
    step = float(np.median(gaps)) if len(gaps) else np.inf
    seen = max(float((each[-1] - each[0]) / HOUR) for each in times)
    names = tuple(
        name for name, hours in HOURS.items() if 2 * step <= hours and seen + step >= CYCLES * hours
    )
    if not names:
        raise Unsupported(
            f"no calendar field can be used: time stamps {step:g} hours apart over {seen:g} hours cover no "
            f"day, week or year {CYCLES} times: set calendar=False"
        )
    return names


def fields(times: Array, names: Sequence[str]) -> Floats:
    """Sine and cosine of each of the fields `names`, in turn: [T, 2 * len(names)] for time stamps [T]."""
    angles = 2 * np.pi * np.stack([elapsed_share(times, name) for name in names], axis=1)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(times), -1)


def elapsed_share(times: Array, name: str) -> Floats:
    """The share, from 0 to 1, of the day, week or year that is over at each of the time stamps [T].

    The day counts in seconds, the week and the year in whole days.
    """
    stamps = times.astype("datetime64[s]")
    days, years = stamps.astype("datetime64[D]"), stamps.astype("datetime64[Y]")
    if name == "hour of day":
        return np.asarray((stamps - days) / np.timedelta64(1, "D"), dtype=np.float64)
    if name == "day of week":
        # The first of January 1970 was a Thursday.
        return np.asarray((days.astype(np.int64) + 3) % 7 / 7, dtype=np.float64)
    begin, end = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    return np.asarray((days - begin) / (end - begin), dtype=np.float64)
