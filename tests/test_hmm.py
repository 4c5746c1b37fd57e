from itertools import product

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.hmm import hmm


def labelling(x, classes, causal=True):
    return Task("labelling", x, Values(classes, symbols=True), "same", causal=causal)


def sticky(q, sd, count, length, seed):
    rng = np.random.default_rng(seed)
    flips = rng.random((count, length)) >= q
    flips[:, 0] = rng.random(count) < 0.5
    states = flips.cumsum(axis=1) % 2
    x = 2.0 * states - 1.0 + sd * rng.standard_normal((count, length))
    return Split([row[:, None] for row in x], list(states))


def exact_filter(x, q, sd):
    """P(high state) by the two-state recursion in logits."""
    p, found = 0.5, []
    for value in x[:, 0]:
        p = p * q + (1 - p) * (1 - q) if found else 0.5
        logit = np.log(p / (1 - p)) + 2 * value / sd**2
        p = 1 / (1 + np.exp(-logit))
        found.append(p)
    return np.array(found)


def two_classes(count, seed, length=24):
    """Low then high against high then low: the values are the same, their order is not."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        level = np.repeat([0.0, 2.0] if i % 2 else [2.0, 0.0], length // 2)
        x.append((level + rng.normal(scale=0.5, size=length))[:, None])
        y.append(np.array([i % 2]))
    return Split(x, y)


CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def test_the_filter_of_a_sticky_chain_is_the_exact_bayes_filter():
    train, test = sticky(0.95, 1.5, 500, 100, seed=0), sticky(0.95, 1.5, 300, 100, seed=1)
    answers = hmm(labelling(Values(1), 2), train)(test.blind())
    truth = np.concatenate(test.y)
    exact = np.concatenate([exact_filter(x, 0.95, 1.5) for x in test.x])
    high = np.concatenate(answers)[:, 1]
    assert abs(np.mean((high > 0.5) == truth) - np.mean((exact > 0.5) == truth)) < 0.005
    assert np.abs(high - exact).max() < 0.05
    # The level known for this chain, within sampling error over sequences (.0019 for 300 of them).
    assert np.mean((exact > 0.5) == truth) == pytest.approx(0.875, abs=0.008)


def test_the_smoother_beats_the_filter():
    train, test = sticky(0.95, 1.5, 300, 100, seed=0), sticky(0.95, 1.5, 300, 100, seed=1)
    right = []
    for causal in (True, False):
        answers = hmm(labelling(Values(1), 2, causal), train)(test.blind())
        right.append(np.mean(np.concatenate(answers).argmax(axis=1) == np.concatenate(test.y)))
    assert right[1] > right[0] + 0.03
    assert right[1] == pytest.approx(0.9233, abs=0.008)


def test_a_causal_answer_does_not_move_when_the_future_does():
    train = sticky(0.9, 1.0, 50, 40, seed=0)
    predict = hmm(labelling(Values(1), 2), train)
    x = train.x[0].copy()
    changed = x.copy()
    changed[20:] += 5.0
    before, after = predict(Split([x]))[0], predict(Split([changed]))[0]
    np.testing.assert_array_equal(before[:20], after[:20])


def test_running_parity_is_beyond_it():
    rng = np.random.default_rng(0)
    x = [rng.integers(2, size=60) for _ in range(200)]
    split = Split(x, [row.cumsum() % 2 for row in x])
    answers = hmm(labelling(Values(2, symbols=True), 2), split.take(range(100)))(split.take(range(100, 200)))
    last = [answer[-1].argmax() == y[-1] for answer, y in zip(answers, split.y[100:], strict=True)]
    assert 0.3 < np.mean(last) < 0.7


def test_symbols_that_name_their_label_are_read_off():
    rng = np.random.default_rng(0)
    y = [rng.integers(3, size=30) for _ in range(30)]
    split = Split([2 - row for row in y], y)
    answers = hmm(labelling(Values(3, symbols=True), 3, causal=False), split)(split.blind())
    assert all((answer.argmax(axis=1) == row).all() for answer, row in zip(answers, y, strict=True))


def test_a_label_never_seen_still_gets_a_chance():
    train = sticky(0.9, 1.0, 20, 30, seed=0)
    answers = hmm(labelling(Values(1), 4), train)(train.blind())
    assert answers[0].shape == (30, 4)
    np.testing.assert_allclose(answers[0].sum(axis=1), 1.0)
    assert (answers[0] > 0).all()


def test_a_missing_observation_is_predicted_through_the_chain():
    train = sticky(0.95, 0.5, 200, 50, seed=0)
    x = np.array([[1.0], [1.0], [1.0], [np.nan]])
    answer = hmm(labelling(Values(1), 2), train)(Split([x]))[0]
    assert answer[3, 1] == pytest.approx(answer[2, 1] * 0.95 + answer[2, 0] * 0.05, abs=0.01)


def test_an_infinite_value_is_refused_in_words():
    train = sticky(0.9, 1.0, 5, 10, seed=0)
    predict = hmm(labelling(Values(1), 2), train)
    with pytest.raises(ValueError, match="1 infinite"):
        predict(Split([np.array([[np.inf]])]))


def test_teacher_forced_terms_sum_to_the_exact_posterior_of_the_labels():
    train = sticky(0.8, 1.0, 100, 20, seed=0)
    task = labelling(Values(1), 2, causal=False)
    predict = hmm(task, train)
    x = train.x[0][:6]
    paths = list(product(range(2), repeat=6))
    logs = [predict.log_likelihood(Split([x], [np.array(path)]))[0].sum() for path in paths]
    assert np.exp(logs).sum() == pytest.approx(1.0)
    smoothed = predict(Split([x]))[0]
    for t in range(6):
        chance = sum(np.exp(log) for log, path in zip(logs, paths, strict=True) if path[t] == 1)
        assert chance == pytest.approx(smoothed[t, 1])


def test_changing_a_later_label_changes_no_earlier_term():
    train = sticky(0.8, 1.0, 100, 20, seed=0)
    for causal in (True, False):
        predict = hmm(labelling(Values(1), 2, causal), train)
        other = train.y[0].copy()
        other[12:] = 1 - other[12:]
        before = predict.log_likelihood(Split(train.x[:1], [train.y[0]]))[0]
        after = predict.log_likelihood(Split(train.x[:1], [other]))[0]
        np.testing.assert_array_equal(before[:12], after[:12])


def test_classes_that_differ_only_in_order_are_told_apart():
    train, test = two_classes(24, seed=0), two_classes(40, seed=1)
    answers = np.concatenate(hmm(CLASSES, train)(test.blind()))
    assert (answers.argmax(axis=1) == np.concatenate(test.y)).mean() == 1.0


def test_classification_needs_no_seed_and_repeats_itself():
    train, test = two_classes(12, seed=0), two_classes(6, seed=1)
    first, second = hmm(CLASSES, train)(test.blind()), hmm(CLASSES, train)(test.blind())
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(second))


def test_a_case_is_answered_alike_alone_and_among_others():
    predict = hmm(CLASSES, two_classes(12, seed=0))
    test = two_classes(5, seed=1)
    together = predict(test.blind())
    np.testing.assert_array_equal(predict(test.take([3]).blind())[0], together[3])


def test_a_class_without_examples_and_a_series_of_one_step_are_answered():
    task = Task("classification", Values(1), Values(3, symbols=True), "fixed")
    answers = hmm(task, two_classes(8, seed=0))(Split([np.zeros((1, 1)), np.ones((90, 1))]))
    assert [answer.shape for answer in answers] == [(1, 3), (1, 3)]
    np.testing.assert_allclose(np.concatenate(answers).sum(axis=1), 1.0)


def test_constant_series_and_one_case_per_class_do_not_break_it():
    train = Split([np.zeros((10, 1)), np.zeros((10, 1))], [np.array([0]), np.array([1])])
    answers = hmm(CLASSES, train)(Split([np.zeros((10, 1))]))
    np.testing.assert_allclose(answers[0], [[0.5, 0.5]], atol=1e-6)


def test_symbol_sequences_can_be_classified():
    rng = np.random.default_rng(0)
    x = [np.where(rng.random(30) < (0.9 if i % 2 else 0.1), 1, 0) for i in range(30)]
    split = Split(x, [np.array([i % 2]) for i in range(30)])
    task = Task("classification", Values(2, symbols=True), Values(2, symbols=True), "fixed")
    answers = np.concatenate(hmm(task, split.take(range(20)))(split.take(range(20, 30)).blind()))
    assert (answers.argmax(axis=1) == [i % 2 for i in range(20, 30)]).all()


def test_answers_in_numbers_are_declined():
    with pytest.raises(Unsupported, match="numbers"):
        hmm(Task("labelling", Values(1), Values(1), "same"), sticky(0.9, 1, 2, 5, 0))


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        hmm(CLASSES, two_classes(4, seed=0), states=0)


def test_the_path_told_of_a_sticky_chain_changes_less_than_its_labels_are_wrong():
    train, test = sticky(0.95, 0.7, 200, 60, seed=0), sticky(0.95, 0.7, 1, 60, seed=1)
    told = hmm(labelling(Values(1), 2), train).components(test.blind())
    assert (len(told["paths"]), told["states"]) == (1, 2)
    assert np.mean(np.array(told["paths"][0]) != test.y[0]) < 0.1


def test_the_path_told_of_a_case_is_that_of_the_class_answered():
    split = two_classes(20, seed=0)
    predict = hmm(CLASSES, split, states=2)
    told = predict.components(split.take([0, 1]))
    assert told["classes"] == [0, 1]
    for path in told["paths"]:
        changes = np.flatnonzero(np.diff(path))
        # Two levels, one after the other: the chain has a state for each.
        assert len(path) == 24
        assert 11 in changes


def test_labels_of_series_in_another_unit_are_told_alike_once_scaled_by_train():
    rng = np.random.default_rng(0)
    tags = Task("labelling", Values(1), Values(2, symbols=True), "same", causal=True)
    y = [rng.integers(0, 2, 30) for _ in range(6)]
    x = [each[:, None] + 0.3 * rng.normal(size=(30, 1)) for each in y]
    x[0][4] = np.nan
    plain = hmm(tags, Split(x, y), normalise="train")(Split(x))
    larger = [1e6 * each - 5 for each in x]
    changed = hmm(tags, Split(larger, y), normalise="train")(Split(larger))
    np.testing.assert_allclose(np.concatenate(plain), np.concatenate(changed), rtol=1e-6)
    with pytest.raises(Unsupported, match="normalise=series reads the whole series, but the task is causal"):
        hmm(tags, Split(x, y), normalise="series")


def test_symbols_are_not_scaled():
    symbols = Task("classification", Values(3, symbols=True), Values(2, symbols=True), "fixed")
    train = Split([np.array([0, 1, 2]), np.array([2, 1])], [np.array([0]), np.array([1])])
    with pytest.raises(Unsupported, match="normalise=series scales numbers, and the series are symbols"):
        hmm(symbols, train, normalise="series")
