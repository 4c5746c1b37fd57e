"""What is a proper answer: its form in words, fingerprints, and answers that depend on too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.answers import (
    batch_error,
    fingerprint,
    forcing_error,
    form_error,
    future_error,
    likelihood_error,
    same,
)
from recurbench.task import Array, Split, Task, Values

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")
TAGS = Task("labelling", Values(1), Values(3, symbols=True), "same")
WORDS = Task("translation", Values(4, symbols=True), Values(3, symbols=True), "free")
NUMBERS = Task("regression", Values(1), Values(2), "fixed", steps=4)
LEVELS = replace(NUMBERS, quantiles=(0.1, 0.5, 0.9))
FLAGS = Task("labelling", Values(1), Values(2, flags=True), "same")
TWO = Split([np.zeros((4, 1)), np.zeros((4, 1))])


def even(*shape: int) -> Array:
    return np.full(shape, 1 / shape[-1])


# Form


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (CLASSES, np.array([2])),
        (CLASSES, np.array([2], dtype=np.uint8)),
        (CLASSES, even(1, 3)),
        (CLASSES, even(1, 3).astype(np.float32)),
        (TAGS, np.array([0, 1, 2, 0])),
        (TAGS, even(4, 3)),
        (WORDS, np.array([0, 1, 2, 2, 2, 2, 2])),
        (WORDS, np.array([], dtype=int)),
        (WORDS, even(9, 3)),
        (NUMBERS, np.zeros((4, 2))),
        (NUMBERS, np.zeros((4, 2), dtype=np.float32)),
        (LEVELS, np.zeros((4, 2))),
        (LEVELS, np.zeros((4, 2, 3))),
        (FLAGS, np.ones((4, 2))),
    ],
)
def test_every_form_the_task_allows_is_proper(task: Task, answer: Array) -> None:
    assert form_error(task, TWO, [answer, answer.copy()]) == ""
    assert form_error(task, TWO, np.stack([answer, answer])) == ""


@pytest.mark.parametrize(
    ("task", "answer", "words"),
    [
        (CLASSES, 2, "must be a numpy array, got int"),
        (CLASSES, [2], "must be a numpy array, got list"),
        (
            CLASSES,
            np.array(2),
            "wanted symbols (integers) [1] or probabilities (floats) [1, 3], got int64 []",
        ),
        (CLASSES, np.array([2, 1]), "or probabilities (floats) [1, 3], got int64 [2]"),
        (CLASSES, even(3), "or probabilities (floats) [1, 3], got float64 [3]"),
        (CLASSES, even(1, 2), "or probabilities (floats) [1, 3], got float64 [1, 2]"),
        (CLASSES, np.array([True]), "got bool [1]"),
        (CLASSES, np.array(["a"]), "got <U1 [1]"),
        (CLASSES, np.array([2], dtype=object), "got object [1]"),
        (CLASSES, np.array([3]), "symbols must be 0..2, got 3..3"),
        (CLASSES, np.array([-1]), "symbols must be 0..2, got -1..-1"),
        (
            CLASSES,
            np.array([[0.5, 0.5, 0.5]]),
            "the probabilities of a step must sum to 1, they are off by 0.5",
        ),
        (CLASSES, np.array([[1.5, -0.5, 0.0]]), "probabilities must be between 0 and 1, got -0.5..1.5"),
        (CLASSES, np.array([[np.nan, 0.5, 0.5]]), "holds NaN or infinite values"),
        (
            TAGS,
            np.array([0, 1, 2]),
            "wanted symbols (integers) [4] or probabilities (floats) [4, 3], got int64 [3]",
        ),
        (TAGS, even(5, 3), "got float64 [5, 3]"),
        (WORDS, np.array([0, 3]), "symbols must be 0..2, got 0..3"),
        (
            WORDS,
            even(2, 4),
            "wanted symbols (integers) [S] or probabilities (floats) [S, 3], got float64 [2, 4]",
        ),
        (NUMBERS, np.zeros((4, 2), dtype=int), "wanted numbers [4, 2] as floats, got int64 [4, 2]"),
        (NUMBERS, np.zeros(4), "wanted numbers [4, 2], got float64 [4]"),
        (NUMBERS, np.zeros((3, 2)), "wanted numbers [4, 2], got float64 [3, 2]"),
        (NUMBERS, np.zeros((4, 2, 3)), "wanted numbers [4, 2], got float64 [4, 2, 3]"),
        (NUMBERS, np.full((4, 2), np.inf), "holds NaN or infinite values"),
        (LEVELS, np.zeros((4, 2, 2)), "wanted numbers [4, 2] or [4, 2, 3], got float64 [4, 2, 2]"),
        (FLAGS, np.full((4, 2), 1.25), "probabilities must be between 0 and 1, got 1.25..1.25"),
    ],
)
def test_a_wrong_form_is_named_with_what_was_wanted_and_seen(task: Task, answer: Any, words: str) -> None:
    assert form_error(task, TWO.take([0]), [answer]).startswith("answer 0: ")
    assert words in form_error(task, TWO.take([0]), [answer])


def masked(values: Array) -> Any:
    """The values with the last step masked and NaN beneath."""
    under = values.copy()
    under[-1] = np.nan
    return np.ma.masked_invalid(under)


class Quantity(np.ndarray):
    """A subclass as libraries of physical units have it: an operation may mean something else."""


OTHER_ARRAYS = [
    pytest.param(masked(np.zeros((4, 2))), "got MaskedArray; use array.filled(value)", id="masked"),
    pytest.param(
        np.ma.array(np.zeros((4, 2))), "got MaskedArray; use array.filled(value)", id="without a mask"
    ),
    pytest.param(np.zeros((4, 2)).view(np.matrix), "got matrix; use numpy.asarray(array)", id="matrix"),
    pytest.param(np.zeros((4, 2)).view(np.recarray), "got recarray; use numpy.asarray(array)", id="records"),
    pytest.param(np.zeros((4, 2)).view(Quantity), "got Quantity; use numpy.asarray(array)", id="own class"),
]


@pytest.mark.parametrize(("answer", "words"), OTHER_ARRAYS)
def test_a_subclass_of_an_array_is_no_answer(answer: Any, words: str) -> None:
    assert form_error(NUMBERS, TWO.take([0]), [answer]) == f"answer 0: must be a plain numpy array, {words}"


@pytest.mark.parametrize(
    "answer", [np.ma.array([0]), np.ma.array([5], mask=[True]), np.array([0]).view(Quantity)]
)
def test_a_subclass_of_an_array_is_no_answer_in_symbols_either(answer: Any) -> None:
    assert "must be a plain numpy array" in form_error(CLASSES, TWO.take([0]), [answer])


def test_a_masked_array_of_all_answers_is_refused_as_a_whole() -> None:
    whole = np.ma.array(np.zeros((2, 4, 2)), mask=True)
    words = "answers must be a plain numpy array, got MaskedArray; use array.filled(value)"
    assert form_error(NUMBERS, TWO, whole) == words
    assert form_error(NUMBERS, TWO, np.zeros((2, 4, 2))) == ""


@pytest.mark.parametrize("kind", [complex, object, "datetime64[s]", [("a", float)]])
def test_only_floats_are_numbers(kind: Any) -> None:
    assert "as floats, got" in form_error(NUMBERS, TWO.take([0]), [np.zeros((4, 2), dtype=kind)])


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, ">f8"])
def test_floats_of_any_width_are_proper(kind: Any) -> None:
    assert form_error(NUMBERS, TWO.take([0]), [np.zeros((4, 2), dtype=kind)]) == ""


def test_masked_log_likelihoods_are_refused() -> None:
    split = Split([np.array([1])], [np.array([1, 0])])
    terms = np.log(np.full(3, 0.5))
    assert likelihood_error(split, [terms]) == ""
    assert "log-likelihood 0: must be a plain numpy array, got MaskedArray" in likelihood_error(
        split, [np.ma.array(terms)]
    )


def test_a_mask_that_appears_when_a_causal_method_is_asked_again_is_found() -> None:
    split = Split([np.zeros((4, 1))])
    answers = [even(4, 3)]
    words = future_error(replace(TAGS, causal=True), lambda _: [np.ma.array(even(4, 3))], split, answers)
    assert "got MaskedArray" in words


def test_the_answer_that_is_wrong_is_numbered() -> None:
    assert form_error(CLASSES, TWO, [np.array([0]), np.array([9])]).startswith("answer 1: ")


@pytest.mark.parametrize("answers", [None, {0: np.array([1])}, (a for a in ()), np.array(1.0)])
def test_answers_that_are_no_list_are_named_by_type(answers: Any) -> None:
    words = form_error(CLASSES, TWO, answers)
    assert words == f"answers must be a list with one array per example, got {type(answers).__name__}"


def test_answers_of_the_wrong_number_are_counted() -> None:
    assert form_error(CLASSES, TWO, [np.array([0])]).startswith("1 answers for 2 examples")


def test_an_aligned_answer_is_as_long_as_its_own_example() -> None:
    split = Split([np.zeros((2, 1)), np.zeros((3, 1))])
    assert form_error(TAGS, split, [np.zeros(2, dtype=int), np.zeros(3, dtype=int)]) == ""
    assert "answer 1" in form_error(TAGS, split, [np.zeros(2, dtype=int), np.zeros(2, dtype=int)])


# Fingerprints


def example() -> Split:
    return Split(
        [np.array([[1.0], [2.0]])],
        [np.array([[3.0]])],
        [np.array([[4.0]])],
        ["a"],
        [np.array([0.0, 1.0, 2.0])],
    )


@pytest.mark.parametrize("name", ["x", "y", "ahead", "time"])
def test_a_fingerprint_changes_with_a_value_a_shape_and_a_type(name: str) -> None:
    split = example()
    item = getattr(split, name)[0]
    others = [item + 1e-12, item[None], item.astype(np.float32), item.view(np.int64)]
    prints = [fingerprint(split), *(fingerprint(replace(split, **{name: [other]})) for other in others)]
    assert len(set(prints)) == len(prints)


def test_equal_arrays_have_one_fingerprint_however_they_lie_in_memory() -> None:
    block = np.arange(12.0).reshape(3, 4)
    assert fingerprint(Split([block])) == fingerprint(Split([np.asfortranarray(block)]))
    assert fingerprint(Split([block[::2]])) == fingerprint(Split([block[::2].copy()]))
    assert fingerprint(example()) == fingerprint(example().copy())


def test_a_fingerprint_tells_train_from_test_and_counts_absent_parts() -> None:
    one, two = Split([np.zeros((1, 1))]), Split([np.zeros((1, 1))] * 2)
    prints = [fingerprint(one, two), fingerprint(two, one), fingerprint(one, None, two), fingerprint(one)]
    assert len(set(prints)) == 4


def test_dates_have_a_fingerprint() -> None:
    days = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]")
    split = Split([np.zeros((1, 1))], time=[days])
    assert fingerprint(split) != fingerprint(replace(split, time=[days + 1]))


# One answer, one example

FORECASTS = Task("forecasting", Values(1), Values(1), "fixed", steps=2)


def origins(*lengths: int) -> Split:
    """Origins of one series that rises by 1 a step; later ones hold the answers to earlier ones."""
    values = np.arange(max(lengths) + 2.0)[:, None]
    return Split(
        [values[:n].copy() for n in lengths],
        [values[n : n + 2] for n in lengths],
        series=["s"] * len(lengths),
    )


def last_value(split: Split) -> list[Array]:
    return [np.repeat(x[-1:], 2, axis=0) for x in split.x]


def peeking(split: Split) -> list[Array]:
    """Looks the answer up in the longest history of the batch."""
    longest = max(split.x, key=len)
    found = [longest[len(x) : len(x) + 2] for x in split.x]
    return [f if len(f) == 2 else last for f, last in zip(found, last_value(split), strict=True)]


@pytest.mark.parametrize("order", [(5, 7, 9), (9, 7, 5), (7, 5, 9)])
def test_an_answer_read_from_a_later_origin_is_found_whatever_the_order(order: tuple[int, ...]) -> None:
    split = origins(*order)
    assert batch_error(FORECASTS, last_value, split, last_value(split)) == ""
    words = batch_error(FORECASTS, peeking, split, peeking(split))
    assert words.startswith(f"example {order.index(5)} got a different answer alone than together with")
    assert "largest difference 2)" in words


def test_every_series_is_asked_at_its_earliest_origin_and_some_later_ones() -> None:
    both = [origins(5, 7), origins(6, 9)]
    split = Split(
        [x for part in both for x in part.x],
        [y for part in both for y in part.y],
        series=["a", "a", "b", "b"],
    )
    asked: list[int] = []

    def watched(given: Split) -> list[Array]:
        asked.extend(len(x) for x in given.x)
        return last_value(given)

    assert batch_error(FORECASTS, watched, split, last_value(split)) == ""
    assert asked == [5, 6, 7]


def test_a_method_that_peeks_but_spares_the_first_origin_is_found() -> None:
    split = origins(5, 7, 9, 11)

    def sly(given: Split) -> list[Array]:
        answers = peeking(given)
        shortest = min(range(len(given)), key=lambda i: len(given.x[i]))
        answers[shortest] = last_value(given)[shortest]
        return answers

    assert "got a different answer alone" in batch_error(FORECASTS, sly, split, sly(split))


def test_an_answer_that_moves_with_the_batch_is_found() -> None:
    task = Task("regression", Values(1), Values(1), "fixed")
    split = Split([np.full((1, 1), float(i)) for i in range(5)])

    def centred(given: Split) -> list[Array]:
        middle = np.mean([x.mean() for x in given.x])
        return [x - middle for x in given.x]

    def own(given: Split) -> list[Array]:
        return [x + 0.0 for x in given.x]

    assert batch_error(task, own, split, own(split)) == ""
    assert "largest difference 2)" in batch_error(task, centred, split, centred(split))


def test_the_question_asked_again_is_a_copy_without_the_answer() -> None:
    split = origins(5, 7)
    before = fingerprint(split)

    def spoiling(given: Split) -> list[Array]:
        assert not len(given.y)
        answers = last_value(given)
        for x in given.x:
            x[:] = 0
        return answers

    assert batch_error(FORECASTS, spoiling, split, last_value(split)) == ""
    assert fingerprint(split) == before


def test_a_form_that_is_wrong_only_alone_is_named() -> None:
    split = Split([np.zeros((1, 1))] * 3)

    def squeezing(given: Split) -> Sequence[Any]:
        return [np.array([0])] * 3 if len(given) > 1 else np.array([0])

    words = batch_error(CLASSES, squeezing, split, squeezing(split))
    assert words.startswith("example 0 asked alone: answer 0: must be a numpy array, got int64")


def test_a_free_answer_of_another_length_is_another_answer() -> None:
    split = Split([np.array([1, 2])] * 2)

    def batch_long(given: Split) -> list[Array]:
        return [np.zeros(len(given), dtype=int)] * len(given)

    assert "largest difference inf" in batch_error(WORDS, batch_long, split, batch_long(split))


def test_an_empty_split_has_nothing_to_ask_again() -> None:
    assert batch_error(CLASSES, last_value, Split([]), []) == ""
    assert future_error(replace(TAGS, causal=True), last_value, Split([]), []) == ""


# The future

CAUSAL = replace(TAGS, x=Values(1), causal=True)


def by_sign(signs: Array) -> Array:
    return np.eye(3)[(signs > 0).astype(int)]


def past_only(split: Split) -> list[Array]:
    return [by_sign(np.cumsum(x[:, 0])) for x in split.x]


def one_step_ahead(split: Split) -> list[Array]:
    return [by_sign(np.append(x[1:, 0], 1.0)) for x in split.x]


def whole_mean(split: Split) -> list[Array]:
    return [np.full((len(x), 3), 0.3 + 0.01 * np.tanh(x.mean())) for x in split.x]


LONG = Split([np.random.default_rng(i).normal(size=(9 + i, 1)) for i in range(4)])


@pytest.mark.parametrize("peeks", [one_step_ahead, whole_mean])
def test_an_aligned_answer_that_looks_ahead_is_found_in_a_causal_task_only(peeks: Any) -> None:
    assert future_error(CAUSAL, past_only, LONG, past_only(LONG)) == ""
    words = future_error(CAUSAL, peeks, LONG, peeks(LONG))
    assert "on changed an answer before it, in a causal task" in words
    assert future_error(TAGS, peeks, LONG, peeks(LONG)) == ""


def test_symbols_after_a_step_are_changed_to_other_symbols() -> None:
    task = replace(CAUSAL, x=Values(2, symbols=True))
    split = Split([np.array([0, 1, 1, 0, 1, 0])])

    def echo(given: Split) -> list[Array]:
        return [x.copy() for x in given.x]

    def next_symbol(given: Split) -> list[Array]:
        return [np.append(x[1:], 0) for x in given.x]

    assert future_error(task, echo, split, echo(split)) == ""
    assert "from step 3 on" in future_error(task, next_symbol, split, next_symbol(split))


def test_the_changed_example_keeps_its_times_and_its_series() -> None:
    split = Split([np.ones((4, 1))], series=["a"], time=[np.arange(4.0)])

    def timed(given: Split) -> list[Array]:
        assert list(given.series) == ["a"]
        return [by_sign(t - 1.5) for t in given.time]

    assert future_error(CAUSAL, timed, split, timed(split)) == ""


def test_an_example_of_one_step_has_no_future() -> None:
    split = Split([np.ones((1, 1))])
    assert future_error(CAUSAL, past_only, split, past_only(split)) == ""


# Likelihoods

SAID = Split(
    [np.array([1, 2])] * 4, [np.array([0, 2, 1]), np.array([2, 1]), np.array([], int), np.array([1])]
)


def told(*lengths: int) -> list[Array]:
    return [np.full(length, -0.5) for length in lengths]


def test_a_likelihood_has_a_term_for_every_symbol_and_for_the_end() -> None:
    assert likelihood_error(SAID, told(4, 3, 1, 2)) == ""
    assert likelihood_error(SAID, [own.astype(np.float32) for own in told(4, 3, 1, 2)]) == ""


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({0: -1.0}, "log-likelihoods must be a list with one array per example, got dict"),
        (told(4, 3, 1), "3 log-likelihoods for 4 examples"),
        ([-1.0, *told(3, 1, 2)], "log-likelihood 0: must be a numpy array, got float"),
        (told(3, 2, 0, 1), "log-likelihood 0: wanted floats [4], one for every symbol of the answer and one"),
        ([*told(4, 3, 1), np.zeros((2, 1))], "log-likelihood 3: wanted floats [2]"),
        ([*told(4, 3, 1), np.zeros(2, dtype=int)], "got int64 [2]"),
        ([*told(4, 3, 1), np.array([-np.inf, 0.0])], "log-likelihood 3: holds NaN or infinite values"),
        ([*told(4, 3, 1), np.array([0.25, -1.0])], "log probabilities must be at most 0, got 0.25"),
    ],
)
def test_a_wrong_form_of_a_likelihood_is_named(terms: Any, words: str) -> None:
    assert words in likelihood_error(SAID, terms)


def spoken(split: Split) -> list[Array]:
    """After symbol k the same again with chance .5; the end has .25 everywhere, the beginning is even."""
    terms = []
    for y in split.y:
        before = [None, *y.tolist()]
        chances = [0.25 if a is None else 0.5 if a == b else 0.125 for a, b in zip(before, y, strict=False)]
        terms.append(np.log([*chances, 0.25]))
    return terms


def test_a_likelihood_of_what_went_before_is_fair() -> None:
    assert forcing_error(WORDS, spoken, SAID, spoken(SAID)) == ""
    assert forcing_error(WORDS, spoken, Split([]), []) == ""
    empty = SAID.take([2])
    assert forcing_error(WORDS, spoken, empty, spoken(empty)) == ""


def next_symbol(split: Split) -> list[Array]:
    """Surer of a symbol where the next one is 1."""
    nudge = [np.array([*(0.01 * (y[1:] == 1)), 0.0, 0.0][: len(y) + 1]) for y in split.y]
    return [own - more for own, more in zip(spoken(split), nudge, strict=True)]


def own_length(split: Split) -> list[Array]:
    """Knows where the end is: it alone can stand there, and nowhere else."""
    return [np.log([*np.full(len(y), 1 / 3), 1.0]) for y in split.y]


def certain(split: Split) -> list[Array]:
    return [np.zeros(len(y) + 1) for y in split.y]


def beside_others(split: Split) -> list[Array]:
    return [own - 0.1 * len(split) for own in spoken(split)]


@pytest.mark.parametrize(
    ("tell", "words"),
    [
        (next_symbol, "another last symbol, or none, changed an earlier term"),
        (own_length, "the probabilities of all symbols and of the end at step 1 sum to 2"),
        (certain, "the probabilities of all symbols and of the end at step 1 sum to 4"),
        (beside_others, "differs alone and together with the others (largest difference 0.3)"),
    ],
)
def test_a_likelihood_that_is_none_is_found(tell: Any, words: str) -> None:
    assert words in forcing_error(WORDS, tell, SAID, tell(SAID))
    assert forcing_error(WORDS, tell, SAID, tell(SAID)).startswith("log-likelihood of example 1")


def test_a_likelihood_that_knows_a_longer_answer_is_longer_is_found() -> None:
    def total_length(split: Split) -> list[Array]:
        return [own - 0.01 * len(own) for own in spoken(split)]

    words = forcing_error(WORDS, total_length, SAID, total_length(SAID))
    assert "another last symbol, or none, changed an earlier term" in words


def test_of_many_symbols_some_are_tried_and_must_not_have_more_than_all_chances() -> None:
    many = replace(WORDS, y=Values(500, symbols=True))

    def even_terms(split: Split) -> list[Array]:
        return [np.full(len(y) + 1, -np.log(501)) for y in split.y]

    def twofold(split: Split) -> list[Array]:
        return [np.full(len(y) + 1, -np.log(50)) for y in split.y]

    assert forcing_error(many, even_terms, SAID, even_terms(SAID)) == ""
    assert "probabilities of 64 symbols and of the end" in forcing_error(many, twofold, SAID, twofold(SAID))


def test_a_likelihood_is_asked_for_copies_with_times_as_long_as_the_answer() -> None:
    split = replace(
        SAID, time=[np.arange(len(x) + len(y)) * 1.0 for x, y in zip(SAID.x, SAID.y, strict=True)]
    )
    before = fingerprint(split)

    def spoiling(given: Split) -> list[Array]:
        assert [len(t) for t in given.time] == [
            len(x) + len(y) for x, y in zip(given.x, given.y, strict=True)
        ]
        terms = spoken(given)
        for y in given.y:
            y[:] = 0
        return terms

    assert forcing_error(WORDS, spoiling, split, spoken(split)) == ""
    assert fingerprint(split) == before


def test_a_likelihood_whose_form_is_wrong_only_alone_is_named() -> None:
    def short(split: Split) -> list[Array]:
        return spoken(split) if len(split) == 4 else [own[:-1] for own in spoken(split)]

    words = forcing_error(WORDS, short, SAID, short(SAID))
    assert words.startswith("example 1 asked again with other ends: log-likelihood 0: wanted floats [3]")


# Sameness


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_what_differs_by_the_rounding_of_single_precision_is_the_same(values: list[float]) -> None:
    exact = np.array(values)
    assert same(exact.astype(np.float32).astype(float), exact)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.data())
def test_what_differs_by_a_hundredth_of_the_largest_value_is_not(values: list[float], data: Any) -> None:
    one = np.array(values)
    other = one.copy()
    other[data.draw(st.integers(0, len(one) - 1))] += 0.01 * max(np.abs(one).max(), 1e-6)
    assert not same(other, one)


def test_symbols_are_the_same_only_when_equal() -> None:
    assert same(np.array([1, 2]), np.array([1, 2]))
    assert not same(np.array([1, 2]), np.array([1, 3]))
    assert not same(np.array([1000000, 2]), np.array([1000001, 2]))


def test_another_shape_is_another_answer() -> None:
    assert not same(np.zeros(2), np.zeros((2, 1)))
    assert same(np.zeros((0, 2)), np.zeros((0, 2)))
