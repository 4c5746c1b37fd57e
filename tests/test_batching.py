"""Batches gathered from tensors are those that rows put together give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.encoding import learn_coding

CLASSES = Task("classification", Values(2), Values(3, symbols=True), "fixed")
TAGS = Task("labelling", Values(3, symbols=True), Values(3, symbols=True), "same")
FLAGS = Task("labelling", Values(1), Values(2, flags=True), "same")
WORDS = Task("translation", Values(3, symbols=True), Values(4, symbols=True), "free")
AHEAD = Task("forecasting", Values(2), Values(1), "fixed", steps=4)


def split(task: Task, even: bool) -> Split:
    rng = np.random.default_rng(0)
    lengths = [40 if even else int(n) for n in rng.integers(20, 60, 12)]
    symbols = task.x.symbols
    x = [rng.integers(0, 3, n) if symbols else rng.normal(size=(n, task.x.size)) for n in lengths]
    steps = [{"same": n, "free": int(rng.integers(1, 6)), "fixed": task.steps}[task.length] for n in lengths]
    y = [rng.integers(0, 2, n) if task.y.symbols else rng.integers(0, 2, (n, task.y.size)) for n in steps]
    ahead = [rng.normal(size=(task.steps, 1)) for _ in x] if task is AHEAD else []
    return Split(x, [np.asarray(each) for each in y], ahead=ahead)


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("task", [CLASSES, TAGS, FLAGS, WORDS, AHEAD], ids=lambda task: task.kind)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_gathered_batch_is_the_batch_put_together_row_by_row(
    task: Task, even: bool, dtype: torch.dtype
) -> None:
    coding, cut = learn_coding(task, split(task, even))
    examples = coding.examples(cut)
    loaded = TensorExamples(examples, dtype)
    for chosen in (np.array([3]), np.array([5, 0, 5]), np.arange(len(examples))):
        wanted = examples.batch(chosen, dtype=dtype)
        got = loaded.batch(chosen)
        for part in dataclasses.fields(got):
            a, b = getattr(got, part.name), getattr(wanted, part.name)
            assert a.dtype == b.dtype, part.name
            assert torch.equal(a, b), part.name


def test_examples_whose_answers_are_unknown_have_none() -> None:
    coding, cut = learn_coding(CLASSES, split(CLASSES, even=False))
    batch = TensorExamples(coding.examples(cut.blind())).batch(np.arange(3))
    assert batch.y.shape == (3, 1)
    assert not batch.mask.any()
