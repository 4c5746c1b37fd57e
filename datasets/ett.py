"""ETT: load and oil temperature of two electricity transformers, with the split of the literature."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._table import read_table
from recurbench.task import Array

# In hours: 12, 4 and 4 months of 30 days (Zhou et al. 2021).
ENDS = (8640, 11520, 14400)
DAY = 24
# The step between rows, and the rows of an hour.
STEPS = {"ETTh1": ("1h", 1), "ETTh2": ("1h", 1), "ETTm1": ("15min", 4), "ETTm2": ("15min", 4)}
Name = Literal["ETTh1", "ETTh2", "ETTm1", "ETTm2"]


@dataset("ett", kind="forecasting")
def ett(
    *, name: Name = "ETTh1", horizon: int = 96, origins: int = 30, context: int = 0, whole_batches: int = 0
) -> Problem:
    """Seven channels of an electricity transformer (Zhou et al. 2021): ETTh1, ETTh2, ETTm1 or ETTm2.

    Parameters
    ----------
    name : str
        ETTh1 and ETTh2 are two transformers with hourly rows; ETTm1 and ETTm2 the same two every 15 minutes.
    horizon : int
        Steps to forecast.
    origins : int
        Test origins, evenly spaced; 0: every step, as in published tables.
    context : int
        Steps of history in an example of valid and test; 0: all. With all origins and all history, checking
        that a method has not changed its input takes 10 s per method; with 336 hours, as in published linear
        models, under 1 s. A method that is fitted to each history uses this history, and MASE is scaled by
        it. MSE and MAE are in standardised units in any case. Training always has the whole past.
    whole_batches : int
        0: every window counts. B > 0 leaves out the last test windows, those beyond whole batches of B. Older
        published tables were computed so, with B = 32; their scores are biased. It is there to show this.
    """
    every, per_hour = _steps(name)
    ends, day = tuple(end * per_hour for end in ENDS), DAY * per_hour
    if context < 0 or 0 < context <= day:
        raise ValueError(f"context must be 0 (all) or more than the {day} steps of a season, got {context}")
    (path,) = files("ett", {"name": name})
    time, values, names = read_table(path, every)
    if len(values) < ends[-1]:
        raise ValueError(f"{path} has {len(values)} rows; {ends[-1]} are needed")
    time, values = time[: ends[-1]], values[: ends[-1]]
    known = values[: ends[0]]
    values = (values - known.mean(axis=0)) / known.std(axis=0)
    channels = Values(len(names), names=names)
    task = Task("forecasting", x=channels, y=channels, length="fixed", steps=horizon, period=day)
    train = asked(name, values, time, [ends[0] - horizon], horizon)
    valid, test = (
        asked(name, values, time, spread(start, end, horizon, origins), horizon, context)
        for start, end in pairwise(ends)
    )
    test = test.take(range(_counted(len(test), whole_batches)))
    shown = f"the last {context} steps" if context else "the whole past"
    left = f"; windows beyond whole batches of {whole_batches} are left out" if whole_batches else ""
    protocol = (
        f"training rows up to {ends[0]}, validation rows up to {ends[1]}, test rows up to {ends[2]}; scaled "
        f"by mean and standard deviation of the training rows; {len(test)} of "
        f"{ends[2] - ends[1] - horizon + 1} possible test origins, each with {shown}{left}"
    )
    return Problem(task, train, test, about("ett", protocol, "seasonal-naive", "mse", name=name), valid)


def original_unit(*, name: str = "ETTh1", **_settings: object) -> tuple[Array, Array]:
    """Offset and factor of each channel: what leads from the scaled values back to the unit of the file."""
    every, per_hour = _steps(name)
    (path,) = files("ett", {"name": name})
    known = read_table(path, every)[1][: ENDS[0] * per_hour]
    return known.mean(axis=0), known.std(axis=0)


def _steps(name: str) -> tuple[str, int]:
    if name not in STEPS:
        raise ValueError(f"ett has no file {name!r}; known: {', '.join(STEPS)}")
    return STEPS[name]


def _counted(windows: int, batch: int) -> int:
    """How many windows are in whole batches of `batch` windows; 0: all count."""
    if batch < 0 or batch > windows:
        raise ValueError(f"whole_batches must be 0 (every window counts) to {windows}, got {batch}")
    return windows // batch * batch if batch else windows


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


def asked(name: str, values: Array, time: Array, origins: list[int], horizon: int, context: int = 0) -> Split:
    """Examples with the last `context` steps up to each origin (0: all) and the next `horizon` steps.

    Arrays are views, because copies would take 2 GB.
    """
    first = {origin: max(0, origin - context) if context else 0 for origin in origins}
    return Split(
        x=[values[first[origin] : origin] for origin in origins],
        y=[values[origin : origin + horizon] for origin in origins],
        series=(name,) * len(origins),
        time=[time[first[origin] : origin + horizon] for origin in origins],
    )
