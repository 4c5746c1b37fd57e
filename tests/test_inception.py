"""InceptionTime: kernels, pooling, normalisation and their masks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.inception import Inception, InceptionModule, MaskedNorm, inception, kernel_lengths
from torch.nn import functional

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")
TAGS = Task("labelling", Values(1), Values(2, symbols=True), "same")


def motifs(seed: int, longest: int) -> Split:
    """A jump down or its mirror image somewhere in 20 to `longest` steps of noise."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(60):
        series = 0.3 * rng.normal(size=(int(rng.integers(20, longest)), 1))
        at = int(rng.integers(0, len(series) - 6))
        series[at : at + 6, 0] += np.array([1, 2, 3, -3, -2, -1]) * (1 if i % 2 else -1)
        x.append(series)
        y.append(np.array([i % 2]))
    return Split(x, y)


def test_a_motif_is_found_wherever_it_stands() -> None:
    predict, test = inception(CLASSES, motifs(0, 40), max_steps=40, learning_rate=0.01), motifs(1, 60)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95
    assert predict.notes["kernels"] == [7, 3, 1]


def test_what_stands_in_the_padding_is_not_seen_when_answering() -> None:
    body = Inception(2, 3, [9, 5, 3])
    body.step_states(torch.randn(4, 20, 2), torch.tensor([20, 9, 3, 1]))  # averages of their own
    assert_padding_is_unseen(body.eval(), 2)


def test_what_stands_in_the_padding_is_not_seen_in_training_either() -> None:
    x, lengths = torch.randn(3, 8, 2), torch.tensor([8, 5, 1])
    gone = (torch.arange(8) >= lengths[:, None])[..., None]
    states = []
    for pad, steps in ((0.0, 8), (1e3, 8), (-5.0, 15)):
        body = Inception(2, 3, [5, 3, 1])
        with torch.no_grad():
            for i, weight in enumerate(body.parameters()):
                weight.copy_(torch.linspace(-1, 1, weight.numel()).roll(i).view_as(weight))
        padded = functional.pad(x.masked_fill(gone, pad), (0, 0, 0, steps - 8), value=pad)
        states.append((body.sequence_state(padded, lengths), body.norm.mean, body.norm.variance))
    for other in states[1:]:
        assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(states[0], other, strict=True))


def test_without_padding_the_normalisation_is_torch_s_own() -> None:
    ours, theirs = MaskedNorm(3), torch.nn.BatchNorm1d(3)
    everything = torch.ones(5, 1, 40, dtype=torch.bool)
    for _ in range(3):
        x = 2 * torch.randn(5, 3, 40) + 1
        assert torch.allclose(ours(x, everything), theirs(x), atol=1e-5)
    assert theirs.running_mean is not None
    assert theirs.running_var is not None
    assert torch.allclose(ours.mean[:, 0], theirs.running_mean, atol=1e-5)
    assert torch.allclose(ours.variance[:, 0], theirs.running_var, rtol=0.01)  # theirs divides by n - 1
    assert torch.allclose(ours.eval()(x, everything), theirs.eval()(x), atol=0.02)


def test_the_highest_of_three_steps_is_never_one_that_is_not_there() -> None:
    part = InceptionModule(1, 1, [1, 1, 1]).eval()
    with torch.no_grad():
        for weight in part.wide.parameters():
            weight.zero_()
        part.highest.weight.fill_(1.0)
    x = torch.tensor([[[-3.0, -1.0, -2.0, 0.0]]])
    there = torch.tensor([[[True, True, True, False]]])
    assert torch.allclose(part(x, there)[0, 3, :3], torch.tensor([-1.0, -1.0, -1.0]), atol=1e-4)


def test_the_receptive_field_is_the_one_gradients_show() -> None:
    body = Inception(1, 3, [5, 3, 1]).eval()
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    x = torch.rand(1, 41, 1, requires_grad=True)
    assert seen_from(body.step_states(x, torch.tensor([41]))[0, 20], x) == list(range(14, 27))
    assert inception(CLASSES, motifs(0, 40), kernel=5, steps=1).notes["receptive_field"] == 13


@pytest.mark.parametrize(
    ("longest", "kernels"), [(39, [39, 19, 9]), (40, [41, 21, 11]), (5, [5, 3, 1]), (1, [1, 1, 1])]
)
def test_kernels_are_halved_and_odd(longest: int, kernels: list[int]) -> None:
    assert kernel_lengths(longest) == kernels


def test_every_step_is_answered_where_looking_ahead_is_allowed() -> None:
    train = motifs(0, 30).take(range(6))
    tags = Split(train.x, [np.zeros(len(x), int) for x in train.x])
    assert [len(a) for a in inception(TAGS, tags, steps=2)(tags)] == [len(x) for x in tags.x]
    causal = Task("labelling", TAGS.x, TAGS.y, "same", causal=True)
    with pytest.raises(Unsupported, match="cover later steps, and the task is causal"):
        inception(causal, tags)


def test_parameters_asked_for_choose_the_filters() -> None:
    notes = inception(CLASSES, motifs(0, 40), parameters=5000, steps=1).notes
    assert abs(notes["parameters"] - 5000) <= 500


def test_a_negative_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel must be a number of steps, or 0 for the rule, got -1"):
        inception(CLASSES, motifs(0, 40), kernel=-1)
