"""The decoder: what it is fed, what it may see, how it ends, and that its chances are chances."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.decoder import OneShot, Stepwise
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.recurrence import Directions, Shape, recurrent
from recurbench.methods._networks.trained_decoder import SLACK
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import Decoding, Training
from recurbench.methods.cnn import cnn
from recurbench.methods.recurrent import gru, lstm, rnn
from recurbench.task import Array

WORDS = Task("translation", Values(3, symbols=True), Values(3, symbols=True), "free")
PATH = Task("generation", Values(2), Values(2), "fixed", steps=5)
DECODERS = ("direct", "recurrent", "attention")
every_decoder = pytest.mark.parametrize("decoder", DECODERS)


def reversed_words(count: int = 60, seed: int = 0, shortest: int = 1, longest: int = 4) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.integers(0, 3, rng.integers(shortest, longest + 1)) for _ in range(count)]
    return Split(x, [word[::-1].copy() for word in x])


def body(task: Task, hidden: int = 12) -> Any:
    def build(_: Coding) -> Directions:
        return recurrent(task.x.size, Shape("gru", hidden, both=True))

    return build


def fitted(decoder: str, task: Task = WORDS, train: Split | None = None, **words: Any) -> Any:
    changes = {"max_steps": 10, "check": None, "seed": 0, "steps": None} | words
    decoding = Decoding(decoder, changes.pop("teaching", 1.0), changes.pop("beam", 1))
    training = Training(learning_rate=0.01, batch=16, max_steps=changes.pop("max_steps"))
    recipe = Recipe(**changes, training=training, decoding=decoding)
    return fit_network(task, train or reversed_words(), body(task), recipe)


@every_decoder
def test_two_fits_with_one_seed_are_equal_bit_for_bit(decoder: str) -> None:
    test = reversed_words(seed=1, longest=9)
    first, second = (fitted(decoder, seed=3).log_likelihood(test) for _ in range(2))
    other = fitted(decoder, seed=4).log_likelihood(test)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@every_decoder
def test_answers_are_symbols_without_the_end_and_depend_on_their_own_example_alone(decoder: str) -> None:
    predict, test = fitted(decoder, max_steps=60), reversed_words(seed=1, longest=9)
    together = predict(test)
    assert all(a.dtype == np.int64 and a.ndim == 1 and (a < 3).all() for a in together)
    terms = predict.log_likelihood(test)
    for i in range(0, 60, 7):
        assert np.array_equal(predict(test.take([i]))[0], together[i])
        assert np.allclose(predict.log_likelihood(test.take([i]))[0], terms[i], atol=1e-9, rtol=0)


@every_decoder
def test_what_stands_in_the_padding_does_not_matter(decoder: str) -> None:
    predict = fitted(decoder)
    examples = predict.coding.examples(reversed_words(seed=1, longest=9))
    plain, filled = (
        predict.net(examples.batch(np.arange(60), pad=pad, dtype=torch.float64)) for pad in (0.0, 1e3)
    )
    mask = examples.batch(np.arange(60)).mask
    assert torch.allclose(plain[mask], filled[mask], atol=1e-9, rtol=0)


@every_decoder
def test_every_term_is_a_chance_given_the_symbols_before_it(decoder: str) -> None:
    predict = fitted(decoder)
    x = np.array([0, 2, 1])
    # Every way to go on after "1", and that it ends there.
    ways = [predict.log_likelihood(Split([x], [np.array([1, k])]))[0][1] for k in range(3)]
    end = predict.log_likelihood(Split([x], [np.array([1])]))[0][1]
    assert np.exp([*ways, end]).sum() == pytest.approx(1)
    one, other = (predict.log_likelihood(Split([x], [np.array([1, 0, k])]))[0] for k in (0, 2))
    assert np.array_equal(one[:2], other[:2])
    assert one[2] != other[2]


@pytest.mark.parametrize("decoder", ["recurrent", "attention"])
def test_a_step_depends_on_the_steps_before_it_unless_all_are_read_at_once(decoder: str) -> None:
    x = np.array([0, 2, 1])

    def last(predict: Any, before: int) -> float:
        return float(predict.log_likelihood(Split([x], [np.array([before, 1])]))[0][1])

    assert last(fitted(decoder), 0) != last(fitted(decoder), 2)
    assert last(fitted("direct"), 0) == last(fitted("direct"), 2)


def test_words_are_turned_round_after_a_little_training() -> None:
    train, test = reversed_words(200), reversed_words(50, seed=1)
    predict = fitted("attention", train=train, max_steps=300)
    right = [np.array_equal(a, y) for a, y in zip(predict(test), test.y, strict=True)]
    assert np.mean(right) >= 0.9
    assert predict.notes["truncated"] == 0
    assert predict.notes["decoder"] == "attention"


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_wide_beam_finds_the_likeliest_of_all_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    predict = fitted("attention", seed=seed, max_steps=3, beam=3**5)
    x = rng.integers(0, 3, 2)
    every = [np.array(way, dtype=np.int64) for n in range(4) for way in itertools.product(range(3), repeat=n)]
    chances = [t.sum() for t in predict.log_likelihood(Split([x] * len(every), every))]
    answer = predict(Split([x]))[0]
    (found,) = predict.log_likelihood(Split([x], [answer]))
    assert found.sum() >= max(chances) - 1e-9


def test_a_beam_is_never_less_likely_than_the_greedy_answer_here() -> None:
    test = reversed_words(30, seed=1)
    greedy, beam = (fitted("attention", max_steps=40, beam=b) for b in (1, 4))
    totals = [np.array([t.sum() for t in p.log_likelihood(Split(test.x, p(test)))]) for p in (greedy, beam)]
    assert (totals[1] >= totals[0] - 1e-9).all()
    assert (totals[1] > totals[0] + 1e-6).any()


def test_an_answer_without_an_end_is_cut_and_counted() -> None:
    predict = fitted("recurrent", max_steps=5)
    with torch.no_grad():
        predict.net.V.bias[3] = -1e6  # the end never comes
    answers = predict(Split([np.array([0]), np.array([1, 2])]))
    assert [len(a) for a in answers] == [5 + SLACK, 5 + SLACK]  # the longest of train and its end
    assert predict.notes["truncated"] == 2
    predict(Split([np.array([0])]))
    assert predict.notes["truncated"] == 2


def test_the_limit_grows_with_the_input_as_it_does_in_train() -> None:
    predict = fitted("recurrent", max_steps=5)
    with torch.no_grad():
        predict.net.V.bias[3] = -1e6
    (answer,) = predict(Split([np.zeros(40, dtype=np.int64)]))
    assert len(answer) == 2 * 40 + SLACK  # a word of one letter and its end are two steps for one


def test_beyond_its_longest_answer_a_one_shot_readout_knows_nothing() -> None:
    predict = fitted("direct")
    (terms,) = predict.log_likelihood(Split([np.array([0])], [np.zeros(9, dtype=np.int64)]))
    assert isinstance(predict.net, OneShot)
    assert terms[5:] == pytest.approx(np.full(5, -np.log(4)))


@pytest.mark.parametrize("decoder", ["recurrent", "attention"])
def test_teaching_less_feeds_the_network_its_own_symbols(decoder: str) -> None:
    test = reversed_words(seed=1)

    def terms(teaching: float) -> Array:
        return np.concatenate(fitted(decoder, teaching=teaching).log_likelihood(test))

    assert np.array_equal(terms(0.5), terms(0.5))
    assert not np.array_equal(terms(0.5), terms(1.0))


def test_fed_with_the_truth_step_by_step_is_the_same_as_all_at_once() -> None:
    predict = fitted("attention")
    net: Stepwise = predict.net
    batch = predict.coding.examples(reversed_words(8, seed=1)).batch(np.arange(8), dtype=torch.float64)
    with torch.no_grad():
        whole = net(batch)
        net.teaching = 1 - 1e-12  # the loop, which never draws a step of its own
        stepped = net.train()(batch)
    assert torch.allclose(whole, stepped, atol=1e-12, rtol=0)


@pytest.mark.parametrize("decoder", ["recurrent", "attention"])
def test_numbers_of_a_path_are_fed_back(decoder: str) -> None:
    rng = np.random.default_rng(0)
    first = rng.uniform(-1, 1, (100, 1, 2))
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    paths = []
    for start in first:
        path = [start[0]]
        for _ in range(5):
            path.append(turn @ path[-1])
        paths.append(np.array(path[1:]))
    split = Split(list(first), paths)
    predict = fitted(decoder, PATH, split, max_steps=150)
    answers = predict(split)
    assert answers[0].shape == (5, 2)
    assert np.mean([(a - y) ** 2 for a, y in zip(answers, paths, strict=True)]) < 0.05  # variance .33
    assert "truncated" not in predict.notes


@pytest.mark.parametrize("fit", [rnn, gru, lstm], ids=lambda fit: fit.__name__)
@pytest.mark.parametrize("decoder", ["recurrent", "attention"])
def test_shared_weights_are_one_cell_in_encoder_and_decoder(fit: Any, decoder: str) -> None:
    given = {"decoder": decoder, "bidirectional": False, "hidden": 32, "learning_rate": 0.01}
    train, test = reversed_words(), reversed_words(seed=1)
    own = fit(WORDS, train, steps=1, **given)
    shared = fit(WORDS, train, max_steps=300, weights="shared", beam=2, **given)
    assert shared.net.cell is shared.net.body.cells[0].loop
    assert shared.notes["parameters"] < own.notes["parameters"]
    assert (own.notes["weights"], shared.notes["weights"]) == ("own", "shared")
    before = fit(WORDS, train, steps=1, weights="shared", **given).log_likelihood(test)
    after = shared.log_likelihood(test)
    assert np.concatenate(after).mean() > np.concatenate(before).mean() + 0.3
    assert all(a.dtype == np.int64 for a in shared(test))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "set bidirectional=False to share weights"),
        ({"bidirectional": False, "layers": 2}, "set layers=1"),
        ({"bidirectional": False, "matrix": "diagonal"}, "gru, lstm, or rnn with matrix=full"),
        ({"decoder": "direct"}, "a direct answer has no decoder"),
    ],
)
def test_weights_that_cannot_be_shared_are_refused_in_words(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        rnn(WORDS, reversed_words(), steps=1, weights="shared", **given)
    with pytest.raises(Unsupported, match="weights can be shared only by"):
        cnn(WORDS, reversed_words(), steps=1, weights="shared")
    with pytest.raises(ValueError, match="weights must be one of own, shared, got 'half'"):
        rnn(WORDS, reversed_words(), steps=1, weights="half")


def test_what_a_decoder_cannot_do_is_refused_in_words() -> None:
    aligned = Task("labelling", Values(1), Values(2, symbols=True), "same")
    with pytest.raises(Unsupported, match="needs no decoder"):
        Decoding("attention").of(aligned)
    classes = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    with pytest.raises(Unsupported, match="answers of free length, or numbers"):
        Decoding("recurrent").of(classes)
    assert Decoding().of(classes) == Decoding().of(aligned) == "direct"
    assert Decoding().of(WORDS) == "attention"
    for words, message in (
        ({"decoder": "beam"}, "decoder must be one of auto, direct"),
        ({"teaching": 1.5}, "teaching must be a share in 0..1, got 1.5"),
        ({"beam": 0}, "beam must be at least 1, got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            Decoding(**words)
