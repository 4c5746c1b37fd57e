"""Layer normalisation and dropout in recurrent layers."""

from __future__ import annotations

import pytest
import torch
from recurbench.methods._networks.layer_norm import Dropout, NormalisedLoop
from recurbench.methods._networks.recurrence import Layers, Shape, recurrent
from torch import Tensor, nn
from torch.nn import functional

every_cell = pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
TORCH = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def normal(a: Tensor) -> Tensor:
    """Mean 0 and variance 1 over the units."""
    return (a - a.mean()) / (a.var(unbiased=False) + 1e-5).sqrt()


def loop_of(cell: str, inputs: int = 2, hidden: int = 3) -> NormalisedLoop:
    """A loop in double precision with scales and biases that are neither 1 nor 0."""
    torch.manual_seed(0)
    loop = NormalisedLoop(cell, inputs, hidden).double()
    with torch.no_grad():
        for value in loop.parameters():
            value.uniform_(-1, 1)
    return loop


def test_the_rnn_is_the_formula_of_the_paper() -> None:
    loop = loop_of("rnn")
    x = torch.randn(1, 4, 2, dtype=torch.float64)
    h = torch.zeros(3, dtype=torch.float64)
    for t, got in enumerate(loop(x)[0]):
        a = loop.weight_ih @ x[0, t] + loop.weight_hh @ h
        h = torch.tanh(loop.scale * normal(a) + loop.bias_ih)
        assert torch.allclose(got, h)


def test_the_lstm_normalises_each_gate_and_the_cell_state() -> None:
    loop = loop_of("lstm")
    x = torch.randn(1, 4, 2, dtype=torch.float64)
    h = c = torch.zeros(3, dtype=torch.float64)
    assert loop.cell_scale is not None
    for t, got in enumerate(loop(x)[0]):
        sums = (loop.weight_ih @ x[0, t] + loop.weight_hh @ h).split(3)
        i, f, g, o = (
            scale * normal(a) + bias
            for a, scale, bias in zip(sums, loop.scale.split(3), loop.bias_ih.split(3), strict=True)
        )
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * torch.tanh(loop.cell_scale * normal(c) + loop.cell_shift)
        assert torch.allclose(got, h)


def test_the_gru_normalises_the_sum_behind_its_reset_gate() -> None:
    loop = loop_of("gru")
    x = torch.randn(1, 4, 2, dtype=torch.float64)
    h = torch.zeros(3, dtype=torch.float64)
    (U_r, U_z, U_n), (W_r, W_z, W_n) = loop.weight_ih.split(3), loop.weight_hh.split(3)
    scale, bias = loop.scale.split(3), loop.bias_ih.split(3)
    for t, got in enumerate(loop(x)[0]):
        r = torch.sigmoid(scale[0] * normal(U_r @ x[0, t] + W_r @ h) + bias[0])
        z = torch.sigmoid(scale[1] * normal(U_z @ x[0, t] + W_z @ h) + bias[1])
        n = torch.tanh(scale[2] * normal(U_n @ x[0, t] + r * (W_n @ h)) + bias[2])
        h = (1 - z) * n + z * h
        assert torch.allclose(got, h)


@every_cell
def test_without_normalisation_the_cell_would_be_torch_s(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functional, "layer_norm", lambda x, *_: x)
    loop, theirs = NormalisedLoop(cell, 2, 5), TORCH[cell](2, 5, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(loop.weight_ih)
        theirs.weight_hh_l0.copy_(loop.weight_hh)
        theirs.bias_ih_l0.copy_(loop.bias_ih)
        theirs.bias_hh_l0.zero_()
    x = torch.randn(3, 7, 2)
    assert torch.allclose(loop(x), theirs(x)[0], atol=1e-6)


@every_cell
def test_the_size_of_a_single_channel_reaches_the_state(cell: str) -> None:
    loop = loop_of(cell, inputs=1)
    small, large = (loop(torch.full((1, 3, 1), size, dtype=torch.float64))[0, -1] for size in (0.5, 2.0))
    assert (small - large).abs().max() > 0.01


@every_cell
def test_its_weights_start_as_the_named_initialisation_says(cell: str) -> None:
    (loop,) = recurrent(2, Shape(cell, 5, layer_norm=True)).cells
    for W in loop.weight_hh.split(5):
        assert torch.allclose(W @ W.T, torch.eye(5), atol=1e-5)
    assert torch.equal(loop.scale, torch.ones_like(loop.scale))
    assert loop.bias_ih.sum() == (5 if cell == "lstm" else 0)
    assert cell != "lstm" or loop.bias_ih[5:10].tolist() == [1] * 5


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_every_weight_learns_in_every_layer_and_direction(cell: str, layers: int) -> None:
    body = recurrent(2, Shape(cell, 4, layers, both=True, layer_norm=True))
    body.sequence_state(torch.randn(3, 6, 2), torch.tensor([6, 4, 2])).square().sum().backward()
    assert [name for name, p in body.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_dropout_drops_the_share_asked_for_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    dropped = Dropout(0.25)(torch.ones(400, 100))
    assert sorted(set(dropped.flatten().tolist())) == pytest.approx([0, 4 / 3])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)


def test_dropout_drops_nothing_when_answering() -> None:
    x = torch.randn(5, 4)
    assert torch.equal(Dropout(0.5).eval()(x), x)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_dropout_stands_between_layers_and_before_the_readout(pooling: str) -> None:
    body = recurrent(2, Shape("gru", 64, 3, dropout=0.5, pooling=pooling))
    (layers,) = body.cells
    assert isinstance(layers, Layers)
    entered: list[Tensor] = []
    for layer in layers.layers:
        layer.register_forward_hook(lambda _, given, __: entered.append(given[0]))
    x, lengths = torch.randn(4, 5, 2), torch.tensor([5, 5, 3, 1])
    state = body.sequence_state(x, lengths)
    shares = [float((each == 0).float().mean()) for each in (*entered, state)]
    assert shares[0] == 0
    assert shares[1:] == pytest.approx([0.5] * 3, abs=0.15)
    along = body.step_states(x, lengths)
    assert float((along == 0).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_layers_one_by_one_are_torch_s_layers() -> None:
    one, theirs = Layers(2, Shape("lstm", 4, 2)), nn.LSTM(2, 4, 2, batch_first=True)
    with torch.no_grad():
        for i, layer in enumerate(one.layers):
            for name, value in layer.loop.named_parameters():
                getattr(theirs, name.replace("l0", f"l{i}")).copy_(value)
    x = torch.randn(3, 6, 2)
    assert torch.allclose(one(x), theirs(x)[0], atol=1e-6)
