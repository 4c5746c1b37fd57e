"""How much of what a network or a linear map adds to the reference is used: a weight chosen on validation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._networks.gain import Gain

Floats = NDArray[np.float64]

WEIGHTS = (0.0, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Blend:
    """The forecast between the reference and the network: reference + weight * (network - reference).

    Attributes
    ----------
    weight : float
        0 is the reference, 1 the network.
    reference : array
        The output of the reference: 0, or for quantiles [S, K, Q] the quantiles of its errors in train.
    """

    weight: float = 1.0
    reference: Floats = field(default_factory=lambda: np.zeros(()))

    def __call__(self, output: Floats) -> Floats:
        """Blend an output [S, K] or [S, K, Q] of the network, in its scaled units."""
        if self.weight == 1:
            return output
        return np.asarray(self.reference + self.weight * (output - self.reference))


def chosen_weight(losses: Floats, steps: Floats) -> float:
    """Choose the weight with the smallest loss on validation; 0 unless it clearly beats the reference.

    Parameters
    ----------
    losses : array [len(WEIGHTS), N]
        The loss of each weight on each of N validation examples, summed over its steps.
    steps : array [N]
        Answered steps of each example.
    """
    best = int(np.argmin(losses.sum(axis=1)))
    return WEIGHTS[best] if Gain.of(losses[0], losses[best], steps).learned else 0.0
