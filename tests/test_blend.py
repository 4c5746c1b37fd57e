"""The weight of what a method adds to its reference."""

from __future__ import annotations

import numpy as np
from recurbench.methods._networks.blend import WEIGHTS, Blend, chosen_weight


def losses(y: np.ndarray, output: np.ndarray) -> np.ndarray:
    """The squared errors [weights, N] of `output` [N] blended with a reference of 0."""
    return np.array([(y - Blend(weight)(output)) ** 2 for weight in WEIGHTS])


def test_a_blend_is_a_line_from_the_reference_to_the_network() -> None:
    reference = np.array([[0.0, 4.0]])
    ends = [Blend(weight, reference)(np.array([[8.0, 0.0]])).tolist() for weight in WEIGHTS]
    assert ends == [[[0, 4]], [[2, 3]], [[4, 2]], [[8, 0]]]


def test_the_weight_with_the_smallest_loss_is_chosen() -> None:
    y = np.random.default_rng(0).normal(size=200)
    for weight in WEIGHTS[1:]:
        assert chosen_weight(losses(y, y / weight), np.ones(200)) == weight


def test_what_adds_only_noise_has_weight_0() -> None:
    rng = np.random.default_rng(0)
    assert chosen_weight(losses(rng.normal(size=200), rng.normal(size=200)), np.ones(200)) == 0


def test_a_gain_within_the_noise_of_validation_has_weight_0() -> None:
    base = np.full(4, 1.0)
    gained = np.array([0.2, -0.06, -0.02, 0.02])
    table = np.array([base, base, base, base - gained])
    assert gained.mean() > 0.01
    assert chosen_weight(table, np.ones(4)) == 0
    assert chosen_weight(np.array([base, base, base, base - 0.035]), np.ones(4)) == 1
