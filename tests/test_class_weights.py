"""Weights of classes in the training loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods._networks.class_weights import class_weights
from recurbench.methods._networks.examples import Examples
from recurbench.methods._networks.network import summed_loss
from recurbench.methods._settings import Training
from recurbench.methods.cnn import cnn
from recurbench.methods.mlp import mlp
from sklearn.utils.class_weight import compute_class_weight

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")


def examples(task: Task, answers: list[Any]) -> Examples:
    nothing = [np.zeros((2, 1))] * len(answers)
    return Examples(task, nothing, nothing, [np.asarray(each) for each in answers], nothing, nothing)


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    labels = [0, 0, 0, 0, 1, 2, 2]
    found = class_weights(examples(CLASSES, [[each] for each in labels]), "balanced")
    wanted = compute_class_weight("balanced", classes=np.arange(3), y=np.array(labels))
    assert found is not None
    assert np.allclose(found.numpy(), wanted)
    assert float(found[labels].mean()) == pytest.approx(1.0)


def test_a_class_that_does_not_occur_takes_no_weight_from_the_others() -> None:
    found = class_weights(examples(CLASSES, [[0], [0], [0], [2]]), "balanced")
    assert found is not None
    assert found.tolist() == pytest.approx([2 / 3, 0.0, 2.0])


def test_answers_that_are_no_classes_are_not_weighted() -> None:
    numbers = Task("regression", Values(1), Values(1), "fixed")
    free = Task("translation", Values(3, symbols=True), Values(3, symbols=True), "free")
    assert class_weights(examples(numbers, [[[1.0]]]), "balanced") is None
    assert class_weights(examples(free, [[0, 3]]), "balanced") is None
    assert class_weights(examples(CLASSES, [[0]]), "none") is None


def test_the_weighted_loss_is_that_of_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    output = torch.randn(5, 1, 3, generator=generator)
    y = torch.tensor([[0], [2], [1], [2], [0]])
    weights = torch.tensor([1.0, 2.0, 5.0])
    batch: Any = type("Answers", (), {"y": y, "mask": torch.ones(5, 1, dtype=torch.bool)})
    total, count = summed_loss(CLASSES, output, batch, weights)
    wanted = torch.nn.functional.cross_entropy(output[:, 0], y[:, 0], weights, reduction="sum")
    assert float(total) == pytest.approx(float(wanted), rel=1e-6)
    assert count == 5


def rare(seed: int) -> Split:
    """Noise around 0 for the frequent class and, less often, around .7 for the rare one."""
    rng = np.random.default_rng(seed)
    y = [np.array([int(i % 10 == 0)]) for i in range(100)]
    return Split([rng.normal(0.7 * each, size=(4, 1)) for each in y], y)


@pytest.mark.parametrize("method", [cnn, mlp])
def test_balanced_weights_give_the_rare_class_more_chance(method: Any) -> None:
    task = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    plain, balanced = (
        np.mean(
            [a[0, 1] for a in method(task, rare(0), class_weights=how, max_steps=40, smoothing=0.0)(rare(1))]
        )
        for how in ("none", "balanced")
    )
    assert plain < 0.2
    assert balanced > 2 * plain


@pytest.mark.parametrize("name", ["class_weights", "augment", "precision"])
def test_a_word_that_is_no_value_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} must be one of .*, got 'other'"):
        Training(**{name: "other"})
