"""The forecasts that a network or a linear map corrects, and which of them is taken."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.methods._networks.references import naive_positions, repeated, smallest, worth_trying


def test_each_reference_repeats_what_its_name_says() -> None:
    history = np.array([[1.0, 10.0], [2.0, 20.0], [6.0, 60.0]])
    assert repeated(history, 2, 2, "mean").tolist() == [[3, 30], [3, 30]]
    assert repeated(history, 2, 2, "last").tolist() == [[6, 60], [6, 60]]
    assert repeated(history, 3, 2, "seasonal").tolist() == [[2, 20], [6, 60], [2, 20]]


def test_a_mean_leaves_missing_values_out() -> None:
    assert repeated(np.array([[1.0], [np.nan], [3.0]]), 1, 1, "mean").tolist() == [[2]]


def test_a_season_longer_than_the_history_gives_the_last_value() -> None:
    assert naive_positions(5, 4, 3, "seasonal").tolist() == [2, 3, 4, 2]
    assert naive_positions(5, 2, 9, "seasonal").tolist() == [4, 4]


@pytest.mark.parametrize(
    ("last", "seasonal", "mean", "taken"),
    [
        (1.0, 1.0, 0.79, ("mean",)),
        (1.0, 1.0, 0.81, ("last",)),
        (1.0, 0.9, 1.8, ("seasonal", "mean")),
        (1.0, 0.9, 1.81, ("seasonal",)),
        (1.0, 1.0, 9.0, ("last",)),
    ],
)
def test_a_mean_must_be_clearly_better_and_is_tried_beside_a_season_if_it_is_near(
    last: float, seasonal: float, mean: float, taken: tuple[str, ...]
) -> None:
    errors = {"last": last, "seasonal": seasonal, "mean": mean}
    assert worth_trying(errors) == taken
    assert smallest(errors) == taken[0]
