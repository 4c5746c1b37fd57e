"""Standardisation of one series, so that a fit does not depend on the unit of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 2.0**-20  # of a standard deviation


def settled(values: Floats) -> Floats:
    """Round standardised values to about a millionth of a standard deviation.

    The last digits of a series depend on its unit. A tree with a tie, or an optimiser that stops early, turns
    such small differences into large ones. After this rounding there are no differences.
    """
    return np.asarray(np.round(values / GRID) * GRID)


@dataclass(frozen=True)
class Standard:
    """The standardisation of one series: (v - centre) / spread with v = values / unit, or its logarithm.

    The division comes before the logarithm, so that a unit that is a power of two changes no digit.

    Attributes
    ----------
    unit, spread : float
        Positive.
    log : bool
    centre : float
    """

    unit: float
    log: bool = False
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, history: Floats, *, log: bool = False, zero: bool = False) -> Standard:
        """Learn from a history [T] that is not constant; zero: do not centre, for multiplicative models."""
        unit = float(history.std())
        values = np.log(history / unit) if log else history / unit
        if zero:
            return cls(unit, log)
        return cls(unit, log, float(values.mean()), float(values.std()))

    def __call__(self, history: Floats) -> Floats:
        """Standardise a history [T]."""
        values = history / self.unit
        return np.asarray(((np.log(values) if self.log else values) - self.centre) / self.spread)

    @property
    def notes(self) -> dict[str, float]:
        """The unit, `told_in`, of the likelihoods and variances in the notes of a model."""
        unit = self.spread if self.log else self.unit * self.spread
        return {"told_in": unit}

    def back(self, answer: Floats) -> Floats:
        """Transform an answer of the model [...] back to the unit of the series."""
        values = answer * self.spread + self.centre
        return np.asarray((np.exp(values) if self.log else values) * self.unit)
