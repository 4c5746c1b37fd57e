"""Recurrent networks: the definitions, initialisation, state tracking."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods.recurrent import Recurrent, backwards, lstm, ordered, rnn

BITS = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)


def parity(seed: int, count: int, shortest: int, longest: int) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.integers(0, 2, rng.integers(shortest, longest + 1)) for _ in range(count)]
    return Split(x, [np.cumsum(bits) % 2 for bits in x])


def test_the_plain_network_is_the_lecture_s_formula() -> None:
    body = Recurrent("rnn", 2, 3, 1, both=False, init="orthogonal").double()
    weights = dict(body.cells[0].named_parameters())
    U, W = weights["weight_ih_l0"], weights["weight_hh_l0"]
    x = torch.randn(1, 6, 2, dtype=torch.float64)
    h = torch.zeros(3, dtype=torch.float64)
    for t in range(6):
        h = torch.tanh(U @ x[0, t] + W @ h)
        assert torch.allclose(body.along(x, torch.tensor([6]))[0, t], h)
    assert torch.allclose(body.whole(x, torch.tensor([6]))[0], h)


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_the_named_initialisation_is_the_one_used(cell: str, gates: int) -> None:
    body = Recurrent(cell, 2, 5, 2, both=True, init="orthogonal")
    for each in body.cells:
        for name, value in each.named_parameters():
            if name.startswith("weight_hh"):
                assert len(value.split(5)) == gates
                for W in value.split(5):
                    assert torch.allclose(W @ W.T, torch.eye(5), atol=1e-5)
            elif name.startswith("bias"):
                forget = cell == "lstm" and name.startswith("bias_ih")
                assert value.sum() == (5 if forget else 0)
                assert not forget or value[5:10].tolist() == [1] * 5
    assert ("forget gate 1" in body.notes["initialisation"]) == (cell == "lstm")
    assert "torch default" in Recurrent(cell, 2, 5, 1, both=False, init="default").notes["initialisation"]


def test_an_unknown_initialisation_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="init must be one of orthogonal, default, got 'zero'"):
        rnn(BITS, parity(0, 4, 3, 5), init="zero", steps=1)


def test_orthogonal_weights_keep_gradients_where_the_default_loses_them() -> None:
    # Gradient of the last state over lag at the start: e-folding per step is .48 by default, .11 orthogonal.
    reach = {}
    for init in ("orthogonal", "default"):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            body = Recurrent("rnn", 1, 32, 1, both=False, init=init)
            x = torch.randn(64, 60, 1, requires_grad=True)
        (grad,) = torch.autograd.grad(body.whole(x, torch.full((64,), 60)).sum(), x)
        J = grad[..., 0].norm(dim=0)
        reach[init] = float(torch.log(J[4] / J[54]) / 50)
    assert reach["orthogonal"] > -0.2
    assert reach["default"] < -0.35


def test_reading_backwards_reverses_each_sequence_within_its_length() -> None:
    x = torch.arange(1.0, 6.0).view(1, 5, 1).repeat(2, 1, 1)
    turned = ordered(x, backwards(torch.tensor([5, 3]), 5))[..., 0]
    assert turned.tolist() == [[5, 4, 3, 2, 1], [3, 2, 1, 4, 5]]


def test_both_directions_meet_at_the_ends() -> None:
    body = Recurrent("gru", 1, 4, 1, both=True, init="default").double()
    x, lengths = torch.randn(2, 7, 1, dtype=torch.float64), torch.tensor([7, 4])
    along, whole = body.along(x, lengths), body.whole(x, lengths)
    assert torch.allclose(whole[:, :4], along[[0, 1], lengths - 1, :4])
    assert torch.allclose(whole[:, 4:], along[:, 0, 4:])


def test_two_directions_are_the_default_only_where_looking_ahead_is_allowed() -> None:
    free = Task("labelling", BITS.x, BITS.y, "same")
    label = Task("classification", BITS.x, BITS.y, "fixed")
    train = parity(0, 4, 3, 5)
    last = Split(train.x, [y[-1:] for y in train.y])
    assert lstm(free, train, steps=1).notes["bidirectional"]
    assert not lstm(BITS, train, steps=1).notes["bidirectional"]
    assert not lstm(label, last, steps=1).notes["bidirectional"]
    assert lstm(label, last, steps=1, bidirectional=True).notes["bidirectional"]
    with pytest.raises(ValueError, match="the task is causal"):
        lstm(BITS, train, steps=1, bidirectional=True)


def test_an_lstm_learns_parity_and_keeps_it_at_five_times_the_length() -> None:
    predict = lstm(BITS, parity(0, 2000, 3, 40), check=parity(1, 300, 3, 40))
    test = parity(2, 200, 200, 200)
    assert np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]) == 1
    assert predict.notes["stopped"] == "check loss below 0.001"


@pytest.mark.slow
def test_a_plain_tanh_network_learns_parity_too() -> None:
    predict = rnn(BITS, parity(0, 2000, 3, 40), check=parity(1, 300, 3, 40))
    test = parity(2, 200, 200, 200)
    assert np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]) == 1
