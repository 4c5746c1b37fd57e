"""What figures share: looks, words that stay words, axes in plain numbers."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import (
    apart,
    around,
    cut,
    lines,
    of_family,
    of_verdict,
    open_mark,
    plain_log,
    power,
    safe,
    wide,
)
from recurbench.reports.figures.canvas import draw
from recurbench.reports.figures.palette import FAMILY, INK, VERDICT
from recurbench.reports.statistics.outcomes import ContrastVerdict, LiftVerdict
from small_run import texts


@pytest.mark.parametrize(
    ("verdict", "like"),
    [
        (ContrastVerdict.RECURRENCE_HELPS, ContrastVerdict.RECURRENCE_HELPS),
        (LiftVerdict.AHEAD, ContrastVerdict.RECURRENCE_HELPS),
        (LiftVerdict.BEHIND, ContrastVerdict.RECURRENCE_HURTS),
        (LiftVerdict.NO_DIFFERENCE, ContrastVerdict.NO_DIFFERENCE),
        (LiftVerdict.TEST_SET_TOO_SMALL, ContrastVerdict.UNDECIDED),
        (LiftVerdict.NOT_COMPARED, ContrastVerdict.UNDECIDED),
        (LiftVerdict.NOT_TRAINED, ContrastVerdict.UNDECIDED),
    ],
)
def test_a_verdict_of_either_kind_has_the_look_of_what_it_says(
    verdict: LiftVerdict | ContrastVerdict, like: ContrastVerdict
) -> None:
    assert of_verdict(verdict) == VERDICT[like]
    assert open_mark(verdict) == (like == ContrastVerdict.UNDECIDED)


def test_a_family_nobody_knows_is_drawn_in_ink() -> None:
    assert of_family("recurrent") == FAMILY["recurrent"]
    assert of_family("quantum") == INK


@pytest.mark.parametrize("name", ["$x$", "a$b", r"\$100", "<script>&", r"$\frac{1}{2}$", "two\nlines"])
def test_a_name_is_drawn_letter_by_letter(name: str) -> None:
    def make() -> Figure:
        figure = Figure(figsize=(3, 1))
        figure.text(0.1, 0.5, safe(name))
        return figure

    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    assert texts(draw(make, "words")) == escaped


@given(st.text(st.sampled_from("ab ,순환$"), max_size=40), st.integers(4, 30))
def test_lines_hold_all_words_and_only_single_words_are_too_wide(text: str, letters: int) -> None:
    found = lines(text, letters).replace(r"\$", "$").split("\n")
    assert " ".join(found).split() == text.split()
    for line in found:
        assert " " not in line or wide(line, 1.0) <= wide("x" * letters, 1.0) + 1e-9


def test_korean_letters_count_as_wide_as_they_are() -> None:
    assert wide("순환", 10) == 20
    assert lines("문맥은 도움이 되나", 11).count("\n") == 1


@pytest.mark.long
@given(st.text(max_size=30), st.integers(1, 20))
def test_a_cut_text_is_never_longer_and_says_that_it_was_cut(text: str, letters: int) -> None:
    found = cut(text, letters)
    assert len(found) <= letters
    assert found == text or found.endswith("…")


@given(st.lists(st.floats(1e-6, 1e6), min_size=1))
def test_a_logarithmic_axis_holds_every_value_with_room(values: list[float]) -> None:
    low, high = around(values)
    assert 0 < low < min(values)
    assert high > max(values)


def test_a_logarithmic_axis_can_be_drawn_whatever_the_values() -> None:
    assert around([5e-324, 1.7e308]) == (1e-150, 1e150)
    for value in (5e-324, 1.7e308):
        low, high = around([value])
        assert 0 < low < high < math.inf


def test_ticks_of_a_logarithmic_axis_are_plain_numbers() -> None:
    def make() -> Figure:
        figure = Figure()
        plain_log(figure.subplots(), "y", 0.005, 2000)
        return figure

    assert "\n0.01\n" in f"\n{texts(draw(make, 'log'))}\n"
    assert [power(v) for v in (0.01, 2000.0, 1e-7, 1e9)] == ["0.01", "2000", "1e-7", "1e9"]


def test_zero_and_what_is_below_it_are_plain_numbers_too() -> None:
    seen = [power(v) for v in (0, 0.0, -0.0, -1.5, -2000.0, -1e-7, -1e9, 0.35)]
    assert seen == ["0", "0", "0", "-1.5", "-2000", "-1e-7", "-1e9", "0.35"]


@given(st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.1g}")))
def test_a_plain_number_reads_back_as_what_it_is(value: float) -> None:
    assert float(power(value)) == value


def test_lines_of_one_path_are_lifted_between_seeds() -> None:
    rows = pd.DataFrame({"line": ["a", "a", "b"], "x": [1, 2, 1], "y": [3, 4, 5]})
    across, up = apart(rows, "x", "y")
    assert across[:2] == [1, 2]
    assert math.isnan(across[2])
    assert math.isnan(up[2])
    assert up[3] == 5
