"""The temporal convolutional network: how far it reaches, and in which directions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Values
from recurbench.methods.tcn import Dilated, DilatedBlock, levels_for, levels_within, receptive_field, tcn

BITS = Values(2, symbols=True)
CAUSAL = Task("labelling", BITS, BITS, "same", causal=True)
FREE = Task("labelling", BITS, BITS, "same")


def open_body(kernel: int, levels: int, ahead: int) -> Dilated:
    """All weights positive, so that ReLU hides no path."""
    body = Dilated(1, 4, kernel, levels, ahead)
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    return body


def delayed(lag: int, seed: int = 0, count: int = 40) -> Split:
    rng = np.random.default_rng(seed)
    bits = [rng.integers(0, 2, 40) for _ in range(count)]
    return Split(bits, [np.concatenate([np.zeros(lag, int), b[:-lag]]) for b in bits])


@pytest.mark.parametrize(("kernel", "levels"), [(2, 1), (2, 3), (3, 2), (5, 2), (4, 2)])
def test_a_causal_network_sees_exactly_its_receptive_field_backwards(kernel: int, levels: int) -> None:
    x = torch.rand(1, 61, 1, requires_grad=True)
    seen = seen_from(open_body(kernel, levels, 0).step_states(x, torch.tensor([61]))[0, 50], x)
    assert seen == list(range(51 - receptive_field(kernel, levels), 51))


@pytest.mark.parametrize(("kernel", "levels"), [(3, 2), (5, 2), (4, 2)])
def test_a_network_that_looks_both_ways_sees_as_much_around_the_step(kernel: int, levels: int) -> None:
    x = torch.rand(1, 81, 1, requires_grad=True)
    ahead = kernel // 2
    seen = seen_from(open_body(kernel, levels, ahead).step_states(x, torch.tensor([81]))[0, 40], x)
    field = receptive_field(kernel, levels)
    assert len(seen) == seen[-1] - seen[0] + 1 == field
    assert (seen[-1] - 40) * (kernel - 1 - ahead) == (40 - seen[0]) * ahead


@pytest.mark.parametrize("back", [1, 2, 4, 6])
@pytest.mark.parametrize("reach", [1, 2, 7, 40, 200])
def test_levels_are_as_few_as_reach_that_far(reach: int, back: int) -> None:
    levels = levels_for(reach, back)
    assert receptive_field(back + 1, levels) >= reach
    assert levels == 1 or receptive_field(back + 1, levels - 1) < reach


@pytest.mark.parametrize("taps", [1, 2, 4, 6])
@pytest.mark.parametrize("reach", [1, 2, 7, 40, 200])
def test_levels_within_a_reach_are_as_many_as_do_not_exceed_it(reach: int, taps: int) -> None:
    levels = levels_within(reach, taps)
    assert receptive_field(taps + 1, levels + 1) > reach
    assert levels == 1 or receptive_field(taps + 1, levels) <= reach


@pytest.mark.parametrize(("task", "kernel"), [(CAUSAL, 3), (CAUSAL, 4), (FREE, 3), (FREE, 4)])
def test_a_trained_reach_reads_no_further_than_any_training_sequence(task: Task, kernel: int) -> None:
    train, long = delayed(1, count=4), np.random.default_rng(3).integers(0, 2, 200)
    predict = tcn(task, train, steps=3, kernel=kernel, reach="trained")
    rounded_up = tcn(task, train, steps=3, kernel=kernel)
    for step, flipped in ((100, range(61)), (100, range(140, 200))):
        other = long.copy()
        other[list(flipped)] ^= 1
        one, two = predict(Split([long, other]))
        assert np.array_equal(one[step], two[step])
        if task.causal and flipped[-1] < step:
            assert not np.allclose(*(answer[step] for answer in rounded_up(Split([long, other]))), atol=0)
    assert rounded_up.notes["levels"] > predict.notes["levels"]


def test_by_itself_it_reaches_the_longest_training_sequence_from_either_end() -> None:
    train = delayed(1, count=4)
    assert tcn(CAUSAL, train, steps=1).notes["receptive_field"] >= 40
    assert tcn(FREE, train, steps=1).notes["receptive_field"] >= 2 * 40 - 1
    words = Task("translation", BITS, BITS, "free")  # whose decoder looks at the states of all steps
    assert tcn(words, train, steps=1).notes["receptive_field"] >= 2 * 40 - 1
    assert tcn(CAUSAL, train, steps=1, reach=5).notes["receptive_field"] == 5
    series = Split([np.arange(50.0)[:, None]], [np.arange(50.0, 53.0)[:, None]])
    notes = tcn(Task("forecasting", Values(1), Values(1), "fixed", steps=3), series, steps=1).notes
    assert notes["receptive_field"] >= notes["context"]


def test_a_delay_within_reach_is_learnt_and_one_beyond_is_not() -> None:
    score = {}
    for lag in (4, 5):
        predict = tcn(CAUSAL, delayed(lag), reach=5, max_steps=150, learning_rate=0.01)
        test = delayed(lag, seed=1)
        hits = [(a.argmax(1) == y)[lag:].mean() for a, y in zip(predict(test), test.y, strict=True)]
        score[lag] = np.mean(hits)
    assert score[4] == 1
    assert 0.4 < score[5] < 0.6


def test_the_whole_is_the_state_at_each_sequence_s_last_step() -> None:
    body = Dilated(2, 5, 3, 2, 0)
    x, lengths = torch.randn(3, 9, 2), torch.tensor([9, 4, 1])
    assert torch.equal(
        body.sequence_state(x, lengths), body.step_states(x, lengths)[torch.arange(3), lengths - 1]
    )


@pytest.mark.parametrize("ahead", [0, 1])
def test_what_stands_in_the_padding_is_not_seen(ahead: int) -> None:
    assert_padding_is_unseen(Dilated(2, 5, 3, 2, ahead), 2)


def test_a_block_is_the_formula_of_its_paper() -> None:
    block = DilatedBlock(2, 3, 3, 2, 0).double()
    x = torch.randn(1, 2, 8, dtype=torch.float64)
    h = x
    for layer in block.layers:
        v, g = layer.parametrizations.weight.original1, layer.parametrizations.weight.original0
        W = g * v / v.norm(dim=(1, 2), keepdim=True)
        taps = [torch.cat([torch.zeros(1, h.shape[1], 4 - 2 * k), h], dim=2)[..., :8] for k in range(3)]
        sums = sum(torch.einsum("oi,bit->bot", W[..., k], taps[k]) for k in range(3))
        h = torch.relu(sums + layer.bias[:, None])
    U = block.shortcut
    assert torch.allclose(block(x, torch.ones(1, 1, 8)), torch.relu(h + U(x)))


def test_parameters_asked_for_choose_the_filters() -> None:
    notes = tcn(CAUSAL, delayed(1, count=4), parameters=5000, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500


@pytest.mark.parametrize(
    ("task", "changes", "words"),
    [
        (CAUSAL, {"kernel": 1}, "kernel must be at least 2 .* got 1"),
        (FREE, {"kernel": 2}, "kernel must be at least 3 .* got 2"),
        (CAUSAL, {"reach": 0}, 'reach must be a number of steps, at least 1, "auto" or "trained", got 0'),
        (CAUSAL, {"reach": "far"}, "got 'far'"),
    ],
)
def test_what_cannot_reach_is_refused(task: Task, changes: dict[str, int | str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tcn(task, delayed(1, count=4), **changes)


@pytest.mark.slow
def test_parity_is_learnt_up_to_the_training_length_and_not_beyond_the_reach() -> None:
    def parity(seed: int, count: int, shortest: int, longest: int) -> Split:
        rng = np.random.default_rng(seed)
        x = [rng.integers(0, 2, rng.integers(shortest, longest + 1)) for _ in range(count)]
        return Split(x, [np.cumsum(bits) % 2 for bits in x])

    predict = tcn(CAUSAL, parity(0, 2000, 3, 40), check=parity(1, 300, 3, 40))
    score = {}
    for steps in (20, 200):
        test = parity(2, 200, steps, steps)
        score[steps] = np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)])
    assert score[20] > 0.95
    assert score[200] < 0.65
