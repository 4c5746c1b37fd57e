"""LRU: its formula, its eigenvalues, and a delay that it can keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods.lru import Blocks, LinearUnit, linear_units, lru
from recurbench.registry import discover

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
ECHO = Task("labelling", Values(1), Values(1), "same", causal=True)


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, len(each) if task.length == "same" else 1) for each in x])


def test_the_unit_is_its_formula() -> None:
    torch.manual_seed(0)
    unit = LinearUnit(3, (0.2, 0.9)).double()
    u = torch.randn(1, 7, 3, dtype=torch.float64)
    decay = torch.exp(-torch.exp(unit.nu) + 1j * torch.exp(unit.theta))
    B, C = torch.complex(*unit.B), torch.complex(*unit.C)
    s = torch.zeros(3, dtype=torch.complex128)
    for t in range(7):
        s = decay * s + torch.exp(unit.gamma) * (B @ u[0, t].to(torch.complex128))
        assert torch.allclose(unit(u)[0, t], (C @ s).real + unit.D * u[0, t])


def test_eigenvalues_begin_on_the_ring_and_stay_inside_the_circle() -> None:
    torch.manual_seed(0)
    unit = LinearUnit(500, (0.5, 0.9))
    radius = torch.exp(-torch.exp(unit.nu))
    assert 0.5 <= radius.min() < 0.55
    assert 0.88 < radius.max() <= 0.9
    # Even over the ring's area: half of them beyond the radius that halves it.
    assert float((radius > ((0.25 + 0.81) / 2) ** 0.5).float().mean()) == pytest.approx(0.5, abs=0.06)
    assert torch.allclose(torch.exp(unit.gamma), torch.sqrt(1 - radius**2))
    with torch.no_grad():
        unit.nu.fill_(-20.0)
    assert (torch.exp(-torch.exp(unit.nu)) <= 1).all()


def test_states_have_about_the_variance_of_their_input() -> None:
    torch.manual_seed(0)
    unit = LinearUnit(64, (0.9, 0.99))
    with torch.no_grad():
        unit.D.zero_()
        assert 0.5 < float(unit(torch.randn(4, 2000, 64))[:, 500:].std()) < 2


@pytest.mark.parametrize("radii", [(0.5, 0.5), (-0.1, 0.5), (0.0, 1.0)])
def test_radii_that_are_no_ring_within_the_circle_are_refused(radii: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="0 <= shortest < longest < 1"):
        lru(CAUSAL, cases(CAUSAL), shortest=radii[0], longest=radii[1], steps=1)


@pytest.mark.parametrize("task", [TAGS, CAUSAL, LABEL], ids=["tags", "causal", "label"])
def test_padding_and_company_change_no_answer_and_fits_repeat(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (lru(task, train, seed=3, steps=4, layers=2) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    assert np.allclose(one(test)[3], one(test.take([3]))[0], atol=1e-9)
    plain, filled = (one.coding.examples(test).batch(np.arange(12), pad=pad) for pad in (0.0, 1e3))
    net = one.net.float()
    assert torch.allclose(net(plain)[plain.mask], net(filled)[plain.mask], atol=1e-6, rtol=0)


def test_only_a_task_that_need_not_be_causal_is_read_both_ways() -> None:
    assert lru(TAGS, cases(TAGS), steps=1).notes["bidirectional"]
    assert not lru(CAUSAL, cases(CAUSAL), steps=1).notes["bidirectional"]
    body = linear_units(1, 4, 2, False, (0.0, 0.9)).double()
    x = torch.randn(1, 8, 1, dtype=torch.float64)
    changed = x.clone()
    changed[0, 5:] += 1
    one, other = (body.step_states(each, torch.tensor([8]))[0] for each in (x, changed))
    assert torch.equal(one[:5], other[:5])
    assert not torch.allclose(one[5:], other[5:])


def test_double_precision_reaches_all_of_it() -> None:
    cell = Blocks(1, 4, 2, (0.0, 0.9)).double()
    assert cell(torch.randn(1, 3, 1, dtype=torch.float64)).dtype == torch.float64


def test_notes_say_that_it_is_linear_and_how_large() -> None:
    notes = lru(CAUSAL, cases(CAUSAL), steps=1, parameters=3000).notes
    assert notes["recurrence"] == "linear in the state"
    assert notes["parameters"] == pytest.approx(3000, rel=0.1)


@pytest.mark.long
def test_it_learns_to_say_what_it_read_ten_steps_ago() -> None:
    rng = np.random.default_rng(0)

    def delayed(count: int) -> Split:
        x = [rng.uniform(-1, 1, size=(50, 1)) for _ in range(count)]
        return Split(x, [np.concatenate([np.zeros((10, 1)), each[:-10]]) for each in x])

    predict = lru(ECHO, delayed(300), check=delayed(60), max_steps=400, learning_rate=0.01)
    test = delayed(50)
    error = np.mean([(a[10:] - y[10:]) ** 2 for a, y in zip(predict(test), test.y, strict=True)])
    assert error < 0.2 * (1 / 3)  # of the variance, which a model without memory is left with


def test_without_its_state_an_answer_depends_on_its_own_step_alone() -> None:
    train, (variant,) = cases(CAUSAL), discover().select_methods(["lru-state-cut"])
    cut, kept = (lru(CAUSAL, train, steps=5, **words) for words in (variant.settings, {}))
    whole = next(x for x in train.x if len(x) > 1)
    alone = whole[-1:]
    assert np.allclose(*(cut(Split([x]))[0][-1] for x in (whole, alone)), atol=1e-12)
    assert not np.allclose(*(kept(Split([x]))[0][-1] for x in (whole, alone)))
    assert variant.plugin.role == "ablation"
