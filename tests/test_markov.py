import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.markov import Chain, context_codes, longest_context, markov, neighbour_offsets

SEQUENCE = st.lists(st.integers(0, 3), min_size=1, max_size=12)


def labelling(symbols=2, answers=2, causal=True):
    return Task(
        "labelling", Values(symbols, symbols=True), Values(answers, symbols=True), "same", causal=causal
    )


def bits(count, length, seed):
    rng = np.random.default_rng(seed)
    return [rng.integers(2, size=length) for _ in range(count)]


def delayed(x, lag):
    return [np.concatenate([np.zeros(lag, dtype=int), row[:-lag]]) for row in x]


def two_chains(count, seed, length=40):
    """One chain stays, the other alternates: single symbols are equally common in both."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        moves = rng.random(length) < (0.2 if i % 2 else 0.8)
        x.append((rng.integers(2) + moves.cumsum()) % 2)
        y.append(np.array([i % 2]))
    return Split(x, y)


CLASSES = Task("classification", Values(2, symbols=True), Values(2, symbols=True), "fixed")


def test_witten_bell_by_hand():
    # After 0: 1 three times, 0 once (2 kinds in 4); without context: 1 four times, 0 twice (2 kinds in 6).
    x = [np.array([0, 0, 0, 0, 1, 1])]
    y = [np.array([1, 1, 1, 0, 0, 1])]
    chain = Chain.learn(2, 2, (0,), x, y)
    no_context = (4 + 2 * 0.5) / (6 + 2)
    assert chain.chances(np.array([0]))[0, 1] == pytest.approx((3 + 2 * no_context) / (4 + 2))
    assert chain.chances(np.array([1]))[0, 1] == pytest.approx((1 + 2 * no_context) / (2 + 2))


def test_a_context_never_seen_backs_off_to_the_shorter_one():
    chain = Chain.learn(3, 2, (0,), [np.array([0, 0, 1])], [np.array([1, 1, 0])])
    shorter = Chain.learn(3, 2, (), [np.array([0, 0, 1])], [np.array([1, 1, 0])])
    np.testing.assert_array_equal(chain.chances(np.array([2])), shorter.chances(np.array([2])))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1, max_size=5), st.integers(0, 4)
)
def test_chances_are_positive_and_sum_to_one_in_every_context(sequences, order):
    x = [np.array(row) for row in sequences]
    chain = Chain.learn(4, 4, neighbour_offsets(order, True, -1), x, x)
    for row in [*x, np.array([3, 2, 1, 0, 3])]:
        chances = chain.chances(row)
        np.testing.assert_allclose(chances.sum(axis=1), 1.0)
        assert (chances > 0).all()


def test_contexts_of_equal_code_are_equal_contexts():
    x = np.array([0, 1, 0, 1, 0])
    codes = context_codes(x, (0, -1), 2)[2]
    assert codes[2] == codes[4]
    assert codes[0] != codes[2]  # the first has nothing before it


def test_a_long_context_fits_into_a_whole_number():
    for symbols in (2, 10, 100, 5_000):
        assert (symbols + 1) ** longest_context(symbols) < 2**63


def test_a_centred_context_takes_both_sides_in_turn():
    assert neighbour_offsets(5, False, 0) == (0, -1, 1, -2, 2)
    assert neighbour_offsets(3, True, -1) == (-1, -2, -3)


def test_a_delayed_symbol_within_the_context_is_read_off():
    x = bits(60, 40, seed=0)
    split = Split(x, delayed(x, 3))
    predict = markov(labelling(), split.take(range(40)))
    answers = predict(split.take(range(40, 60)).blind())
    right = [(a.argmax(axis=1) == y).mean() for a, y in zip(answers, split.y[40:], strict=True)]
    assert np.mean(right) > 0.99
    assert min(predict.notes["context"]) <= -3


def test_a_delay_beyond_the_context_leaves_it_at_chance():
    x = bits(60, 100, seed=0)
    split = Split(x, delayed(x, 20))
    answers = markov(labelling(), split.take(range(40)))(split.take(range(40, 60)).blind())
    right = [(a.argmax(axis=1) == y)[30:].mean() for a, y in zip(answers, split.y[40:], strict=True)]
    assert 0.4 < np.mean(right) < 0.6


def test_a_causal_tagger_ignores_the_future_and_a_centred_one_uses_it():
    x = bits(60, 30, seed=0)
    y = [np.append(row[1:], 0) for row in x]
    changed = x[0].copy()
    changed[16:] = 1 - changed[16:]
    causal, centred = (markov(labelling(causal=c), Split(x, y)) for c in (True, False))
    np.testing.assert_array_equal(causal(Split([x[0]]))[0][:16], causal(Split([changed]))[0][:16])
    answer = centred(Split([x[0]]))[0]
    assert (answer.argmax(axis=1) == y[0]).mean() > 0.95


def test_log_likelihood_is_the_log_chance_of_the_answer():
    x = bits(20, 15, seed=0)
    split = Split(x, delayed(x, 1))
    predict = markov(labelling(), split)
    chances, terms = predict(split.blind())[0], predict.log_likelihood(split)[0]
    np.testing.assert_allclose(np.exp(terms), chances[np.arange(15), split.y[0]])


def test_an_order_of_zero_counts_nothing_around_the_step():
    x = bits(20, 15, seed=0)
    answer = markov(labelling(), Split(x, delayed(x, 1)), order=0)(Split([x[0]]))[0]
    assert np.ptp(answer[:, 0]) == 0


def test_classes_of_one_symbol_frequency_are_told_apart_by_their_moves():
    train, test = two_chains(40, seed=0), two_chains(60, seed=1)
    answers = np.concatenate(markov(CLASSES, train)(test.blind()))
    assert (answers.argmax(axis=1) == np.concatenate(test.y)).mean() > 0.95
    np.testing.assert_allclose(answers.sum(axis=1), 1.0)


def test_class_chances_come_near_those_of_the_true_chains():
    train, test = two_chains(400, seed=0, length=6), two_chains(300, seed=1, length=6)
    answers = np.concatenate(markov(CLASSES, train, order=1)(test.blind()))[:, 1]
    moved = np.array([np.count_nonzero(np.diff(x)) for x in test.x])
    ratio = (0.2 / 0.8) ** moved * (0.8 / 0.2) ** (5 - moved)
    assert np.abs(answers - ratio / (1 + ratio)).mean() < 0.05


def test_a_class_without_examples_and_a_series_of_one_symbol_are_answered():
    task = Task("classification", Values(2, symbols=True), Values(3, symbols=True), "fixed")
    answers = markov(task, two_chains(8, seed=0))(Split([np.array([1]), np.zeros(90, dtype=int)]))
    assert [answer.shape for answer in answers] == [(1, 3), (1, 3)]
    np.testing.assert_allclose(np.concatenate(answers).sum(axis=1), 1.0)


def test_one_training_sequence_is_enough():
    x = bits(1, 30, seed=0)
    assert markov(labelling(), Split(x, delayed(x, 1)))(Split(x))[0].shape == (30, 2)


def test_numbers_are_declined_with_the_reason():
    numbers, symbols = Values(1), Values(2, symbols=True)
    with pytest.raises(Unsupported, match="input is numbers"):
        markov(Task("labelling", numbers, symbols, "same"), Split([]))
    with pytest.raises(Unsupported, match="answers are numbers"):
        markov(Task("labelling", symbols, numbers, "same"), Split([]))


def test_a_symbol_out_of_range_is_refused_in_words():
    x = bits(4, 10, seed=0)
    predict = markov(labelling(), Split(x, x))
    with pytest.raises(ValueError, match=r"symbols 0\.\.1, got 0\.\.7"):
        predict(Split([np.array([0, 7])]))
