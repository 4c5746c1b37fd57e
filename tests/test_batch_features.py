"""Features of a whole batch: layout, lengths, blocks and the global generators."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._batch_features import (
    BLOCK,
    VALUES,
    fit_on_batch,
    fit_on_lengths,
    in_blocks,
    unmoved_generators,
)
from recurbench.methods._heads import head
from series_sets import shapes

RIDGE = head("ridge", trees=1, seed=0)


def means(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x.mean(axis=2), x.std(axis=2)], axis=1)


@pytest.mark.parametrize("count", [1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_a_transform_sees_blocks_of_one_size_and_every_series_keeps_its_row(count: int) -> None:
    sizes = []

    def transform(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return means(x)

    x = np.random.default_rng(0).normal(size=(count, 2, 5))
    np.testing.assert_array_equal(in_blocks(transform, x), means(x))
    assert set(sizes) == {BLOCK}


def test_long_series_come_in_smaller_blocks() -> None:
    sizes = set()
    in_blocks(lambda x: sizes.add(len(x)) or means(x), np.zeros((5, 1, VALUES // 3)))
    assert sizes == {3}


def test_the_transform_is_learnt_from_series_channel_by_channel() -> None:
    task, train, _ = shapes(channels=2)
    seen = []
    fit_on_batch(task, train, lambda x: seen.append(x) or means, RIDGE, name="M", shortest=1)
    np.testing.assert_array_equal(seen[0], np.stack([x.T for x in train.x]))


def test_other_lengths_are_interpolated_to_the_longest_of_train() -> None:
    task, train, _ = shapes(steps=9)
    seen = []

    def learn(_: np.ndarray) -> object:
        return lambda x: seen.append(x) or means(x)

    predict = fit_on_batch(task, train, learn, RIDGE, name="M", shortest=1)
    predict(Split([np.arange(5.0)[:, None]]))
    np.testing.assert_allclose(seen[-1][0, 0], np.arange(9) / 2)


def test_the_features_of_several_lengths_keep_the_order_of_the_examples() -> None:
    task, train, _ = shapes()
    predict = fit_on_lengths(task, train, means, RIDGE, shortest=1)
    asked = Split([train.x[i][: 24 - i % 3] for i in range(24)])
    together = predict(asked)
    for i in (0, 1, 2, 23):
        np.testing.assert_array_equal(predict(asked.take([i]))[0], together[i])


def test_missing_values_an_empty_part_and_answers_per_step_are_refused() -> None:
    task, train, _ = shapes()
    train.x[1][3, 0] = np.nan
    with pytest.raises(Unsupported, match="example 1 has 1 missing"):
        fit_on_batch(task, train, lambda _: means, RIDGE, name="M", shortest=1)
    with pytest.raises(ValueError, match="the training part has no examples"):
        fit_on_lengths(task, Split([], []), means, RIDGE, shortest=1)
    labelling = Task("labelling", Values(1), Values(3, symbols=True), "same")
    with pytest.raises(Unsupported, match="one symbol or a fixed number"):
        fit_on_lengths(labelling, train, means, RIDGE, shortest=1)


def test_flags_are_answered_with_chances() -> None:
    _, train, _ = shapes()
    task = Task("regression", Values(1), Values(1, flags=True), "fixed")
    given = Split(train.x, [np.array([[float(y[0] == 0)]]) for y in train.y])
    answers = np.concatenate(fit_on_lengths(task, given, means, RIDGE, shortest=1)(given.blind()))
    assert ((answers > 0) & (answers < 1)).all()


def test_generators_and_threads_are_put_back_after_an_error_too() -> None:
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    torch_before, threads, drawn = torch.get_rng_state(), torch.get_num_threads(), []

    def disturb() -> None:
        with unmoved_generators(3):
            drawn.append(np.random.random())  # noqa: NPY002
            torch.rand(1)
            torch.set_num_threads(threads + 1)
            raise KeyError

    with pytest.raises(KeyError):
        disturb()
    assert drawn == [np.random.RandomState(3).random_sample()]
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert torch.get_num_threads() == threads
