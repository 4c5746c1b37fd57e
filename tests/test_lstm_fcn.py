"""LSTM-FCN: its two branches, what its LSTM reads, and its role."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen
from recurbench import Split, Task, Values
from recurbench.methods._networks.recurrence import Shape, recurrent
from recurbench.methods.lstm_fcn import LstmFcn, lstm_fcn
from recurbench.registry import discover
from torch import Tensor

CLASSES = Task("classification", Values(2), Values(2, symbols=True), "fixed")


def body_of(inputs: int = 2, width: int = 0, dropout: float = 0.0) -> LstmFcn:
    """A small body; width: the steps of all sequences, for an LSTM that reads channels."""
    lstm = recurrent(width or inputs, Shape("lstm", 3, dropout=dropout))
    return LstmFcn(inputs, 4, lstm, transposed=width > 0)


def waves(seed: int, count: int = 40, shortest: int = 12, longest: int = 20) -> Split:
    """Noise around a rising or a falling line."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        line = np.linspace(-1, 1, rng.integers(shortest, longest + 1))[:, None] * (1 if i % 2 else -1)
        x.append(line + 0.3 * rng.normal(size=(len(line), 2)))
        y.append(np.array([i % 2]))
    return Split(x, y)


def accuracy(fitted: Any, test: Split) -> float:
    return float(np.mean([a[0].argmax() == y[0] for a, y in zip(fitted(test), test.y, strict=True)]))


@pytest.mark.parametrize(("reads", "shortest"), [("steps", 12), ("channels", 12), ("channels", 20)])
def test_it_learns_whatever_its_lstm_reads(reads: str, shortest: int) -> None:
    fitted = lstm_fcn(CLASSES, waves(0, shortest=shortest), filters=8, reads=reads, steps=60)
    assert accuracy(fitted, waves(1, shortest=shortest)) > 0.95
    assert fitted.notes["reads"] == reads


def test_the_state_is_that_of_the_lstm_beside_the_mean_of_the_filters() -> None:
    body = body_of().double().eval()
    x, lengths = torch.randn(3, 9, 2, dtype=torch.float64), torch.tensor([9, 6, 2])
    whole, along = body.sequence_state(x, lengths), body.step_states(x, lengths)
    assert whole.shape == (3, body.width)
    for i, length in enumerate(lengths.tolist()):
        assert torch.allclose(whole[i, :3], along[i, length - 1, :3])
        assert torch.allclose(whole[i, 3:], along[i, :length, 3:].mean(dim=0))


def test_what_stands_in_the_padding_is_not_seen() -> None:
    assert_padding_is_unseen(body_of().eval(), 2)


def lstm_half(body: LstmFcn, x: Tensor) -> Tensor:
    return body.sequence_state(x, torch.full((len(x),), x.shape[1]))[:, :3]


def test_an_lstm_that_reads_channels_takes_a_series_in_one_step() -> None:
    body = body_of(inputs=1, width=7).double().eval()
    x = torch.randn(2, 7, 1, dtype=torch.float64)
    weights = dict(body.lstm.cells[0].named_parameters())
    sums = (
        x[..., 0] @ weights["loop.weight_ih_l0"].T + weights["loop.bias_ih_l0"] + weights["loop.bias_hh_l0"]
    )
    i, _, g, o = sums.split(3, dim=1)
    assert torch.allclose(lstm_half(body, x), o.sigmoid() * torch.tanh(i.sigmoid() * g.tanh()))
    assert torch.equal(body.step_states(x, torch.tensor([7, 7]))[:, 0, :3], lstm_half(body, x))


def test_an_lstm_that_reads_steps_forms_its_state_over_time() -> None:
    body = body_of(inputs=1).double().eval()
    x = torch.randn(2, 7, 1, dtype=torch.float64)
    with torch.no_grad():
        dict(body.lstm.cells[0].named_parameters())["loop.weight_hh_l0"].mul_(2)
        first = lstm_half(body, x)
        body.lstm.reset_every = 1
        assert not torch.allclose(first, lstm_half(body, x), atol=1e-3)


def test_dropout_hits_the_state_of_the_lstm_alone() -> None:
    body = body_of(dropout=0.8)
    x, lengths = torch.randn(64, 9, 2), torch.full((64,), 9)
    torch.manual_seed(0)
    state = body.sequence_state(x, lengths)
    assert float((state[:, :3] == 0).float().mean()) == pytest.approx(0.8, abs=0.1)
    calm = body.eval().sequence_state(x, lengths)
    assert not (calm[:, :3] == 0).any()


def test_an_answer_depends_on_its_own_example_alone() -> None:
    train = waves(0)
    for reads in ("steps", "channels"):
        fitted = lstm_fcn(CLASSES, train, filters=4, steps=5, reads=reads)
        for i, answer in enumerate(fitted(train.take(range(6)))):
            assert np.allclose(fitted(train.take([i]))[0], answer, atol=1e-9)


def test_it_has_the_size_of_the_paper_and_the_one_that_is_asked_for() -> None:
    train = waves(0)
    # Convolutions 2 x 128 x 8, 128 x 256 x 5 and 256 x 128 x 3 with a scale and a shift per filter; an LSTM
    # with 8 units, 2 channels and torch's two biases; a readout of 136 numbers for 2 classes.
    filters = 2 * 128 * 8 + 128 * 256 * 5 + 256 * 128 * 3 + 2 * (128 + 256 + 128)
    assert lstm_fcn(CLASSES, train, steps=1).notes["parameters"] == filters + 32 * (2 + 8 + 2) + 2 * 137
    asked = lstm_fcn(CLASSES, train, steps=1, parameters=5000).notes["parameters"]
    assert abs(asked - 5000) <= 500


def test_it_is_a_control_that_no_side_of_the_lift_takes() -> None:
    plugin = discover().methods["lstm-fcn"]
    assert (plugin.role, plugin.recurrence, plugin.family) == ("control", "learned", "convolutional")


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="reads must be one of steps, channels, got 'rows'"):
        lstm_fcn(CLASSES, waves(0), reads="rows")  # type: ignore[arg-type]
