"""DeltaNet: the delta rule in chunks, its eigenvalues, and what it can and cannot keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from padding import assert_padding_is_unseen
from recurbench import Split, Task, Values
from recurbench.methods.deltanet import DeltaRule, delta_layers, delta_rule, deltanet
from recurbench.registry import discover
from torch import Tensor
from torch.nn import functional

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
BITS = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)


def step_by_step(query: Tensor, key: Tensor, value: Tensor, beta: Tensor) -> Tensor:
    """The formula with matrices that are written out."""
    state = torch.zeros(*value[:, 0].shape, key.shape[2], dtype=key.dtype)
    answers = []
    for q, k, v, b in zip(*(each[..., None].unbind(1) for each in (query, key, value, beta)), strict=True):
        state = state @ (torch.eye(key.shape[2], dtype=key.dtype) - b * k @ k.mT) + b * v @ k.mT
        answers.append((state @ q)[..., 0])
    return torch.stack(answers, dim=1)


def drawn(steps: int, hidden: int = 4, seed: int = 0, count: int = 2, largest: float = 2.0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    query, key, value = (
        torch.randn(count, steps, hidden, dtype=torch.float64, generator=generator) for _ in range(3)
    )
    beta = largest * torch.rand(count, steps, 1, dtype=torch.float64, generator=generator)
    return [each.requires_grad_() for each in (query, functional.normalize(key, dim=-1), value, beta)]


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


def parities(count: int, steps: int, seed: int) -> Split:
    bits = np.random.default_rng(seed).integers(2, size=(count, steps))
    return Split(list(bits), [each.cumsum() % 2 for each in bits])


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 70), st.integers(1, 40), st.integers(1, 6), st.integers(0, 99), st.sampled_from([1.0, 2.0])
)
def test_the_chunks_are_the_loop(steps: int, chunk: int, hidden: int, seed: int, largest: float) -> None:
    given = drawn(steps, hidden, seed, largest=largest)
    assert torch.allclose(delta_rule(*given, chunk=chunk), step_by_step(*given), atol=1e-9, rtol=0)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 20))
def test_steps_that_follow_change_no_earlier_answer(steps: int, more: int, chunk: int) -> None:
    given = drawn(steps + more)
    whole, part = (delta_rule(*(x[:, :n] for x in given), chunk=chunk) for n in (steps + more, steps))
    assert torch.allclose(whole[:, :steps], part, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("steps", "chunk"), [(1, 16), (7, 3), (16, 16), (50, 16)])
def test_the_gradients_are_those_of_the_loop(steps: int, chunk: int) -> None:
    given = drawn(steps)
    weight = torch.randn(2, steps, 4, dtype=torch.float64)
    found = [
        torch.autograd.grad((answers * weight).square().sum(), given)
        for answers in (delta_rule(*given, chunk=chunk), step_by_step(*given))
    ]
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-9, rtol=1e-9)


def test_single_precision_holds_over_five_hundred_steps() -> None:
    given = drawn(500, hidden=16)
    rough = delta_rule(*(each.float() for each in given))
    assert torch.allclose(rough.double(), delta_rule(*given), atol=1e-3)


def test_a_key_with_beta_one_replaces_what_it_stored_and_other_keys_keep_theirs() -> None:
    key = torch.eye(2, dtype=torch.float64)[[0, 1, 0]][None]
    value = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]], dtype=torch.float64)
    one = torch.ones(1, 3, 1, dtype=torch.float64)
    assert torch.allclose(delta_rule(key, key, value, one), value)
    assert torch.allclose(delta_rule(key.roll(1, 1), key, value, one)[0, 2], value[0, 1])


def test_with_beta_two_the_same_step_stores_and_takes_back_by_turns() -> None:
    key = torch.ones(1, 5, 1, dtype=torch.float64)
    answers = delta_rule(key, key, key, 2 * key)[0, :, 0]
    assert torch.allclose(answers, torch.tensor([2.0, 0.0, 2.0, 0.0, 2.0], dtype=torch.float64))


@pytest.mark.parametrize("largest", [1.0, 2.0])
def test_a_layer_is_its_formula_and_its_eigenvalues_lie_in_their_range(largest: float) -> None:
    torch.manual_seed(0)
    rule = DeltaRule(4, largest, cut=False).double()
    u = 30 * torch.randn(2, 21, 4, dtype=torch.float64)
    query, key, value = functional.silu(u @ rule.ask.weight.T).split(4, dim=2)
    query, key = (each / each.norm(dim=2, keepdim=True) for each in (query, key))
    beta = largest / (1 + torch.exp(-(u @ rule.beta.weight.T + rule.beta.bias)))
    assert torch.allclose(rule(u), step_by_step(query, key, value, beta), atol=1e-9)
    lowest = torch.linalg.eigvalsh(torch.eye(4) - beta[..., None] * key[..., None] * key[..., None, :]).min()
    assert 1 - largest <= lowest + 1e-9
    assert lowest < 1 - 0.9 * largest


def test_a_step_whose_key_is_nothing_has_a_finite_gradient() -> None:
    rule = DeltaRule(3, 1.0, cut=False)
    u = torch.zeros(1, 4, 3, requires_grad=True)
    rule(u).sum().backward()
    assert u.grad is not None
    assert u.grad.isfinite().all()


@pytest.mark.parametrize("both", [False, True])
def test_padding_is_unseen(both: bool) -> None:
    assert_padding_is_unseen(delta_layers(2, 5, 2, both, "signed", cut=False), 2)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_company_changes_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=40)
    one, other = (deltanet(task, train, seed=3, steps=4, layers=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    for i in range(len(test)):
        assert np.allclose(one(test)[i], one(test.take([i]))[0], atol=1e-12)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert deltanet(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not deltanet(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    body = delta_layers(1, 4, 2, False, "signed", cut=False).double()
    x = torch.randn(1, 40, 1, dtype=torch.float64)
    for first in (5, 20):
        changed = x.clone()
        changed[0, first:] += 1
        one, other = (body.step_states(each, torch.tensor([40]))[0] for each in (x, changed))
        assert torch.allclose(one[:first], other[:first], atol=1e-12, rtol=0)
        assert not torch.allclose(one[first:], other[first:])


def test_without_its_state_an_answer_is_that_of_a_sequence_of_one_step() -> None:
    train, (variant,) = cases(CAUSAL), discover().select_methods(["deltanet-state-cut"])
    cut, kept = (deltanet(CAUSAL, train, steps=5, **words) for words in (variant.settings, {}))
    whole, alone = train.x[0], train.x[0][-1:]
    assert len(whole) > 1
    assert np.allclose(*(cut(Split([x]))[0][-1] for x in (whole, alone)), atol=1e-12)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
    assert variant.plugin.role == "ablation"
    rule = DeltaRule(3, 2.0, cut=True)
    step = torch.randn(4, 1, 3)
    removed = rule(step)
    rule.cut = False
    assert torch.allclose(rule(step), removed, atol=1e-6)


def test_unknown_eigenvalues_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="eigenvalues must be one of positive, signed, got 'complex'"):
        deltanet(CAUSAL, cases(CAUSAL), eigenvalues="complex", steps=1)  # type: ignore[arg-type]


def test_notes_say_that_it_is_linear_which_eigenvalues_it_has_and_how_large_it_is() -> None:
    (signed,) = discover().select_methods(["deltanet-signed"])
    assert signed.plugin.role == "contender"
    for which, found in (("positive", "from 0 to 1"), (signed.settings["eigenvalues"], "from -1 to 1")):
        notes = deltanet(CAUSAL, cases(CAUSAL), steps=1, parameters=3000, eigenvalues=which).notes
        assert notes["recurrence"] == f"linear in the state, eigenvalues {found}"
        assert notes["parameters"] == pytest.approx(3000, rel=0.1)


@pytest.mark.long
def test_signed_eigenvalues_keep_parity_beyond_the_training_length_and_positive_ones_do_not() -> None:
    train, check, test = parities(500, 20, 0), parities(100, 20, 1), parities(200, 100, 2)
    last = {}
    for eigenvalues in ("positive", "signed"):
        words = {"max_steps": 300, "learning_rate": 0.01, "eigenvalues": eigenvalues}
        predict = deltanet(BITS, train, check=check, **words)
        last[eigenvalues] = np.mean(
            [a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]
        )
    assert last["signed"] > 0.9
    assert last["positive"] < 0.7
