"""FCN: its published size, padding, and what an answer depends on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from normed import assert_answers_depend_on_nothing_else, assert_padding_changes_no_training, motifs
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks.fully_convolutional import FullyConvolutional
from recurbench.methods.fcn import fcn

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def test_it_has_the_published_size() -> None:
    # Weights of Keras's model on one channel: kernels, and scale and shift of each normalisation.
    wanted = 8 * 128 + 128 * 256 * 5 + 256 * 128 * 3 + 2 * (128 + 256 + 128)
    assert sum(p.numel() for p in FullyConvolutional(1, 128).parameters()) == wanted
    train = motifs(0, 30).take(range(4))
    assert fcn(CLASSES, train, steps=1).notes["parameters"] == wanted + 2 * 128 + 2


def test_a_motif_is_found_wherever_it_stands() -> None:
    predict, test = fcn(CLASSES, motifs(0, 40), filters=16, max_steps=60), motifs(1, 60)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


def test_what_stands_in_the_padding_is_not_seen_when_answering() -> None:
    body = FullyConvolutional(2, 4)
    body.step_states(torch.randn(4, 20, 2), torch.tensor([20, 9, 3, 1]))  # averages of their own
    assert_padding_is_unseen(body.eval(), 2)


def test_what_stands_in_the_padding_is_not_seen_in_training_either() -> None:
    assert_padding_changes_no_training(lambda: FullyConvolutional(2, 4))


@settings(max_examples=5, deadline=None)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_an_answer_depends_on_training_and_its_own_example(lengths: list[int], seed: int) -> None:
    assert_answers_depend_on_nothing_else(fcn(CLASSES, motifs(seed, 30), filters=3, steps=2), lengths, seed)


def test_the_receptive_field_is_the_one_gradients_show() -> None:
    body = FullyConvolutional(1, 3).eval()
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    x = torch.rand(1, 41, 1, requires_grad=True)
    # A kernel of 8 steps reads 3 steps before its centre and 4 after it, as in Keras.
    assert seen_from(body.step_states(x, torch.tensor([41]))[0, 20], x) == list(range(14, 28))
    assert fcn(CLASSES, motifs(0, 40), filters=2, steps=1).notes["receptive_field"] == 14


def test_numbers_and_steps_are_answered_too() -> None:
    train = motifs(0, 30).take(range(6))
    sizes = Task("regression", Values(1), Values(1), "fixed")
    numbers = Split(train.x, [np.array([[float(len(x))]]) for x in train.x])
    assert all(a.shape == (1, 1) for a in fcn(sizes, numbers, filters=2, steps=2)(numbers))
    tags = Task("labelling", Values(1), Values(2, symbols=True), "same")
    tagged = Split(train.x, [np.zeros(len(x), int) for x in train.x])
    assert [len(a) for a in fcn(tags, tagged, filters=2, steps=2)(tagged)] == [len(x) for x in train.x]


def test_a_causal_task_is_refused() -> None:
    causal = Task("labelling", Values(1), Values(2, symbols=True), "same", causal=True)
    with pytest.raises(Unsupported, match="kernels of fcn cover later steps, and the task is causal"):
        fcn(causal, Split([np.ones((3, 1))], [np.zeros(3, int)]))


def test_parameters_asked_for_choose_the_filters() -> None:
    notes = fcn(CLASSES, motifs(0, 40), parameters=5000, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500
