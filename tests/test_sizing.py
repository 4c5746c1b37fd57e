"""A body of the size asked for, counted together with its readout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods._networks.encoding import learn_coding
from recurbench.methods._networks.network import ReadoutNet
from recurbench.methods._networks.sizing import matched_width, parameter_count, sized
from recurbench.methods.recurrent import rnn
from torch import Tensor, nn

TAGS = Task("labelling", Values(2), Values(5, symbols=True), "same")
LATER = Task("forecasting", Values(2), Values(1), "fixed", steps=3)
WORDS = Task("translation", Values(2), Values(4, symbols=True), "free")


class Line(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.notes: dict[str, Any] = {}
        self.U = nn.Linear(inputs, width)
        nn.init.orthogonal_(self.U.weight)

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.U(x)

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.step_states(x, lengths)[:, -1]


def coding(task: Task) -> Any:
    x = np.random.default_rng(0).normal(size=(40, 2))
    if task is LATER:
        return learn_coding(task, Split([x], [x[:3, :1]], [x[:3, 1:]], series=("a",)))[0]
    return learn_coding(task, Split([x], [np.zeros(40, dtype=int)]))[0]


def test_without_a_number_of_parameters_the_width_counts() -> None:
    assert sized(coding(TAGS), lambda width: Line(2, width), 7, 0).width == 7


@pytest.mark.parametrize("task", [TAGS, LATER], ids=["tags", "later"])
@pytest.mark.parametrize("parameters", [300, 5000])
def test_body_and_readout_together_have_the_parameters_asked_for(task: Task, parameters: int) -> None:
    body = sized(coding(task), lambda width: Line(2, width), 7, parameters)
    net = ReadoutNet(task, body, coding(task).extras)
    assert abs(sum(p.numel() for p in net.parameters()) - parameters) <= 0.1 * parameters


@pytest.mark.parametrize("decoder", ["attention", "recurrent", "direct"])
def test_the_decoder_of_a_free_answer_is_counted_too(decoder: str) -> None:
    x = [np.random.default_rng(n).normal(size=(6, 2)) for n in range(4)]
    train = Split(x, [np.arange(3)] * 4)
    fitted = rnn(WORDS, train, steps=1, parameters=20_000, decoder=decoder)
    assert fitted.notes["parameters"] == sum(p.numel() for p in fitted.net.parameters())
    assert abs(fitted.notes["parameters"] - 20_000) <= 2_000


def test_searching_the_width_draws_nothing() -> None:
    torch.manual_seed(3)
    found = sized(coding(TAGS), lambda width: Line(2, width), 7, 500)
    torch.manual_seed(3)
    assert torch.equal(found.U.weight, Line(2, found.width).U.weight)


def test_what_cannot_be_met_is_refused() -> None:
    with pytest.raises(ValueError, match="gives 3 parameters within 10 %"):
        sized(coding(TAGS), lambda width: Line(2, width), 7, 3)
    with pytest.raises(ValueError, match=r"parameters must be 0 .* or more, got -1"):
        sized(coding(TAGS), lambda width: Line(2, width), 7, -1)


def gru_of(width: int) -> nn.GRU:
    return nn.GRU(3, width)


@given(st.integers(600, 200_000))
def test_the_width_is_the_nearest_and_within_ten_per_cent(parameters: int) -> None:
    width = matched_width(gru_of, parameters)
    own, *others = (
        abs(parameter_count(gru_of, w) - parameters) for w in (width, max(width - 1, 1), width + 1)
    )
    assert own <= min(others)
    assert own <= 0.1 * parameters


def test_the_count_is_that_of_the_formula() -> None:
    # Three gates, each with U [width, inputs], W [width, width] and two biases.
    assert parameter_count(gru_of, 10) == 3 * (10 * 3 + 10 * 10 + 10 + 10)


def test_what_cannot_be_met_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="gives 5 parameters within 10 %; the nearest, 1, gives 18"):
        matched_width(gru_of, 5)
