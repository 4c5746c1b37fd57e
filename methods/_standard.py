"""A series told in its own mean and spread, so that no fit depends on the unit it came in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 2.0**-20  # of the spread


def settled(values: Floats) -> Floats:
    """Values told in their own spread, rounded to about a millionth of it.

    Another unit rounds the last digits of a series otherwise. A tree that meets a tie and an optimiser that
    is stopped early make large differences of such small ones; after this rounding there are none.
    """
    return np.asarray(np.round(values / GRID) * GRID)


@dataclass(frozen=True)
class Standard:
    """How one series is told to a model: (values / unit, or the logarithm of that, - centre) / spread.

    unit, spread: positive. The unit comes before the logarithm, so that a power of two changes no digit.
    """

    unit: float
    log: bool = False
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, history: Floats, *, log: bool = False, zero: bool = False) -> Standard:
        """Learnt from a history [T] that moves; zero: 0 stays 0, for models that multiply."""
        unit = float(history.std())
        values = np.log(history / unit) if log else history / unit
        if zero:
            return cls(unit, log)
        return cls(unit, log, float(values.mean()), float(values.std()))

    def __call__(self, history: Floats) -> Floats:
        """A history [T] as the model sees it."""
        values = history / self.unit
        return np.asarray(((np.log(values) if self.log else values) - self.centre) / self.spread)

    @property
    def notes(self) -> dict[str, float]:
        """What likelihoods and variances in the notes of a model are told in."""
        unit = self.spread if self.log else self.unit * self.spread
        return {"told_in": unit}

    def back(self, answer: Floats) -> Floats:
        """An answer of the model [...] in the unit of the series."""
        values = answer * self.spread + self.centre
        return np.asarray((np.exp(values) if self.log else values) * self.unit)
