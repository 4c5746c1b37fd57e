"""N-grams of answers: Kneser-Ney by hand, chances that sum to 1, ends, and the aligned input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.answers import forcing_error, likelihood_error
from recurbench.methods.ngram import EDGE, Chances, Ngram, Reach, ngram, ngram_aligned

ANSWERS = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=1, max_size=6)


def words(symbols: int = 3, inputs: int = 3) -> Task:
    return Task("translation", Values(inputs, symbols=True), Values(symbols, symbols=True), "free")


def codes(*rows: Sequence[int]) -> list[np.ndarray]:
    return [np.array(row, dtype=np.int64) for row in rows]


def answered(*rows: Sequence[int]) -> Split:
    """These answers to inputs that say nothing."""
    return Split(codes(*[[0]] * len(rows)), codes(*rows))


def shifted(count: int, seed: int = 0) -> Split:
    """Every symbol is answered by the next one in the alphabet."""
    rng = np.random.default_rng(seed)
    x = [rng.integers(3, size=rng.integers(3, 8)) for _ in range(count)]
    return Split(x, [(row + 1) % 3 for row in x])


def test_kneser_ney_by_hand() -> None:
    predict = ngram(words(symbols=2), answered([0, 1], [0, 0]), n=2)
    # Pairs seen once: 4, twice: 1, so the discount is 4 / 6. Symbol 0 and the end (2) each follow two
    # different histories, symbol 1 follows one: once 1, twice 2, so the discount of that level is 1 / 5.
    assert predict.notes["discounts"] == [0.2, 0.6667]
    shorter = np.array([0.4, 0.2, 0.4])
    np.testing.assert_allclose(predict.chances.after(()), shorter)
    # Only 0 begins, twice: (2 - 2/3) / 2, and 2/3 / 2 is left for all.
    np.testing.assert_allclose(predict.chances.after((EDGE,)), [0.8, 1 / 15, 2 / 15])
    np.testing.assert_allclose(predict.chances.after((0,)), 1 / 9 + 2 / 3 * shorter)
    np.testing.assert_allclose(predict.chances.after((1,)), [4 / 15, 2 / 15, 0.6])
    (terms,) = predict.log_likelihood(answered([0, 1]))
    np.testing.assert_allclose(np.exp(terms), [0.8, 11 / 45, 0.6])


def test_a_single_symbol_of_context_less_counts_frequencies() -> None:
    # Three 0, one 1 and two ends, no discount to be had of counts (3, 1, 2): n1 = 1, n2 = 1, so 1 / 3.
    predict = ngram(words(symbols=2), answered([0, 0], [0, 1]), n=1)
    wanted = (np.array([3, 1, 2]) - 1 / 3) / 6 + (1 / 3 * 3 / 6) / 3
    np.testing.assert_allclose(predict.chances.after(()), wanted)
    assert predict(answered([]))[0].tolist() == [0, 0]


def test_a_history_never_seen_is_shortened() -> None:
    chances = ngram(words(), answered([0, 1, 2], [0, 1, 1]), n=3).chances
    np.testing.assert_array_equal(chances.after((1, 2)), chances.after((1,)))
    np.testing.assert_array_equal(chances.after((2, 2)), chances.after((2,)))


def test_the_beginning_is_a_history_of_its_own_and_nothing_comes_before_it() -> None:
    reach = Reach(n=4, window=0, pace=1.0)
    assert reach.context(np.array([0]), []) == (EDGE,)
    assert reach.context(np.array([0]), [5, 6]) == (6, 5, EDGE)
    assert reach.context(np.array([0]), [5, 6, 7, 8]) == (8, 7, 6)
    assert Reach(n=1, window=0, pace=1.0).context(np.array([0]), [5]) == ()


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.integers(1, 5), st.lists(st.integers(0, 2), max_size=5))
def test_chances_are_positive_and_sum_to_one_after_any_beginning(
    rows: list[list[int]], n: int, before: list[int]
) -> None:
    predict = ngram(words(), answered(*rows), n=n)
    chances = predict.chances.after(predict.reach.context(np.array([0]), before))
    assert chances.shape == (4,)
    assert (chances > 0).all()
    assert chances.sum() == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.integers(1, 4), st.integers(1, 3), st.lists(st.integers(0, 2), max_size=5))
def test_aligned_chances_are_positive_and_sum_to_one_beside_any_input(
    rows: list[list[int]], n: int, window: int, asked: list[int]
) -> None:
    y = codes(*rows)
    x = [np.append(row[::-1], 1) for row in y]
    predict = ngram_aligned(words(), Split(x, y), n=n, window=window)
    for before in ([], [2], [0, 1, 2]):
        chances = predict.chances.after(predict.reach.context(np.array(asked), before))
        assert (chances > 0).all()
        assert chances.sum() == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 1), max_size=3), st.integers(0, 2)), max_size=20))
def test_counts_of_any_contexts_make_chances(events: list[tuple[list[int], int]]) -> None:
    chances = Chances(3, iter([(tuple(context), outcome) for context, outcome in events]))
    for context, _ in events:
        assert chances.after(tuple(context)).sum() == pytest.approx(1)


def test_it_answers_with_the_likeliest_symbols_up_to_the_end() -> None:
    split = answered(*[[2, 0, 1]] * 5, [1, 1])
    for n in (2, 3, 5):
        assert ngram(words(), split, n=n)(answered([], []))[1].tolist() == [2, 0, 1]


def test_no_answer_is_longer_than_the_longest_of_train() -> None:
    # After 0 comes 0 more often than the end, for ever.
    predict = ngram(words(), answered([0, 0, 0, 0]), n=2)
    assert predict(answered([]))[0].tolist() == [0, 0, 0, 0]


def test_train_without_any_symbol_leads_to_empty_answers() -> None:
    predict = ngram(words(), answered([], []))
    assert predict(answered([]))[0].shape == (0,)
    assert predict.log_likelihood(answered([]))[0][0] > np.log(0.7)


def test_it_is_blind_to_the_input_and_the_aligned_one_is_not() -> None:
    train, test = shifted(80), shifted(30, seed=1)
    blind, aligned = ngram(words(), train), ngram_aligned(words(), train)
    assert len({tuple(answer.tolist()) for answer in blind(test)}) == 1
    assert [a.tolist() for a in aligned(test.blind())] == [y.tolist() for y in test.y]
    told = [float(np.concatenate(p.log_likelihood(test)).mean()) for p in (blind, aligned)]
    assert told[1] > -0.1 > -0.9 > told[0]


def test_the_aligned_context_takes_the_place_then_the_past_then_both_sides_by_turns() -> None:
    x = np.array([10, 11, 12, 13, 14])
    reach = Reach(n=3, window=2, pace=1.0)
    assert reach.context(x, [7, 8]) == (12, 8, 13, 11, 7, 14, 10)
    assert reach.context(x, []) == (10, EDGE, 11, EDGE, EDGE, 12, EDGE)
    # Answers half as long as inputs: after two symbols stands the fourth.
    assert Reach(n=2, window=1, pace=2.0).context(x, [7, 8]) == (14, 8, EDGE, 13)
    assert Reach.of(Split([x], codes([1, 1])), 2, 1).pace == 2.5


@pytest.mark.parametrize("make", [ngram, ngram_aligned])
def test_the_likelihood_is_one_of_teacher_forcing(make: object) -> None:
    task, test = words(), shifted(9, seed=2)
    predict: Ngram = make(task, shifted(40))  # type: ignore[operator]
    terms = predict.log_likelihood(test)
    assert likelihood_error(test, terms) == ""
    assert forcing_error(task, predict.log_likelihood, test, terms) == ""


def test_what_it_cannot_do_is_declined_with_the_reason() -> None:
    numbers = Task("translation", Values(1), Values(3, symbols=True), "free")
    with pytest.raises(Unsupported, match="answers have none"):
        ngram(Task("generation", Values(1), Values(1), "fixed", 4), answered([0]))
    with pytest.raises(Unsupported, match="input is numbers"):
        ngram_aligned(numbers, Split([np.zeros((1, 1))], codes([0])))
    assert ngram(numbers, Split([np.zeros((1, 1))], codes([0, 1])))(Split([np.zeros((1, 1))]))
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        ngram(words(), answered([0]), n=0)
    with pytest.raises(ValueError, match="window must be at least 1, got 0"):
        ngram_aligned(words(), answered([0]), window=0)
    with pytest.raises(ValueError, match="training part has none"):
        ngram(words(), Split([]))
