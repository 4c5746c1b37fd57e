"""What a budget buys, as a pure choice from costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.planning.levels import LEVELS, Level, choose, levels

NAMES = ("naive", "theta", "lstm", "gru", "huge", "tiny")
FIRST = frozenset(("naive", "theta", "lstm"))
ONCE = {"naive": 0.0, "theta": 1.0, "lstm": 4.0, "gru": 5.0, "huge": 900.0, "tiny": 0.5}
WITH_SEED = ("lstm", "gru")
asked_for = []


def costs(level):
    asked_for.append(level)
    return {
        name: cost * (level.seeds if name in WITH_SEED else 1) * level.trials for name, cost in ONCE.items()
    }


def chosen(seconds, steps=LEVELS, first=FIRST, **words):
    asked_for.clear()
    return choose(NAMES, first, seconds, costs, steps, **words)


def test_the_first_methods_come_before_more_seeds_and_more_seeds_before_other_methods():
    assert chosen(4.9).names == ("naive", "theta", "tiny")
    assert (chosen(5.2).names, chosen(5.2).level) == (("naive", "theta", "lstm"), Level(1, 1))
    found = chosen(13.2)
    assert (found.names, found.level) == (("naive", "theta", "lstm"), Level(3, 1))
    assert found.left == pytest.approx({"gru": 0.2, "huge": 0.2, "tiny": 0.2})


def test_what_does_not_fit_is_left_out_and_cheaper_methods_after_it_are_not():
    found = chosen(30.0)
    assert found.names == ("naive", "theta", "lstm", "gru", "tiny")
    assert set(found.left) == {"huge"}
    assert found.further == (Level(3, 2), 57.0)


def test_methods_that_the_user_named_are_dropped_from_the_end_only():
    found = chosen(7.0, in_turn=True)
    assert found.names == ("naive", "theta", "lstm")
    assert set(found.left) == {"gru", "huge", "tiny"}


def test_fixed_seeds_and_trials_are_kept():
    assert levels(4, None)[0] == Level(4, 1)
    assert {one.seeds for one in levels(4, None)} == {4}
    assert levels(2, 3) == (Level(2, 3),)
    assert chosen(1e6, levels(2, 3)).level == Level(2, 3)
    assert chosen(1e6, levels(None, 2)).level == Level(10, 2)


def test_a_large_budget_buys_everything():
    found = chosen(1e6)
    assert (found.names, found.level, found.left, found.further) == (NAMES, LEVELS[-1], {}, None)


def test_levels_beyond_the_budget_are_not_priced():
    chosen(6.0)
    assert asked_for == [Level(1, 1), Level(3, 1)]


@given(
    st.lists(st.floats(0.0, 50.0), min_size=6, max_size=6),
    st.floats(0.0, 3000.0),
    st.booleans(),
)
def test_what_is_taken_fits_and_nothing_is_lost(prices, seconds, in_turn):
    def priced(level):
        return {n: c * level.seeds * level.trials for n, c in zip(NAMES, prices, strict=True)}

    found = choose(NAMES, FIRST, seconds, priced, LEVELS, in_turn)
    assert sum(found.costs[name] for name in found.names) <= seconds + 1e-6
    assert {*found.names, *found.left} == set(NAMES)
    assert not set(found.names) & set(found.left)
    assert found.costs == priced(found.level)
