"""A model of one series is weighed against naive forecasts, by the errors of both from earlier origins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weight = tuple[int, float, str]  # number of the model, its share, and the naive forecast that has the rest

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the model, to try
CAUTION = 0.2  # by this share the whole model must be better than the naive forecast
ORIGINS = 8


def origins(length: int, least: int, steps: int) -> range:
    """At most ORIGINS earlier origins, the last first, half a horizon apart; the last answer may be cut.

    `least` is the number of steps before the first one.
    """
    step = max(1, steps // 2)
    return range(length - step, least - 1, -step)[:ORIGINS]


def weighed_errors(models: Floats, naives: Mapping[str, Floats], coming: Floats) -> dict[Weight, float]:
    """The mean absolute error of every model, share and naive forecast from one origin.

    The error is raised by up to CAUTION, in proportion to the share of the model.

    Parameters
    ----------
    models : array [models, S]
        Their forecasts.
    naives : mapping of arrays [S]
    coming : array [at most S]
        The first steps that came.
    """
    shares, steps = np.array(SHARES), len(coming)
    found: dict[Weight, float] = {}
    for name, naive in naives.items():
        answers = shares[:, None, None] * (models - naive)[:, :steps] + naive[:steps]
        errors = np.abs(answers - coming).mean(axis=2) * (1 + CAUTION * shares[:, None])
        found |= {
            (number, share, name): float(errors[place, number])
            for place, share in enumerate(SHARES)
            for number in range(len(models))
        }
    return found
