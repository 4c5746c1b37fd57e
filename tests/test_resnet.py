"""ResNet: its published size, padding, and what an answer depends on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from normed import assert_answers_depend_on_nothing_else, assert_padding_changes_no_training, motifs
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.resnet import Residual, ResidualBlock, resnet

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def block(inputs: int, filters: int) -> int:
    """Weights of a block: kernels, and scale and shift of each normalisation."""
    kernels = inputs * filters * 8 + filters * filters * (5 + 3)
    shortcut = inputs * filters if inputs != filters else 0
    return kernels + shortcut + 4 * 2 * filters


def test_it_has_the_published_size() -> None:
    wanted = block(1, 64) + block(64, 128) + block(128, 128)
    assert sum(p.numel() for p in Residual(1, 64).parameters()) == wanted
    train = motifs(0, 30).take(range(4))
    assert resnet(CLASSES, train, steps=1).notes["parameters"] == wanted + 2 * 128 + 2


def test_the_shortcut_carries_what_the_convolutions_do_not() -> None:
    same, other = ResidualBlock(3, 3).eval(), ResidualBlock(2, 3).eval()
    x = torch.rand(1, 5, 3)
    with torch.no_grad():
        same.layers[-1].norm.scale.zero_()
        other.layers[-1].norm.scale.zero_()
    assert torch.allclose(same(x, None), x, atol=1e-4)
    mixed = torch.relu(x[..., :2] @ other.shortcut.convolution.layer.weight[:, :, 0, 0].T)
    assert torch.allclose(other(x[..., :2], None), mixed, atol=1e-4)


def test_a_motif_is_found_wherever_it_stands() -> None:
    predict, test = resnet(CLASSES, motifs(0, 40), filters=8, max_steps=60), motifs(1, 60)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


def test_what_stands_in_the_padding_is_not_seen_when_answering() -> None:
    body = Residual(2, 4)
    body.step_states(torch.randn(4, 20, 2), torch.tensor([20, 9, 3, 1]))  # averages of their own
    assert_padding_is_unseen(body.eval(), 2)


def test_what_stands_in_the_padding_is_not_seen_in_training_either() -> None:
    assert_padding_changes_no_training(lambda: Residual(2, 4))


@settings(max_examples=5, deadline=None)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_an_answer_depends_on_training_and_its_own_example(lengths: list[int], seed: int) -> None:
    assert_answers_depend_on_nothing_else(
        resnet(CLASSES, motifs(seed, 30), filters=3, steps=2), lengths, seed
    )


def test_the_receptive_field_is_the_one_gradients_show() -> None:
    body = Residual(1, 2).eval()
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    x = torch.rand(1, 81, 1, requires_grad=True)
    # A kernel of 8 steps reads 3 steps before its centre and 4 after it, as in Keras.
    assert seen_from(body.step_states(x, torch.tensor([81]))[0, 40], x) == list(range(22, 62))
    assert resnet(CLASSES, motifs(0, 40), filters=2, steps=1).notes["receptive_field"] == 40


def test_numbers_and_steps_are_answered_too() -> None:
    train = motifs(0, 30).take(range(6))
    sizes = Task("regression", Values(1), Values(1), "fixed")
    numbers = Split(train.x, [np.array([[float(len(x))]]) for x in train.x])
    assert all(a.shape == (1, 1) for a in resnet(sizes, numbers, filters=2, steps=2)(numbers))
    tags = Task("labelling", Values(1), Values(2, symbols=True), "same")
    tagged = Split(train.x, [np.zeros(len(x), int) for x in train.x])
    assert [len(a) for a in resnet(tags, tagged, filters=2, steps=2)(tagged)] == [len(x) for x in train.x]


def test_a_causal_task_is_refused() -> None:
    causal = Task("labelling", Values(1), Values(2, symbols=True), "same", causal=True)
    with pytest.raises(Unsupported, match="kernels of resnet cover later steps, and the task is causal"):
        resnet(causal, Split([np.ones((3, 1))], [np.zeros(3, int)]))


def test_parameters_asked_for_choose_the_filters() -> None:
    notes = resnet(CLASSES, motifs(0, 40), parameters=5000, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500
