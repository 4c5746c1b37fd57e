"""The feedforward network: fixed width and window."""

from __future__ import annotations

import numpy as np
from recurbench import Split, Task, Values
from recurbench.methods.mlp import Feedforward, mlp
from torch import randn, tensor

CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def bumps(count: int, seed: int, shortest: int, longest: int) -> Split:
    """A bump in the first or in the second half, at lengths that vary."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(count):
        steps = int(rng.integers(shortest, longest + 1))
        at = (0.25 if i % 2 else 0.75) * steps
        x.append(
            np.exp(-(((np.arange(steps) - at) / (0.1 * steps)) ** 2))[:, None]
            + 0.1 * rng.normal(size=(steps, 1))
        )
        y.append(np.array([i % 2]))
    return Split(x, y)


def test_variable_length_is_interpolated_to_the_median_and_said() -> None:
    predict = mlp(CLASSES, bumps(40, 0, 20, 40), max_steps=60)
    test = bumps(40, 1, 10, 90)
    width = int(np.median([len(x) for x in bumps(40, 0, 20, 40).x]))
    assert predict.notes["length_policy"] == f"interpolated to {width} steps"
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


def test_very_long_sequences_do_not_outgrow_the_first_layer() -> None:
    split = Split(
        [np.random.default_rng(i).normal(size=(2000, 1)) for i in range(4)],
        [np.array([i % 2]) for i in range(4)],
    )
    assert mlp(CLASSES, split, steps=1).notes["length_policy"] == "interpolated to 512 steps"


def test_the_window_reaches_exactly_as_far_as_its_notes_say() -> None:
    causal, centred = (Feedforward(1, 5, 8, {}, before) for before in (4, 2))
    for body, seen in ((causal, range(6, 11)), (centred, range(8, 13))):
        x = randn(1, 20, 1, requires_grad=True)
        body.along(x, tensor([20]))[0, 10].sum().backward()
        assert x.grad is not None
        assert x.grad[0, :, 0].nonzero().ravel().tolist() == list(seen)


def test_a_window_learns_a_short_delay_and_is_blind_beyond_it() -> None:
    task = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)
    rng = np.random.default_rng(0)
    bits = [rng.integers(0, 2, 60) for _ in range(40)]
    score = {}
    for lag in (3, 5):
        split = Split(bits, [np.concatenate([np.zeros(lag, int), b[:-lag]]) for b in bits])
        answers = mlp(task, split, window=4, max_steps=150)(split)
        score[lag] = np.mean([(a.argmax(1) == y)[lag:].mean() for a, y in zip(answers, split.y, strict=True)])
    assert score[3] == 1
    assert 0.4 < score[5] < 0.65
