"""minGRU: its formula, the scan it runs on, and what it can and cannot keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks.scan import linear_scan
from recurbench.methods.mingru import MinGRU, mingru, minimal
from torch import Tensor

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")


def step_by_step(keep: Tensor, add: Tensor) -> Tensor:
    h, states = torch.zeros_like(add[:, 0]), []
    for t in range(add.shape[1]):
        h = keep[:, t] * h + add[:, t]
        states.append(h)
    return torch.stack(states, dim=1)


def in_log_space(keep: Tensor, add: Tensor) -> Tensor:
    """The paper's scan, of positive numbers: ln h_t = a_t + logsumexp_s (ln add_s - a_s), a = sum ln keep."""
    a = keep.log().cumsum(dim=1)
    return (a + (add.log() - a).logcumsumexp(dim=1)).exp()


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


@pytest.mark.parametrize("steps", [1, 2, 300])
@pytest.mark.parametrize("kind", [torch.float64, torch.complex128, torch.float32])
def test_the_scan_and_its_gradient_are_those_of_the_loop(steps: int, kind: torch.dtype) -> None:
    torch.manual_seed(0)
    keep = torch.rand(3, steps, 4) * torch.exp(
        1j * torch.rand(3, steps, 4) if kind.is_complex else torch.zeros(1)
    )
    keep, add = keep.to(kind).requires_grad_(), torch.randn(3, steps, 4, dtype=kind).requires_grad_()
    weight = torch.randn(3, steps, 4, dtype=kind)
    found = []
    for scan in (linear_scan, step_by_step):
        states = scan(keep, add)
        found.append((states, *torch.autograd.grad((states * weight).abs().square().sum(), (keep, add))))
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_the_scan_is_the_paper_s_in_log_space() -> None:
    torch.manual_seed(0)
    z = torch.rand(2, 200, 5, dtype=torch.float64)
    assert torch.allclose(linear_scan(1 - z, z), in_log_space(1 - z, z), atol=1e-5)


def test_the_gradient_of_the_scan_is_that_of_finite_differences() -> None:
    keep, add = (torch.rand(2, 5, 3, dtype=torch.complex128, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(linear_scan, (keep, add))


def test_the_network_is_its_formula() -> None:
    cell = MinGRU(2, 3, layers=2, init="default").double()
    x = torch.randn(1, 6, 2, dtype=torch.float64)
    got, below = cell(x)[0], x[0]
    for Z, U in zip(cell.Z, cell.U, strict=True):
        h, states = torch.zeros(3, dtype=torch.float64), []
        for t in range(6):
            z = torch.sigmoid(Z(below[t]))
            h = (1 - z) * h + z * U(below[t])
            states.append(h)
        below = torch.stack(states)
    assert torch.allclose(got, below)


def test_units_begin_with_memories_from_two_to_a_hundred_steps() -> None:
    cell = MinGRU(1, 8, layers=1, init="spread")
    z = torch.sigmoid(cell.Z[0].bias)
    assert (1 / z).tolist() == pytest.approx(np.geomspace(2, 100, 8).tolist(), rel=1e-4)


def test_an_unknown_initialisation_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="init must be one of spread, default, got 'zero'"):
        mingru(CAUSAL, cases(CAUSAL), init="zero", steps=1)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_padding_and_company_change_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (mingru(task, train, seed=3, steps=4) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    assert np.allclose(one(test)[3], one(test.take([3]))[0], atol=1e-9)
    plain, filled = (one.coding.examples(test).batch(np.arange(12), pad=pad) for pad in (0.0, 1e3))
    net = one.net.float()
    assert torch.allclose(net(plain)[plain.mask], net(filled)[plain.mask], atol=1e-6, rtol=0)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert mingru(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not mingru(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    with pytest.raises(Unsupported, match="the task is causal"):
        mingru(CAUSAL, cases(CAUSAL), steps=1, bidirectional=True)
    body = minimal(1, 4, 2, False, "spread").double()
    x = torch.randn(1, 8, 1, dtype=torch.float64)
    changed = x.clone()
    changed[0, 5:] += 1
    one, other = (body.step_states(each, torch.tensor([8]))[0] for each in (x, changed))
    assert torch.equal(one[:5], other[:5])
    assert not torch.allclose(one[5:], other[5:])


def test_notes_say_that_it_is_linear_and_how_large() -> None:
    notes = mingru(CAUSAL, cases(CAUSAL), steps=1, parameters=3000).notes
    assert notes["recurrence"] == "linear in the state"
    assert notes["parameters"] == pytest.approx(3000, rel=0.1)


def test_it_learns_to_keep_a_sign_for_thirty_steps() -> None:
    rng = np.random.default_rng(0)

    def first(count: int) -> Split:
        x = [rng.normal(size=(30, 2)) for _ in range(count)]
        return Split(x, [np.array([int(each[0, 0] > 0)]) for each in x])

    task = Task("classification", Values(2), Values(2, symbols=True), "fixed")

    # The first step is marked, so that a gate which sees x alone can know it.
    def marked(split: Split) -> Split:
        for each in split.x:
            each[:, 1] = np.arange(30) == 0
        return split

    train, check, test = (marked(first(n)) for n in (400, 100, 200))
    predict = mingru(task, train, check=check)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.9


def test_without_its_state_an_answer_depends_on_its_own_step_alone() -> None:
    train = cases(CAUSAL)
    cut = mingru(CAUSAL, train, cut=True, steps=5)
    whole, alone = train.x[0], train.x[0][-1:]
    got, own = (cut(Split([x]))[0][-1] for x in (whole, alone))
    assert np.allclose(got, own)
    kept = mingru(CAUSAL, train, steps=5)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
