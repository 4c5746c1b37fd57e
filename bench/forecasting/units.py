"""From the unit of a problem, which may be standardised, to that of the data."""

from __future__ import annotations

import importlib

import numpy as np
from numpy.typing import NDArray
from recurbench.registry import Choice
from recurbench.task import Task

Floats = NDArray[np.float64]
HOOK = "original_unit"


def unit_of(dataset: Choice, task: Task) -> tuple[Floats, Floats]:
    """What a value of each target is multiplied with, and what is added, to be in the unit of the data.

    A data set that scales its values says so by a function `original_unit` in its module. It takes the
    settings of the data set and returns two arrays, offsets and factors, one number per target.

    Returns
    -------
    offset, factor : array [targets]
        0 and 1 for data in their own unit.
    """
    module = importlib.import_module(dataset.plugin.module)
    say = getattr(module, HOOK, None)
    if say is None:
        return np.zeros(task.y.size), np.ones(task.y.size)
    offset, factor = say(**dataset.settings)
    return np.asarray(offset, dtype=np.float64), np.asarray(factor, dtype=np.float64)
