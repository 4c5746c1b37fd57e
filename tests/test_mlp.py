"""The feedforward network: fixed width and window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.mlp import READS, Feedforward, last_steps, mlp
from recurbench.registry import discover
from torch import allclose, arange, manual_seed, randn, tensor, zeros

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def bumps(count: int, seed: int, shortest: int, longest: int) -> Split:
    """A bump in the first or in the second half, at lengths that vary."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        steps = int(rng.integers(shortest, longest + 1))
        at = (0.25 if i % 2 else 0.75) * steps
        x.append(
            np.exp(-(((np.arange(steps) - at) / (0.1 * steps)) ** 2))[:, None]
            + 0.1 * rng.normal(size=(steps, 1))
        )
        y.append(np.array([i % 2]))
    return Split(x, y)


@pytest.fixture(autouse=True)
def weights() -> None:
    """The same first weights in every test, whatever ran before: rectifiers may all be off at random."""
    manual_seed(0)


def seen_from(body: Feedforward, length: int, steps: int) -> list[int]:
    """Steps of one sequence that the state of the whole depends on."""
    x = randn(1, steps, 1, requires_grad=True)
    body.sequence_state(x, tensor([length])).sum().backward()
    assert x.grad is not None
    return [int(i) for i in x.grad[0, :, 0].nonzero().ravel()]


def test_variable_length_is_interpolated_to_the_median_and_said() -> None:
    predict = mlp(CLASSES, bumps(40, 0, 20, 40), max_steps=60)
    test = bumps(40, 1, 10, 90)
    width = int(np.median([len(x) for x in bumps(40, 0, 20, 40).x]))
    assert predict.notes["length_policy"] == f"interpolated to {width} steps"
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


def test_very_long_sequences_do_not_outgrow_the_first_layer() -> None:
    split = Split(
        [np.random.default_rng(i).normal(size=(2000, 1)) for i in range(4)],
        [np.array([i % 2]) for i in range(4)],
    )
    assert mlp(CLASSES, split, steps=1).notes["length_policy"] == "interpolated to 512 steps"


def test_the_window_reaches_exactly_as_far_as_its_notes_say() -> None:
    causal, centred = (Feedforward(1, 5, 8, {}, before) for before in (4, 2))
    for body, seen in ((causal, range(6, 11)), (centred, range(8, 13))):
        x = randn(1, 20, 1, requires_grad=True)
        body.step_states(x, tensor([20]))[0, 10].sum().backward()
        assert x.grad is not None
        assert x.grad[0, :, 0].nonzero().ravel().tolist() == list(seen)


def test_a_window_learns_a_short_delay_and_is_blind_beyond_it() -> None:
    task = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)
    rng = np.random.default_rng(0)
    bits = [rng.integers(0, 2, 60) for _ in range(40)]
    score = {}
    for lag in (3, 5):
        split = Split(bits, [np.concatenate([np.zeros(lag, int), b[:-lag]]) for b in bits])
        answers = mlp(task, split, window=4, max_steps=150)(split)
        score[lag] = np.mean([(a.argmax(1) == y)[lag:].mean() for a, y in zip(answers, split.y, strict=True)])
    assert score[3] == 1
    assert 0.4 < score[5] < 0.65


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "interpolated to"),
        ({"unequal": "pad"}, "interpolated to 40"),
        ({"unequal": "resample"}, "interpolated to 40"),
        ({"unequal": "truncate"}, "interpolated to 20"),
        ({"reads": "window"}, "the last 30 steps"),
    ],
)
def test_each_way_to_a_fixed_width_learns_what_it_keeps_and_says_what_it_does(
    settings: dict[str, Any], words: str
) -> None:
    train = Split([np.zeros((20, 1)), np.zeros((40, 1))], [np.array([0]), np.array([1])])
    told = mlp(CLASSES, train, window=30, steps=1, **settings)
    assert told.notes["length_policy"].startswith(words)
    predict = mlp(CLASSES, bumps(40, 0, 20, 40), window=30, max_steps=60, **settings)
    test = bumps(40, 1, 20, 40)
    # A bump in the second half of a series may lie beyond the steps of the shortest one.
    least = 0.7 if settings.get("unequal") == "truncate" else 0.85
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > least


def test_an_equal_length_above_the_largest_width_is_interpolated() -> None:
    split = Split([np.zeros((600, 1)), np.zeros((700, 1))], [np.array([0]), np.array([1])])
    notes = mlp(CLASSES, split, unequal="pad", steps=1).notes
    assert notes["length_policy"] == "interpolated to 512 steps"
    assert notes["unequal"] == "zeros follow up to 700 steps; what is longer is cut"


def test_the_note_on_lengths_is_that_of_the_series_that_are_read() -> None:
    split = Split([np.zeros((6, 1)), np.zeros((8, 1))], [np.array([0]), np.array([1])])
    assert mlp(CLASSES, split, steps=1).notes["unequal"] == "interpolated linearly to 7 steps"
    assert mlp(CLASSES, split, steps=1, reads="window").notes["unequal"] == "each series at its own length"


@pytest.mark.parametrize(
    ("unequal", "seen"), [("native", [0, 1, 2]), ("pad", [0, 1, 2]), ("truncate", [0, 1])]
)
def test_symbols_have_the_length_that_was_asked_for(unequal: Any, seen: list[int]) -> None:
    task = Task("classification", Values(2, symbols=True), Values(2, symbols=True), "fixed")
    train = Split([np.array([0, 1]), np.array([1, 0, 1])], [np.array([0]), np.array([1])])
    predict = mlp(task, train, steps=1, unequal=unequal)
    asked = [np.array([0, 0, 0, 0])] + [np.eye(4, dtype=int)[i] for i in range(4)]
    plain, *changed = predict(Split(asked))
    assert [i for i, each in enumerate(changed) if not np.array_equal(each, plain)] == seen


def test_the_last_steps_are_counted_from_each_sequence_s_own_end() -> None:
    x = arange(1.0, 6.0).view(1, 5, 1).repeat(3, 1, 1)
    assert last_steps(x, tensor([5, 3, 2]), 3)[..., 0].tolist() == [[3, 4, 5], [1, 2, 3], [0, 1, 2]]
    assert last_steps(x, tensor([5, 3, 2]), 1)[..., 0].tolist() == [[5], [3], [2]]


def test_a_mask_tells_a_zero_that_is_there_from_one_that_is_not() -> None:
    body = Feedforward(1, 4, 8, {}, way="masked")
    short, long = (body.sequence_state(zeros(1, 4, 1), tensor([n])) for n in (2, 4))
    assert not allclose(short, long)


def test_what_is_beyond_a_masked_width_is_cut() -> None:
    body = Feedforward(1, 3, 8, {}, way="masked")
    assert seen_from(body, 5, 5) == [0, 1, 2]
    assert seen_from(body, 2, 5) == [0, 1]


@pytest.mark.parametrize("way", ["masked", "last"])
def test_padding_is_not_seen(way: Any) -> None:
    body = Feedforward(2, 6, 8, {}, way=way).double()
    for length in (1, 4, 6, 9):
        x = randn(1, 12, 2).double()
        alone, padded = (body.sequence_state(each, tensor([length])) for each in (x[:, :length], x))
        assert allclose(alone, padded, atol=1e-12)


def test_the_window_network_is_the_same_network_under_a_name_of_its_own() -> None:
    plugin = discover().methods["window-mlp"]
    assert (plugin.function, plugin.role, plugin.settings["reads"]) == ("mlp", "control", "window")
    train = bumps(12, 0, 20, 40)
    tags = Task("labelling", Values(1), Values(2, symbols=True), "same")
    answers = [np.zeros(len(x), int) for x in train.x]
    narrow, plain = (mlp(tags, Split(train.x, answers), reads=how, window=5, steps=2)(train) for how in READS)
    assert all(np.array_equal(a, b) for a, b in zip(narrow, plain, strict=True))


def test_the_window_network_forecasts_from_its_window_alone() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=3)
    x = np.random.default_rng(0).normal(size=(60, 1)).cumsum(axis=0)
    predict = mlp(task, Split([x[:57]], [x[57:]]), reads="window", window=5, steps=3)
    assert predict.notes["context"] == 5
    changed = x.copy()
    changed[:-5] += 1.0
    assert np.array_equal(predict(Split([x]))[0], predict(Split([changed]))[0])


def test_parameters_asked_for_choose_the_width() -> None:
    notes = mlp(CLASSES, bumps(12, 0, 20, 40), parameters=3000, steps=1).notes
    assert abs(notes["parameters"] - 3000) <= 300


def test_settings_that_mean_nothing_are_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="reads must be one of all, window, got 'cut'"):
        mlp(CLASSES, bumps(4, 0, 20, 40), reads="cut")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="window must be at least 1 step, got 0"):
        mlp(CLASSES, bumps(4, 0, 20, 40), window=0)


def test_free_answers_are_written_from_one_state_which_attention_cannot_look_into() -> None:
    task = Task("translation", Values(3, symbols=True), Values(3, symbols=True), "free")
    split = Split([np.array([0, 1]), np.array([2])], [np.array([1]), np.array([2, 0])])
    for decoder, found in (("auto", "recurrent"), ("direct", "direct")):
        fitted = mlp(task, split, steps=2, decoder=decoder)
        assert fitted.notes["decoder"] == found
        assert fitted.notes["length_policy"].startswith("padded with zeros to 2 steps")
    with pytest.raises(Unsupported, match="attention needs one per step"):
        mlp(task, split, decoder="attention")
