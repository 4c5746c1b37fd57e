"""sLSTM: its formula without and with a stabiliser, its gradient, and what it can and cannot keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen
from recurbench import Split, Task, Values
from recurbench.methods.slstm import FORGET, INITIALISATIONS, ScalarMemory, cell, scalar_memories, slstm
from recurbench.registry import discover
from torch import Tensor

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


def unstabilised(sums: Tensor, R: Tensor, exponential: bool) -> Tensor:
    """The cell as it is defined, of sums W x_t [B, T, 4 H]."""
    h = c = n = torch.zeros(len(sums), R.shape[1], dtype=sums.dtype)
    states = []
    for t in range(sums.shape[1]):
        z, i, f, o = (w + h @ r.T for w, r in zip(sums[:, t].chunk(4, dim=1), R, strict=True))
        f = torch.exp(f) if exponential else torch.sigmoid(f)
        c = f * c + torch.exp(i) * torch.tanh(z)
        n = f * n + torch.exp(i)
        h = torch.sigmoid(o) * c / n
        states.append(h)
    return torch.stack(states, dim=1)


def with_the_largest_as_stabiliser(sums: Tensor, R: Tensor, exponential: bool) -> Tensor:
    """The same with m_t = max(ln f + m_{t-1}, ln i), as in the paper."""
    h = c = n = torch.zeros(len(sums), R.shape[1], dtype=sums.dtype)
    m, states = torch.full_like(h, -torch.inf), []
    for t in range(sums.shape[1]):
        z, i, f, o = (w + h @ r.T for w, r in zip(sums[:, t].chunk(4, dim=1), R, strict=True))
        f = f if exponential else torch.nn.functional.logsigmoid(f)
        before, m = m, torch.maximum(f + m, i)
        c = torch.exp(f + before - m) * c + torch.exp(i - m) * torch.tanh(z)
        n = torch.exp(f + before - m) * n + torch.exp(i - m)
        h = torch.sigmoid(o) * c / n
        states.append(h)
    return torch.stack(states, dim=1)


def drawn(batch: int, steps: int, hidden: int, size: float = 1.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    sums = size * torch.randn(batch, steps, 4 * hidden, dtype=torch.float64, generator=generator)
    R = torch.randn(4, hidden, hidden, dtype=torch.float64, generator=generator)
    return sums.requires_grad_(), R.requires_grad_()


@pytest.mark.parametrize("exponential", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 60])
def test_states_and_gradients_are_those_of_the_cell_without_a_stabiliser(
    steps: int, exponential: bool
) -> None:
    sums, R = drawn(3, steps, 4)
    weight = torch.randn(3, steps, 4, dtype=torch.float64)
    found = []
    for states_of in (cell, unstabilised):
        states = states_of(sums, R, exponential)
        grads = torch.autograd.grad((states * weight).square().sum(), (sums, R), allow_unused=True)
        found.append((states, *(torch.zeros(()) if each is None else each for each in grads)))
    assert torch.isfinite(found[1][0]).all()
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-10, rtol=1e-8)


@pytest.mark.parametrize("exponential", [False, True])
def test_large_sums_overflow_neither_in_states_nor_in_gradients(exponential: bool) -> None:
    sums, R = drawn(3, 40, 4, size=500.0)
    assert not torch.isfinite(unstabilised(sums, R, exponential)).all()
    wanted = with_the_largest_as_stabiliser(sums, R, exponential)
    assert torch.allclose(cell(sums, R, exponential), wanted, atol=1e-10)
    single, mixing = (each.detach().float().requires_grad_() for each in (sums, R))
    states = cell(single, mixing, exponential)
    assert torch.allclose(states.double(), wanted, atol=1e-3)
    assert all(torch.isfinite(each).all() for each in torch.autograd.grad(states.sum(), (single, mixing)))


@pytest.mark.parametrize("exponential", [False, True])
def test_the_gradient_is_that_of_finite_differences(exponential: bool) -> None:
    sums, R = drawn(2, 5, 3)
    assert torch.autograd.gradcheck(lambda *given: cell(*given, exponential), (sums, R))


@pytest.mark.parametrize("forget", FORGET)
def test_the_network_is_its_layers(forget: str) -> None:
    layers = ScalarMemory(2, 3, 2, "default", forget).double()
    x = torch.randn(2, 6, 2, dtype=torch.float64)
    below = x
    for W, R in zip(layers.W, layers.R, strict=True):
        below = unstabilised(W(below), R, forget == "exponential")
    assert torch.allclose(layers(x), below)


@pytest.mark.parametrize("forget", FORGET)
def test_units_begin_with_memories_from_two_to_a_hundred_steps(forget: str) -> None:
    bias = ScalarMemory(1, 8, 1, "orthogonal", forget).W[0].bias[16:24]
    kept = torch.sigmoid(bias) if forget == "sigmoid" else torch.exp(bias)
    assert (1 / (1 - kept)).tolist() == pytest.approx(np.geomspace(2, 100, 8).tolist(), rel=1e-3)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_padding_is_unseen(both: bool, cut: bool) -> None:
    assert_padding_is_unseen(scalar_memories(2, 5, 2, both, "orthogonal", "sigmoid", cut), 2)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_company_changes_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (slstm(task, train, seed=3, steps=4, layers=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    for i in range(len(test)):
        assert np.allclose(one(test)[i], one(test.take([i]))[0], atol=1e-12)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert slstm(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not slstm(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    body = scalar_memories(1, 4, 2, False, "orthogonal", "sigmoid").double()
    x = torch.randn(1, 8, 1, dtype=torch.float64)
    changed = x.clone()
    changed[0, 5:] += 1
    one, other = (body.step_states(each, torch.tensor([8]))[0] for each in (x, changed))
    assert torch.equal(one[:5], other[:5])
    assert not torch.allclose(one[5:], other[5:])


def test_without_its_state_an_answer_depends_on_its_own_step_alone() -> None:
    train, (variant,) = cases(CAUSAL), discover().select_methods(["slstm-state-cut"])
    cut, kept = (slstm(CAUSAL, train, steps=5, **words) for words in (variant.settings, {}))
    whole, alone = train.x[0], train.x[0][-1:]
    assert len(whole) > 1
    assert np.allclose(*(cut(Split([x]))[0][-1] for x in (whole, alone)), atol=1e-12)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
    assert variant.plugin.role == "ablation"


def test_settings_that_mean_nothing_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="init must be one of orthogonal, default, got 'zero'"):
        slstm(CAUSAL, cases(CAUSAL), init="zero", steps=1)
    with pytest.raises(ValueError, match="forget must be one of sigmoid, exponential, got 'tanh'"):
        slstm(CAUSAL, cases(CAUSAL), forget="tanh", steps=1)


def test_notes_say_how_it_began_and_how_large_it_is() -> None:
    notes = slstm(CAUSAL, cases(CAUSAL), steps=1, parameters=3000).notes
    assert notes["initialisation"] == INITIALISATIONS["orthogonal"]
    assert notes["parameters"] == pytest.approx(3000, rel=0.1)


@pytest.mark.long
def test_it_learns_parity_and_keeps_it_beyond_the_training_length() -> None:
    bits = Values(2, symbols=True)
    task = Task("labelling", bits, bits, "same", causal=True)

    def parity(seed: int, count: int, shortest: int, longest: int) -> Split:
        rng = np.random.default_rng(seed)
        x = [rng.integers(0, 2, rng.integers(shortest, longest + 1)) for _ in range(count)]
        return Split(x, [np.cumsum(each) % 2 for each in x])

    predict = slstm(task, parity(0, 2000, 3, 20), check=parity(1, 200, 3, 20), max_steps=1000)
    test = parity(2, 200, 100, 100)
    assert np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]) > 0.98
