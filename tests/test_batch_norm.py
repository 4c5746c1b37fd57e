"""Batch normalisation: padding, running averages, and answers that depend on nothing but training."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recurbench.methods._networks.batch_norm import MOMENTUM, MaskedNorm, real_steps
from torch import Tensor

LENGTHS = st.lists(st.integers(1, 6), min_size=1, max_size=5)
SEEDS = st.integers(0, 2**16)


def drawn(lengths: list[int], seed: int, steps: int = 0) -> tuple[Tensor, Tensor]:
    """A batch of two channels padded to `steps`, or to its longest sequence; and its lengths."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(lengths), max(steps, *lengths), 2, generator=generator, dtype=torch.float64)
    return 3 * x + 1, torch.tensor(lengths)


def trained(lengths: list[int], seed: int) -> MaskedNorm:
    """Normalisation with the averages of two batches."""
    norm = MaskedNorm(2).double()
    for k in range(2):
        x, sizes = drawn(lengths, seed + k)
        norm(x, real_steps(sizes, x.shape[1]))
    return norm


def test_real_steps_are_those_that_are_no_padding() -> None:
    found = real_steps(torch.tensor([2, 3, 1]), 3)
    assert found is not None
    assert found.tolist() == [0, 1, 3, 4, 5, 6]
    assert real_steps(torch.tensor([3, 3]), 3) is None


def test_without_padding_it_is_the_batch_normalisation_of_torch() -> None:
    ours, theirs = MaskedNorm(3), torch.nn.BatchNorm1d(3)
    for k in range(1, 9):
        x = 2 * torch.randn(5, 40, 3) + 1
        # The averages of torch start at 0 and 1; this momentum takes their start away.
        theirs.momentum = MOMENTUM / (1 - (1 - MOMENTUM) ** k)
        assert torch.allclose(ours(x, None), theirs(x.mT).mT, atol=1e-5)
    assert theirs.running_mean is not None
    assert theirs.running_var is not None
    assert torch.allclose(ours.mean, theirs.running_mean, atol=1e-5)
    assert torch.allclose(ours.variance, theirs.running_var * 199 / 200, rtol=1e-4)  # theirs divides by n - 1
    theirs.running_var *= 199 / 200
    assert torch.allclose(ours.eval()(x, None), theirs.eval()(x.mT).mT, atol=1e-4)


def test_the_averages_follow_the_last_batches() -> None:
    norm = MaskedNorm(1)
    for k in range(200):
        norm(torch.full((4, 5, 1), float(k)) + torch.randn(4, 5, 1), None)
    # The mean age of a batch in the averages is (1 - momentum) / momentum = 9 steps.
    assert float(norm.mean) == pytest.approx(199 - 9, abs=0.5)
    assert float(norm.variance) == pytest.approx(1.0, abs=0.3)


def test_a_small_batch_counts_by_its_steps() -> None:
    norm = MaskedNorm(1)
    norm(torch.zeros(8, 10, 1), None)
    norm(torch.ones(1, 8, 1), None)
    assert float(norm.mean) == pytest.approx(8 / (0.9 * 80 + 8))


@given(lengths=LENGTHS, seed=SEEDS, more=st.integers(1, 4), value=st.sampled_from([0.0, 1e3, -5.0]))
def test_more_padding_changes_no_output_no_average_and_no_gradient(
    lengths: list[int], seed: int, more: int, value: float
) -> None:
    found = []
    for extra in (0, more):
        norm = trained(lengths, seed)
        x, sizes = drawn(lengths, seed)
        steps = x.shape[1] + extra
        gone = (torch.arange(steps) >= sizes[:, None])[..., None]
        x = torch.nn.functional.pad(x, (0, 0, 0, extra)).masked_fill(gone, value).requires_grad_()
        output = norm(x, real_steps(sizes, steps))
        assert not output[gone.expand_as(output)].any()
        (output**3).sum().backward()
        assert x.grad is not None
        assert norm.scale.grad is not None
        assert not x.grad[gone.expand_as(output)].any()
        real = ~gone.expand_as(output)
        found.append([output[real], x.grad[real], norm.scale.grad, norm.mean, norm.variance])
    assert all(torch.allclose(a, b, atol=1e-9) for a, b in zip(*found, strict=True))


@given(lengths=LENGTHS, seed=SEEDS)
def test_an_answer_alone_is_the_answer_in_a_batch(lengths: list[int], seed: int) -> None:
    norm = trained(lengths, seed).eval()
    x, sizes = drawn(lengths, seed + 9)
    together = norm(x, real_steps(sizes, x.shape[1]))
    for i, length in enumerate(lengths):
        assert torch.allclose(norm(x[i : i + 1, :length], None)[0], together[i, :length], atol=1e-12)


@given(length=st.integers(1, 5), seed=SEEDS)
def test_a_batch_of_one_case_and_a_constant_channel_give_numbers(length: int, seed: int) -> None:
    norm = MaskedNorm(2).double()
    x, _ = drawn([length], seed)
    x[..., 1] = 7.0
    x.requires_grad_()
    norm(x, None).pow(2).sum().backward()
    assert x.grad is not None
    answer = norm.eval()(x, None)
    assert torch.isfinite(answer).all()
    assert torch.isfinite(x.grad).all()
    assert norm.variance[1] == pytest.approx(0.0, abs=1e-12)
    assert torch.allclose(answer[..., 1], torch.zeros(()).double(), atol=1e-9)


def test_before_any_training_it_changes_nothing() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.allclose(MaskedNorm(4).eval()(x, None), x, atol=1e-4)
