"""S5: HiPPO, discretisation, the recurrence step by step, and what it remembers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen
from recurbench import Split, Task, Values
from recurbench.methods.s5 import Blocks, StateSpace, eigenpairs, normal_hippo, s5, state_spaces
from recurbench.registry import discover
from scipy.linalg import block_diag
from scipy.signal import cont2discrete

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
ECHO = Task("labelling", Values(1), Values(1), "same", causal=True)
SIZES = (0.01, 1.0)


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


def space(hidden: int, sizes: tuple[float, float] = SIZES, cut: bool = False) -> StateSpace:
    torch.manual_seed(0)
    return StateSpace(hidden, sizes, cut).double()


def test_the_matrix_is_hippo_without_its_part_of_rank_one() -> None:
    n = np.arange(6)
    legs = np.array(
        [[-np.sqrt((2 * i + 1) * (2 * j + 1)) * (i > j) - (i + 1) * (i == j) for j in n] for i in n]
    )
    p = np.sqrt(n + 0.5)
    assert np.allclose(normal_hippo(6), legs + np.outer(p, p))


@pytest.mark.parametrize("size", [2, 8, 16])
def test_the_pairs_and_their_conjugates_are_the_matrix(size: int) -> None:
    values, vectors = eigenpairs(size)
    assert (values.imag > 0).all()
    assert np.allclose(2 * (vectors * values @ vectors.conj().T).real, normal_hippo(size))


@pytest.mark.parametrize("hidden", [1, 6, 19])
def test_the_layer_begins_as_the_real_system_that_scipy_discretises(hidden: int) -> None:
    unit = space(hidden)
    with torch.no_grad():
        unit.size.fill_(np.log(0.07))
    blocks = [eigenpairs(min(16, hidden + hidden % 2 - i))[1] for i in range(0, hidden, 16)]
    V = block_diag(*blocks)
    values = (-torch.exp(unit.decay) + 1j * unit.wave).detach().numpy()
    A = 2 * (V * values @ V.conj().T).real
    B = 2 * (V @ torch.complex(*unit.B).detach().numpy()).real
    C = 2 * (torch.complex(*unit.C).detach().numpy() @ V.conj().T).real
    D = np.diag(unit.D.detach().numpy())
    hippo = [normal_hippo(len(each)) for each in blocks]
    assert np.allclose(A, block_diag(*hippo), atol=1e-4)
    kept, gained, *_ = cont2discrete((A, B, C, D), 0.07, method="zoh")
    u = np.random.default_rng(0).normal(size=(30, hidden))
    state, wanted = np.zeros(len(A)), []
    for each in u:
        state = kept @ state + gained @ each
        wanted.append(C @ state + D @ each)
    assert np.allclose(unit(torch.tensor(u)[None])[0].detach(), np.array(wanted), atol=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 300])
def test_answers_and_gradients_are_those_of_the_loop(steps: int) -> None:
    unit = space(5)
    u = torch.randn(3, steps, 5, dtype=torch.float64, requires_grad=True)
    A, d = torch.complex(-torch.exp(unit.decay), unit.wave), torch.exp(unit.size)
    B, C = torch.complex(*unit.B), torch.complex(*unit.C)
    s, each = torch.zeros(3, 3, dtype=torch.complex128), []
    for t in range(steps):
        s = torch.exp(d * A) * s + (torch.exp(d * A) - 1) / A * (u[:, t].to(s) @ B.T)
        each.append(2 * (s @ C.T).real + unit.D * u[:, t])
    weight = torch.randn(3, steps, 5, dtype=torch.float64)
    found = []
    for y in (unit(u), torch.stack(each, dim=1)):
        grads = torch.autograd.grad((y * weight).square().sum(), [u, *unit.parameters()], retain_graph=True)
        found.append((y, *grads))
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-9, rtol=1e-9)


def test_step_sizes_begin_evenly_in_logarithm_and_states_decay_whatever_is_learnt() -> None:
    unit = space(400)
    sizes = torch.exp(unit.size)
    assert 0.01 <= sizes.min() < 0.011
    assert 0.9 < sizes.max() <= 1
    assert float((sizes > 0.1).double().mean()) == pytest.approx(0.5, abs=0.08)
    with torch.no_grad():
        unit.decay.fill_(-9.0)
        unit.size.fill_(1.0)
    assert (unit.discrete()[0].abs() < 1).all()


@pytest.mark.parametrize("sizes", [(0.1, 0.1), (0.2, 0.1)])
def test_step_sizes_that_are_no_range_are_refused(sizes: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="s5 needs 0 < smallest < largest, got"):
        s5(CAUSAL, cases(CAUSAL), smallest=sizes[0], largest=sizes[1], steps=1)


@pytest.mark.parametrize("both", [False, True])
def test_padding_is_unseen(both: bool) -> None:
    assert_padding_is_unseen(state_spaces(2, 5, 2, both, SIZES), 2)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_company_changes_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (s5(task, train, seed=3, steps=4, layers=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    for i in range(len(test)):
        assert np.allclose(one(test)[i], one(test.take([i]))[0], atol=1e-12)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert s5(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not s5(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    body = state_spaces(1, 4, 2, False, SIZES).double()
    x = torch.randn(1, 8, 1, dtype=torch.float64)
    changed = x.clone()
    changed[0, 5:] += 1
    one, other = (body.step_states(each, torch.tensor([8]))[0] for each in (x, changed))
    assert torch.equal(one[:5], other[:5])
    assert not torch.allclose(one[5:], other[5:])


def test_without_its_state_an_answer_depends_on_its_own_step_alone() -> None:
    train, (variant,) = cases(CAUSAL, longest=9), discover().select_methods(["s5-state-cut"])
    cut, kept = (s5(CAUSAL, train, steps=5, **words) for words in (variant.settings, {}))
    whole, alone = train.x[0], train.x[0][-1:]
    assert len(whole) > 1
    assert np.allclose(*(cut(Split([x]))[0][-1] for x in (whole, alone)), atol=1e-12)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
    assert variant.plugin.role == "ablation"


def test_double_precision_reaches_all_of_it() -> None:
    cell = Blocks(1, 4, 2, SIZES, False).double()
    assert cell(torch.randn(1, 3, 1, dtype=torch.float64)).dtype == torch.float64


def test_notes_say_that_it_is_linear_and_how_large() -> None:
    notes = s5(CAUSAL, cases(CAUSAL), steps=1, parameters=3000).notes
    assert notes["recurrence"] == "linear in the state"
    assert notes["parameters"] == pytest.approx(3000, rel=0.1)


@pytest.mark.long
def test_it_learns_to_say_what_it_read_ten_steps_ago() -> None:
    rng = np.random.default_rng(0)

    def delayed(count: int) -> Split:
        x = [rng.uniform(-1, 1, size=(50, 1)) for _ in range(count)]
        return Split(x, [np.concatenate([np.zeros((10, 1)), each[:-10]]) for each in x])

    predict = s5(ECHO, delayed(300), check=delayed(60), max_steps=400, learning_rate=0.01)
    test = delayed(50)
    error = np.mean([(a[10:] - y[10:]) ** 2 for a, y in zip(predict(test), test.y, strict=True)])
    assert error < 0.2 * (1 / 3)  # of the variance, which a model without memory is left with
