"""The convolutional network: receptive field, pooling, causality."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from normed import motifs
from recurbench import Split, Task, Values
from recurbench.methods.cnn import Convolution, cnn, receptive_field, segment_weights
from torch import Tensor

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def seen_from(output: Tensor, x: Tensor) -> list[int]:
    (grad,) = torch.autograd.grad(output.sum(), x)
    return grad[0, :, 0].nonzero().ravel().tolist()


def linear_body(kernel: int, layers: int, causal: bool) -> Convolution:
    """All weights positive, so that ReLU hides no path."""
    body = Convolution(1, 4, kernel, layers, 1, causal)
    with torch.no_grad():
        for weight in body.parameters():
            weight.fill_(0.1)
    return body


@pytest.mark.parametrize(("kernel", "layers"), [(3, 1), (4, 2), (7, 3)])
@pytest.mark.parametrize("causal", [False, True])
def test_the_receptive_field_is_the_one_gradients_show(kernel: int, layers: int, causal: bool) -> None:
    x = torch.rand(1, 61, 1, requires_grad=True)
    seen = seen_from(linear_body(kernel, layers, causal).step_states(x, torch.tensor([61]))[0, 30], x)
    assert len(seen) == receptive_field(kernel, layers, pooled=False)
    assert (seen[-1] == 30) if causal else (seen[0] <= 30 <= seen[-1])


def test_the_pooled_receptive_field_covers_every_step_gradients_show() -> None:
    body = linear_body(3, 3, causal=False)
    body.segments = 16
    reached: set[int] = set()
    for seed in range(30):  # a maximum passes the gradient to one step of two, so several draws are needed
        x = torch.rand(1, 64, 1, generator=torch.Generator().manual_seed(seed), requires_grad=True)
        reached |= set(seen_from(body.sequence_state(x, torch.tensor([64]))[0].view(16, 4)[8], x))
    assert len(reached) == max(reached) - min(reached) + 1 == receptive_field(3, 3, pooled=True)


def test_segments_share_out_a_sequence_s_own_steps_evenly() -> None:
    weights = segment_weights(torch.tensor([8, 3, 1]), 10, 4)
    assert torch.allclose(weights.sum(dim=2), torch.ones(3, 4))
    assert weights[0, 1].tolist() == [0, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0]
    assert weights[1, :, 3:].abs().sum() == 0
    assert weights[2, :, 0].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("length", range(1, 12))
def test_pooling_a_padded_sequence_is_pooling_it_alone(length: int) -> None:
    body = Convolution(2, 4, 3, 3, 4, causal=False).double()
    x = torch.randn(1, 12, 2, dtype=torch.float64)
    alone, padded = (
        body.sequence_state(x[:, :length], torch.tensor([length])),
        body.sequence_state(x, torch.tensor([length])),
    )
    assert torch.allclose(alone, padded, atol=1e-12)


def test_a_motif_is_found_wherever_it_stands() -> None:
    predict, test = cnn(CLASSES, motifs(0, 40), max_steps=100), motifs(1, 80)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95
    assert predict.notes["receptive_field"] == receptive_field(7, 3, pooled=True)


def test_global_average_pooling_keeps_what_is_there_and_forgets_where() -> None:
    rng = np.random.default_rng(0)
    x, y = [], []
    for i in range(60):
        series = 0.1 * rng.normal(size=(48, 1))
        series[(6 if i % 2 else 30) : (18 if i % 2 else 42), 0] += 1.0
        x.append(series)
        y.append(np.array([i % 2]))
    train = Split(x, y)
    score = {}
    for segments in (1, 4):
        predict = cnn(CLASSES, train.take(range(40)), segments=segments, kernel=3, layers=2, max_steps=60)
        test = train.take(range(40, 60))
        score[segments] = np.mean([a[0].argmax() == b[0] for a, b in zip(predict(test), test.y, strict=True)])
    assert score[4] == 1
    assert score[1] < 0.8


def test_parameters_asked_for_choose_the_filters() -> None:
    train = Split([np.ones((9, 1)), np.zeros((5, 1))], [np.array([0]), np.array([1])])
    for segments in (1, 4):
        notes = cnn(CLASSES, train, segments=segments, parameters=5000, steps=1).notes
        assert abs(notes["parameters"] - 5000) <= 500


def test_no_segments_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="segments must be at least 1, got 0"):
        cnn(CLASSES, Split([np.ones((9, 1))], [np.array([0])]), segments=0)
