"""The gradient over lag: against exact Jacobians, and against the slopes measured before this project."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from recurbench.methods._networks.gradients import gradient_by_lag, slope
from recurbench.methods._networks.recurrence import Directions, Shape, recurrent
from recurbench.methods.mlp import Feedforward
from torch import nn


def drawn(shape: Shape, steps: int = 200) -> tuple[Directions, torch.Tensor, torch.Tensor]:
    """A body and 64 sequences of standard normal steps."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return recurrent(1, shape), torch.randn(64, steps, 1), torch.full((64,), steps)


@pytest.mark.parametrize(
    ("cell", "init", "known"),
    [
        ("rnn", "default", -0.48),
        ("lstm", "default", -0.43),
        ("lstm", "forget-only", -0.12),
        ("gru", "default", -0.46),
    ],
)
def test_slopes_at_the_start_are_those_measured_before(cell: str, init: str, known: float) -> None:
    body, x, lengths = drawn(Shape(cell, 64, init=init))
    assert slope(gradient_by_lag(body, x, lengths)) == pytest.approx(known, abs=0.05)


def test_the_slope_of_an_orthogonal_matrix_beside_default_biases_is_the_one_measured_before() -> None:
    body, x, lengths = drawn(Shape("rnn", 32, init="default"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        nn.init.orthogonal_(body.cells[0].loop.weight_hh_l0)
    assert slope(gradient_by_lag(body, x, lengths)) == pytest.approx(-0.11, abs=0.05)


@pytest.mark.parametrize(("cell", "flattest"), [("rnn", -0.09), ("lstm", -0.06), ("gru", -0.35)])
def test_our_initialisation_reaches_further_than_torch_s(cell: str, flattest: float) -> None:
    ours, default = (
        slope(gradient_by_lag(*drawn(Shape(cell, 32, init=init), 80))) for init in ("orthogonal", "default")
    )
    assert 0 > ours > flattest > default


def test_a_single_decaying_unit_decays_by_its_factor() -> None:
    body = recurrent(1, Shape("rnn", 1, activation="relu", matrix="diagonal"))
    with torch.no_grad():
        body.cells[0].weight_hh[0].fill_(0.8)
        body.cells[0].U[0].weight.fill_(1.0)
    sizes = gradient_by_lag(body, torch.ones(2, 70, 1), torch.tensor([70, 70]))
    assert [b / a for a, b in itertools.pairwise(sizes)] == pytest.approx([0.8] * 69)
    assert slope(sizes) == pytest.approx(math.log(0.8))


def test_sizes_are_close_to_exact_jacobians() -> None:
    body, x, _ = drawn(Shape("gru", 6), 9)
    x, lengths = x[:20], torch.tensor([9] * 10 + [4] * 10)
    exact = []
    for k in range(9):
        norms = []
        for i in range(20):
            if k < lengths[i]:
                J = torch.autograd.functional.jacobian(
                    lambda each, i=i: body.step_states(each, lengths[i : i + 1])[0, lengths[i] - 1],
                    x[i : i + 1],
                )
                norms.append(float(J[:, 0, lengths[i] - 1 - k].norm()))
        exact.append(sum(norms) / len(norms))
    assert gradient_by_lag(body, x, lengths) == pytest.approx(exact, rel=0.35)


def test_beyond_a_window_nothing_arrives() -> None:
    body = Feedforward(1, 10, 8, {}, before=9)
    sizes = gradient_by_lag(body, torch.randn(3, 80, 1), torch.full((3,), 80))
    assert all(size > 0 for size in sizes[:10])
    assert sizes[10:] == [0.0] * 70
    assert slope(sizes) == -math.inf


def test_the_measurement_repeats_and_changes_nothing() -> None:
    body, x, lengths = drawn(Shape("lstm", 8), 30)
    before, state = [p.clone() for p in body.parameters()], torch.get_rng_state()
    assert gradient_by_lag(body, x, lengths) == gradient_by_lag(body, x, lengths)
    assert torch.equal(torch.get_rng_state(), state)
    assert body.training
    assert all(p.grad is None and torch.equal(p, q) for p, q in zip(body.parameters(), before, strict=True))


def test_too_few_lags_for_the_slope_are_refused() -> None:
    with pytest.raises(ValueError, match="needs lags up to 59, but there are 20"):
        slope([1.0] * 20)
