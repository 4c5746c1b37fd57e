"""ETTh1: load and oil temperature of an electricity transformer, with the split of the literature."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._table import read_table
from recurbench.task import Array

# In hours: 12, 4 and 4 months of 30 days (Zhou et al. 2021).
ENDS = (8640, 11520, 14400)
DAY = 24


@dataset("ett", kind="forecasting")
def ett(*, horizon: int = 96, origins: int = 30, context: int = 0) -> Problem:
    """ETTh1: seven hourly channels of an electricity transformer (Zhou et al. 2021).

    Parameters
    ----------
    horizon : int
        Hours to forecast.
    origins : int
        Test origins, evenly spaced; 0: every hour, as in published tables.
    context : int
        Hours of history in an example of valid and test; 0: all. With all origins and all history, checking
        that a method has not changed its input takes 10 s per method; with 336 hours, as in published linear
        models, under 1 s. A method that is fitted to each history uses this history, and MASE is scaled by
        it. MSE and MAE are in standardised units in any case. Training always has the whole past.
    """
    if context < 0 or 0 < context <= DAY:
        raise ValueError(f"context must be 0 (all) or more than the {DAY} hours of a season, got {context}")
    (path,) = files("ett", {})
    time, values, names = read_table(path, "1h")
    if len(values) < ENDS[-1]:
        raise ValueError(f"{path} has {len(values)} rows; {ENDS[-1]} are needed")
    time, values = time[: ENDS[-1]], values[: ENDS[-1]]
    known = values[: ENDS[0]]
    values = (values - known.mean(axis=0)) / known.std(axis=0)
    channels = Values(len(names), names=names)
    task = Task("forecasting", x=channels, y=channels, length="fixed", steps=horizon, period=DAY)
    train = asked(values, time, [ENDS[0] - horizon], horizon)
    valid, test = (
        asked(values, time, spread(start, end, horizon, origins), horizon, context)
        for start, end in pairwise(ENDS)
    )
    shown = f"the last {context} hours" if context else "the whole past"
    protocol = (
        f"training rows up to {ENDS[0]}, validation rows up to {ENDS[1]}, test rows up to {ENDS[2]}; scaled "
        f"by mean and standard deviation of the training rows; {len(test)} of "
        f"{ENDS[2] - ENDS[1] - horizon + 1} possible test origins, each with {shown}"
    )
    return Problem(task, train, test, about("ett", protocol, "seasonal-naive", "mse"), valid)


def original_unit(**_settings: object) -> tuple[Array, Array]:
    """Offset and factor of each channel: what leads from the scaled values back to the unit of the file."""
    (path,) = files("ett", {})
    known = read_table(path, "1h")[1][: ENDS[0]]
    return known.mean(axis=0), known.std(axis=0)


def spread(start: int, end: int, horizon: int, origins: int) -> list[int]:
    """`origins` origins, evenly spaced from `start` to the last one with a horizon before `end`; 0: all."""
    count = end - start - horizon + 1
    if horizon < 1 or count < 1 or origins < 0:
        raise ValueError(
            f"horizon must be 1 to {end - start} and origins at least 0, got {horizon} and {origins}"
        )
    if origins == 0 or origins >= count:
        return list(range(start, start + count))
    places = np.round(np.linspace(start, start + count - 1, origins)) if origins > 1 else np.array([start])
    return [int(place) for place in places]


def asked(values: Array, time: Array, origins: list[int], horizon: int, context: int = 0) -> Split:
    """Examples with the last `context` steps up to each origin (0: all) and the next `horizon` steps.

    Arrays are views, because copies would take 2 GB.
    """
    first = {origin: max(0, origin - context) if context else 0 for origin in origins}
    return Split(
        x=[values[first[origin] : origin] for origin in origins],
        y=[values[origin : origin + horizon] for origin in origins],
        series=("ETTh1",) * len(origins),
        time=[time[first[origin] : origin + horizon] for origin in origins],
    )
