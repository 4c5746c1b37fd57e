"""Random changes of training batches: what moves, and what must not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Task, Values
from recurbench.methods._networks.augmentation import JITTER, augmented, interpolated, warped_places
from recurbench.methods._networks.examples import Batch
from torch import Tensor

CLASSES = Task("classification", Values(2), Values(2, symbols=True), "fixed")
LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=6)
SEEDS = st.integers(0, 999)


def batch(lengths: list[int], seed: int = 0) -> Batch:
    sizes = torch.tensor(lengths)
    x = torch.randn(len(lengths), max(lengths), 2, generator=torch.Generator().manual_seed(seed))
    x = x.masked_fill((torch.arange(max(lengths)) >= sizes[:, None])[..., None], 0.0)
    y = torch.zeros(len(lengths), 1, dtype=torch.int64)
    return Batch(x, sizes, torch.zeros(len(lengths), 0), y, y == 0)


def places(lengths: list[int], seed: int) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return warped_places(torch.tensor(lengths), max(lengths))


@given(lengths=LENGTHS, seed=SEEDS)
def test_a_warped_time_never_runs_back_and_keeps_both_ends(lengths: list[int], seed: int) -> None:
    for row, length in zip(places(lengths, seed), lengths, strict=True):
        own = row[:length]
        assert (own.diff() >= -1e-9).all()
        assert float(own[0]) == 0.0
        assert float(own[-1]) == pytest.approx(length - 1)
        assert (row[length:] <= length - 1 + 1e-9).all()


def test_a_tenth_of_the_steps_runs_at_half_or_at_double_speed() -> None:
    ratios = set()
    for seed in range(20):
        pace = places([1001], seed)[0].diff()
        usual = float(pace.median())
        # One step at each end of the window lies half inside it.
        changed = pace[(pace / usual - 1).abs() > 0.9 * abs(0.5 - 1)]
        ratio = round(float(changed.median()) / usual, 2)
        ratios.add(ratio)
        assert float(changed.sum()) == pytest.approx(100, abs=2)
    assert ratios == {0.5, 2.0}


def test_interpolation_is_linear_between_steps() -> None:
    x = torch.tensor([[[0.0], [10.0], [30.0]]])
    at = torch.tensor([[0.0, 0.5, 1.0, 1.25, 2.0]])
    assert interpolated(x, at)[0, :, 0].tolist() == [0.0, 5.0, 10.0, 15.0, 30.0]
    assert interpolated(x[:, :1], torch.tensor([[0.0]])).tolist() == [[[0.0]]]


@given(lengths=LENGTHS, seed=SEEDS, how=st.sampled_from(["jitter", "warp"]))
def test_padding_stays_zero_and_nothing_but_the_input_changes(
    lengths: list[int], seed: int, how: str
) -> None:
    given_batch = batch(lengths, seed)
    changed = augmented(CLASSES, given_batch, how)
    gone = torch.arange(max(lengths)) >= given_batch.lengths[:, None]
    assert not changed.x[gone].any()
    assert torch.isfinite(changed.x).all()
    assert changed.x.abs().max() <= given_batch.x.abs().max() + 6 * JITTER
    assert replace(changed, x=given_batch.x) == given_batch


def test_jitter_has_its_standard_deviation() -> None:
    given_batch = batch([400] * 20)
    noise = augmented(CLASSES, given_batch, "jitter").x - given_batch.x
    assert float(noise.std()) == pytest.approx(JITTER, rel=0.03)


@pytest.mark.parametrize("how", ["none", "warp"])
@pytest.mark.parametrize("kind", ["labelling", "forecasting", "classification"])
def test_only_one_answer_per_series_of_numbers_is_augmented(how: str, kind: str) -> None:
    length = "same" if kind == "labelling" else "fixed"
    task = Task(kind, Values(2), Values(2, symbols=kind != "forecasting"), length)
    given_batch = batch([30, 20])
    changes = how == "warp" and kind == "classification"
    assert torch.equal(augmented(task, given_batch, how).x, given_batch.x) is not changes
    symbols = Task("classification", Values(2, symbols=True), Values(2, symbols=True), "fixed")
    assert augmented(symbols, given_batch, how) is given_batch
