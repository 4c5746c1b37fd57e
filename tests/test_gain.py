"""How much better one answer is than another, and whether that is clear."""

import numpy as np
import pytest
from recurbench.methods._networks.gain import Gain


@pytest.mark.parametrize(
    ("mean", "error", "learned"),
    [
        (0.04, 0.01, True),
        (0.04, 0.02, False),
        (0.2, 0.5, True),
        (0.009, 0.001, False),
        (-0.1, 0.01, False),
        (0.04, np.nan, True),
    ],
)
def test_learned_is_a_clear_gain_or_a_small_one_beyond_the_noise(mean, error, learned):
    assert Gain(1.0, mean, error).learned is learned


def test_a_gain_is_per_step_and_its_error_that_of_paired_examples():
    gain = Gain.of(np.array([4.0, 2.0, 6.0]), np.array([2.0, 2.0, 2.0]), np.full(3, 2.0))
    assert (gain.constant_loss, gain.mean) == (2.0, 1.0)
    assert gain.error == pytest.approx(np.std([1, 0, 2], ddof=1) / np.sqrt(3))
    assert np.isnan(Gain.of(np.ones(1), np.zeros(1), np.ones(1)).error)
