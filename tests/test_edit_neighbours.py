"""The nearest neighbour by edits: distances against the plain one, ties, lengths, and what it declines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.edit_neighbours import edit_1nn, nearest, stacked
from recurbench.metrics import edit_distance

WORDS = Task("translation", Values(26, symbols=True), Values(26, symbols=True), "free")
SEQUENCES = st.lists(st.lists(st.integers(0, 3), max_size=7), min_size=1, max_size=8)


def spelled(*texts: str) -> list[np.ndarray]:
    return [np.array([ord(letter) - ord("a") for letter in text], dtype=np.int64) for text in texts]


def answer(known: dict[str, str], asked: str) -> str:
    train = Split(spelled(*known), spelled(*known.values()))
    (found,) = edit_1nn(WORDS, train)(Split(spelled(asked)))
    return "".join(chr(code + ord("a")) for code in found)


def test_the_answer_is_that_of_the_example_with_the_fewest_edits() -> None:
    known = {"mitten": "a", "sitting": "b", "kit": "c"}
    assert answer(known, "kitten") == "a"  # 1 edit; sitting takes 3, kit 3
    assert answer(known, "fitting") == "b"
    assert answer(known, "it") == "c"


def test_the_first_of_equally_near_examples_answers() -> None:
    assert answer({"ab": "x", "ac": "y", "ad": "z"}, "ae") == "x"
    assert answer({"abc": "x", "a": "y"}, "ab") == "x"
    assert answer({"abcd": "x", "ab": "y", "abx": "z"}, "ab") == "y"


@settings(max_examples=100, deadline=None)
@given(SEQUENCES, SEQUENCES)
def test_the_nearest_is_the_first_with_the_least_distance_of_levenshtein(
    asked: list[list[int]], known: list[list[int]]
) -> None:
    x, y = ([np.array(row, dtype=np.int64) for row in rows] for rows in (asked, known))
    found = nearest(*stacked(x), *stacked(y))
    wanted = [int(np.argmin([edit_distance(one, other) for other in y])) for one in x]
    assert found.tolist() == wanted


@pytest.mark.parametrize("asked", ["", "a", "zzzzzzzzzzzzzzzzzzzz"])
def test_a_length_that_train_does_not_hold_is_answered(asked: str) -> None:
    assert answer({"ab": "x", "abcd": "yy"}, asked) in ("x", "yy")


def test_answers_are_copies_and_may_be_classes_or_numbers() -> None:
    x = spelled("ab", "cd")
    classes = Task("classification", Values(26, symbols=True), Values(2, symbols=True), "fixed")
    numbers = Task("regression", Values(26, symbols=True), Values(1), "fixed")
    assert edit_1nn(classes, Split(x, [np.array([0]), np.array([1])]))(Split(x))[1].tolist() == [1]
    predict = edit_1nn(numbers, Split(x, [np.array([[0.5]]), np.array([[7.5]])]))
    first = predict(Split(x))[1]
    first[:] = 0
    assert predict(Split(x))[1].tolist() == [[7.5]]
    assert predict(Split([])) == []


def test_what_it_cannot_do_is_declined_with_the_reason() -> None:
    numbers = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    with pytest.raises(Unsupported, match="compares symbols"):
        edit_1nn(numbers, Split([np.zeros((3, 1))], [np.array([0])]))
    with pytest.raises(ValueError, match="training part has none"):
        edit_1nn(WORDS, Split([]))
    gaps = Task("regression", Values(26, symbols=True), Values(1), "fixed")
    with pytest.raises(Unsupported, match="answer of example 0 has 1 missing"):
        edit_1nn(gaps, Split(spelled("a"), [np.array([[np.nan]])]))
