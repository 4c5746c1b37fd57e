"""Mamba: its formula, its initialisation, and what it can and cannot keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen
from recurbench import Split, Task, Values
from recurbench.methods.mamba import Blocks, SelectiveSpace, mamba, selective_spaces
from recurbench.registry import discover
from torch import nn

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
SIZES = (0.001, 0.1)


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


def weights(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


def silu(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / (1 + np.exp(-x)))


@pytest.mark.parametrize(("hidden", "states"), [(3, 2), (20, 4)])
def test_a_layer_is_the_formula_of_its_paper(hidden: int, states: int) -> None:
    torch.manual_seed(0)
    space = SelectiveSpace(hidden, states, SIZES).double()
    u = torch.randn(1, 9, hidden, dtype=torch.float64)
    w, inner, rank = weights(space), 2 * hidden, -(-hidden // 16)
    x, gate = np.split(u[0].numpy() @ w["enter.weight"].T, 2, axis=1)
    convolved = np.zeros_like(x)
    for t in range(9):
        for c in range(inner):
            # The last tap is that of the step itself.
            taps = [w["taps"][3 - lag, c] * x[t - lag, c] for lag in range(4) if t >= lag]
            convolved[t, c] = sum(taps) + w["bias"][c]
    x, h = silu(convolved), np.zeros((inner, states))
    for t in range(9):
        selected = w["select.weight"] @ x[t]
        B, C = selected[rank : rank + states], selected[rank + states :]
        size = np.log1p(np.exp(w["size.weight"] @ selected[:rank] + w["size.bias"]))
        read = np.zeros(inner)
        for c in range(inner):
            for n in range(states):
                h[c, n] = np.exp(-size[c] * np.exp(w["decay"][c, n])) * h[c, n] + size[c] * x[t, c] * B[n]
            read[c] = C @ h[c] + w["D"][c] * x[t, c]
        wanted = w["leave.weight"] @ (read * silu(gate[t]))
        assert np.allclose(space(u)[0, t].detach().numpy(), wanted, atol=1e-12)


def test_blocks_add_their_layers_and_normalise_from_the_second_on() -> None:
    torch.manual_seed(0)
    blocks = Blocks(2, 4, 2, 3, SIZES).double()
    x = torch.randn(2, 5, 2, dtype=torch.float64)
    u = blocks.enter(x)
    u = u + blocks.spaces[0](u)
    normed = u / torch.sqrt((u**2).mean(dim=-1, keepdim=True) + torch.finfo(u.dtype).eps)
    assert torch.allclose(blocks(x), u + blocks.spaces[1](normed))


def test_step_sizes_begin_evenly_in_logarithm_and_decays_at_whole_numbers() -> None:
    torch.manual_seed(0)
    space = SelectiveSpace(400, 5, SIZES)
    sizes = nn.functional.softplus(space.size.bias)
    assert 0.001 <= sizes.min() < 0.0011
    assert 0.09 < sizes.max() <= 0.1001
    assert float((sizes > 0.01).double().mean()) == pytest.approx(0.5, abs=0.06)
    assert torch.allclose(torch.exp(space.decay), torch.arange(1.0, 6).expand(800, 5))


@pytest.mark.parametrize("sizes", [(0.1, 0.1), (0.2, 0.1)])
def test_step_sizes_that_are_no_range_are_refused(sizes: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="mamba needs 0 < smallest < largest, got"):
        mamba(CAUSAL, cases(CAUSAL), smallest=sizes[0], largest=sizes[1], steps=1)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_padding_is_unseen(both: bool, cut: bool) -> None:
    assert_padding_is_unseen(selective_spaces(2, 3, 2, both, 4, SIZES, cut), 2)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_company_changes_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (mamba(task, train, seed=3, steps=4, layers=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    for i in range(len(test)):
        assert np.allclose(one(test)[i], one(test.take([i]))[0], atol=1e-12)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert mamba(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not mamba(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    body = selective_spaces(1, 4, 2, False, 4, SIZES).double()
    x = torch.randn(1, 8, 1, dtype=torch.float64)
    changed = x.clone()
    changed[0, 5:] += 1
    one, other = (body.step_states(each, torch.tensor([8]))[0] for each in (x, changed))
    assert torch.equal(one[:5], other[:5])
    assert not torch.allclose(one[5:], other[5:])


def test_without_its_state_an_answer_depends_on_its_own_step_alone() -> None:
    train, (variant,) = cases(CAUSAL), discover().select_methods(["mamba-state-cut"])
    cut, kept = (mamba(CAUSAL, train, steps=5, **words) for words in (variant.settings, {}))
    whole, alone = train.x[0], train.x[0][-1:]
    assert len(whole) > 1
    assert np.allclose(*(cut(Split([x]))[0][-1] for x in (whole, alone)), atol=1e-12)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
    assert variant.plugin.role == "ablation"


def test_notes_say_that_it_is_linear_and_how_large() -> None:
    notes = mamba(CAUSAL, cases(CAUSAL), steps=1, parameters=3000).notes
    assert notes["recurrence"] == "linear in the state"
    assert notes["parameters"] == pytest.approx(3000, rel=0.1)


@pytest.mark.long
def test_it_learns_to_keep_the_one_marked_sign_of_thirty() -> None:
    rng = np.random.default_rng(0)
    task = Task("classification", Values(2), Values(2, symbols=True), "fixed")

    def marked(count: int) -> Split:
        x, y = [], []
        for _ in range(count):
            each, at = rng.normal(size=(30, 2)), rng.integers(0, 20)
            each[:, 1] = np.arange(30) == at
            x.append(each)
            y.append(np.array([int(each[at, 0] > 0)]))
        return Split(x, y)

    train, check, test = (marked(n) for n in (1000, 200, 300))
    predict = mamba(task, train, check=check, max_steps=600, learning_rate=0.01)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.9
