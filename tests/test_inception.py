"""InceptionTime: published size, kernels, pooling, padding and members."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from normed import assert_answers_depend_on_nothing_else, assert_padding_changes_no_training, motifs
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.inception import Inception, inception, kernel_lengths, peaks
from torch import Tensor, nn
from torch.nn import functional

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")
TAGS = Task("labelling", Values(1), Values(2, symbols=True), "same")
SMALL = {"filters": 4, "blocks": 1, "kernel": 0}


def test_it_has_the_published_size() -> None:
    def module(inputs: int) -> int:
        bottleneck = inputs * 32 if inputs > 1 else 0
        return bottleneck + min(inputs, 32) * 32 * (40 + 20 + 10) + inputs * 32 + 2 * 128

    wanted = module(1) + 5 * module(128) + (1 + 128) * 128 + 2 * 2 * 128
    assert sum(p.numel() for p in Inception(1, 32, [40, 20, 10], 2).parameters()) == wanted
    train = motifs(0, 30).take(range(4))
    assert inception(CLASSES, train, steps=1).notes["parameters"] == wanted + 2 * 128 + 2


def plain_module(x: Tensor, mix: Tensor | None, wide: list[Tensor], highest: Tensor) -> Tensor:
    """An inception module of `x` [B, C, T] in functions of torch; weights [filters, C, steps]."""
    mixed = x if mix is None else functional.conv1d(x, mix)
    parts = [
        functional.conv1d(functional.pad(mixed, ((k.shape[2] - 1) // 2, k.shape[2] // 2)), k) for k in wide
    ]
    parts.append(functional.conv1d(functional.max_pool1d(x, 3, stride=1, padding=1), highest))
    joined = torch.cat(parts, dim=1)
    return torch.relu(functional.batch_norm(joined, None, None, training=True))


def test_its_states_are_those_of_the_network_in_plain_torch() -> None:
    body = Inception(1, 3, [6, 3, 1], 2).double()
    x = torch.randn(4, 15, 1, dtype=torch.float64)

    def weight(layer: nn.Module) -> Tensor:
        kernel = layer.layer.weight
        assert isinstance(kernel, Tensor)
        return kernel[:, :, 0]

    h = x.mT
    for block in body.blocks:
        shortcut = functional.conv1d(h, weight(block.shortcut.convolution))
        for part in block.parts:
            mix = None if isinstance(part.mix, nn.Identity) else weight(part.mix)
            h = plain_module(h, mix, [weight(each) for each in part.wide], weight(part.highest))
        h = torch.relu(h + functional.batch_norm(shortcut, None, None, training=True))
    assert torch.allclose(body.step_states(x, torch.full((4,), 15)), h.mT, atol=1e-9)


@pytest.mark.long
def test_a_motif_is_found_wherever_it_stands() -> None:
    train, test = motifs(0, 40), motifs(1, 60)
    predict = inception(CLASSES, train, **SMALL, max_steps=40, learning_rate=0.01)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95
    assert predict.notes["kernels"] == [7, 3, 1]


def test_what_stands_in_the_padding_is_not_seen_when_answering() -> None:
    body = Inception(2, 3, [9, 5, 3], 2)
    body.step_states(torch.randn(4, 20, 2), torch.tensor([20, 9, 3, 1]))  # averages of their own
    assert_padding_is_unseen(body.eval(), 2)


def test_what_stands_in_the_padding_is_not_seen_in_training_either() -> None:
    assert_padding_changes_no_training(lambda: Inception(2, 3, [5, 2, 1], 2))


@settings(max_examples=5, deadline=None)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_an_answer_depends_on_training_and_its_own_example(lengths: list[int], seed: int) -> None:
    predict = inception(CLASSES, motifs(seed, 30), **SMALL, steps=2)
    assert_answers_depend_on_nothing_else(predict, lengths, seed)


def test_the_highest_of_three_steps_is_never_one_that_is_not_there() -> None:
    x = torch.tensor([[-3.0, -1.0, -2.0, 9.0], [-4.0, -5.0, -6.0, -7.0]])[..., None]
    real = torch.tensor([0, 1, 2, 4, 5, 6, 7])
    assert peaks(x, real)[..., 0].tolist() == [[-1.0, -1.0, -1.0, 0.0], [-4.0, -4.0, -5.0, -6.0]]


def test_the_receptive_field_is_the_one_gradients_show() -> None:
    body = Inception(1, 3, [5, 2, 1], 1).eval()
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    x = torch.rand(1, 41, 1, requires_grad=True)
    assert seen_from(body.step_states(x, torch.tensor([41]))[0, 20], x) == list(range(14, 27))
    small = {"filters": 1, "blocks": 1, "steps": 1}
    assert inception(CLASSES, motifs(0, 40), kernel=5, **small).notes["receptive_field"] == 13


@pytest.mark.parametrize(
    ("longest", "kernels"), [(40, [40, 20, 10]), (9, [9, 4, 2]), (5, [5, 2, 1]), (1, [1, 1, 1])]
)
def test_kernels_are_halved(longest: int, kernels: list[int]) -> None:
    assert kernel_lengths(longest) == kernels


def test_every_step_is_answered_where_looking_ahead_is_allowed() -> None:
    train = motifs(0, 30).take(range(6))
    tags = Split(train.x, [np.zeros(len(x), int) for x in train.x])
    assert [len(a) for a in inception(TAGS, tags, **SMALL, steps=2)(tags)] == [len(x) for x in tags.x]
    causal = Task("labelling", TAGS.x, TAGS.y, "same", causal=True)
    with pytest.raises(Unsupported, match="cover later steps, and the task is causal"):
        inception(causal, tags)


def test_the_members_of_a_fit_are_averaged() -> None:
    train = motifs(0, 30).take(range(8))
    lone, three = (inception(CLASSES, train, **SMALL, steps=2, members=k) for k in (1, 3))
    assert np.allclose(three.networks[0](train), lone(train))
    assert np.allclose(three(train), np.mean([each(train) for each in three.networks], axis=0))
    assert three.notes["parameters"] == 3 * lone.notes["parameters"]


def test_parameters_asked_for_choose_the_filters() -> None:
    notes = inception(CLASSES, motifs(0, 40), parameters=5000, kernel=8, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500


def test_a_negative_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel must be a number of steps, or 0 for the rule, got -1"):
        inception(CLASSES, motifs(0, 40), kernel=-1)
