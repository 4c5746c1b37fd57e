"""MiniROCKET and MultiROCKET-Hydra, against the classifiers of aeon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from aeon.classification.convolution_based import MiniRocketClassifier, MultiRocketHydraClassifier
from aeon.regression.convolution_based import MiniRocketRegressor
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.rocket import minirocket, multirocket_hydra
from series_sets import archive, cube, labels, numbers, shapes


@pytest.mark.parametrize("channels", [1, 2])
def test_minirocket_decides_as_the_classifier_of_aeon(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = MiniRocketClassifier(n_kernels=840, random_state=3).fit(cube(train), labels(train))
    chances = np.concatenate(minirocket(task, train, kernels=840, seed=3)(test.blind()))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (chances > 0).all()


def test_minirocket_predicts_the_numbers_of_the_regressor_of_aeon() -> None:
    task, train, test = numbers()
    theirs = MiniRocketRegressor(n_kernels=840, random_state=3).fit(cube(train), labels(train))
    answers = np.concatenate(minirocket(task, train, kernels=840, seed=3)(test.blind()))[:, 0]
    np.testing.assert_allclose(answers, theirs.predict(cube(test)), rtol=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("channels", [1, 2])
def test_multirocket_hydra_decides_as_the_classifier_of_aeon(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = MultiRocketHydraClassifier(random_state=3).fit(cube(train), labels(train))
    chances = np.concatenate(multirocket_hydra(task, train, seed=3)(test.blind()))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))


def test_minirocket_has_the_published_accuracy_on_gunpoint() -> None:
    # .9933 in the results of the authors and in those of the archive, for the default split.
    task, train, test = archive("GunPoint")
    chances = np.concatenate(minirocket(task, train)(test.blind()))
    assert (chances.argmax(axis=1) == labels(test)).mean() == pytest.approx(0.9933, abs=0.01)


def test_the_answer_to_an_example_is_the_same_alone_and_among_others() -> None:
    task, train, test = shapes()
    predict = multirocket_hydra(task, train)
    together = np.concatenate(predict(test.blind()))
    alone = np.concatenate([predict(test.take([i]).blind())[0] for i in (0, 11, 23)])
    np.testing.assert_allclose(alone, together[[0, 11, 23]], rtol=1e-6)


@pytest.mark.parametrize(("make", "least"), [(minirocket, 9), (multirocket_hydra, 10)])
def test_series_shorter_than_a_kernel_are_refused_in_words(make: Any, least: int) -> None:
    task, train, _ = shapes(steps=least - 1)
    with pytest.raises(Unsupported, match=f"at least {least} steps, and the longest .* has {least - 1}"):
        make(task, train)


def test_series_of_several_lengths_are_interpolated_to_the_longest() -> None:
    task, train, test = shapes(steps=30)
    mixed = Split([x[: 24 + i % 7] for i, x in enumerate(train.x)], train.y)
    predict = minirocket(task, mixed, kernels=840)
    assert predict.notes["lengths"] == "24 to 30 steps"
    assert np.isfinite(np.concatenate(predict(Split([test.x[0][:1], test.x[1]])))).all()


def test_one_example_or_one_class_is_answered_with_it() -> None:
    task, train, test = shapes()
    one = np.concatenate(minirocket(task, train.take([9]), kernels=840)(test.blind()))
    assert (one.argmax(axis=1) == 1).all()
    both = np.concatenate(multirocket_hydra(task, train.take([9]))(test.take([0]).blind()))
    assert both[0].argmax() == 1
    number = Task("regression", Values(1), Values(1), "fixed")
    single = Split(train.x[:1], [np.array([[2.5]])])
    assert minirocket(number, single, kernels=840)(test.take([0]).blind())[0] == pytest.approx(2.5)


def test_another_seed_gives_other_biases_and_the_global_generators_stay() -> None:
    task, train, test = numbers()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, again, other = (np.stack(minirocket(task, train, kernels=840, seed=s)(test)) for s in (0, 0, 1))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
