"""ETTh1: load and oil temperature of a transformer, on the split all papers on it use."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.task import Array

# Hours: 12, 4 and 4 months of 30 days (Zhou et al. 2021).
ENDS = (8640, 11520, 14400)


@dataset("ett", kind="forecasting")
def ett(*, horizon: int = 96, origins: int = 30) -> Problem:
    """Seven hourly channels of a transformer, ETTh1; origins=0 asks at every hour, as published tables do."""
    (path,) = files("ett", {})
    table = pd.read_csv(path)
    if len(table) < ENDS[-1]:
        raise ValueError(f"{path} has {len(table)} rows; {ENDS[-1]} are wanted")
    names = tuple(map(str, table.columns[1:]))
    values = table.iloc[: ENDS[-1], 1:].to_numpy(dtype=np.float64)
    known = values[: ENDS[0]]
    values = (values - known.mean(axis=0)) / known.std(axis=0)
    time = pd.to_datetime(table["date"].iloc[: ENDS[-1]]).to_numpy()
    channels = Values(len(names), names=names)
    task = Task("forecasting", x=channels, y=channels, length="fixed", steps=horizon, period=24)
    train = asked(values, time, [ENDS[0] - horizon], horizon)
    valid, test = (
        asked(values, time, spread(start, end, horizon, origins), horizon) for start, end in pairwise(ENDS)
    )
    protocol = (
        f"rows up to {ENDS[0]} to train on, up to {ENDS[1]} to choose by, up to {ENDS[2]} to test; scaled by "
        f"mean and standard deviation of the training rows; {len(test)} of "
        f"{ENDS[2] - ENDS[1] - horizon + 1} possible test origins"
    )
    return Problem(task, train, test, about("ett", protocol, "seasonal-naive", "mse"), valid)


def spread(start: int, end: int, horizon: int, origins: int) -> list[int]:
    """`origins` from `start` on, evenly up to the last with a whole horizon before `end`; 0: all."""
    count = end - start - horizon + 1
    if horizon < 1 or count < 1 or origins < 0:
        raise ValueError(
            f"horizon must be 1 to {end - start} and origins at least 0, got {horizon} and {origins}"
        )
    if origins == 0 or origins >= count:
        return list(range(start, start + count))
    places = np.round(np.linspace(start, start + count - 1, origins)) if origins > 1 else np.array([start])
    return [int(place) for place in places]


def asked(values: Array, time: Array, origins: list[int], horizon: int) -> Split:
    """The whole past up to each origin and the next `horizon` steps, as views: copies would fill 2 GB."""
    return Split(
        x=[values[:origin] for origin in origins],
        y=[values[origin : origin + horizon] for origin in origins],
        series=("ETTh1",) * len(origins),
        time=[time[: origin + horizon] for origin in origins],
    )
