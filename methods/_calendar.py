"""Where a time stamp stands in the day, the week and the year, as covariates that are known ahead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Unsupported

Floats = NDArray[np.float64]

HOURS = {"hour of day": 24.0, "day of week": 24.0 * 7, "day of year": 24.0 * 365.25}
CYCLES = 2  # a cycle that train has not seen repeat tells the past from the future and nothing else
HOUR = np.timedelta64(1, "h")


def usable_fields(times: Sequence[Array]) -> tuple[str, ...]:
    """The fields that move from step to step within a cycle, and whose cycle the longest series saw twice.

    times[i]: [T] time stamps. Unsupported where there are none, or where they are no dates.
    """
    if not len(times) or not all(np.issubdtype(np.asarray(each).dtype, np.datetime64) for each in times):
        raise Unsupported(
            "calendar asks for time stamps that are dates, and this problem has none: leave calendar off"
        )
    gaps = np.concatenate([np.diff(each) for each in times]) / HOUR
    step = float(np.median(gaps)) if len(gaps) else np.inf
    seen = max(float((each[-1] - each[0]) / HOUR) for each in times)
    names = tuple(
        name for name, hours in HOURS.items() if 2 * step <= hours and seen + step >= CYCLES * hours
    )
    if not names:
        raise Unsupported(
            f"no calendar field is meaningful: stamps {step:g} hours apart over {seen:g} hours hold no cycle "
            f"of a day, week or year {CYCLES} times: leave calendar off"
        )
    return names


def fields(times: Array, names: Sequence[str]) -> Floats:
    """Sine and cosine of each field of `names` by turns, [T, 2 * names], for time stamps [T]."""
    angles = 2 * np.pi * np.stack([elapsed_share(times, name) for name in names], axis=1)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(times), -1)


def elapsed_share(times: Array, name: str) -> Floats:
    """How much of the day (to the second), week or year (in whole days) is over, in 0..1, [T]."""
    stamps = times.astype("datetime64[s]")
    days, years = stamps.astype("datetime64[D]"), stamps.astype("datetime64[Y]")
    if name == "hour of day":
        return np.asarray((stamps - days) / np.timedelta64(1, "D"), dtype=np.float64)
    if name == "day of week":
        # The first of January 1970 was a Thursday.
        return np.asarray((days.astype(np.int64) + 3) % 7 / 7, dtype=np.float64)
    begin, end = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    return np.asarray((days - begin) / (end - begin), dtype=np.float64)
