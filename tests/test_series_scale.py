"""The setting `normalise` of networks, and what the options of training mean for seeds trained together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.cnn import cnn
from recurbench.methods.fcn import fcn
from recurbench.methods.mlp import mlp
from recurbench.methods.recurrent import gru

CLASSES = Task("classification", Values(2), Values(2, symbols=True), "fixed")
NETWORKS: list[Callable[..., Any]] = [mlp, cnn, gru, fcn]
TEN_STEPS = {"max_steps": 10}

every_network = pytest.mark.parametrize("fit", NETWORKS, ids=lambda fit: fit.__name__)


def cases(seed: int) -> Split:
    rng = np.random.default_rng(seed)
    return Split([rng.normal(size=(9, 2)) for _ in range(12)], [np.array([i % 2]) for i in range(12)])


def moved(split: Split) -> Split:
    """The same cases, each channel of each shifted and stretched by another amount."""
    rng = np.random.default_rng(5)
    return Split([x * rng.uniform(0.1, 9, size=2) + rng.normal(0, 50, size=2) for x in split.x], split.y)


@every_network
def test_level_and_size_of_a_series_are_not_seen_if_each_is_scaled_by_itself(fit: Callable[..., Any]) -> None:
    test = cases(1)
    own, of_train = (fit(CLASSES, cases(0), normalise=how, **TEN_STEPS) for how in ("series", "train"))
    assert np.allclose(own(test), own(moved(test)), atol=1e-9)
    assert not np.allclose(of_train(test), of_train(moved(test)), atol=0.01)


def test_a_constant_series_is_answered() -> None:
    flat = Split([np.full((9, 2), 7.0)])
    (answer,) = cnn(CLASSES, cases(0), normalise="series", **TEN_STEPS)(flat)
    assert np.isfinite(answer).all()


def test_a_causal_task_is_refused() -> None:
    causal = Task("labelling", Values(2), Values(2, symbols=True), "same", causal=True)
    tags = Split(cases(0).x, [np.zeros(9, int)] * 12)
    with pytest.raises(Unsupported, match="normalise=series reads the whole series, but the task is causal"):
        cnn(causal, tags, normalise="series")


def test_symbols_are_not_scaled() -> None:
    task = Task("classification", Values(3, symbols=True), Values(2, symbols=True), "fixed")
    words = Split([np.arange(9) % (2 + i % 2) for i in range(12)], cases(0).y)
    own, plain = (cnn(task, words, normalise=how, **TEN_STEPS)(words) for how in ("auto", "none"))
    assert np.array_equal(own, plain)
    with pytest.raises(Unsupported, match="scales numbers, and the series are symbols; set normalise=none"):
        cnn(task, words, normalise="series", **TEN_STEPS)


@pytest.mark.parametrize(
    "option",
    [{"augment": "jitter"}, {"augment": "warp"}, {"class_weights": "balanced"}, {"precision": "bfloat16"}],
)
@pytest.mark.parametrize("fit", [mlp, gru])
def test_a_seed_is_the_same_in_any_company(fit: Callable[..., Any], option: dict[str, Any]) -> None:
    test = cases(1)
    words = {**TEN_STEPS, **option}
    first, second = fit(CLASSES, cases(0), seeds=(3, 4), **words)
    assert np.array_equal(first(test), fit(CLASSES, cases(0), seed=3, **words)(test))
    assert not np.allclose(first(test), second(test))
    if "augment" in option:
        (plain,) = fit(CLASSES, cases(0), seeds=(3,), **TEN_STEPS)
        assert not np.allclose(plain(test), first(test))
