"""How much better one forecast or answer is than another on the same examples, and whether that is clear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Shares of the loss that is to be beaten: what counts as a gain, and what as a clear gain.
LEAST, CLEAR = 0.01, 0.05


@dataclass(frozen=True)
class Gain:
    """How much lower the loss of a network is than that of the best constant answer.

    Attributes
    ----------
    constant_loss : float
        Loss of the best constant answer, per step.
    mean : float
        `constant_loss` minus the loss of the network on the same examples, per step.
    error : float
        Standard error of `mean`, from the paired differences of the examples; nan for a single example.
    """

    constant_loss: float
    mean: float
    error: float

    @classmethod
    def of(cls, constant: Floats, network: Floats, steps: Floats) -> Gain:
        """The gain on N examples.

        Parameters
        ----------
        constant, network : arrays [N]
            Losses of both, summed over the steps of each example.
        steps : array [N]
            Answered steps of each example.
        """
        gained = constant - network
        mean = float(gained.sum() / steps.sum())
        n, spread = len(steps), gained - mean * steps
        error = float(np.sqrt((spread**2).sum() * n / (n - 1)) / steps.sum()) if n > 1 else float("nan")
        return cls(float(constant.sum() / steps.sum()), mean, error)

    @property
    def learned(self) -> bool:
        """Whether the network has learned anything.

        The gain must be at least 1 % of the constant loss, and a gain under 5 % must exceed two standard
        errors. The weights were chosen on these examples, so noise alone gives small gains. A gain of 5 % is
        accepted without the test, because a dozen examples have too large a standard error to pass it.
        """
        clear = self.mean >= CLEAR * self.constant_loss or not self.mean <= 2 * self.error
        return self.mean >= LEAST * self.constant_loss and clear
