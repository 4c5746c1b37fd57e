"""What a probe is there for: the rule at its bounds."""

from __future__ import annotations

import pytest
from recurbench.datasets._roles import role, shares


@pytest.mark.parametrize(
    ("share", "state", "expected"),
    [
        (1.0, False, "control"),
        (0.98, True, "control"),
        (0.979, True, "crossover"),
        (0.91, True, "crossover"),
        (0.9, True, "positive"),
        (0.0, True, "positive"),
        (0.9, False, "crossover"),
        (0.0, False, "crossover"),
    ],
)
def test_a_role_follows_from_what_16_steps_reach_and_from_theory(share, state, expected):
    assert role({"window_4": 0.0, "window_16": share}, state) == expected


def test_where_nobody_knows_what_16_steps_reach_nothing_is_predicted():
    assert role({}, state=True) == "crossover"
    assert role({"window_64": 1.0}) == "crossover"


def test_a_share_is_counted_from_the_bottom_whichever_way_is_better():
    assert shares(0.5, 0.9, {4: 0.6, 16: 0.9}) == pytest.approx({"window_4": 0.25, "window_16": 1.0})
    assert shares(2.0, 1.0, {4: 1.25}) == pytest.approx({"window_4": 0.75})


def test_no_share_exceeds_one_and_where_there_is_no_way_nothing_is_missing():
    assert shares(0.5, 0.9, {16: 0.91}) == {"window_16": 1.0}
    assert shares(0.5, 0.5, {4: 0.5}) == {"window_4": 1.0}
    assert shares(0.5, 0.5009, {4: 0.5}, least=1e-3) == {"window_4": 1.0}
