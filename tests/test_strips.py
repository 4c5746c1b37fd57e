"""Sequences of symbols as strips."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.figures.strips import SHADES, letters, runs_of, states, tags
from recurbench.reports.text.translation import Messages

SAY = Messages()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_runs_laid_end_to_end_are_the_sequence(codes: list[int]) -> None:
    runs = runs_of(np.array(codes))
    assert [code for a, b, code in runs for _ in range(b - a)] == codes
    assert all(one[2] != other[2] for one, other in pairwise(runs))


def test_letters_tell_names_apart_where_they_can() -> None:
    assert letters(["month", "day", "year"]) == ["m", "d", "y"]
    assert letters(["low", "lag"]) == ["lo", "la"]
    assert letters(["state 1", "state 2"]) == ["sta", "sta"]


def test_only_steps_said_wrongly_have_a_tick_under_their_strip() -> None:
    true, said = np.zeros(60, dtype=int), np.zeros(60, dtype=int)
    said[[3, 40]] = 1
    figure = tags([("true", true), ("some", said)], ["low", "high"], np.zeros(60), SAY)
    given, strips = figure.axes
    assert given.get_ylabel() == "given"
    ticks = [line.get_xdata() for line in strips.lines]
    assert [sorted({x for x in own if np.isfinite(x)}) for own in ticks] == [[], [3.0, 40.0]]
    assert [text.get_text() for text in strips.get_yticklabels()] == ["true", "some"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["low", "high"]


def test_a_short_sequence_has_its_letters_in_the_cells() -> None:
    codes = np.array([0, 1, 1])
    figure = tags([("true", codes)], ["month", "day"], ["M", "a", "y"], SAY)
    above, strips = figure.axes
    assert [text.get_text() for text in above.texts] == ["M", "a", "y"]
    assert [text.get_text() for text in strips.texts] == ["m", "d", "d"]


def test_long_sequences_of_letters_show_the_strips_alone() -> None:
    codes = np.zeros(80, dtype=int)
    assert len(tags([("true", codes)], ["a", "b"], ["x"] * 80, SAY).axes) == 1


def test_states_that_last_have_their_number() -> None:
    path = np.repeat([0, 2, 1], [20, 1, 20])
    _, under = states(np.zeros(41), path, SAY).axes
    assert [text.get_text() for text in under.texts] == ["0", "1"]


def test_neighbouring_symbols_differ_in_shade() -> None:
    assert len(set(SHADES)) == len(SHADES)
    assert abs(SHADES[0] - SHADES[1]) > 0.5
